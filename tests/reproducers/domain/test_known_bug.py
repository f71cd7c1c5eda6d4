"""What a new installation judges first."""

import pytest

from reproducers.domain.experiments import advance_experiment
from reproducers.domain.known_bug import (
    EXPECTED,
    is_as_expected,
    judge_known_bug,
    latest_judgement,
)
from reproducers.engine.report import Report
from reproducers.engine.verdicts import Verdict
from reproducers.models import Experiment
from tests.factories import NOW, make_engineer
from tests.support.tickets import report, run_all

pytestmark = pytest.mark.django_db


def judged(*verdicts: Verdict) -> Experiment:
    judge_known_bug(actor=make_engineer(), now=NOW)
    reports: list[Report] = [report(verdict) for verdict in verdicts]
    (experiment,) = run_all(reports)
    return advance_experiment(experiment=experiment, now=NOW)


def test_it_runs_on_both_sides_of_the_fix_at_nobodys_cost() -> None:
    experiment = judge_known_bug(actor=make_engineer(), now=NOW)

    assert experiment.organization is None
    assert [trial.dask for trial in experiment.trials.all()] == list(EXPECTED)


def test_asked_for_twice_it_is_judged_once() -> None:
    mira = make_engineer()

    first, second = (judge_known_bug(actor=mira, now=NOW) for _ in range(2))

    assert first == second == latest_judgement()


def test_once_it_ended_it_can_be_judged_again() -> None:
    first = judged(Verdict.REPRODUCED, Verdict.CLEAN)

    assert judge_known_bug(actor=make_engineer(), now=NOW) != first


def test_it_was_never_judged() -> None:
    assert latest_judgement() is None


@pytest.mark.parametrize(
    ("verdicts", "is_fine"),
    [
        ([Verdict.REPRODUCED, Verdict.CLEAN], True),
        ([Verdict.CLEAN, Verdict.CLEAN], False),
        ([Verdict.REPRODUCED, Verdict.LIMIT], False),
    ],
    ids=str,
)
def test_all_is_well_where_each_release_came_to_what_it_has_to(
    verdicts: list[Verdict], is_fine: bool
) -> None:
    assert is_as_expected(judged(*verdicts)) is is_fine
