"""The observer tells where threads stand and what they wait for, and writes no more than it may."""

import asyncio
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reproducers.engine.inside import cluster_observer
from reproducers.engine.inside.cluster_observer import Watcher, append


@contextmanager
def running(action: Callable[[], Any]) -> Iterator[None]:
    """A thread of the name `busy` that does it, until the block ends."""
    thread = threading.Thread(target=action, name="busy", daemon=True)
    thread.start()
    yield


def look(folder: Path, thread: str = "busy", times: int = 8) -> dict[str, Any]:
    """What is known of a thread after some looks, a tenth of a second apart."""
    watcher = Watcher(str(folder), "/work/script.py")
    for _ in range(times):
        time.sleep(0.1)
        watcher._keep_process(0.1)
    facts = json.loads((folder / f"process-{os.getpid()}.json").read_text())
    found: dict[str, Any] = next(one for one in facts["threads"] if one["name"] == thread)
    return found


def test_a_thread_that_waits_for_another_is_told_from_one_that_sleeps(tmp_path: Path) -> None:
    never, end = threading.Event(), threading.Event()
    with running(never.wait):
        waits = look(tmp_path)
        never.set()
    with running(lambda: time.sleep(3)):
        sleeps = look(tmp_path)
    with running(lambda: end.wait(3)):
        waits_a_while = look(tmp_path)
        end.set()
    assert [one["wait"] for one in (waits, sleeps, waits_a_while)] == ["untimed", "timed", "timed"]
    assert min(one["asleep"] for one in (waits, sleeps, waits_a_while)) >= 0.4


def test_a_thread_at_work_is_neither_still_nor_asleep(tmp_path: Path) -> None:
    end = threading.Event()

    def count() -> None:
        while not end.is_set():
            pass

    with running(count):
        works = look(tmp_path)
        end.set()
    assert works["asleep"] <= 0.3
    assert works["cpu"] > 0


def test_a_thread_that_looks_now_and_then_is_still_but_not_asleep(tmp_path: Path) -> None:
    end = threading.Event()

    def poll() -> None:
        while not end.wait(0.05):
            pass

    with running(poll):
        polls = look(tmp_path)
        end.set()
    assert polls["asleep"] <= 0.3


def test_what_a_script_awaits_is_part_of_where_it_stands() -> None:
    async def inner() -> list[tuple[str, int, str]]:
        await asyncio.sleep(0)
        return cluster_observer.awaited_by(asyncio.get_running_loop(), __file__)

    async def outer() -> list[tuple[str, int, str]]:
        waiting = asyncio.create_task(asyncio.Event().wait())
        found = await asyncio.wait_for(inner(), 5)
        waiting.cancel()
        return found

    assert "outer" in [function for _, _, function in asyncio.run(outer())]


def test_lines_of_a_long_run_are_thinned_out_and_bounded(tmp_path: Path) -> None:
    path = tmp_path / "observer-x"
    for number in range(30_000):
        append(str(path), json.dumps({"number": number, "filling": "x" * 80}))
    files = [Path(f"{path}-before.jsonl"), Path(f"{path}.jsonl")]
    assert sum(file.stat().st_size for file in files) < 4 * cluster_observer.FILE_BYTES
    numbers = [
        json.loads(line)["number"] for file in files for line in file.read_text().splitlines()
    ]
    assert numbers == sorted(numbers)
    assert (numbers[0] < 1000, numbers[-1]) == (True, 29_999)
    assert any(10_000 < number < 11_000 for number in numbers)


def test_a_process_that_is_gone_is_known_to_be(tmp_path: Path) -> None:
    for pid in (os.getpid(), 4_000_000):
        (tmp_path / f"observer-worker-{pid}-7f.jsonl").touch()
    found = {one["pid"]: one["state"] for one in cluster_observer.Lives(str(tmp_path)).look(1.0)}
    assert found[4_000_000] == "gone"
    assert found[os.getpid()] in "RS"


def test_nothing_is_watched_where_there_is_no_folder_for_it(tmp_path: Path) -> None:
    os.environ.pop("REPRO_OBSERVER_FOLDER", None)
    cluster_observer.dask_setup(object())
    assert list(tmp_path.iterdir()) == []


def test_a_nannys_worker_is_written_down_before_the_nanny_acts(tmp_path: Path) -> None:
    class Nanny:
        status = "running"
        process = None
        worker_address = "tcp://w"

        def __init__(self) -> None:
            self.seen: list[int] = []

        def _on_worker_exit_sync(self, exitcode: int) -> None:
            self.seen.append(exitcode)

    nanny = Nanny()
    cluster_observer.keep_deaths(nanny, str(tmp_path))
    nanny._on_worker_exit_sync(-11)
    (written,) = tmp_path.iterdir()
    facts = json.loads(written.read_text())
    assert (nanny.seen, facts["exitcode"], facts["expected"]) == ([-11], -11, False)
