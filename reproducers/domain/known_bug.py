"""One real bug of Dask that a new installation judges first: that shows that everything works.

Environment, sandbox, cluster, symptoms and records all have a part in it. It is of our own suite:
no organization's share of the runners is used.
"""

from datetime import datetime
from typing import Final

from django.db import transaction

from contracts.models import User
from reproducers.domain.experiments import start_experiment
from reproducers.domain.reproducers import record_reproducer
from reproducers.models import Experiment, Trial

NAME: Final = "futures_in_lists.py"
SCRIPT: Final = '''\
# /// script
# requires-python = ">=3.10"
# dependencies = ["dask[distributed]"]
# ///
"""Futures inside lists: 2025.4.1 hands them to tasks as they are, 2025.5.0 hands over results."""

from distributed import Client


def total(numbers):
    return sum(numbers)


if __name__ == "__main__":
    with Client() as client:
        three = client.submit(int, 3)
        assert client.gather(client.map(total, [[three, 4]])) == [7]
'''
EXPECTED: Final = {
    "2025.4.1": Trial.Verdict.REPRODUCED,
    "2025.5.0": Trial.Verdict.CLEAN,
}
"""What each release has to come to."""


@transaction.atomic
def judge_known_bug(*, actor: User, now: datetime) -> Experiment:
    """Have it run on the last release that has the bug and on the first that has not.

    Asked for again while it is being judged, it is the same experiment.
    """
    latest = latest_judgement()
    if latest is not None and latest.is_open:
        return latest
    reproducer = record_reproducer(script=SCRIPT, name=NAME, now=now)
    return start_experiment(
        reproducer=reproducer,
        organization=None,
        releases=list(EXPECTED),
        requested_by=actor,
        now=now,
    )


def latest_judgement() -> Experiment | None:
    """The newest experiment with it; None where it was never judged."""
    ours = Experiment.objects.filter(organization=None, reproducer__name=NAME)
    return ours.order_by("-created_at", "-pk").first()


def is_as_expected(experiment: Experiment) -> bool:
    """Whether each release came to what it has to."""
    verdicts = dict(experiment.trials.values_list("dask", "verdict"))
    return verdicts == EXPECTED
