"""What a host offers is found by trying it, out of reach of our secrets."""

import dataclasses
import json
import os
import shutil
import sys

import pytest

from reproducers.engine.errors import IsolationError
from reproducers.engine.executors.offer import Offer, ask_offer, find_offer, told


def answering(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", f"import json, os; {code}")


def test_a_child_says_what_it_found() -> None:
    command = answering("print(json.dumps({'isolation': 'bubblewrap', 'limits': 'weak'}))")

    found = ask_offer(environ=os.environ, command=command)

    assert found == Offer(isolation="bubblewrap", limits="weak")


def test_a_child_that_has_no_sandbox_says_why() -> None:
    command = answering("print(json.dumps({'message': 'None starts.', 'remedy': 'Mount.'}))")

    with pytest.raises(IsolationError, match="None starts") as refusal:
        ask_offer(environ=os.environ, command=command)

    assert refusal.value.remedy == "Mount."


def test_a_child_that_goes_down_has_no_sandbox() -> None:
    with pytest.raises(IsolationError, match="could not be tried"):
        ask_offer(environ=os.environ, command=answering("os.kill(os.getpid(), 9)"))


def test_a_child_knows_no_secret() -> None:
    told = "print(json.dumps({'isolation': ' '.join(os.environ), 'limits': ''}))"

    found = ask_offer(environ={"SECRET_KEY": "s", "PATH": "/bin"}, command=answering(told))

    assert "SECRET_KEY" not in found.isolation


def test_where_no_sandbox_starts_the_answer_is_the_remedy() -> None:
    def find() -> Offer:
        raise IsolationError("None starts.", remedy="Mount.")

    assert json.loads(told(find)) == {"message": "None starts.", "remedy": "Mount."}


@pytest.mark.sandbox
def test_this_machine_starts_a_sandbox() -> None:
    found = find_offer()

    assert found.isolation == "bubblewrap"
    assert found.limits in {"cgroup-v2", "cgroup-v1", "weak"}
    assert json.loads(told()) == dataclasses.asdict(found)
    assert ask_offer(environ=os.environ) == found


@pytest.mark.sandbox
@pytest.mark.skipif(shutil.which("runsc") is None, reason="gVisor is not installed")
def test_this_machine_starts_the_sandbox_that_is_asked_for() -> None:
    found = ask_offer("gvisor", environ=os.environ)
    assert (found.isolation, found.gpus) == ("gvisor", 0)


@pytest.mark.sandbox
def test_a_sandbox_that_ends_at_once_is_none() -> None:
    with pytest.raises(IsolationError, match="ended at once: no luck"):
        find_offer(code="raise SystemExit('no luck')")
