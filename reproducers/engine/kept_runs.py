"""Where `repro run` leaves the files of a run: a named folder, else one of the last few."""

import shutil
import time
from contextlib import suppress
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

    def keep(self, name: str, content: bytes) -> None:
        """Write one file; raises UsageError where the folder cannot be written to."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            (self.path / Path(name).name).write_bytes(content)
        except OSError as error:
            raise UsageError(
                f"{self.path} cannot be written to: {error.strerror}.",
                remedy="Name another folder with --out.",
            ) from error

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
