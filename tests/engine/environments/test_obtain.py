"""Environments are built in real sandboxes, once, from the one index, and nothing leaks out.

Dask itself is played by small wheels of our own here; the real ones are in test_real_builds.py.
"""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from reproducers.engine.environments import EnvironmentRefused, byte_code, canary, obtain
from reproducers.engine.errors import EnvironmentServiceError
from reproducers.engine.events import Cancellation
from reproducers.engine.job import EnvironmentSpec
from reproducers.engine.report import EnvironmentFacts
from reproducers.engine.verdicts import Verdict
from tests.engine.environments.small_dask import HERE, add_release, get, started
from tests.engine.indexes import Index

pytestmark = pytest.mark.sandbox


@pytest.fixture(autouse=True)
def dask(own_index: Index) -> Index:
    """An index with one release of a very small Dask."""
    add_release(own_index)
    return own_index


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_an_environment_is_built_and_scripts_run_in_it(home: Path) -> None:
    notes: list[str] = []
    with get("dask", emit=lambda event: notes.append(event.note)) as environment:
        outcome = started(environment, "import dask, sys; print(dask.__file__, sys.prefix)")
    place = f"/env/lib/python{HERE}/site-packages"
    assert outcome.stdout.decode() == f"{place}/dask/__init__.py /env\n"
    assert environment.python == "/env/bin/python"
    assert environment.facts == EnvironmentFacts(
        python=environment.facts.python,
        dask="2025.3.0",
        distributed="2025.3.0",
        as_of="2024-01-08",
        lock=environment.facts.lock,
        packages={"dask": "2025.3.0", "distributed": "2025.3.0"},
    )
    assert environment.facts.python.startswith(f"{HERE}.")
    assert [note for note in notes if "of" not in note] == [
        "resolving",
        "preparing",
        "downloading",
        "compiling",
        "checking",
        "ready",
    ]
    assert left_in(home / "building") == []


def test_what_scripts_import_is_compiled_and_tests_are_not() -> None:
    with get("dask") as environment:
        package = environment.folder / "lib" / f"python{HERE}" / "site-packages" / "dask"
        assert left_in(package / "__pycache__") == [f"__init__.cpython-{HERE.replace('.', '')}.pyc"]
        assert left_in(package / "tests") == ["test_dask.py"]


def test_nobody_inside_can_write_to_an_environment() -> None:
    with get("dask") as environment:
        outcome = started(environment, "import dask; open(dask.__file__, 'w')")
    assert b"Read-only file system" in outcome.stderr


def test_packages_that_the_host_has_beside_its_python_are_not_seen() -> None:
    code = (
        "import sys, pathlib; "
        "print(sorted(pathlib.Path(sys.base_prefix).glob('lib/*/*-packages/*')))"
    )
    with get("dask") as environment:
        assert started(environment, code).stdout == b"[]\n"


def test_what_is_built_needs_no_index_any_more(dask: Index) -> None:
    with get("dask") as first:
        asked = len(dask.asked)
    dask.answers.update(dict.fromkeys(dask.asked, (503, "text/plain", b"")))
    with get("dask") as second:
        assert (second.key, second.facts, second.notes) == (first.key, first.facts, first.notes)
    assert len(dask.asked) == asked


def test_another_request_with_the_same_lock_shares_the_environment(dask: Index) -> None:
    with get("dask") as first, get("dask", "distributed>=2025") as second:
        assert first.key == second.key


def test_two_builders_at_once_build_once(dask: Index) -> None:
    keys: list[str] = []

    def build() -> None:
        with get("dask") as environment:
            keys.append(environment.key)

    threads = [threading.Thread(target=build) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert keys[0] == keys[1]
    fetched = [path for path in dask.asked if path.endswith(".whl")]
    assert len(fetched) == len(set(fetched)) == 2


def test_a_conflict_is_a_verdict_with_the_reason(dask: Index) -> None:
    dask.add("old", "1.0", requires=("dask<2025",))
    with pytest.raises(
        EnvironmentRefused, match="all versions of old depend on dask<2025"
    ) as caught:
        get("old")
    assert caught.value.verdict == Verdict.UNSATISFIABLE
    assert "No solution found" in caught.value.detail


def test_a_package_that_does_not_exist_is_a_verdict_too() -> None:
    with pytest.raises(EnvironmentRefused, match="nowhere was not found") as caught:
        get("nowhere")
    assert caught.value.verdict == Verdict.UNSATISFIABLE


def test_an_index_that_dies_is_an_error_of_the_service(
    dask: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    dask.answers["/simple/late/"] = (503, "text/plain", b"")
    with pytest.raises(EnvironmentServiceError, match="The index could not be asked"):
        get("late")


def test_a_file_that_is_not_what_was_locked_is_never_installed(dask: Index, home: Path) -> None:
    dask.add("swapped", "1.0", files={"swapped.py": "good = True\n"})
    name = "swapped-1.0-py3-none-any.whl"
    dask.files[name] = dask.files[name].replace(b"good", b"evil")
    with pytest.raises(EnvironmentServiceError, match="cannot be built"):
        get("swapped")
    assert left_in(home / "environments") == left_in(home / "building") == []


def test_an_environment_that_does_not_work_is_a_verdict_that_is_remembered(
    dask: Index, home: Path
) -> None:
    dask.add(
        "broken", "1.0", files={"dask/broken.py": "", "broken.pth": "import broken_at_start\n"}
    )
    dask.add("dask", "2025.4.0", files={"dask/__init__.py": "raise OSError('no such thing')\n"})
    dask.add("distributed", "2025.4.0", files={"distributed/__init__.py": "import dask\n"})
    broken = EnvironmentSpec(dask="2025.4.0", python=HERE)
    for _ in range(2):
        notes: list[str] = []
        with pytest.raises(EnvironmentRefused, match="OSError: no such thing") as caught:
            obtain(
                broken,
                emit=lambda event, notes=notes: notes.append(event.note),  # type: ignore[misc]
                cancelled=lambda: False,
            )
        assert caught.value.verdict == Verdict.BAD_ENVIRONMENT
        assert "Traceback" in caught.value.detail
    assert notes == []
    assert left_in(home / "environments") == left_in(home / "building") == []


def test_a_canary_that_does_not_end_is_ended(dask: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canary, "SECONDS", 1.0)
    dask.add("endless", "1.0", files={"endless.pth": "import time; time.sleep(60)\n"})
    with pytest.raises(EnvironmentRefused, match="the timeout limit ended it") as caught:
        get("endless")
    assert caught.value.verdict == Verdict.BAD_ENVIRONMENT


def test_a_compilation_that_does_not_end_is_an_error_of_the_service(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(byte_code, "SECONDS", 0.0)
    with pytest.raises(
        EnvironmentServiceError, match="cannot be built: the timeout limit ended it"
    ):
        get("dask")


EVIL = """
import contextlib, pathlib, urllib.request

print("evil was here")
for place in ("/build", "/downloads", "/env", "/python", "/tools"):
    with contextlib.suppress(OSError):
        (pathlib.Path(place) / "evil-mark").touch()
with contextlib.suppress(OSError):
    urllib.request.urlopen("ADDRESS", timeout=2)
"""


def test_code_of_an_environment_never_runs_where_the_network_is(dask: Index, home: Path) -> None:
    hostile = EVIL.replace("ADDRESS", f"{dask.url}/evil")
    dask.add("evil", "1.0", files={"evil.pth": "import evil\n", "evil.py": hostile})
    with get("evil") as environment:
        outcome = started(environment, "print('script')")
    # It does run, which proves the rest: in the sandbox of a script, where it can do nothing.
    assert outcome.stdout == b"evil was here\nscript\n"
    assert "/evil" not in dask.asked
    assert list(home.rglob("evil-mark")) == []


def test_a_cancelled_build_leaves_nothing(home: Path) -> None:
    notes: list[str] = []
    with pytest.raises(Cancellation):
        get(
            "dask",
            emit=lambda event: notes.append(event.note),
            cancelled=lambda: "compiling" in notes,
        )
    assert left_in(home / "building") == left_in(home / "environments") == []


def test_who_cancels_while_something_runs_does_not_wait_for_it(dask: Index, home: Path) -> None:
    dask.add("endless", "1.0", files={"endless.pth": "import time; time.sleep(60)\n"})
    notes: list[str] = []
    asked = iter(range(1000))
    with pytest.raises(Cancellation):
        get(
            "endless",
            emit=lambda event: notes.append(event.note),
            cancelled=lambda: "checking" in notes and next(asked) > 0,
        )
    assert left_in(home / "building") == left_in(home / "environments") == []


BUILDER = """
import os, signal, sys
from reproducers.engine.environments import obtain
from reproducers.engine.job import EnvironmentSpec

def emit(event):
    if event.note == "checking":
        os.kill(os.getpid(), signal.SIGKILL)

obtain(EnvironmentSpec(dask="2025.3.0", python=sys.argv[1]), emit=emit, cancelled=lambda: False)
"""


def test_a_killed_build_leaves_nothing_that_is_used_and_the_next_cleans_up(home: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", BUILDER, HERE], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert left_in(home / "environments") == []
    assert len(left_in(home / "building")) == 1
    with get() as environment:
        assert started(environment, "import dask").exit_status == 0
    assert left_in(home / "building") == []


def test_without_isolation_the_environment_lies_where_it_lies(home: Path) -> None:
    with get("dask", isolation="none") as environment:
        assert environment.mounts == ()
        assert environment.python == str(environment.folder / "bin" / "python")
        shown = subprocess.run(
            [environment.python, "-c", "import dask, sys; print(sys.prefix)"],
            capture_output=True,
            text=True,
            check=True,
            env=dict(environment.variables),
        )
    assert shown.stdout == f"{environment.folder}\n"
