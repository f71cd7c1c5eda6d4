"""One bug may change its error over the releases; another bug is far away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reproducers.engine.distance import FAR, SAME, distance, nearest, with_alias
from reproducers.engine.fingerprint import Fingerprint
from reproducers.engine.verdicts import Symptom

TAKE = Fingerprint(
    symptom=Symptom.EXCEPTION,
    type="TypeError",
    places=("dask/array/_shuffle.py:take", "dask/array/slicing.py:take", "dask/array/core.py:x"),
    message="concatenate_arrays() missing <n> required positional argument: 'axis'",
)
ALIAS = Fingerprint(
    symptom=Symptom.EXCEPTION,
    type="AttributeError",
    places=("dask/array/_shuffle.py:take", "dask/array/slicing.py:take"),
    message="'Alias' object is not subscriptable",
)
COV = Fingerprint(
    symptom=Symptom.EXCEPTION,
    type="ValueError",
    places=("dask/dataframe/groupby.py:_cov_chunk", "pandas/core/frame.py:dot"),
    message="could not convert string to float: 'Kew'",
)
HANG = Fingerprint(symptom=Symptom.HANG, type="deadlock", places=TAKE.places)


def failed_assert(message: str) -> Fingerprint:
    return Fingerprint(symptom=Symptom.WRONG_RESULT, type="AssertionError", message=message)


ASSERT = failed_assert("<n> rows lost")

PLACES = st.sampled_from(["a.py:f", "a.py:g", "b.py:f", "c.py:h"])
PRINTS = st.builds(
    Fingerprint,
    symptom=st.sampled_from([Symptom.EXCEPTION, Symptom.HANG]),
    type=st.sampled_from(["", "TypeError", "ValueError"]),
    places=st.lists(PLACES, max_size=3, unique=True).map(tuple),
    message=st.text(alphabet="ab ", max_size=8),
)


@given(PRINTS, PRINTS)
def test_a_distance_is_symmetric_bounded_and_nothing_to_oneself(
    one: Fingerprint, other: Fingerprint
) -> None:
    assert distance(one, other) == distance(other, one)
    assert 0 <= distance(one, other) <= FAR
    assert distance(one, one) == 0


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        pytest.param(TAKE, ALIAS, True, id="another type and text at the same place"),
        pytest.param(TAKE, COV, False, id="another place"),
        pytest.param(TAKE, HANG, False, id="another class at the same place"),
        pytest.param(
            ASSERT,
            failed_assert("<n> rows gone"),
            True,
            id="nearly the same words, without frames",
        ),
        pytest.param(
            ASSERT,
            failed_assert("NaN found"),
            False,
            id="other words, without frames",
        ),
        pytest.param(
            ASSERT,
            failed_assert(""),
            False,
            id="no words at all",
        ),
    ],
)  # fmt: skip
def test_near_fingerprints_are_one_bug(one: Fingerprint, other: Fingerprint, is_same: bool) -> None:
    assert (distance(one, other) <= SAME) is is_same


def test_another_function_of_the_same_file_is_half_as_far() -> None:
    def at(place: str) -> Fingerprint:
        return Fingerprint(symptom=Symptom.EXCEPTION, type="KeyError", places=(place,))

    assert distance(at("a.py:f"), at("a.py:g")) == pytest.approx(
        distance(at("a.py:f"), at("b.py:f")) / 2
    )


def test_the_aliases_of_a_bug_are_what_was_seen_as_one_with_it() -> None:
    known: tuple[Fingerprint, ...] = (TAKE,)
    for found in (ALIAS, COV, TAKE, ALIAS):
        known = with_alias(found, known)
    assert known == (TAKE, ALIAS)
    assert nearest(ALIAS, known) == 0
    assert nearest(COV, ()) == FAR
