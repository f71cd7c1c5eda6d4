"""Inside, a script runs as `python SCRIPT` would run it, and what ended it is written down."""

import json
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reproducers.engine.inside.settings import Settings
from reproducers.engine.tracebacks import Captured, read_exception

INSIDE = Path(__file__).parents[3] / "reproducers" / "engine" / "inside"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a script ended, and what it printed."""

    status: int
    stdout: str
    stderr: str


def ended(command: list[str], folder: Path) -> Ended:
    done = subprocess.run(
        command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=30
    )
    return Ended(status=done.returncode, stdout=done.stdout, stderr=done.stderr)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "output").mkdir()
    return tmp_path


def inside(folder: Path, source: str, **changes: Any) -> Ended:
    """The script as it runs inside, without the walls around it."""
    script = folder / "script.py"
    script.write_text(source)
    settings = Settings(
        script=str(script),
        output=str(folder / "output"),
        private=str(folder / "private"),
        workers=1,
        threads=1,
        worker_memory_bytes=2**30,
        timeout_seconds=60.0,
        warnings=True,
    )
    vars(settings).update(changes)
    first = [sys.executable, "-I", "-S", str(INSIDE / "first.py")]
    return ended([*first, sys.executable, str(INSIDE / "entry.py"), settings.to_json()], folder)


def plain(folder: Path, source: str) -> Ended:
    script = folder / "script.py"
    script.write_text(source)
    return ended([sys.executable, str(script)], folder)


def captured(folder: Path) -> Captured | None:
    path = folder / "output" / "exception.json"
    content = path.read_bytes() if path.exists() else b""
    return read_exception(content, script=str(folder / "script.py"))


RECURSION = "def f():\n    f()\nf()"
SCRIPTS = {
    "one that ends well": "import sys\nprint(__name__, __file__, sys.argv, sys.path[0])",
    "an exception": "def f():\n    raise ValueError('no')\nf()",
    "an exception with a cause": """
try:
    {}['x']
except KeyError as error:
    raise RuntimeError('why') from error
""",
    "an exception in a handler": """
try:
    {}['x']
except KeyError:
    1 / 0
""",
    "an exception with notes": "e = ValueError('no')\ne.add_note('remember')\nraise e",
    "a group of exceptions": "raise ExceptionGroup('both', [ValueError('a'), KeyError('b')])",
    "a failing import": "import json.nowhere",
    "a syntax error": "def f(:\n    pass",
    "an exit with a word": "import sys\nsys.exit('no good')",
    "an exit with a number": "import sys\nsys.exit(3)",
    "a clean exit": "import sys\nsys.exit()",
    "an exit behind its own back": "import os\nos._exit(4)",
    "a hook of its own": "import sys\nsys.excepthook = lambda *a: print('mine', a[1])\n1 / 0",
    "a function at its end": "import atexit\natexit.register(print, 'bye')\n1 / 0",
    "a thread that outlives it": """
import threading, time
threading.Thread(target=lambda: (time.sleep(0.2), print('late'))).start()
""",
    "a thread that fails": """
import threading
threading.Thread(target=lambda: 1 / 0, name='t').start()
""",
    "processes of its own": """
import multiprocessing
def double(x):
    return 2 * x
if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.map(double, [1, 2]))
""",
    "what it defines can be pickled": """
import pickle
class A:
    pass
print(type(pickle.loads(pickle.dumps(A()))).__module__, __spec__, __builtins__.__name__)
""",
    "a warning": "import warnings\nwarnings.warn('careful')",
}


@pytest.mark.parametrize("source", SCRIPTS.values(), ids=SCRIPTS)
def test_a_script_runs_as_it_runs_alone(folder: Path, source: str) -> None:
    assert inside(folder, source) == plain(folder, source)


def test_a_recursion_without_end_looks_as_it_does_alone(folder: Path) -> None:
    # Our own two frames are of the same thousand, so that the count of repeats differs.
    ours, alone = inside(folder, RECURSION), plain(folder, RECURSION)
    assert re.sub(r"\d+ more", "N more", ours.stderr) == re.sub(r"\d+ more", "N more", alone.stderr)


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGTERM])
def test_a_death_by_a_signal_is_told_by_the_first_process(folder: Path, number: int) -> None:
    source = f"import os\nos.kill(os.getpid(), {int(number)})"
    assert inside(folder, source).status == 128 + number


@pytest.mark.parametrize(("status", "told"), [(119, 119), (120, 1), (139, 1), (255, 1)])
def test_no_exit_status_of_a_script_looks_like_a_death(
    folder: Path, status: int, told: int
) -> None:
    assert inside(folder, f"import os\nos._exit({status})").status == told


def test_a_program_that_is_not_there_is_told_apart(folder: Path) -> None:
    command = [sys.executable, "-I", "-S", str(INSIDE / "first.py"), "/nowhere/python"]
    assert ended(command, folder).status == 125


def test_orphans_are_buried_and_do_not_end_the_run(folder: Path) -> None:
    source = """
import os, time
if not os.fork():
    if not os.fork():
        time.sleep(0.1)
        os._exit(9)
    os._exit(8)
os.wait()
time.sleep(0.3)
"""
    assert inside(folder, source).status == 0


def test_an_exception_is_written_down_without_our_frames(folder: Path) -> None:
    done = inside(folder, SCRIPTS["an exception with a cause"])
    exception = captured(folder)
    assert exception is not None
    assert [(one.type, one.module, one.message) for one in exception.chain] == [
        ("RuntimeError", "builtins", "why"),
        ("KeyError", "builtins", "'x'"),
    ]
    assert [frame.is_script for frame in exception.last.frames] == [True]
    assert exception.traceback == done.stderr


def test_the_members_of_a_group_are_written_down(folder: Path) -> None:
    inside(folder, SCRIPTS["a group of exceptions"])
    exception = captured(folder)
    assert exception is not None
    assert [one.type for one in exception.chain] == ["ExceptionGroup", "ValueError", "KeyError"]


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        (SCRIPTS["an exit with a word"], "SystemExit", "no good"),
        (SCRIPTS["an exit with a number"], "SystemExit", "3"),
        (SCRIPTS["a syntax error"], "SyntaxError", "invalid syntax (script.py, line 1)"),
        (
            "class Odd(Exception):\n    def __str__(self):\n        raise TypeError\nraise Odd",
            "Odd",
            "(its text cannot be had)",
        ),
        ("raise ValueError('x' * 99_999)", "ValueError", "x" * 8000),
    ],
    ids=["a word", "a number", "syntax", "odd", "long"],
)
def test_what_ended_it_is_written_down(folder: Path, source: str, kind: str, message: str) -> None:
    inside(folder, source)
    exception = captured(folder)
    assert exception is not None
    assert (exception.last.type, exception.last.message) == (kind, message)


def test_a_deep_traceback_is_cut_in_the_middle(folder: Path) -> None:
    inside(folder, RECURSION)
    exception = captured(folder)
    assert exception is not None
    assert len(exception.last.frames) == 80
    assert len(exception.traceback) <= 32 * 1024


@pytest.mark.parametrize("name", ["one that ends well", "a clean exit"])
def test_a_good_end_leaves_no_exception(folder: Path, name: str) -> None:
    inside(folder, SCRIPTS[name])
    assert captured(folder) is None


def test_warnings_are_written_down_and_shown(folder: Path) -> None:
    done = inside(folder, "import warnings\nfor i in range(300):\n    warnings.warn(f'no {i}')")
    lines = (folder / "output" / "warnings.jsonl").read_text().splitlines()
    assert json.loads(lines[0])["message"] == "no 0"
    assert (len(lines), done.stderr.count("UserWarning")) == (200, 300)


def test_where_a_script_stands_is_written_down_before_its_time_is_over(folder: Path) -> None:
    inside(folder, "import time\ndef wait():\n    time.sleep(1)\nwait()", timeout_seconds=1.0)
    stacks = (folder / "output" / "stacks.txt").read_text()
    assert f'File "{folder}/script.py", line 3 in wait' in stacks


def test_a_script_that_breaks_its_output_folder_still_ends_as_it_does(folder: Path) -> None:
    source = f"import shutil\nshutil.rmtree({str(folder / 'output')!r})\n1 / 0"
    done = inside(folder, source)
    assert done.status == 1
    assert "ZeroDivisionError: division by zero" in done.stderr
    assert "the exception could not be kept" in done.stderr
