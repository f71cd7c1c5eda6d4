"""Who is writing, in which role, and whether that role may be heard by clocks."""

from dataclasses import dataclass
from datetime import datetime

from contracts.domain.entitlements import (
    Entitlement,
    Reason,
    contacts_of,
    may_open_ticket,
    may_write,
)
from contracts.models import Organization, Project, SlaPolicyVersion, User
from support.domain.refusals import ProjectRefused
from support.models import Message
from support.models.tickets import Channel

Role = Message.AuthorRole
OPEN_DOORS = {Channel.GITHUB}
"""Where somebody without a seat can write all the same: the message is kept and answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """An author at the instant of writing.

    `answer` is what we say to somebody who holds no seat, empty for everybody else;
    `policy_version` is what a promise to them would follow, None where nothing is promised.
    """

    user: User | None
    name: str
    role: Message.AuthorRole
    answer: str = ""
    policy_version: SlaPolicyVersion | None = None

    @property
    def is_customer(self) -> bool:
        return self.role == Role.CUSTOMER and not self.answer


def speaker_on(
    *,
    organization: Organization,
    project: Project | None,
    user: User | None,
    name: str,
    is_bot: bool,
    channel: Channel,
    now: datetime,
) -> Speaker:
    """The author of a message for `organization`. Raises `NotEntitled` where the door is ours."""
    if is_bot:
        return Speaker(user=None, name=_named(user, name), role=Role.BOT)
    if user is None:
        names = contacts_of(organization=organization, project=project, now=now)
        return Speaker(user=None, name=_named(user, name), role=Role.COLLEAGUE, answer=_ask(names))
    entitlement = may_write(user=user, organization=organization, project=project, now=now)
    if channel not in OPEN_DOORS:
        entitlement.demand()
    return of_entitlement(user=user, entitlement=entitlement)


def of_entitlement(*, user: User, entitlement: Entitlement) -> Speaker:
    """The role that an answer of `entitlements` comes to."""
    answer = "" if entitlement.allowed else f"{entitlement.message} {entitlement.remedy}".strip()
    return Speaker(
        user=user,
        name=user.name,
        role=_role(user, entitlement),
        answer=answer,
        policy_version=entitlement.policy_version,
    )


def _role(user: User, entitlement: Entitlement) -> Message.AuthorRole:
    if user.is_staff and entitlement.allowed:
        return Role.STAFF
    # Whoever holds a seat stays a customer when the contract has run out.
    holds_a_seat = entitlement.allowed or entitlement.reason == Reason.NO_CONTRACT
    return Role.CUSTOMER if holds_a_seat else Role.COLLEAGUE


def _named(user: User | None, name: str) -> str:
    return (user.name if user else name).strip()[:120] or "ghost"


def _ask(names: tuple[str, ...]) -> str:
    if not names:
        return "You hold no seat. Please ask your manager to have one assigned."
    return f"You hold no seat. Please ask one of your contacts: {', '.join(names)}."


def of_staff(actor: User) -> Speaker:
    """Somebody of ours."""
    return Speaker(user=actor, name=actor.name, role=Role.STAFF)


def opener_of(
    *,
    organization: Organization,
    project: Project | None,
    user: User | None,
    name: str,
    channel: Channel,
    now: datetime,
) -> tuple[Speaker, Project | None]:
    """Who opens a ticket, and for which project: theirs where none is named.

    A seat on any project will do on GitHub. Raises `NotEntitled` where the door is ours, and
    `ProjectRefused` for a project of another organization.
    """
    if project is not None and project.organization_id != organization.pk:
        raise ProjectRefused(
            f"{project.name} is no project of {organization}.", remedy="Choose one of its own."
        )
    if user is None or channel in OPEN_DOORS:
        speaker = speaker_on(
            organization=organization,
            project=project,
            user=user,
            name=name,
            is_bot=False,
            channel=channel,
            now=now,
        )
        return speaker, project
    entitlement = may_open_ticket(
        user=user, organization=organization, project=project, now=now
    ).demand()
    return of_entitlement(user=user, entitlement=entitlement), entitlement.project
