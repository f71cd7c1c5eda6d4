"""What the script's process wrote down is read with bounds, and is nothing where it is odd."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reproducers.engine.tracebacks import (
    Captured,
    Frame,
    Raised,
    main_frames,
    read_exception,
    read_stacks,
)
from tests.engine.observed import PACKAGES, SCRIPT, frame

FATAL = f"""\
before it
Fatal Python error: Segmentation fault

Thread 0x00007f77c08576c0 (most recent call first):
  File "/python/lib/python3.11/threading.py", line 327 in wait
  <no Python frame>

Current thread 0x00007f77c1058740 (most recent call first):
  File "{PACKAGES}/pyarrow/parquet/core.py", line 1245 in read
  File "{SCRIPT}", line 7 in <module>

Extension modules: numpy (total: 1)
Thread 0x00007f77c0000000 [main] (most recent call first):
  File "/python/lib/python3.11/selectors.py", line 468 in select
"""
TIMED_OUT = f"""\
Timeout (0:00:02)!
Thread 0x00007f77c08576c0 (most recent call first):
  File "/python/lib/python3.11/selectors.py", line 468 in select

Thread 0x00007f77c1058740 (most recent call first):
  File "{PACKAGES}/distributed/utils.py", line 416 in sync
  File "{SCRIPT}", line 7 in <module>
"""


def written(**facts: Any) -> bytes:
    return json.dumps(facts).encode()


def test_an_exception_is_read_with_its_chain() -> None:
    content = written(
        schema=1,
        chain=[
            {
                "type": "KeyError",
                "module": "builtins",
                "message": "'x'",
                "frames": [
                    {"file": SCRIPT, "line": 3, "function": "main"},
                    {"file": f"{PACKAGES}/dask/base.py", "line": 5, "function": "compute"},
                ],
            },
            {"type": "Cancelled", "module": "distributed.client", "message": "", "frames": []},
        ],
        traceback="Traceback",
    )
    read = read_exception(content, script=SCRIPT)
    assert read == Captured(
        chain=(
            Raised(
                type="KeyError",
                module="builtins",
                message="'x'",
                frames=(
                    Frame(file=SCRIPT, line=3, function="main", is_script=True),
                    Frame(file=f"{PACKAGES}/dask/base.py", line=5, function="compute"),
                ),
            ),
            Raised(type="Cancelled", module="distributed.client", message=""),
        ),
        traceback="Traceback",
    )
    assert [raised.is_distributed for raised in read.chain] == [False, True]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[1]",
        b"[" * 100_000,
        written(chain=[]),
        written(chain=["KeyError"]),
        written(chain=[{"message": "no type"}]),
        written(chain="KeyError"),
        b" " * 1024**2 + b"{}",
    ],
)
def test_what_is_no_exception_is_none(content: bytes) -> None:
    assert read_exception(content, script=SCRIPT) is None


def test_what_is_too_much_of_an_exception_is_cut() -> None:
    frames = [{"file": "f" * 999, "line": -1, "function": 3}] * 200
    link = {"type": "t" * 999, "module": None, "message": "m" * 9999, "frames": frames}
    read = read_exception(written(chain=[link] * 3), script=SCRIPT)
    assert read is not None
    assert (len(read.last.type), len(read.last.message), len(read.last.frames)) == (200, 8000, 100)
    assert read.last.frames[0] == Frame(file="f" * 300, line=0, function="")


@pytest.mark.parametrize(
    ("place", "library", "package"),
    [
        ("dask/array/core.py:f", "dask/array/core.py", "dask"),
        ("six.py:f", "six.py", "six"),
        ("/usr/lib/python3/dist-packages/yaml/x.py:f", "yaml/x.py", "yaml"),
        ("/python/lib/python3.11/json/decoder.py:f", None, None),
        ("<frozen importlib._bootstrap>:f", None, None),
        ("script:main", None, None),
    ],
)
def test_a_frame_knows_its_library(place: str, library: str | None, package: str | None) -> None:
    assert (frame(place).library, frame(place).package) == (library, package)


def test_a_death_is_told_by_the_thread_that_was_at_work() -> None:
    found = main_frames(read_stacks(FATAL, script=SCRIPT))
    assert [(one.line, one.function, one.is_script) for one in found] == [
        (7, "<module>", True),
        (1245, "read", False),
    ]


def test_a_run_without_end_is_told_by_its_main_thread() -> None:
    found = main_frames(read_stacks(TIMED_OUT, script=SCRIPT))
    assert [one.function for one in found] == ["<module>", "sync"]


def test_without_stacks_nobody_stands_anywhere() -> None:
    assert main_frames(read_stacks("Segmentation fault", script=SCRIPT)) == ()


@given(st.text())
def test_any_text_can_be_read_for_stacks(dump: str) -> None:
    assert main_frames(read_stacks(dump, script=SCRIPT)) == ()
