"""The CPython interpreters of this machine: on PATH, under pyenv and under uv. None is fetched.

An interpreter of the host's is trusted and may be started (isolated, with no site packages); a
shim, which is a shell script that picks one, is not what anybody wants inside a sandbox.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from reproducers.engine.errors import MissingPython, UsageError

MINORS: Final = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
QUERY_SECONDS: Final = 10.0
_FULL_VERSION: Final = re.compile(r"(3\.[0-9]{1,2})\.([0-9]{1,3})")
_QUERY: Final = """
import json, platform, sys, sysconfig
print(json.dumps({
    "version": platform.python_version(),
    "implementation": sys.implementation.name,
    "prefix": sys.base_prefix,
    "stdlib": sysconfig.get_path("stdlib"),
    "library": sysconfig.get_config_var("INSTSONAME")
    if sysconfig.get_config_var("Py_ENABLE_SHARED") else None,
    "library_folder": sysconfig.get_config_var("LIBDIR"),
}))
"""


@dataclass(frozen=True, kw_only=True)
class Interpreter:
    """A CPython of the host. `executable` is a real file; `stdlib` its standard library's folder.

    `library` is its shared libpython, None where it is linked in.
    """

    executable: Path
    version: str
    prefix: Path
    stdlib: Path
    library: Path | None = None

    @property
    def minor(self) -> str:
        return minor_of(self.version)


def minor_of(version: str) -> str:
    """ "3.11" of "3.11.7"."""
    return ".".join(version.split(".")[:2])


def find(minor: str, *, among: Iterable[Interpreter] | None = None) -> Interpreter:
    """The youngest CPython of a minor version such as "3.11"; raises MissingPython.

    `among` None: those of this machine.
    """
    if minor not in MINORS:
        raise UsageError(
            f"{minor!r} is no version of Python that can be used here.",
            remedy=f"Name one of {', '.join(MINORS)}.",
        )
    found = [one for one in (installed(minor) if among is None else among) if one.minor == minor]
    if not found:
        raise MissingPython(
            f"Python {minor} is not on this machine.",
            remedy=f"Install it, for instance by `uv python install {minor}`, "
            f"`pyenv install {minor}` or your system's packages.",
        )
    return max(found, key=lambda interpreter: _numbers(interpreter.version))


def available() -> tuple[str, ...]:
    """The minor versions that can be had here, ascending."""
    return tuple(minor for minor in MINORS if installed(minor))


def installed(minor: str) -> tuple[Interpreter, ...]:
    """All CPythons of a minor version on this machine, each once.

    Only programs named after it are started: asking them all takes a third of a second.
    """
    found = (_queried(path, _stamp(path)) for path in dict.fromkeys(_candidates(minor)))
    return tuple(one for one in found if one is not None and one.minor == minor)


def _candidates(minor: str) -> Iterator[Path]:
    for folder, pattern in _places(minor):
        for path in sorted(folder.glob(pattern)):
            real = path.resolve()
            if real.is_file() and os.access(real, os.X_OK) and _is_binary(real):
                yield real


def _places(minor: str) -> Iterator[tuple[Path, str]]:
    program = f"python{minor}"
    for entry in os.get_exec_path():
        if Path(entry).is_absolute():
            yield Path(entry), program
    home = Path(os.environ.get("HOME") or Path.home())
    pyenv = Path(os.environ.get("PYENV_ROOT") or home / ".pyenv")
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    managed = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv" / "python")
    yield pyenv / "versions", f"{minor}.*/bin/{program}"
    yield managed, f"cpython-{minor}.*/bin/{program}"


def _is_binary(path: Path) -> bool:
    """Whether it is an ELF or Mach-O program: shims and `python3.11-config` are scripts."""
    with path.open("rb") as file:
        return file.read(4) in {b"\x7fELF", b"\xcf\xfa\xed\xfe"}


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=128)
def _queried(path: Path, stamp: tuple[int, int]) -> Interpreter | None:
    """What the program says of itself, None where it cannot be started."""
    try:
        answer = subprocess.run(  # noqa: S603 -- an interpreter of the host's, fixed arguments
            [path, "-I", "-S", "-c", _QUERY],
            capture_output=True,
            env={},
            timeout=QUERY_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return described(path, answer.stdout)


def described(path: Path, answer: bytes) -> Interpreter | None:
    """The interpreter of an answer to our question, None where it is no final CPython."""
    try:
        facts = json.loads(answer)
    except ValueError:
        return None
    if facts["implementation"] != "cpython" or not _FULL_VERSION.fullmatch(facts["version"]):
        return None
    library = facts["library"] and Path(facts["library_folder"]) / facts["library"]
    return Interpreter(
        executable=path,
        version=facts["version"],
        prefix=Path(facts["prefix"]),
        stdlib=Path(facts["stdlib"]),
        library=library if library and library.is_file() else None,
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
