"""uv's command lines, and what its complaints mean.

uv never sees a configuration of the caller's: no files (`--no-config`, an empty folder), no
variables but those named here, one index as an argument, and it fetches no Python. It also never
runs code of a package: wheels only, and the interpreter it asks is the bare one, or that of an
environment that is still empty.
"""

import os
import re
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import uv as uv_package

from reproducers.engine.environments.layout import BUILD, DOWNLOADS, ENVIRONMENT, UV, Layout
from reproducers.engine.environments.request import Request
from reproducers.engine.errors import EnvironmentServiceError
from reproducers.engine.sandbox.policy import Mount

DETAIL_CHARACTERS: Final = 4000
REASON_CHARACTERS: Final = 500
_CERTIFICATES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")
# For slow networks: how long and how often it tries.
_PATIENCE: Final = ("UV_HTTP_TIMEOUT", "UV_HTTP_RETRIES", "UV_CONCURRENT_DOWNLOADS")
_PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_ESCAPES: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")
_WITHOUT_WHEEL: Final = re.compile(r"Wheels are required for ([^\n]*)")
_QUOTED: Final = re.compile(r"`([A-Za-z0-9._-]{1,100})`")
_NO_SOLUTION: Final = "No solution found"
_BAD_WHEEL: Final = (
    "The wheel is invalid",
    "must not use the reserved name",
    "Archive contains unacceptable filename",
)
_UNANSWERED: Final = ("could not be queried", "Failed to fetch", "network connectivity is disabled")


def program() -> Path:
    """The uv that came with this package, else the one on PATH."""
    try:
        return Path(uv_package.find_uv_bin())
    except FileNotFoundError:
        found = shutil.which("uv")
    if found is None:
        raise EnvironmentServiceError("uv is missing.", remedy="Install it: `pip install uv`.")
    return Path(found)


def resolve_command(
    layout: Layout, request: Request, *, work: Path, downloads: Path, later: Mapping[str, date]
) -> tuple[str, ...]:
    """Resolve BUILD/requirements.txt under BUILD/constraints.txt; the lock goes to stdout.

    `later` names packages that are seen as of another day than the rest.
    """
    place = layout.place(work, BUILD)
    exceptions = (f"--exclude-newer-package={name}={_end(day)}" for name, day in later.items())
    return (
        *(layout.place(program(), UV), "pip", "compile", f"{place}/requirements.txt"),
        *("--constraints", f"{place}/constraints.txt"),
        *("--overrides", f"{place}/overrides.txt"),
        *("--python", layout.base_python, "--exclude-newer", _end(request.as_of), *exceptions),
        *("--generate-hashes", "--no-header", "--no-annotate", "--no-sources"),
        # Else uv takes a pre-release of a package that has no other wheel yet.
        *("--prerelease", "explicit"),
        *_index_options(request),
        *_common(layout, downloads),
    )


def venv_command(layout: Layout, *, tree: Path, downloads: Path) -> tuple[str, ...]:
    """Make an empty environment in ENVIRONMENT."""
    # Without a sandbox the tree is renamed when it is finished, so its scripts must not name it.
    movable = () if layout.is_inside else ("--relocatable",)
    return (
        *(layout.place(program(), UV), "venv", layout.place(tree, ENVIRONMENT)),
        *("--python", layout.base_python, "--allow-existing", *movable),
        *_common(layout, downloads, builds=False),
    )


def install_command(
    layout: Layout, request: Request, *, work: Path, tree: Path, downloads: Path
) -> tuple[str, ...]:
    """Install BUILD/lock.txt into the empty environment, each file checked by its hash."""
    return (
        *(layout.place(program(), UV), "pip", "install", "--no-deps", "--require-hashes"),
        *("--requirements", f"{layout.place(work, BUILD)}/lock.txt", "--link-mode", "copy"),
        *("--python", f"{layout.place(tree, ENVIRONMENT)}/bin/python", "--no-sources"),
        *_index_options(request),
        *_common(layout, downloads),
    )


def mounts(layout: Layout, request: Request, *, work: Path, downloads: Path) -> tuple[Mount, ...]:
    """What uv needs to see: itself, Python, its work, its downloads and certificates."""
    certificates = (Path(os.environ[name]) for name in _CERTIFICATES if os.environ.get(name))
    seen = [path for path in (*certificates, *_local_index(request)) if path.exists()]
    return (
        *layout.python_mounts(),
        *layout.mount(program(), UV),
        *layout.mount(work, BUILD, writable=True),
        *layout.mount(downloads, DOWNLOADS, writable=True),
        *(mount for path in seen for mount in layout.mount(path.resolve(), str(path))),
    )


def variables(layout: Layout) -> dict[str, str]:
    """The whole environment of uv: the caller's certificates, proxies and patience, no secret."""
    passing = (*_CERTIFICATES, *_PATIENCE)
    plain_ones = {name: os.environ[name] for name in passing if os.environ.get(name)}
    proxies = {
        spelled: value
        for name in _PROXIES
        for spelled in (name, name.lower())
        if (value := os.environ.get(spelled)) and "@" not in value
    }
    fixed = {"HOME": "/tmp", "PATH": "/usr/bin:/bin", "UV_NO_CONFIG": "1"}  # noqa: S108 -- inside
    return {**fixed, **plain_ones, **proxies, **layout.python_variables()}


def plain(output: bytes) -> str:
    """uv's output as bounded text without control characters."""
    return _ESCAPES.sub("", output[:1_000_000].decode("utf-8", "replace"))


def without_wheel(complaint: str) -> tuple[str, ...]:
    """The packages that uv says it has no wheel for."""
    hints = _WITHOUT_WHEEL.findall(complaint)
    return tuple(dict.fromkeys(name for hint in hints for name in _QUOTED.findall(hint)))


def is_unsatisfiable(complaint: str) -> bool:
    """Whether uv says that the requirements conflict, rather than that it could not ask."""
    return _NO_SOLUTION in complaint and not any(sign in complaint for sign in _UNANSWERED)


def is_bad_wheel(complaint: str) -> bool:
    """Whether uv says that a wheel is not what a wheel may be, which no second try changes."""
    return any(sign in complaint for sign in _BAD_WHEEL)


def shortened(complaint: str) -> str:
    """uv's reason as one paragraph for people."""
    text = complaint.partition("cause:")[2] or complaint
    text = " ".join(text.partition("hint:")[0].split())
    return text if len(text) <= REASON_CHARACTERS else f"{text[: REASON_CHARACTERS - 3]}..."


def _index_options(request: Request) -> tuple[str, ...]:
    nightly = ("--index", request.nightly_index) if request.nightly_index else ()
    # Both indexes are asked: PyPI's dask must not hide the nightly one.
    strategy = ("--index-strategy", "unsafe-best-match") if request.nightly_index else ()
    return ("--default-index", request.index_url, *nightly, *strategy)


def _common(layout: Layout, downloads: Path, *, builds: bool = True) -> tuple[str, ...]:
    only = ("--only-binary", ":all:") if builds else ()
    quiet = ("--no-progress", "--color", "never", "--no-config", "--no-python-downloads")
    return (*only, *quiet, "--cache-dir", layout.place(downloads, DOWNLOADS))


def _local_index(request: Request) -> tuple[Path, ...]:
    urls = (request.index_url, request.nightly_index or "")
    return tuple(Path(unquote(urlsplit(url).path)) for url in urls if url.startswith("file:"))


def _end(day: date) -> str:
    """The end of a day, so that what was uploaded on it counts."""
    return f"{day.isoformat()}T23:59:59Z"
