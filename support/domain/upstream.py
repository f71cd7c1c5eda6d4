"""Public issues that tickets wait for: followed, linked, and moved along by hand for now."""

import re
from datetime import datetime
from typing import Final

from django.db import transaction

from contracts.models import User
from support.domain.events import note_event
from support.domain.locking import locked
from support.domain.refusals import require_staff
from support.domain.settling import settle
from support.models import Ticket, TicketEvent, UpstreamIssue, UpstreamLink
from web.errors import HeadwaterError

_REPOSITORY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}")
_RELEASE: Final = re.compile(r"v?\d+(\.\d+){1,3}[A-Za-z0-9.+-]{0,16}")
LARGEST_NUMBER: Final = 2**31 - 1


class UpstreamRefused(HeadwaterError):
    """What was given is no public issue, or no state that it could be in."""

    code = "upstream-refused"


@transaction.atomic
def follow_upstream_issue(
    *, repository: str, number: int, actor: User, title: str = ""
) -> UpstreamIssue:
    """The issue, followed once however many tickets wait for it. Raises `UpstreamRefused`."""
    require_staff(actor)
    if not _REPOSITORY.fullmatch(repository) or not 0 < number <= LARGEST_NUMBER:
        raise UpstreamRefused(
            f"{repository}#{number} is no issue on GitHub.", remedy="Write dask/dask#12426."
        )
    issue, is_new = UpstreamIssue.objects.get_or_create(
        repository=repository, number=number, defaults={"title": title.strip()[:256]}
    )
    if title.strip() and not is_new and issue.title != title.strip()[:256]:
        issue.title = title.strip()[:256]
        issue.save(update_fields=["title"])
    return issue


@transaction.atomic
def link_upstream(
    *,
    ticket: Ticket,
    repository: str,
    number: int,
    actor: User,
    now: datetime,
    title: str = "",
    state: str = "",
    fixed_in: str = "",
) -> UpstreamLink:
    """Say that `ticket` waits for a public issue; a `state` moves the issue itself along.

    Linking again adds no second link. Raises `StaffOnly` and `UpstreamRefused`.
    """
    issue = follow_upstream_issue(repository=repository, number=number, actor=actor, title=title)
    held = locked(ticket)
    link, is_new = UpstreamLink.objects.get_or_create(
        ticket=held, upstream_issue=issue, defaults={"linked_by": actor, "linked_at": now}
    )
    if is_new:
        _note(held, issue, actor, now, f"{issue} is followed for this problem.")
        settle(ticket=held, now=now)
    if state:
        set_upstream_state(issue=issue, state=state, fixed_in=fixed_in, actor=actor, now=now)
    return link


@transaction.atomic
def unlink_upstream(*, ticket: Ticket, issue: UpstreamIssue, actor: User, now: datetime) -> None:
    """The ticket does not wait for that issue after all; without a link nothing happens."""
    require_staff(actor)
    held = locked(ticket)
    gone, _ = UpstreamLink.objects.filter(ticket=held, upstream_issue=issue).delete()
    if gone:
        _note(held, issue, actor, now, f"{issue} is no longer followed for this problem.")
        settle(ticket=held, now=now)


@transaction.atomic
def set_upstream_state(
    *, issue: UpstreamIssue, state: str, actor: User, now: datetime, fixed_in: str = ""
) -> UpstreamIssue:
    """How far the fix is; every ticket that waits for it is told in its own book.

    `fixed_in` is the release, which the state "released" needs. Raises `UpstreamRefused`.
    """
    require_staff(actor)
    wanted, release = _checked(state, fixed_in)
    held = UpstreamIssue.objects.select_for_update(no_key=True).get(pk=issue.pk)
    if (held.state, held.fixed_in) == (wanted, release):
        return held
    held.state, held.fixed_in = wanted, release
    held.save(update_fields=["state", "fixed_in"])
    for ticket in held.tickets.order_by("pk"):
        _note(locked(ticket), held, actor, now, _moved(held))
    return held


def _checked(state: str, fixed_in: str) -> tuple[UpstreamIssue.State, str]:
    known = UpstreamIssue.State
    if state not in known.values:
        raise UpstreamRefused(
            f"{state!r} is no state of a public issue.",
            remedy=f"Choose one of {', '.join(known.values)}.",
        )
    release = fixed_in.strip().removeprefix("v")
    if release and not _RELEASE.fullmatch(release):
        raise UpstreamRefused(f"{release!r} is no release.", remedy="Write it as 2026.8.0.")
    if state == known.RELEASED and not release:
        raise UpstreamRefused(
            "A released fix names its release.", remedy="Say in which release the fix is."
        )
    return known(state), release


def _moved(issue: UpstreamIssue) -> str:
    where = f" in {issue.fixed_in}" if issue.fixed_in else ""
    return f"{issue}: {issue.get_state_display()}{where}."


def _note(
    ticket: Ticket, issue: UpstreamIssue, actor: User, now: datetime, sentence: str
) -> TicketEvent:
    return note_event(
        ticket=ticket,
        kind=TicketEvent.Kind.UPSTREAM,
        at=now,
        actor=actor,
        value=str(issue.pk),
        note=sentence,
    )
