"""Where `repro run` leaves the files of a run: a named folder, else one of the last few."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from reproducers.engine import places
from reproducers.engine.errors import UsageError
from reproducers.engine.report import Report

RUNS: Final = 30
REPORT: Final = "report.json"


class Folder:
    """The folder of one run, made with its first file."""

    def __init__(self, named: Path | None) -> None:
        self.path = (named or _fresh()).absolute()
        self._is_ours = named is None
        self._kept: dict[str, bytes] = {}
        self._is_new = False

    def make(self) -> None:
        """Make it now, so that a run is not in vain; raises UsageError where that cannot be."""
        with self._writing():
            self._is_new |= not self.path.exists()
            self.path.mkdir(parents=True, exist_ok=True)

    def leave(self) -> None:
        """Remove it again where it was made in vain."""
        if self._is_new:
            with suppress(OSError):
                self.path.rmdir()

    def keep(self, name: str, content: bytes) -> None:
        """Write one file; raises UsageError where the folder cannot be written to."""
        self.make()
        with self._writing():
            (self.path / Path(name).name).write_bytes(content)
        self._kept[name] = content

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise UsageError(
                f"{self.path} cannot be written to: {error.strerror}.",
                remedy="Name another folder with --out.",
            ) from error

    def content(self, name: str) -> bytes:
        """What was kept under that name in this run, nothing where nothing was."""
        return self._kept.get(name, b"")

    def keep_report(self, report: Report) -> None:
        """Write the report beside the other files, and let the oldest runs of ours go."""
        self.keep(REPORT, report.to_json().encode())
        if self._is_ours:
            _forget_old(self.path.parent)


def _fresh() -> Path:
    now = time.time()
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now))
    return places.folder("runs") / f"{stamp}-{int(now % 1 * 10**6):06d}"


def _forget_old(home: Path) -> None:
    for folder in sorted(home.iterdir())[:-RUNS]:
        with suppress(OSError):
            shutil.rmtree(folder)
