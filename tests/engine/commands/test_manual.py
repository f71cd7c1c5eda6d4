"""docs/repro.md is complete: every command, flag, field, file, verdict and status is explained."""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args, get_type_hints

import click
import pytest

from reproducers.cli import repro
from reproducers.engine import outputs
from reproducers.engine.commands.wording import TOLD
from reproducers.engine.errors import EngineError
from reproducers.engine.hangs import kinds
from reproducers.engine.report import Report
from reproducers.engine.verdicts import Symptom, Verdict

MANUAL = (Path(__file__).parents[3] / "docs" / "repro.md").read_text()


def section(title: str) -> str:
    """What stands under a heading, up to the next one of any level."""
    _, found, rest = MANUAL.partition(f"\n{title}\n")
    assert found, f"there is no {title}"
    return re.split(r"\n#{1,4} ", rest)[0]


def quoted(text: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", text))


def rows(title: str) -> dict[str, str]:
    """A table's lines by each of the names in their first column."""
    lines = [line.split(" | ", 1) for line in section(title).splitlines() if line[:2] == "| "]
    return {name: rest for first, rest in (one for one in lines if len(one) == 2)
            for name in quoted(first)}  # fmt: skip


def nested(kind: object) -> Iterator[type]:
    """The dataclasses that a field's type holds."""
    if dataclasses.is_dataclass(kind):
        yield kind  # type: ignore[misc]
    for part in get_args(kind):
        yield from nested(part)


def commands(command: click.Command, words: str) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with how it is called."""
    if not isinstance(command, click.Group):
        yield words, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from commands(found, f"{words} {name}")


COMMANDS = dict(commands(repro, "repro"))
FIELDS = get_type_hints(Report)


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_of_a_run_is_explained_with_what_is_in_it(name: str) -> None:
    explained = rows("### `repro run --json`")
    inner = [one.name for kind in nested(FIELDS[name]) for one in dataclasses.fields(kind)]
    assert name in explained
    assert set(inner) - quoted(explained[name]) == set()


def test_no_field_is_explained_that_there_is_not() -> None:
    assert set(rows("### `repro run --json`")) - set(FIELDS) == {"schema"}


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_is_there_with_its_flags(words: str) -> None:
    assert re.search(rf"{words}\b", MANUAL)
    options = (one for one in COMMANDS[words].params if isinstance(one, click.Option))
    flags = {flag for one in options for flag in (*one.opts, *one.secondary_opts)}
    told = set(re.findall(r"--[a-z-]+", MANUAL))
    assert {flag for flag in flags if flag.startswith("--")} - told == set()


def test_every_flag_of_run_has_a_line_and_no_other() -> None:
    options = (one for one in COMMANDS["repro run"].params if isinstance(one, click.Option))
    flags = {flag for one in options for flag in one.opts} | {"--help"}
    told = {name.split()[0] for name in rows("## Running a script") if name.startswith("--")}
    assert told == flags


def test_every_verdict_symptom_and_kind_of_hang_is_explained() -> None:
    hangs = {value for name, value in vars(kinds).items() if name.isupper() and type(value) is str}
    verdicts = set(map(str, Verdict)) - {Verdict.INFRASTRUCTURE}
    words = verdicts | set(map(str, Symptom)) | hangs
    assert {word for word in words if f"`{word}`" not in MANUAL} == set()


def test_every_file_is_explained() -> None:
    told = set(rows("### Files"))
    kept = {value for value in vars(outputs).values() if type(value) is str and value[-5:-4] != "/"}
    names = {name for name in kept if re.fullmatch(r"[a-z-]+\.(json|jsonl|txt|html)", name)}
    assert (names | TOLD) - told == {outputs.STARTED}


def test_every_exit_status_is_explained() -> None:
    stated = set(re.findall(r"^\| (\d+) \|", section("### Exit status"), flags=re.MULTILINE))
    assert stated == {"0", "1", *(str(one.exit_status) for one in kinds_of(EngineError))}


def kinds_of(error: type[EngineError]) -> Iterator[type[EngineError]]:
    yield error
    for kind in error.__subclasses__():
        yield from kinds_of(kind)


def test_every_name_of_the_environment_is_explained() -> None:
    engine = Path(__file__).parents[3] / "reproducers" / "engine"
    sources = (path for path in engine.rglob("*.py") if "inside" not in path.parts)
    read = {name for path in sources for name in READS.findall(path.read_text())}
    assert read - {"REPRO_OBSERVER_FOLDER"} - set(rows("### Names of the environment")) == set()


READS = re.compile(r'"((?:REPRO|HEADWATER)_[A-Z_]+)"')


def test_links_within_the_manual_lead_somewhere() -> None:
    headings = re.findall(r"^#+ (.+)$", MANUAL, flags=re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", one.lower()).replace(" ", "-") for one in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", MANUAL)) - anchors == set()
