"""The parent's side, against children that behave and children that do not."""

import json
import os
import signal
import sys
import time

import pytest

from reproducers.engine.events import Event
from reproducers.engine.executors.process import (
    Ended,
    Finished,
    JobProcess,
    KeptFile,
    Message,
    Refusal,
    child_environment,
    read_message,
)

TELL = "import json, os, sys, time\nsay = lambda **m: print(json.dumps(m), flush=True)\n"
EVENT = {"phase": "script", "done": 1, "total": 3, "at": 5.0, "note": "n"}


def start(code: str, *, job: str = "{}") -> JobProcess:
    return JobProcess(job, environ=os.environ, command=(sys.executable, "-c", TELL + code))


def heard(process: JobProcess) -> list[Message]:
    """All messages up to the last."""
    messages: list[Message] = []
    while not (messages and isinstance(messages[-1], Ended)):
        message = process.next(seconds=20)
        assert message is not None
        messages.append(message)
    process.close()
    return messages


def test_what_the_child_says_arrives_in_order_with_its_end() -> None:
    process = start(
        "job = json.loads(sys.stdin.readline())\n"
        f"say(event={EVENT})\n"
        "say(file={'name': 'a.txt', 'content': 'aGVsbG8='})\n"
        "say(report={'verdict': job['wanted']})\n",
        job=json.dumps({"wanted": "clean"}),
    )

    assert heard(process) == [
        Event(phase="script", done=1, total=3, at=5.0, note="n"),
        KeptFile(name="a.txt", content=b"hello"),
        Finished(report_json=b'{"verdict": "clean"}'),
        Ended(status=0),
    ]


def test_a_refusal_keeps_its_remedy() -> None:
    facts = {"code": "usage", "message": "No.", "remedy": "Ask.", "retryable": False}

    assert heard(start(f"say(refusal={facts})"))[0] == Refusal(
        code="usage", message="No.", remedy="Ask.", retryable=False
    )


def test_a_cancelled_run_ends_without_a_word_about_the_script() -> None:
    process = start("sys.stdin.readline(); sys.stdin.readline(); say(cancelled=True)")
    assert process.next(seconds=0.2) is None

    process.cancel()

    assert heard(process)[0] == Ended(status=0)


def test_a_child_that_goes_down_says_how() -> None:
    assert heard(start("os.kill(os.getpid(), 9)")) == [Ended(status=-signal.SIGKILL)]


def test_a_child_that_talks_nonsense_is_killed() -> None:
    process = start("print('hello', flush=True); time.sleep(60)")

    assert heard(process) == [Ended(status=-signal.SIGKILL)]


def test_what_is_told_to_a_child_that_is_gone_is_lost_without_harm() -> None:
    process = start("")
    heard(process)

    process.cancel()
    process.kill()

    assert process.close() == 0


def test_a_child_that_does_not_leave_by_itself_is_killed() -> None:
    process = start("say(report={}); time.sleep(600)")
    assert process.next(seconds=20) == Finished(report_json=b"{}")

    assert process.close(seconds=0.1) == -signal.SIGKILL


def test_a_nudge_ends_the_wait_for_a_message() -> None:
    process = start("time.sleep(600)")
    process.nudge()
    began = time.monotonic()

    assert process.next(seconds=60) is None

    assert time.monotonic() - began < 10
    process.kill()
    process.close()


def test_a_child_gets_no_secret_and_no_address_of_ours() -> None:
    ours = {
        "PATH": "/usr/bin",
        "REPRO_HOME": "/cache",
        "DATABASE_URL": "postgres://",
        "REDIS_URL": "redis://",
        "SECRET_KEY": "s",
        "GITHUB_TOKEN": "t",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": "/",
        "LD_PRELOAD": "x",
    }

    assert child_environment(ours) == {"PATH": "/usr/bin", "REPRO_HOME": "/cache"}


NONSENSE = {
    "no JSON": b"hello\n",
    "half a line": b'{"event": {"phase"',
    "no object": b"[1]\n",
    "two words": b'{"report": {}, "event": {}}\n',
    "no word": b"{}\n",
    "an unknown word": b'{"order": {}}\n',
    "an unknown phase": json.dumps({"event": EVENT | {"phase": "party"}}).encode(),
    "no instant": json.dumps({"event": EVENT | {"at": float("inf")}}).encode(),
    "no number": json.dumps({"event": EVENT | {"done": "x"}}).encode(),
    "a fact is missing": b'{"event": {"phase": "script"}}\n',
    "no base64": b'{"file": {"name": "a", "content": "*"}}\n',
    "too deep": b'{"report": ' + b"[" * 200_000,
}


@pytest.mark.parametrize("case", NONSENSE)
def test_nonsense_is_no_message(case: str) -> None:
    assert read_message(NONSENSE[case]) is None
