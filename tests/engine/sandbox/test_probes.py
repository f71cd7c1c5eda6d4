"""What the doctor says of the sandbox, where it holds and where it does not."""

import dataclasses
import json
from collections.abc import Iterator

import pytest

from reproducers.engine.checks import Check
from reproducers.engine.errors import IsolationError
from reproducers.engine.sandbox import bubblewrap, probes, seccomp
from reproducers.engine.sandbox.policy import SandboxOutcome, SandboxSpec, Tick
from reproducers.engine.sandbox.probes import bounded, examine, limits, refusals, started

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
)
NAMES = [
    *("bubblewrap", "libseccomp", "sandbox", "system-calls", "vsock", "namespaces"),
    *("kernel-settings", "host-files", "host-programs", "network"),
    *("limits", "memory-limit", "process-limit"),
]


@pytest.mark.sandbox
def test_on_this_machine_everything_is_tried_and_holds() -> None:
    checks = list(examine())
    assert [check.name for check in checks] == NAMES
    assert [check for check in checks if not check.ok] == []


def test_without_bubblewrap_the_rest_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = IsolationError("bubblewrap is not installed.", remedy=bubblewrap.REMEDY)

    def refuse(spec: SandboxSpec, tick: Tick) -> SandboxOutcome:
        raise missing

    def no_program() -> str:
        raise missing

    monkeypatch.setattr(probes, "run", refuse)
    monkeypatch.setattr(bubblewrap, "program", no_program)
    checks = list(examine())
    assert [check.name for check in checks] == NAMES
    assert checks[0] == checks_of("bubblewrap", missing)
    assert checks[2] == checks_of("sandbox", missing)
    assert {check.found for check in checks[3:]} == {probes.NOT_TRIED}
    assert not any(check.ok for check in checks[2:])


def checks_of(name: str, error: IsolationError) -> Check:
    return Check(name=name, ok=False, found=error.message, remedy=error.remedy)


def test_without_libseccomp_there_is_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = IsolationError("no library", remedy="install it")

    def refuse() -> bytes:
        raise missing

    monkeypatch.setattr(seccomp, "compiled", refuse)
    assert probes.filter_of_calls() == checks_of("libseccomp", missing)


def test_a_sandbox_that_ends_at_once_is_none() -> None:
    check = started(dataclasses.replace(ENDED, exit_status=1, stderr=b"why\n"))
    assert (check.ok, check.found) == (False, "it ended at once: why")
    assert started(ENDED).ok


@pytest.fixture
def refused() -> dict[str, str]:
    return dict.fromkeys((check.name for check in refusals(b"{}")), "Operation not permitted")


def test_what_was_refused_holds(refused: dict[str, str]) -> None:
    assert all(check.ok for check in refusals(json.dumps(refused).encode()))


def test_what_was_allowed_does_not_hold(refused: dict[str, str]) -> None:
    said = json.dumps(refused | {"network": "allowed"}).encode()
    assert names_that_fail(refusals(said)) == ["network"]


@pytest.mark.parametrize("said", [b"", b"no JSON", b"[]", b"\xff", b"{}"])
def test_no_answer_holds_nothing(said: bytes) -> None:
    checks = list(refusals(said))
    assert {check.found for check in checks} == {"no answer"}
    assert not any(check.ok for check in checks)


def names_that_fail(checks: Iterator[Check]) -> list[str]:
    return [check.name for check in checks if not check.ok]


def test_limits_that_are_only_looked_at_are_a_lack_with_a_remedy() -> None:
    weak = limits(dataclasses.replace(ENDED, limits="weak"))
    assert (weak.ok, weak.found, weak.remedy) == (False, "weak", probes.LIMITS)
    assert limits(ENDED).ok


def test_who_took_too_much_and_went_on_was_not_bounded() -> None:
    assert not bounded("memory-limit", ENDED).ok
    stopped = dataclasses.replace(ENDED, exit_status=None, limit="memory")
    assert bounded("memory-limit", stopped) == Check(
        name="memory-limit", ok=True, found="enforced by cgroup-v1"
    )
