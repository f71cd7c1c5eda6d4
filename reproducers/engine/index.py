"""What the one index says of a project: its wheels with their upload times (PEP 503, 691, 700).

The list is kept under the home, so that what was once listed needs no network. The answer of an
index is text from outside: bounded, parsed without trust, and reduced to a few facts at once.
"""

import hashlib
import json
import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urljoin, urlsplit

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name, parse_wheel_filename

from reproducers.engine import places
from reproducers.engine.errors import EnvironmentServiceError

ANSWER_BYTES: Final = 64 * 1024**2
CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 20.0
FRESH_SECONDS: Final = 6 * 3600.0
RETRY_SECONDS: Final = 300.0
_ACCEPT: Final = "application/vnd.pypi.simple.v1+json, text/html;q=0.2"
_REMEDY: Final = "Check the network and REPRO_INDEX_URL; `repro doctor` tries both."


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """One wheel of a project. `uploaded_at` is UTC; `yanked` the reason, "" for none given,
    None where it is not yanked. `tags` are the tags of its file name, such as `cp311-cp311-any`."""

    version: str
    uploaded_at: datetime
    requires_python: str | None
    yanked: str | None
    tags: tuple[str, ...]


def wheels(project: str, *, refresh: bool = False) -> tuple[Wheel, ...]:
    """All wheels of a project whose upload time is known, in the order of the index.

    From the kept list while it is fresh, else from the index; the kept one, however old, where the
    index does not answer. Raises EnvironmentServiceError where neither can be had. A project that
    does not exist has none.
    """
    kept = _kept_path(project)
    age = _age_seconds(kept)
    if age is not None and not refresh and (age < FRESH_SECONDS or _failed_lately(kept)):
        return _read_kept(kept)
    try:
        found = _fetched(project)
    except EnvironmentServiceError:
        if age is None:
            raise
        with suppress(OSError):
            _failure_mark(kept).touch()
        return _read_kept(kept)
    _keep(kept, found)
    return found


def asked_wheels(project: str) -> tuple[Wheel, ...]:
    """As `wheels`, but from the index itself, whatever is kept.

    Raises EnvironmentServiceError where it does not answer.
    """
    found = _fetched(project)
    _keep(_kept_path(project), found)
    return found


def kept_wheels(project: str) -> tuple[Wheel, ...]:
    """As `wheels`, but only from what is kept: empty where nothing is, and never the network."""
    kept = _kept_path(project)
    return _read_kept(kept) if kept.is_file() else ()


def _kept_path(project: str) -> Path:
    index = hashlib.sha256(places.index_url().encode()).hexdigest()[:12]
    return places.folder("index") / f"{index}-{canonicalize_name(project)}.json"


def _age_seconds(kept: Path) -> float | None:
    try:
        return time.time() - kept.stat().st_mtime
    except FileNotFoundError:
        return None


def _failure_mark(kept: Path) -> Path:
    return kept.with_suffix(".failed")


def _failed_lately(kept: Path) -> bool:
    age = _age_seconds(_failure_mark(kept))
    return age is not None and age < RETRY_SECONDS


def _read_kept(kept: Path) -> tuple[Wheel, ...]:
    return tuple(
        Wheel(
            version=entry["version"],
            uploaded_at=datetime.fromisoformat(entry["uploaded_at"]),
            requires_python=entry["requires_python"],
            yanked=entry["yanked"],
            tags=tuple(entry["tags"]),
        )
        for entry in json.loads(kept.read_text())
    )


def _keep(kept: Path, found: Iterable[Wheel]) -> None:
    entries = [{**asdict(wheel), "uploaded_at": wheel.uploaded_at.isoformat()} for wheel in found]
    with tempfile.NamedTemporaryFile("w", dir=kept.parent, delete=False) as file:
        json.dump(entries, file)
    Path(file.name).replace(kept)


def files(project: str) -> list[Mapping[str, Any]]:
    """What the index says of each file of a project now: `filename`, `url`, `upload-time` and more.

    Text of a stranger's. Raises EnvironmentServiceError where the index does not answer.
    """
    page = f"{places.index_url()}/{canonicalize_name(project)}/"
    content_type, content = _answer(page)
    if content is None:
        return []
    try:
        read = _json_files if "json" in content_type else _html_files
        return [{**file, "url": urljoin(page, str(file.get("url", "")))} for file in read(content)]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _unreadable(project) from error


def _unreadable(project: str) -> EnvironmentServiceError:
    return EnvironmentServiceError(
        f"The index's answer for {canonicalize_name(project)} cannot be read.", remedy=_REMEDY
    )


def _fetched(project: str) -> tuple[Wheel, ...]:
    named = files(project)
    try:
        found = tuple(wheel for wheel in map(_wheel, named) if wheel is not None)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _unreadable(project) from error
    if named and not any("upload-time" in file for file in named):
        raise EnvironmentServiceError(
            "The index gives no upload times, so no environment of the past can be made.",
            remedy="Set REPRO_INDEX_URL to an index with the JSON simple API (PEP 700).",
        )
    return found


def download(url: str, *, limit: int) -> bytes | None:
    """A small file that `files` named, None where there is none.

    Raises EnvironmentServiceError where it has more than `limit` bytes, or nobody answers.
    """
    if not url.startswith("file:"):
        return _answer(url, limit=limit)[1]
    path = Path(unquote(urlsplit(url).path))
    # An index elsewhere has no say in what is read here.
    is_local = places.index_url().startswith("file:")
    return _bounded([path.read_bytes()], limit=limit) if is_local and path.is_file() else None


def _answer(url: str, *, limit: int | None = None) -> tuple[str, bytes | None]:
    if url.startswith("file:"):
        return _file_answer(Path(unquote(urlsplit(url).path)))
    import httpx  # noqa: PLC0415 -- takes 50 ms, and most runs never ask the index

    try:
        with httpx.stream(
            "GET",
            url,
            headers={"Accept": _ACCEPT},
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            follow_redirects=True,
        ) as response:
            if response.status_code == httpx.codes.NOT_FOUND:
                return "", None
            response.raise_for_status()
            content = _bounded(response.iter_bytes(), limit=limit or ANSWER_BYTES)
            return response.headers.get("content-type", ""), content
    except httpx.HTTPError as error:
        raise EnvironmentServiceError(
            f"The index does not answer: {error}.", remedy=_REMEDY
        ) from error


def _bounded(chunks: Iterable[bytes], *, limit: int) -> bytes:
    content = bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > limit:
            raise EnvironmentServiceError("The index's answer is too large.", remedy=_REMEDY)
    return bytes(content)


def _file_answer(folder: Path) -> tuple[str, bytes | None]:
    page = folder / "index.html"
    return "text/html", page.read_bytes() if page.is_file() else None


def _json_files(content: bytes) -> list[Mapping[str, Any]]:
    return list(json.loads(content)["files"])


def _html_files(content: bytes) -> list[Mapping[str, Any]]:
    page = _Page()
    page.feed(content.decode("utf-8", "replace"))
    return page.files


class _Page(HTMLParser):
    """Reads the links of a simple page into the shape of the JSON API."""

    def __init__(self) -> None:
        super().__init__()
        self.files: list[Mapping[str, Any]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "a":
            return
        facts = {name.removeprefix("data-"): value or "" for name, value in attrs}
        facts["url"] = facts.get("href", "")
        facts["filename"] = unquote(urlsplit(facts["url"]).path.rpartition("/")[2])
        self.files.append(facts)


def _wheel(file: Mapping[str, Any]) -> Wheel | None:
    """The facts of a file, None where it is no wheel or lacks its upload time."""
    name = str(file["filename"])
    if not name.endswith(".whl") or not file.get("upload-time"):
        return None
    try:
        _, version, _, tags = parse_wheel_filename(name)
        uploaded_at = datetime.fromisoformat(str(file["upload-time"]))
    except ValueError:
        return None
    yanked = file.get("yanked", False)
    requires_python = str(file.get("requires-python") or "")
    return Wheel(
        version=str(version),
        uploaded_at=uploaded_at.astimezone(UTC),
        requires_python=requires_python if _is_specifier(requires_python) else None,
        yanked=None if yanked is False else ("" if yanked is True else str(yanked)[:500]),
        tags=tuple(sorted(str(tag) for tag in tags)),
    )


def _is_specifier(text: str) -> bool:
    try:
        return bool(text) and len(text) <= 200 and bool(SpecifierSet(text))
    except InvalidSpecifier:
        return False
