"""Stands in for `reproducers.engine.executors.child`: obeys the words of a Job's script.

Standard library only; it is started as the real one is, with the Job on its standard input.
"""

import json
import os
import signal
import sys
import time
from typing import Any


def say(**message: Any) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def report(verdict: str, reason: str = "It ran.") -> None:
    say(report={"schema": 1, "verdict": verdict, "reason": reason})


def event(phase: str) -> None:
    """The note says which process this is, so that a test can see whether it is gone."""
    note = str(os.getpid())
    say(event={"phase": phase, "done": 1, "total": 2, "at": time.time(), "note": note})


def obey(word: str, *rest: str) -> None:
    if word == "report":
        event("script")
        say(file={"name": "output.txt", "content": "aGVsbG8="})
        report(rest[0])
    elif word == "sleep":
        event("script")
        sys.stdin.readline()
        say(cancelled=True)
    elif word == "stubborn":
        event("script")
        time.sleep(600)
    elif word == "late":
        event("script")
        sys.stdin.readline()
        report("clean")
    elif word == "nap":
        event("script")
        time.sleep(float(rest[0]))
        report("clean")
    elif word == "chatter":
        until = time.monotonic() + float(rest[0])
        while time.monotonic() < until:
            event("script")
        report("clean")
    elif word == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    elif word == "refuse":
        say(
            refusal={
                "code": rest[0],
                "message": "It cannot be had.",
                "remedy": "Ask again.",
                "retryable": rest[1] == "later",
            }
        )
    elif word == "surroundings":
        report("clean", reason=json.dumps(sorted(os.environ)))


obey(*json.loads(sys.stdin.readline())["script"].split())
