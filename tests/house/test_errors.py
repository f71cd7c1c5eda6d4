"""Every error that people may meet is explained, and every explained one can be met."""

import importlib
import pkgutil
import re
from collections.abc import Iterator

import config.embedded
import config.run
import contracts
import reproducers
import support
import web
from config import places
from reproducers.engine.errors import EngineError
from web.errors import HeadwaterError

NO_MODULES_OF_OURS = re.compile(r"\.(migrations|inside)(\.|$)|__main__")
ERRORS = places.CHECKOUT / "docs" / "errors.md"


def all_errors() -> set[type[HeadwaterError] | type[EngineError]]:
    for package in (web, contracts, reproducers, support, config.embedded, config.run):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not NO_MODULES_OF_OURS.search(module.name):
                importlib.import_module(module.name)
    ours = (HeadwaterError, EngineError)
    found = {error for base in ours for error in (base, *descendants(base))}
    return {error for error in found if not error.__module__.startswith("tests.")}


def descendants(error: type) -> Iterator[type]:
    for child in error.__subclasses__():
        yield child
        yield from descendants(child)


def rows() -> dict[str, tuple[int, bool]]:
    """Code to HTTP or exit status, and whether it says "again"."""
    found = re.findall(r"^\| `([a-z-]+)` \| (\d+)(, again)? \|", ERRORS.read_text(), re.MULTILINE)
    return {code: (int(status), bool(again)) for code, status, again in found}


def told(error: type[HeadwaterError] | type[EngineError]) -> tuple[int, bool]:
    if issubclass(error, HeadwaterError):
        return int(error.status), error.retryable
    return error.exit_status, error.retryable


def test_every_error_is_explained_as_it_is() -> None:
    explained = rows() | {HeadwaterError.code: told(HeadwaterError)}  # the base is never raised
    wrong = {e.code: told(e) for e in all_errors() if explained.get(e.code) != told(e)}
    assert wrong == {}


def test_every_explained_error_exists() -> None:
    assert set(rows()) - {error.code for error in all_errors()} == set()


def test_errors_with_the_same_code_are_of_one_family() -> None:
    by_code: dict[str, list[type]] = {}
    for error in all_errors():
        by_code.setdefault(error.code, []).append(error)
    strangers = {
        code: errors
        for code, errors in by_code.items()
        if not any(all(issubclass(other, one) for other in errors) for one in errors)
    }
    assert strangers == {}
