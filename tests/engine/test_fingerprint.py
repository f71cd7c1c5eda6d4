"""The same problem has the same name in every release, and the name tells nothing of a customer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reproducers.engine.fingerprint import (
    Fingerprint,
    fingerprint,
    normal_message,
    script_fingerprint,
)
from reproducers.engine.frames import place, telling_places
from reproducers.engine.symptoms import Observation
from reproducers.engine.verdicts import Symptom
from tests.engine.observed import frame, frames, raised


@pytest.mark.parametrize(
    ("message", "normal"),
    [
        ("Attempted to run task inc-6b1e0c2f9a on 4 workers", "run task <key> on <n>"),
        ("('x-3f2e9a0b7c6d5e4f', 0, 12)", "('<key>', <n>)"),
        ("<Foo object at 0x7f3a2c>", "<Foo object at <id>>"),
        ("Timed out trying to connect to tcp://10.0.0.1:4711 after 30 s", "<address> after <n> s"),
        ("lost inproc://10.0.0.1/77/1", "lost <address>"),
        ("worker 10.0.0.1:4711 is gone", "worker <address> is gone"),
        ("No such file: '/home/jane/secret/file.csv'", "No such file: '<path>'"),
        (r"C:\Users\jane\file.csv is gone", "<path> is gone"),
        ("Unable to allocate 7.28 TiB for an array", "allocate <size> for an array"),
        ("shape mismatch: (3, 4, 5) != (3,)", "shape mismatch: (<n>) != (<n>)"),
        ("took 1.5e-3 s\n\n  of 20", "took <n> s of <n>"),
        ("'int' object is not iterable", "'int' object is not iterable"),
        ("lost ('my-long_name-3f2e9a0b7c6d5e4f', 1)", "lost ('<key>', <n>)"),
        ("id 123e4567-e89b-12d3-a456-426614174000", "id <token>"),
        ("the facade is defaced", "the facade is defaced"),
    ],
)
def test_what_varies_is_taken_out_of_a_message(message: str, normal: str) -> None:
    assert normal in normal_message(message)


@given(st.text(max_size=300))
def test_a_normal_message_is_bounded_and_on_one_line(message: str) -> None:
    normal = normal_message(message)
    assert len(normal) <= 200
    assert "\n" not in normal


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("numpy/core/multiarray.py:concatenate", "numpy/_core/multiarray.py:concatenate"),
        ("dask_expr/_shuffle.py:lower", "dask/dataframe/dask_expr/_shuffle.py:lower"),
    ],
)
def test_a_place_is_the_same_after_it_moved(old: str, new: str) -> None:
    assert place(frame(old)) == place(frame(new)) == new


def test_only_libraries_of_interest_have_a_place() -> None:
    assert [place(frame(one)) for one in ("script:f", "tornado/gen.py:f", "/x.py:f")] == [None] * 3


def test_plumbing_tells_nothing_and_repeats_count_once() -> None:
    found = telling_places(
        frames(
            "script:main",
            "dask/base.py:compute",
            "distributed/client.py:gather",
            "dask/array/slicing.py:take",
            "dask/array/core.py:recurse",
            "dask/array/core.py:recurse",
            "script:task",
            "pandas/core/frame.py:loc",
        ),
        limit=2,
    )
    assert found == ("pandas/core/frame.py:loc", "dask/array/core.py:recurse")


OLD = raised(
    "TypeError",
    "no axis in x-0123456789abcdef",
    "script:main",
    "dask/base.py:compute",
    "dask/threaded.py:get",
    "dask/array/core.py:concatenate3",
    "numpy/core/multiarray.py:concatenate",
)
NEW = raised(
    "TypeError",
    "no axis in x-fedcba9876543210",
    "script:entirely",
    "script:other",
    "dask/base.py:compute",
    "dask/_task_spec.py:__call__",
    "dask/array/core.py:concatenate3",
    "numpy/_core/multiarray.py:concatenate",
)


def test_one_problem_in_two_releases_and_two_scripts_has_one_name() -> None:
    assert fingerprint(OLD, Symptom.EXCEPTION) == fingerprint(NEW, Symptom.EXCEPTION)


def test_the_name_of_this_problem_never_changes() -> None:
    # A change here is a new version of the fingerprint: all recorded ones would be lost.
    public = fingerprint(OLD, Symptom.EXCEPTION)
    assert public == Fingerprint(
        symptom=Symptom.EXCEPTION,
        type="TypeError",
        places=("numpy/_core/multiarray.py:concatenate", "dask/array/core.py:concatenate3"),
        message="no axis in <key>",
    )
    assert public.name == "fp1:69955df2a9e2e8118591e779"


def test_frames_of_the_script_are_in_the_second_key_only() -> None:
    public = fingerprint(OLD, Symptom.EXCEPTION)
    assert script_fingerprint(OLD, public) != script_fingerprint(NEW, public)


@pytest.mark.parametrize(
    "other",
    [
        raised("TypeError", "no axis", "script:main", "dask/array/core.py:concatenate3"),
        raised("ValueError", "no", "script:main", "dask/array/core.py:concatenate3"),
        raised("TypeError", "no", "script:main", "dask/array/core.py:block"),
    ],
)
def test_another_problem_has_another_name(other: Observation) -> None:
    one = raised("TypeError", "no", "script:main", "dask/array/core.py:concatenate3")
    names = {fingerprint(seen, Symptom.EXCEPTION).name for seen in (one, other)}
    assert len(names) == 2


def test_a_death_is_named_by_its_signal_and_where_it_stood() -> None:
    stack = frames("script:main", "pyarrow/parquet/core.py:read")
    dead = Observation(exit_status=None, signal=11, main_stack=stack)
    public = fingerprint(dead, Symptom.CRASH, kind="SIGSEGV")
    assert public == Fingerprint(
        symptom=Symptom.CRASH, type="SIGSEGV", places=("pyarrow/parquet/core.py:read",)
    )
    assert script_fingerprint(dead, public).startswith("sc1:")


@given(st.lists(st.sampled_from(["main", "load", "secret"]), max_size=5), st.text(max_size=20))
def test_nothing_of_the_script_changes_the_public_name(functions: list[str], line: str) -> None:
    own = [f"script:{function}" for function in functions]
    seen = raised("KeyError", "x", *own, "dask/array/core.py:f", output=line)
    plain = raised("KeyError", "x", "dask/array/core.py:f")
    assert fingerprint(seen, Symptom.EXCEPTION) == fingerprint(plain, Symptom.EXCEPTION)
