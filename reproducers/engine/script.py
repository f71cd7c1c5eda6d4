"""A reproducer as it arrives: a stranger's bytes, read into a Script without running them."""

import base64
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from reproducers.engine.errors import ScriptError
from reproducers.engine.imports import distributions
from reproducers.engine.metadata import RunTable, read_metadata
from reproducers.engine.pep723 import find_block
from reproducers.engine.quantities import format_bytes
from reproducers.engine.syntax import Syntax, read_syntax

SCRIPT_BYTES: Final = 1024**2
FILES_BYTES: Final = 8 * 1024**2
MARKDOWN_CHARACTERS: Final = 1024**2
DEFAULT_DEPENDENCY: Final = "dask[complete]"
_PYTHON_LABELS: Final = frozenset({"python", "python3", "py", "py3", "ipython"})


@dataclass(frozen=True, kw_only=True)
class Script:
    """A script that parses, with what its metadata says.

    `text` has `\\n` line ends. `dependencies` are requirements in their normal form: those of the
    block, or what the imports need where there is none (`notes` then say so). `requires_python` is
    a specifier or None.
    """

    text: str
    name: str = "script.py"
    requires_python: str | None = None
    dependencies: tuple[str, ...] = ()
    table: RunTable = field(default_factory=RunTable)
    has_block: bool = False
    notes: tuple[str, ...] = ()


def read_script(source: bytes, *, name: str = "script.py") -> Script:
    """Read a script; raises ScriptError for what is no Python, MetadataError for its block.

    The text is parsed in a process of its own with bounds on memory and time (`syntax.py`).
    """
    text = _decoded(source, name)
    metadata = read_metadata(text)
    syntax = read_syntax(text, name=name)
    dependencies, notes = _dependencies(metadata.dependencies if metadata else None, syntax)
    requires_python = metadata.requires_python if metadata else None
    return Script(
        text=text,
        name=name,
        requires_python=requires_python or syntax.requires_python,
        dependencies=dependencies,
        table=metadata.table if metadata else RunTable(),
        has_block=metadata is not None,
        notes=(*notes, *syntax.notes),
    )


def read_script_file(path: Path) -> Script:
    """Read the script at `path`; raises ScriptError for a link, a special file or a missing one."""
    return read_script(read_plain_file(path, limit=SCRIPT_BYTES), name=path.name)


def read_files(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """The data files of a script, name -> content in base64, as a Job carries them.

    Raises ScriptError where one is missing, no plain file, or all of them are too large.
    """
    found, left = {}, FILES_BYTES
    for name in names:
        content = read_plain_file(folder / name, limit=left)
        left -= len(content)
        found[name] = base64.b64encode(content).decode("ascii")
    return found


def read_plain_file(path: Path, *, limit: int) -> bytes:
    """At most `limit` bytes of a regular file; links are not followed. Raises ScriptError."""
    try:
        # O_NONBLOCK: opening a pipe that nobody writes to would wait for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise ScriptError(
            f"{path.name} cannot be read: {error.strerror}.",
            remedy="Name a plain file that exists and is no link.",
        ) from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ScriptError(f"{path.name} is no plain file.", remedy="Name a plain file.")
        content = _read(descriptor, limit + 1)
    finally:
        os.close(descriptor)
    if len(content) > limit:
        raise _too_large(path.name, limit)
    return content


def _read(descriptor: int, limit: int) -> bytes:
    content = bytearray()
    while chunk := os.read(descriptor, limit - len(content)):
        content += chunk
    return bytes(content)


def first_python_block(markdown: str) -> str | None:
    """The first block of Python in a ticket's text, None without one.

    A fence labelled as Python, or an unlabelled one that has PEP 723 metadata or imports Dask.
    """
    from markdown_it import MarkdownIt  # noqa: PLC0415 -- takes 30 ms, and only tickets need it

    for token in MarkdownIt("commonmark").parse(markdown[:MARKDOWN_CHARACTERS]):
        if token.type == "fence" and _is_python(token.info, token.content):
            return token.content
    return None


def _is_python(label: str, content: str) -> bool:
    words = label.replace("{", " ").replace("}", " ").replace(",", " ").split()
    if words:
        return words[0].lower().removeprefix(".") in _PYTHON_LABELS
    return find_block(content) is not None or any(
        line.startswith(("import dask", "from dask", "import distributed", "from distributed"))
        for line in content.splitlines()
    )


def _decoded(source: bytes, name: str) -> str:
    if len(source) > SCRIPT_BYTES:
        raise _too_large(name, SCRIPT_BYTES)
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ScriptError(
            f"{name} is not UTF-8: byte {error.start} cannot be read.",
            remedy="Save the script as UTF-8.",
        ) from error
    if "\0" in text:
        raise ScriptError(f"{name} holds a NUL byte.", remedy="Send the script as plain text.")
    if not text.strip():
        raise ScriptError(f"{name} is empty.", remedy="Send a script that shows the problem.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _too_large(name: str, limit: int) -> ScriptError:
    return ScriptError(
        f"{name} is larger than {format_bytes(limit)}.",
        remedy="Send a smaller reproducer, one that makes its data itself.",
    )


def _dependencies(
    named: tuple[str, ...] | None, syntax: Syntax
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if named is not None:
        return named, ()
    found = (DEFAULT_DEPENDENCY, *distributions(syntax.imports))
    return found, (f"The script names no dependencies; taken are {', '.join(found)}.",)
