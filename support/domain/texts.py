"""What people type and upload, made fit to be kept: bounded, without NUL, otherwise untouched."""

import re
from http import HTTPStatus
from typing import Final

from web.errors import HeadwaterError

TITLE_CHARACTERS: Final = 256
BODY_CHARACTERS: Final = 65_536
NAME_CHARACTERS: Final = 120
FILE_BYTES: Final = 7 * 1024**2
"""Larger than a script may be, so that one that is too large is kept and its sender told why."""

CUT: Final = "\n\n*(The rest of this text was cut: it is longer than 65,536 characters.)*"
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f/\\]")


class TextRefused(HeadwaterError):
    """A title or text that cannot be kept as it is."""

    code = "text-refused"


class FileTooLarge(HeadwaterError):
    code = "file-too-large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def clean_title(title: str) -> str:
    """One line of at most 256 characters. Raises `TextRefused`."""
    line = " ".join(title.replace("\0", "").split())
    if not line:
        raise TextRefused("The title is empty.", remedy="Say in one line what goes wrong.")
    if len(line) > TITLE_CHARACTERS:
        raise TextRefused(
            f"The title has {len(line)} characters; {TITLE_CHARACTERS} fit.",
            remedy="Shorten it; the text has room for the rest.",
        )
    return line


def clean_body(body: str) -> str:
    """The text as it came, without NUL. Raises `TextRefused` beyond 65,536 characters."""
    text = body.replace("\0", "")
    if len(text) > BODY_CHARACTERS:
        raise TextRefused(
            f"The text has {len(text)} characters; {BODY_CHARACTERS} fit.",
            remedy="Shorten it, or attach the long part as a file.",
        )
    return text


def fitting_title(title: str) -> str:
    """A title from elsewhere, which is never refused: cut, or named as missing."""
    return " ".join(title.replace("\0", "").split())[:TITLE_CHARACTERS] or "(no title)"


def fitting_body(body: str) -> str:
    """A text from elsewhere, which is never refused: cut, visibly."""
    text = body.replace("\0", "")
    if len(text) <= BODY_CHARACTERS:
        return text
    return text[: BODY_CHARACTERS - len(CUT)] + CUT


def clean_file_name(name: str, *, fallback: str = "script.py") -> str:
    """The last part of a name, without what has no place in one; `fallback` if nothing is left."""
    last = re.split(r"[/\\]", name.strip())[-1]
    return _UNPRINTABLE.sub("", last).strip(". ")[-NAME_CHARACTERS:] or fallback


def require_size(content: bytes, *, name: str) -> None:
    """Raises `FileTooLarge` beyond 7 MiB."""
    if len(content) > FILE_BYTES:
        raise FileTooLarge(
            f"{name} is larger than {FILE_BYTES // 1024**2} MiB.",
            remedy="Send a smaller one: a reproducer makes its data itself.",
        )
