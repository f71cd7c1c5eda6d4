"""Whose turn it is: of the organization with the fewest running trials, the oldest that waits."""

from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import Case, Count, IntegerField, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from reproducers.models import Runner, Trial

ORGANIZATION_CAP: Final = 8
"""Trials that one organization may have running at once, however idle the fleet is."""

_OUR_OWN_SUITE: Final = 0
_LEASING: Final = 0x48_57_4C_45


def next_trial(*, runner: Runner, now: datetime, organization_cap: int) -> Trial | None:
    """The trial that `runner` shall take now, locked with its experiment, or None.

    What somebody else has locked is passed over. The caller's transaction is the only one that
    leases until it ends.
    """
    _one_lease_at_a_time()
    running = _running()
    return (
        Trial.objects.ready(now)
        .filter(Q(gpus=0) | Q(gpus__lte=Value(runner.gpus) - _gpus_in_use(runner)))
        .annotate(share=Coalesce("experiment__organization_id", _OUR_OWN_SUITE))
        .exclude(share__in=[share for share, count in running if count >= organization_cap])
        .annotate(
            running=Case(
                *[When(share=share, then=Value(count)) for share, count in running],
                default=Value(0),
                output_field=IntegerField(),
            )
        )
        .order_by("running", "ready_at", "pk")
        .select_related("experiment")
        .select_for_update(of=("self", "experiment"), skip_locked=True, no_key=True)
        .first()
    )


def _gpus_in_use(runner: Runner) -> Coalesce:
    mine = Trial.objects.running().filter(runner=runner).order_by().values("runner")
    return Coalesce(Subquery(mine.annotate(total=Sum("gpus")).values("total")), 0)


def _one_lease_at_a_time() -> None:
    """Shares are counted before a trial is taken: two that count at once would both see room."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LEASING])


def _running() -> list[tuple[int, int]]:
    """Organizations with running trials, and how many; our own suite counts as one."""
    return list(
        Trial.objects.running()
        .annotate(share=Coalesce("experiment__organization_id", _OUR_OWN_SUITE))
        .order_by()
        .values("share")
        .annotate(count=Count("pk"))
        .values_list("share", "count")
    )
