"""What the doctor says of the sandbox, where it holds and where it does not."""

import dataclasses
import os
import shutil
from pathlib import Path

import pytest

from reproducers.engine.errors import IsolationError
from reproducers.engine.protections import Protection
from reproducers.engine.sandbox import bubblewrap, probes, remains, seccomp
from reproducers.engine.sandbox.policy import SandboxOutcome, SandboxSpec, Tick
from reproducers.engine.sandbox.probes import Trial, bounded, examine, inside
from reproducers.engine.sandbox.properties import PROPERTIES, REPORT, Enclosure

LAST = [*probes.ENDINGS, "user", "left-behind"]
has_gvisor = pytest.mark.skipif(shutil.which("runsc") is None, reason="gVisor is not installed")
ENDED = SandboxOutcome(
    exit_status=0,
    signal=None,
    limit=None,
    seconds=0.1,
    peak_memory_bytes=1,
    memory_kills=0,
    limits="cgroup-v1",
    stdout=b"",
    stderr=b"",
    refused_files=2,
)


def names(isolation: Enclosure) -> list[str]:
    first: list[str] = [isolation]
    if isolation == "bubblewrap":
        first.append("bubblewrap/filter")
    inner = ("starts", *PROPERTIES[isolation], *LAST)
    return [*first, *(f"{isolation}/{name}" for name in inner)]


@pytest.mark.sandbox
@pytest.mark.soak
@pytest.mark.parametrize("isolation", ["bubblewrap", pytest.param("gvisor", marks=has_gvisor)])
def test_on_this_machine_everything_is_tried_and_holds(isolation: Enclosure) -> None:
    said: list[str] = []
    checks = list(examine(isolation, tell=said.append))
    assert [check for check in checks if not check.ok] == []
    assert [check.name for check in checks] == names(isolation)
    assert said[0] == isolation
    assert f"{isolation}/memory-limit" in said


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("protection", "lacking"),
    [
        (Protection.NETWORK, "network"),
        (Protection.KERNEL_CALLS, "system-calls"),
        (Protection.OUTPUT_SIZE, "output"),
        (Protection.MEMORY, "memory-limit"),
        (Protection.FIRST_PROCESS, "first-process"),
    ],
)
def test_a_protection_that_is_left_out_is_seen(protection: Protection, lacking: str) -> None:
    check_it_is_seen(protection, lacking)


@pytest.mark.sandbox
@pytest.mark.soak
@pytest.mark.parametrize(
    ("protection", "lacking"),
    [
        (Protection.TRACING, "system-calls"),
        (Protection.WATCHING, "system-calls"),
        (Protection.TERMINALS, "system-calls"),
        (Protection.PRIVILEGED_FILES, "system-calls"),
        (Protection.NAMESPACES, "namespaces"),
        (Protection.SOCKETS, "sockets"),
        (Protection.CAPABILITIES, "privileges"),
        (Protection.SLOT_USER, "user"),
        (Protection.OWN_PROCESSES, "processes"),
        (Protection.OWN_IPC, "processes"),
        (Protection.HOST_NAME, "processes"),
        (Protection.CGROUP_NAMES, "processes"),
        (Protection.HOST_FILES, "host-files"),
        (Protection.KERNEL_FILES, "kernel-files"),
        (Protection.READ_ONLY, "read-only"),
        (Protection.ENVIRONMENT, "secrets"),
        (Protection.DESCRIPTORS, "secrets"),
        (Protection.OUTPUT_LINKS, "output"),
        (Protection.WALL_CLOCK, "wall-clock"),
        (Protection.PROCESSES, "process-limit"),
        (Protection.FILE_SIZE, "sizes"),
        (Protection.OPEN_FILES, "sizes"),
        (Protection.CORE_DUMPS, "sizes"),
        (Protection.TEMPORARY_SIZE, "sizes"),
    ],
)
def test_each_protection_that_is_left_out_is_seen(protection: Protection, lacking: str) -> None:
    check_it_is_seen(protection, lacking)


def check_it_is_seen(protection: Protection, lacking: str) -> None:
    trial = Trial("bubblewrap", without=(protection,))
    if lacking in probes.ENDINGS:
        check = probes.ENDINGS[lacking](trial)
    elif lacking == "user":
        probes.ENDINGS["wall-clock"](trial)
        check = probes.user(trial)
    else:
        with probes.something_of_the_host() as facts:
            _, checks = probes.look(trial, facts)
        check = next(one for one in checks if one.name == f"bubblewrap/{lacking}")
    assert (check.ok, check.remedy) == (False, REPORT)


def refuse(spec: SandboxSpec, tick: Tick) -> SandboxOutcome:
    raise IsolationError("nothing starts", remedy="install it")


@pytest.mark.parametrize("isolation", ["bubblewrap", "gvisor"])
def test_where_no_sandbox_starts_the_rest_is_not_tried(
    isolation: Enclosure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probes, "run", refuse)
    checks = {check.name: check for check in examine(isolation)}
    assert list(checks) == names(isolation)
    starts = checks[f"{isolation}/starts"]
    assert (starts.ok, starts.found, starts.remedy) == (False, "nothing starts", "install it")
    rest = [check for check in checks.values() if check.found == probes.NOT_TRIED]
    assert len(rest) == len(PROPERTIES[isolation]) + len(LAST)
    assert not any(check.ok or not check.remedy for check in rest)


def test_a_machine_without_bubblewrap_is_told_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing() -> str:
        raise IsolationError("bubblewrap is not installed.", remedy=bubblewrap.REMEDY)

    monkeypatch.setattr(bubblewrap, "program", missing)
    checks = {check.name: check for check in examine("bubblewrap")}
    assert checks["bubblewrap"].remedy == bubblewrap.REMEDY
    assert checks["bubblewrap/starts"].remedy == bubblewrap.REMEDY
    assert not checks["bubblewrap/network"].ok


def test_without_libseccomp_there_is_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(without: object = ()) -> bytes:
        raise IsolationError("no library", remedy="install it")

    monkeypatch.setattr(seccomp, "compiled", missing)
    checks = {check.name: check for check in examine("bubblewrap")}
    assert checks["bubblewrap/filter"].found == "no library"
    assert not checks["bubblewrap/starts"].ok


def test_a_sandbox_that_ends_at_once_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = dataclasses.replace(ENDED, exit_status=1, stderr=b"why\n")
    monkeypatch.setattr(probes, "run", lambda spec, tick: ended)
    checks = {check.name: check for check in examine("bubblewrap")}
    starts = checks["bubblewrap/starts"]
    assert (starts.ok, starts.found) == (False, "it ended: why")
    assert checks["bubblewrap/network"].found == "no answer"
    assert checks["bubblewrap/wall-clock"].found == "not kept"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives sandboxes users of their own")
@pytest.mark.parametrize("users", [set(), {0}, {0, 1_900_000_000}])
def test_who_ran_as_nobody_of_a_slot_is_no_user_of_its_own(users: set[int]) -> None:
    check = probes.user(Trial("bubblewrap", users=users))
    assert (check.ok, check.remedy) == (False, REPORT)


@pytest.mark.parametrize(("users", "ok"), [({1234}, True), (set(), False)])
def test_an_ordinary_users_sandbox_is_their_own_and_the_doctor_says_so(
    users: set[int], ok: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1234)
    check = probes.user(Trial("bubblewrap", users=users))
    assert check.ok is ok
    assert check.found == "your own user 1234, as you are not root"


def test_a_gvisor_whose_calls_nobody_filters_is_a_lack() -> None:
    check = probes.user(Trial("gvisor", users={1_900_000_000}))
    assert (check.ok, check.remedy) == (False, REPORT)


def test_who_took_too_much_and_went_on_was_not_bounded() -> None:
    assert not bounded("memory-limit", ENDED, is_ok=False).ok
    assert bounded("memory-limit", ENDED, is_ok=True).found == "kept by cgroup-v1, after 0.1 s"


def test_what_is_left_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remains, "left", lambda users, word: iter(["process 7"]))
    check = probes.left_behind(Trial("bubblewrap"), "other mounts", word="x")
    assert (check.ok, check.found) == (False, "still there: process 7, a mount")


@pytest.mark.sandbox
def test_code_is_run_in_a_small_sandbox() -> None:
    assert inside("print(6 * 7)").stdout == b"42\n"


def test_a_process_that_is_gone_has_no_user() -> None:
    assert probes.facts_of(2**22 + 1) == (None, "")


@pytest.mark.sandbox
def test_a_machine_on_which_only_one_folder_is_writable_is_tried_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: path != "/var/tmp")
    with probes.something_of_the_host() as facts:
        assert len(facts["paths"]) == 1
