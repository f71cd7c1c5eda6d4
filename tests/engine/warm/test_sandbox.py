"""Real sandboxes that wait: what they take in, what they do not, and how they end."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reproducers.engine import trial_run
from reproducers.engine.environments import Environment
from reproducers.engine.inside.warm import UNFIT
from reproducers.engine.job import ExpectedSymptom
from reproducers.engine.trial_run import Attempt
from reproducers.engine.warm import sandbox
from reproducers.engine.warm.kinds import kind_of
from reproducers.engine.warm.sandbox import NotWarm, WarmSandbox, prepare
from tests.engine.sandbox.remains import soon
from tests.engine.warm.walled import SILENT, Walled, job, kind, ready

pytestmark = pytest.mark.sandbox

DASK = "import sys\nCOUNT = [1]\nIN = getattr(sys.modules['__main__'], '__file__', '')\n"


@pytest.fixture(autouse=True)
def _home(home: Path) -> None:
    """Tries lie in a home of the test's own."""


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[Environment]:
    with Walled(tmp_path / "walled-env", {"dask": DASK}).environment() as environment:
        yield environment


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path) -> None:
    (tmp_path / "walled-env").mkdir()


def entered(waiting: WarmSandbox, script: str, **facts: Any) -> Attempt:
    with waiting:
        return waiting.attempt(job(script, **facts), SILENT)


def warm(environment: Environment, script: str, **facts: Any) -> Attempt:
    return entered(ready(environment, script, **facts), script, **facts)


def cold(environment: Environment, script: str, **facts: Any) -> Attempt:
    return trial_run.attempt(
        job(script, **facts), environment, emit=lambda event: None, cancelled=lambda: False
    )


def told(made: Attempt) -> tuple[Any, ...]:
    """How it ended and what it printed, without our own frames and what differs every time."""
    outcome = made.outcome
    ours = (b"/engine/inside/", b"<no Python frame>", b"hread 0x")
    lines = [line for line in outcome.stderr.splitlines() if not any(word in line for word in ours)]
    errors = b"\n".join(filter(None, lines))
    return (outcome.exit_status, outcome.signal, outcome.limit, outcome.stdout, errors)


SEES = """
import inspect, os, resource, sys, threading, warnings
print(sys.argv, sys.path[0], os.getcwd(), __file__, __name__, sys.flags)
print(sorted(globals()), sys.modules["__main__"].__dict__ is globals())
print(repr(sys.stdin.read()), sys.stdin.name, sys.stdin.encoding, sys.stdin.seekable())
print(os.readlink("/proc/self/fd/0"), sys.stdin is sys.__stdin__)
print(sorted(os.environ.items()))
print([resource.getrlimit(number) for number in range(16)])
kept = ("Cap", "Gid", "Groups", "NoNew", "Sec", "Sig", "Uid")
print([line for line in open("/proc/self/status") if line.startswith(kept)])
print([thread.name for thread in threading.enumerate()], threading.main_thread().name)
print(warnings.filters, sys.excepthook is sys.__excepthook__)
def f():
    return inspect.getsource(f)
print(f())
try:
    open("/proc/1/environ")
except OSError as error:
    print(error)
"""
DOES = """
import atexit, multiprocessing, warnings
import dask
dask.COUNT.append(2)
print(dask.COUNT)
warnings.warn("one")
warnings.warn("two", DeprecationWarning)
open("helper.py", "w").write("VALUE = 7")
import helper
print(helper.VALUE)
try:
    open(__file__, "a")
except OSError:
    print("refused")
def work(x):
    return x + 1
if __name__ == "__main__":
    atexit.register(print, "end")
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.map(work, [1, 2]))
"""
SAME = {
    "what it sees": SEES,
    "what it does": f"import dask{DOES}",
    "it fails": "1 / 0",
    "it exits": "raise SystemExit(3)",
    "it exits with a message": "import sys\nsys.exit('no')",
    "it ends itself": "import os\nos._exit(9)",
    "it crashes": "import os\nprint(1, flush=True)\nos.kill(os.getpid(), 6)",
    "it cannot be parsed": "def",
    "not all of it is text": "print('caf\\u00e9 \\ud800'.encode('utf-8', 'replace'))",
}


@pytest.mark.parametrize("script", SAME.values(), ids=SAME.keys())
def test_a_script_does_the_same_warm_and_cold(script: str, environment: Environment) -> None:
    here, there = warm(environment, script), cold(environment, script)
    assert told(here) == told(there)
    assert (here.is_warm, there.is_warm) == (True, False)
    assert here.observation.exception == there.observation.exception


def test_what_the_script_imports_first_is_there_before_it(environment: Environment) -> None:
    made = warm(environment, "import dask\nprint(dask.IN)\n")
    assert made.outcome.stdout == b"/repro/reproducers/engine/inside/warm.py\n"
    there = cold(environment, "import dask\nprint(dask.IN)\n")
    assert there.outcome.stdout == b"/work/script.py\n"


def test_nothing_of_the_wait_is_charged(environment: Environment) -> None:
    waiting = ready(environment)
    assert not soon(waiting.is_alive, False)  # it waits for as long as that looks
    came_at = time.monotonic()
    made = entered(waiting, "import time\ntime.sleep(0.3)")
    assert 0.3 <= made.outcome.seconds < 3
    assert waiting.delivered_at >= came_at
    assert made.start_seconds < 2
    assert made.outcome.limit is None


def test_the_time_of_a_script_counts_from_its_arrival(environment: Environment) -> None:
    short = {"timeout_seconds": 1.0}
    made = warm(environment, "import time\ntime.sleep(60)", policy=short)
    assert made.outcome.limit == "timeout"
    assert 1.0 <= made.outcome.seconds < 5


def test_the_peak_of_memory_is_that_of_a_cold_run(environment: Environment) -> None:
    script = "import time\nheld = bytearray(100_000_000)\ntime.sleep(0.5)"
    here, there = warm(environment, script), cold(environment, script)
    assert here.outcome.peak_memory_bytes == pytest.approx(
        there.outcome.peak_memory_bytes, rel=0.15
    )


def test_a_script_that_ends_at_once_has_a_peak(environment: Environment) -> None:
    assert (warm(environment, "").outcome.peak_memory_bytes or 0) > 1024**2


def test_one_that_waits_suits_its_kind_in_its_environment_while_it_lives(
    environment: Environment, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    with (
        ready(environment, "import dask") as waiting,
        Walled(tmp_path / "other").environment() as other,
    ):
        assert waiting.suits(kind("import dask\nprint()"), environment)
        assert not waiting.suits(kind("import dask", env={"TZ": "UTC"}), environment)
        assert not waiting.suits(kind_of(job("import dask", cold=True)), environment)
        assert not waiting.suits(kind("import dask"), other)
        kill(waiting)
        assert soon(lambda: waiting.suits(kind("import dask"), environment), False)


def kill(waiting: WarmSandbox) -> None:
    """End what waits, as memory that is short would."""
    processes = waiting._watch.meter.processes()
    assert processes
    for process in processes:
        with contextlib.suppress(ProcessLookupError):  # the first takes the others along
            os.kill(process, signal.SIGKILL)


def test_one_that_died_takes_no_script(environment: Environment) -> None:
    with ready(environment) as waiting:
        kill(waiting)
        assert soon(waiting.is_alive, False)
        with pytest.raises(NotWarm):
            waiting.attempt(job("x = 1\n" * 100_000), SILENT)


def test_one_that_takes_nothing_in_is_given_up(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "DELIVERY_SECONDS", 0.2)
    with ready(environment) as waiting:
        for process in waiting._watch.meter.processes():
            os.kill(process, signal.SIGSTOP)
        with pytest.raises(NotWarm):
            waiting.attempt(job("x = 1\n" * 100_000), SILENT)


def test_a_second_script_never_enters(environment: Environment) -> None:
    with ready(environment) as waiting:
        assert waiting.attempt(job("print(1)"), SILENT).outcome.stdout == b"1\n"
        assert not waiting.suits(kind(), environment)
        with pytest.raises(ValueError, match="closed file"):
            waiting.attempt(job("print(2)"), SILENT)


@pytest.mark.parametrize(
    "source",
    {
        "print": "print('thank you for choosing us')",
        "warn": "import warnings\nwarnings.warn('old')",
        "fail": "import nowhere",
        "end": "raise SystemExit",
        "close": "import os\nos.close(1)",
        "crash": "import os\nos.kill(os.getpid(), 11)",
    }.items(),
    ids=lambda case: case[0],
)
def test_packages_that_do_more_than_to_be_imported_keep_none_ready(
    source: tuple[str, str], environment: Environment
) -> None:
    (environment.folder / "numpy.py").write_text(source[1])
    with pytest.raises(NotWarm):
        ready(environment, "import numpy")


def test_packages_that_never_get_ready_are_given_up(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "READY_SECONDS", 1.0)
    (environment.folder / "numpy.py").write_text("import time\ntime.sleep(600)")
    with pytest.raises(NotWarm):
        ready(environment, "import numpy")


def test_one_that_is_wanted_no_more_is_given_up_at_once(environment: Environment) -> None:
    (environment.folder / "numpy.py").write_text("import time\ntime.sleep(600)")
    with pytest.raises(NotWarm):
        prepare(kind("import numpy"), environment, is_wanted=lambda: False)


def test_a_script_that_pretends_not_to_have_begun_is_run_cold(environment: Environment) -> None:
    script = f"import os\nos.remove('/output/started.json')\nos._exit({UNFIT})"
    with ready(environment) as waiting, pytest.raises(NotWarm):
        waiting.attempt(job(script), SILENT)


def test_a_match_shows_warnings_as_it_does_cold(environment: Environment) -> None:
    script = "import warnings\nwarnings.warn('two', DeprecationWarning)"
    expected = ExpectedSymptom(match="two")
    here = warm(environment, script, expected=expected).observation.warnings
    there = cold(environment, script, expected=expected).observation.warnings
    assert [(one.category, one.message) for one in here] == [("DeprecationWarning", "two")]
    assert [(one.category, one.message) for one in there] == [("DeprecationWarning", "two")]


def test_nothing_is_left_of_one_that_nobody_entered(environment: Environment, home: Path) -> None:
    waiting = ready(environment)
    processes = waiting._watch.meter.processes()
    waiting.close()
    waiting.close()
    assert not any(Path(f"/proc/{process}").exists() for process in processes)
    assert [left for left in (home / "tries").iterdir() if left.is_dir()] == []
