"""The folder of a try is there for one try, and what a killed engine leaves is removed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from reproducers.engine.tries import MAKING, folder_of_a_try

CHECKOUT = Path(__file__).parents[2]
HOLDER = """
from reproducers.engine.tries import folder_of_a_try
with folder_of_a_try() as folder:
    (folder / "script.py").write_text("print(1)")
    print(folder, flush=True)
    input()
"""


def there(home: Path) -> set[Path]:
    return set((home / "tries").iterdir()) - {home / "tries" / MAKING}


def test_it_is_closed_to_other_users_of_the_host_and_gone_afterwards(home: Path) -> None:
    with folder_of_a_try() as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        assert there(home) == {folder}
    assert there(home) == set()


def test_each_try_has_its_own(home: Path) -> None:
    with folder_of_a_try() as one, folder_of_a_try() as other:
        assert there(home) == {one, other}


def test_it_is_gone_after_an_error_too(home: Path) -> None:
    with pytest.raises(KeyboardInterrupt), folder_of_a_try():
        raise KeyboardInterrupt
    assert there(home) == set()


def test_what_a_killed_engine_left_is_removed_by_the_next(home: Path) -> None:
    command = [sys.executable, "-c", HOLDER]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=CHECKOUT, text=True, **pipes) as holder:  # type: ignore[call-overload]
        left = Path(holder.stdout.readline().strip())
        with folder_of_a_try() as folder:
            assert there(home) == {left, folder}
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
    assert (left / "script.py").exists()
    with folder_of_a_try() as folder:
        assert there(home) == {folder}


def test_what_is_no_folder_of_a_try_is_left_alone(home: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    with folder_of_a_try() as folder:
        link = folder.parent / "link"
        link.symlink_to(tmp_path / "kept")
    with folder_of_a_try():
        assert link.is_symlink()
    assert (tmp_path / "kept").is_dir()
