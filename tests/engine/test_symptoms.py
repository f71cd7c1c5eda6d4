"""What a run showed, told from how it ended and from the exception itself."""

import dataclasses
from typing import Any

import pytest

from reproducers.engine.deaths import Death, worker_death
from reproducers.engine.symptoms import (
    Observation,
    WarningShown,
    is_memory_error,
    missing_module,
    own_limit,
    warning_of,
    what_it_showed,
)
from reproducers.engine.tracebacks import Captured, Raised
from reproducers.engine.verdicts import Symptom
from tests.engine.observed import KILLED_WORKER, frames, raised


def symptom(seen: Observation) -> Symptom | None:
    shown = what_it_showed(seen)
    return None if shown is None else shown.symptom


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        pytest.param(["script:main"], Symptom.WRONG_RESULT, id="in the script"),
        pytest.param(
            ["script:main", "distributed/client.py:result", "script:task"],
            Symptom.WRONG_RESULT,
            id="in a task of the script's",
        ),
        pytest.param(
            ["script:main", "dask/array/core.py:concatenate"],
            Symptom.EXCEPTION,
            id="inside of a library",
        ),
        pytest.param(
            ["script:main", "pandas/_testing/asserters.py:assert_frame_equal"],
            Symptom.WRONG_RESULT,
            id="by a helper of pandas' that the script calls",
        ),
        pytest.param(
            [
                "script:main",
                "pandas/_testing/asserters.py:assert_series_equal",
                "pandas/_libs/testing.pyx:assert_almost_equal",
                "pandas/_testing/asserters.py:raise_assert_detail",
            ],
            Symptom.WRONG_RESULT,
            id="by helpers of helpers",
        ),
        pytest.param(
            [
                "script:main",
                "/python/lib/python3.11/contextlib.py:inner",
                "numpy/testing/_private/utils.py:assert_array_compare",
            ],
            Symptom.WRONG_RESULT,
            id="by a helper of NumPy's behind a decorator",
        ),
        pytest.param(
            ["script:main", "dask/array/utils.py:assert_eq"],
            Symptom.WRONG_RESULT,
            id="by a helper of Dask's",
        ),
        pytest.param(
            ["script:main", "dask/array/core.py:f", "numpy/testing/_private/utils.py:assert_"],
            Symptom.EXCEPTION,
            id="by a helper that a library calls",
        ),
        pytest.param(
            ["script:main", "dask/dataframe/utils.py:check_meta"],
            Symptom.EXCEPTION,
            id="by what only lies beside a helper",
        ),
        pytest.param(
            ["script:main", "dask/array/utils.py:assert_eq", "dask/array/utils.py:_check_chunks"],
            Symptom.WRONG_RESULT,
            id="by what a helper of Dask's calls",
        ),
        pytest.param(
            ["script:main", "/python/lib/python3.11/unittest/case.py:assertEqual"],
            Symptom.WRONG_RESULT,
            id="by a helper of unittest's",
        ),
        pytest.param(
            ["script:main", "/python/lib/python3.11/random.py:shuffle"],
            Symptom.EXCEPTION,
            id="inside of Python",
        ),
        pytest.param([], Symptom.EXCEPTION, id="nobody knows where"),
    ],
)
def test_a_wrong_result_is_an_assertion_of_the_script_itself(
    places: list[str], expected: Symptom
) -> None:
    assert symptom(raised("AssertionError", "no", *places)) == expected


def test_a_killed_worker_is_told_by_the_type_and_where_it_comes_from() -> None:
    own = raised("KilledWorker", "mine", "script:main", module="__main__")
    assert (symptom(KILLED_WORKER), symptom(own)) == (Symptom.KILLED_WORKER, Symptom.EXCEPTION)


@pytest.mark.parametrize(
    ("output", "kind"),
    [
        ("Worker process 5 was killed by signal 11", "SIGSEGV"),
        ("Worker process 5 was killed by signal 99", "signal 99"),
        ("Worker tcp://x (pid=5) exceeded 95% memory budget. Restarting...", "nanny-memory"),
        ("Worker process 5 exited with status 1", "exit"),
        ("nothing about it", None),
    ],
)
def test_how_a_worker_died_is_read_from_its_nanny(output: str, kind: str | None) -> None:
    assert worker_death(output) == kind


@pytest.mark.parametrize(("signal", "kind"), [(11, "SIGSEGV"), (9, "SIGKILL"), (77, "signal 77")])
def test_a_death_is_named_by_its_signal(signal: int, kind: str) -> None:
    shown = what_it_showed(Observation(exit_status=None, signal=signal))
    assert shown is not None
    assert (shown.symptom, shown.kind) == (Symptom.CRASH, kind)


def test_a_long_message_is_cut_in_the_sentence() -> None:
    shown = what_it_showed(raised("ValueError", "x" * 5000))
    assert shown is not None
    assert len(shown.sentence) == len("it raised ValueError: ") + 200


@pytest.mark.parametrize(
    ("seen", "module"),
    [
        (raised("ModuleNotFoundError", "No module named 'a.b'", "script:<module>"), "a.b"),
        (raised("ModuleNotFoundError", "No module named 'dask.new'", "script:<module>"), None),
        (raised("ModuleNotFoundError", "No module named 'a'", "script:f", "dask/x.py:g"), None),
        (raised("ModuleNotFoundError", "No module named 'a'"), None),
        (raised("ModuleNotFoundError", "what", "script:<module>"), None),
        (raised("ImportError", "No module named 'a'", "script:<module>"), None),
        (raised("ModuleNotFoundError", "No module named 'a'", "script:m", exit_status=0), None),
        (Observation(exit_status=1), None),
    ],
)
def test_a_missing_module_is_one_that_the_script_itself_imports(
    seen: Observation, module: str | None
) -> None:
    assert missing_module(seen) == module


REQUIREMENTS = "Dask dataframe requirements are not installed.\n\nPlease pip install ..."


def asks_for_requirements(*chain: Raised, message: str = REQUIREMENTS) -> Observation:
    by = frames("script:<module>", "dask/dataframe/__init__.py:<module>")
    last = Raised(type="ImportError", module="builtins", message=message, frames=by)
    return Observation(exit_status=1, exception=Captured(chain=(last, *chain), traceback=""))


ABSENT = Raised(type="ModuleNotFoundError", module="builtins", message="No module named 'pandas'")
BROKEN = Raised(type="ImportError", module="builtins", message="cannot import name 'x'")


@pytest.mark.parametrize(
    ("seen", "module"),
    [
        pytest.param(asks_for_requirements(ABSENT), "dask[dataframe]", id="absent"),
        pytest.param(asks_for_requirements(BROKEN), None, id="there, but does not fit"),
        pytest.param(asks_for_requirements(ABSENT, message="no"), None, id="another error"),
        pytest.param(
            raised("ImportError", REQUIREMENTS, "script:<module>"), None, id="not Dask's word"
        ),
    ],
)
def test_what_dask_asks_for_by_name_is_missing_too(seen: Observation, module: str | None) -> None:
    assert missing_module(seen) == module


def warning(*places: str) -> WarningShown:
    return WarningShown(category="FutureWarning", message="will\nchange", frames=frames(*places))


PRINTED = """
/env/lib/python3.11/site-packages/pandas/core/frame.py:7: UserWarning: not Dask's
/env/lib/python3.11/site-packages/distributed/worker.py:7: UserWarning: Large object
"""


@pytest.mark.parametrize(
    ("seen", "sentence"),
    [
        pytest.param(Observation(exit_status=0), None, id="none"),
        pytest.param(
            Observation(
                exit_status=0,
                warnings=(
                    warning("script:<module>", "pandas/__init__.py:<module>"),
                    warning("script:main", "dask/base.py:compute", "pandas/core/frame.py:f"),
                ),
            ),
            "it warned FutureWarning: will change",
            id="of pandas by way of Dask, and not of pandas alone",
        ),
        pytest.param(
            Observation(exit_status=0, warnings=(warning("script:main"),)),
            "it warned FutureWarning: will change",
            id="the script's own",
        ),
        pytest.param(
            Observation(exit_status=0, warnings=(warning(),)),
            "it warned FutureWarning: will change",
            id="nobody knows whose",
        ),
        pytest.param(
            Observation(exit_status=0, output=PRINTED),
            "it warned UserWarning: Large object",
            id="printed by a worker",
        ),
    ],
)
def test_a_warning_is_dasks_or_the_scripts_own(seen: Observation, sentence: str | None) -> None:
    shown = warning_of(seen)
    assert (shown and shown.sentence) == sentence


def test_two_warnings_have_names_of_their_own() -> None:
    one, other = (
        warning_of(Observation(exit_status=0, warnings=(WarningShown(category=word, message=""),)))
        for word in ("UserWarning", "FutureWarning")
    )
    assert one is not None
    assert other is not None
    assert one.named_by != other.named_by


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (raised("MemoryError", "Unable to allocate 7.28 TiB"), True),
        (raised("_ArrayMemoryError", "Unable to allocate 7.28 TiB"), True),
        (raised("ValueError", "no"), False),
        (raised("MemoryError", "no", exit_status=0), False),
        (Observation(exit_status=1), False),
    ],
)
def test_memory_that_cannot_be_had_is_told_by_its_error(seen: Observation, expected: bool) -> None:
    assert is_memory_error(seen) is expected


def test_everything_of_a_chain_is_searched_as_printed_and_by_its_short_name() -> None:
    chain = (
        Raised(type="KilledWorker", module="distributed.scheduler", message="a"),
        Raised(type="KeyError", module="builtins", message="'b'"),
    )
    seen = Observation(
        exit_status=1,
        exception=Captured(chain=chain, traceback=""),
        warnings=(WarningShown(category="UserWarning", message="c"),),
        output="d",
    )
    assert list(seen.searchable()) == [
        "KilledWorker: a",
        "distributed.scheduler.KilledWorker: a",
        "KeyError: 'b'",
        "builtins.KeyError: 'b'",
        "UserWarning: c",
        "d",
    ]


def test_an_exception_beside_a_clean_exit_is_not_searched() -> None:
    seen = raised("KeyError", "x", exit_status=0, output="d")
    assert list(seen.searchable()) == ["d"]


CRASHED = (Death(pid=6, role="scheduler", signal=11),)


@pytest.mark.parametrize(
    ("seen", "symptom", "kind"),
    [
        (raised("CommClosedError", deaths=CRASHED), Symptom.CRASH, "SIGSEGV"),
        (raised("CommClosedError"), Symptom.EXCEPTION, None),
        (raised("ValueError", deaths=CRASHED), Symptom.EXCEPTION, None),
    ],
)
def test_losing_touch_with_a_scheduler_that_crashed_is_its_crash(
    seen: Observation, symptom: Symptom, kind: str | None
) -> None:
    shown = what_it_showed(seen)
    assert shown is not None
    assert (shown.symptom, shown.kind) == (symptom, kind)


def test_a_killed_worker_says_how_workers_died() -> None:
    seen = dataclasses.replace(KILLED_WORKER, deaths=(Death(pid=9, role="worker", signal=11),))
    shown = what_it_showed(seen)
    assert shown is not None
    assert shown.sentence.endswith("(workers were killed by SIGSEGV)")


NO_THREAD = "can't start new thread"
FULL_DISK = "[Errno 28] No space left on device"


@pytest.mark.parametrize(
    ("seen", "limit"),
    [
        (raised("OSError", FULL_DISK), "room for files"),
        (raised("OSError", "[Errno 27] File too large"), "the size of a file"),
        (
            raised("RuntimeError", "can't start new thread", refused_forks=1),
            "processes and threads",
        ),
        (raised("RuntimeError", "can't start new thread"), None),
        (raised("ValueError", FULL_DISK), None),
        (raised("OSError", "[Errno 2] No such file"), None),
        (Observation(exit_status=1), None),
        (raised("OSError", FULL_DISK, exit_status=0), None),
    ],
    ids=str,
)
def test_a_limit_of_ours_is_known_by_what_it_raises(seen: Observation, limit: str | None) -> None:
    assert own_limit(seen) == limit


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"exit_status": None, "limit": "memory"}, True),
        ({"exit_status": 1, "memory_kills": 1}, True),
        ({"exit_status": None, "limit": "timeout", "memory_kills": 1}, True),
        ({"exit_status": 0, "memory_kills": 1}, False),
        ({"exit_status": 1}, False),
    ],
    ids=str,
)
def test_who_ended_well_in_spite_of_our_limit_on_memory_got_over_it(
    facts: dict[str, Any], expected: bool
) -> None:
    assert Observation(**facts).is_out_of_memory is expected
