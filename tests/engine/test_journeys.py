"""Whole runs in the real sandbox, with real releases: the oldest, the newest, and bad scripts."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from reproducers.cli import repro
from reproducers.engine.commands.frame import carry_out
from reproducers.engine.job import EnvironmentSpec, ExpectedSymptom, Job, RunPolicy
from reproducers.engine.report import Report
from reproducers.engine.run import run_job
from reproducers.engine.verdicts import Symptom, Verdict
from tests.engine.builds import build

pytestmark = [pytest.mark.sandbox, pytest.mark.cluster, pytest.mark.index]

OLD, NEW = "2022.12.1", "2026.8.0"
BUG = Path(__file__).parent / "bugs" / "asarray_dtype.py"

THREE_WAYS = """
import dask.array as da
from dask.distributed import Client, LocalCluster

def total():
    return int(da.ones(100, chunks=10).sum().compute())

def main():
    print("alone", total())
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        with Client(cluster) as client:
            print("own cluster", total(), len(client.scheduler_info()["workers"]))
    with Client(processes=False, n_workers=1, dashboard_address=None) as client:
        print("own threads", total(), len(client.scheduler_info()["workers"]))
    with Client() as client:
        workers = client.scheduler_info()["workers"].values()
        print("private", total(), len(workers), {worker["nthreads"] for worker in workers})
        print("limit", {worker["memory_limit"] for worker in workers})

if __name__ == "__main__":
    main()
"""
ON_DEMAND = """
import importlib
client = getattr(importlib.import_module("distributed"), "Cli" + "ent")()  # no Client in sight
print(len(client.scheduler_info()["workers"]))
"""
WAITS = """
from dask.distributed import Client
client = Client()
print(client.submit(int, 5, resources={"unobtainium": 1}).result())
"""


def environment(dask: str = NEW) -> EnvironmentSpec:
    spec = EnvironmentSpec(requirements=("dask[complete]",), dask=dask, python="3.11")
    build(spec)
    return spec


def run(script: str, *, dask: str = NEW, expected: Any = None, **policy: Any) -> Report:
    job = Job(
        script=script,
        environment=environment(dask),
        policy=RunPolicy(**{"timeout_seconds": 60.0, **policy}),
        expected=expected or ExpectedSymptom(),
    )
    return run_job(job, emit=lambda event: None, cancelled=lambda: False)


@pytest.mark.parametrize("dask", [OLD, NEW])
def test_a_script_may_use_dask_in_every_way(dask: str) -> None:
    report = run(THREE_WAYS, dask=dask, workers=3, threads=2, memory_bytes=3 * 1024**3)
    assert report.verdict is Verdict.CLEAN, report.output
    assert report.output.splitlines() == [
        "alone 100",
        "own cluster 100 1",
        "own threads 100 1",
        "private 100 3 {2}",
        "limit {858993459}",
    ]


def test_a_client_that_the_source_does_not_show_gets_the_private_cluster_too() -> None:
    assert run(ON_DEMAND).output.splitlines()[:1] == ["2"]


@pytest.mark.parametrize("dask", [OLD, NEW])
def test_tasks_that_no_worker_may_run_are_a_hang_with_its_kind(dask: str) -> None:
    report = run(WAITS, dask=dask, timeout_seconds=20.0, hang_floor_seconds=3.0)
    assert (report.verdict, report.symptom, report.kind, report.owner) == (
        Verdict.REPRODUCED,
        Symptom.HANG,
        "unrunnable",
        "dask/distributed",
    )


def test_a_script_that_sleeps_for_ever_is_stopped() -> None:
    report = run("import time\ntime.sleep(10**6)", timeout_seconds=2.0)
    assert (report.verdict, report.symptom) == (Verdict.LIMIT, None)
    assert 2.0 <= report.tries[0].seconds < 4.0


def test_a_script_that_eats_memory_is_stopped_and_says_so() -> None:
    script = "hoard = []\nwhile True:\n    hoard.append(bytearray(10**7))"
    report = run(script, memory_bytes=256 * 1024**2, largest_memory_bytes=512 * 1024**2)
    assert report.verdict is Verdict.LIMIT
    assert report.reason.startswith("It used more than the 512 MiB of memory it may use")
    assert any("so it was run again with 512 MiB" in note for note in report.notes)


def test_memory_as_a_stated_symptom_is_reproduced_at_the_limit() -> None:
    script = "hoard = []\nwhile True:\n    hoard.append(bytearray(10**7))"
    expected = ExpectedSymptom(kind=Symptom.MEMORY)
    report = run(script, expected=expected, memory_bytes=256 * 1024**2)
    assert (report.verdict, report.symptom) == (Verdict.REPRODUCED, Symptom.MEMORY)


def test_a_crash_is_told_by_its_signal_and_its_stack() -> None:
    report = run("import ctypes\ndef f():\n    ctypes.string_at(0)\nf()")
    assert (report.verdict, report.symptom, report.kind, report.owner) == (
        Verdict.REPRODUCED,
        Symptom.CRASH,
        "SIGSEGV",
        "script",
    )


def test_no_signal_of_the_script_ends_the_first_process() -> None:
    script = """
import os, signal
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL, signal.SIGHUP):
    os.kill(1, number)
try:
    print("its memory", open("/proc/1/mem", "rb"))
except OSError as error:
    print(error.strerror)
"""
    report = run(script)
    assert (report.verdict, report.output) == (Verdict.CLEAN, "Permission denied")


def test_no_path_of_this_machine_shows_in_a_traceback() -> None:
    report = run("import dask.array as da\nda.ones(3).reshape(2)")
    assert report.exception is not None
    files = [line for line in report.exception.traceback.splitlines() if "File" in line]
    assert all('"/work/script.py"' in line or '"/env/' in line for line in files)


def test_a_run_in_json_is_one_object_with_what_is_promised(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment(OLD)
    arguments = ["run", str(BUG), "--python", "3.11", "--json", "--fail-on", "reproduced"]
    assert carry_out(repro, [*arguments, "--out", str(tmp_path / "out")]) == 1
    said = json.loads(capsys.readouterr().out)
    promised = {
        "schema", "verdict", "symptom", "kind", "exception", "fingerprint", "owner", "owner_from",
        "hits", "runs", "rate", "label", "environment", "isolation", "limits", "tries", "seconds",
        "artifacts",
    }  # fmt: skip
    assert promised <= said.keys()
    assert (said["verdict"], said["environment"]["dask"], said["isolation"]) == (
        "reproduced",
        OLD,
        "bubblewrap",
    )
    assert {"type", "message"} <= said["exception"].keys()
    kept = {path.name: path.stat().st_size for path in (tmp_path / "out").iterdir()}
    kept.pop("report.json")
    assert {one["name"]: one["bytes"] for one in said["artifacts"]} == kept


def test_a_run_for_people_says_the_verdict_first(capsys: pytest.CaptureFixture[str]) -> None:
    environment(NEW)
    arguments = ["run", str(BUG), "--python", "3.11", "--dask", NEW, "--fail-on", "reproduced"]
    assert carry_out(repro, arguments) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[0] == f"\u25cb Clean on Dask {NEW}."
    assert said.err.splitlines()[-3:] == ["start", "script", "collect"]


def test_a_release_that_does_not_exist_is_a_clear_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    environment(NEW)
    # 2023.13.0 was never listed: asking the index again is out of reach of this process.
    done = subprocess.run(
        [sys.executable, "-m", "reproducers.cli", "run", str(BUG), "--dask", "2023.13.0", "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["code"]) == (2, "unknown-release")
    assert error["message"] == "There is no Dask 2023.13.0."
    assert "2023.12.1" in error["remedy"]


def test_ctrl_c_ends_a_run_within_two_seconds_and_leaves_nothing(tmp_path: Path) -> None:
    environment(NEW)
    script = tmp_path / "sleeper.py"
    script.write_text("import time\ntime.sleep(987654)")
    with subprocess.Popen(
        [sys.executable, "-m", "reproducers.cli", "run", str(script), "--dask", NEW, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        while process.stderr.readline() != "script\n":
            assert process.poll() is None
        began_at = time.monotonic()
        os.kill(process.pid, signal.SIGINT)
        said = json.loads(process.communicate(timeout=10)[0])
    assert time.monotonic() - began_at < 3
    assert (process.returncode, said["error"]["code"]) == (130, "interrupted")
    assert not any("sleeper.py" in line for line in command_lines())


def command_lines() -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_text())
        except OSError:
            continue
    return found
