"""For every URL a request that succeeds for whom it is for: (person, method, data).

A URL that stands in neither `public.py` nor here fails the walk.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.house.world import World

Person = Callable[[World], Any]


def alice(world: World) -> Any:
    return world.alice


def engineer(world: World) -> Any:
    return world.engineer


@dataclass(frozen=True)
class Request:
    """`person` sends `data` to the URL, which answers below 400."""

    person: Person
    method: str = "get"
    data: Callable[[World], dict[str, Any]] = field(default=lambda _: {})
    by_token: bool = False

    def authorization(self, world: World) -> str:
        return f"Bearer {world.token.secret}" if self.by_token else ""


def key() -> str:
    return str(uuid.uuid4())


OWNERS: dict[str, Request] = {
    "": Request(alice),
    "account/": Request(alice),
    "account/password/": Request(alice),
    "account/tokens/": Request(
        alice, "post", lambda _: {"name": "laptop", "idempotency_key": key()}
    ),
    "account/zone/": Request(alice, "post", lambda _: {"zone": "Europe/Berlin"}),
    "api/v1/me": Request(alice),
    "api/v1/organizations": Request(alice),
    "api/v1/projects": Request(alice),
    "api/v1/schema": Request(alice),
    "api/v1/tickets": Request(alice),
    "account/tokens/<int:token_id>/revoke/": Request(alice, "post"),
    "api/v1/tickets/<int:pk>": Request(alice),
    "api/v1/tickets/<int:pk>/experiments": Request(alice),
    "api/v1/tickets/<int:pk>/messages": Request(alice),
    "api/v1/tokens/current": Request(alice, "delete", by_token=True),
    "desk/": Request(engineer),
    "desk/bulk/": Request(
        engineer,
        "post",
        lambda world: {"ticket": [world.ticket.pk], "do": "assign", "assignee": world.engineer.pk},
    ),
    "desk/news/": Request(engineer),
    "desk/setup/": Request(engineer),
    "desk/setup/known-bug/": Request(engineer, "post"),
    "desk/tickets/<int:ticket_id>/": Request(engineer),
    "desk/tickets/<int:ticket_id>/assign/": Request(
        engineer, "post", lambda world: {"assignee": world.engineer.pk}
    ),
    "desk/tickets/<int:ticket_id>/cancel/": Request(
        engineer, "post", lambda world: {"experiment": world.trial.experiment_id}
    ),
    "desk/tickets/<int:ticket_id>/draft/": Request(
        engineer, "post", lambda _: {"body": "Later.", "to": "reply"}
    ),
    "desk/tickets/<int:ticket_id>/live/": Request(engineer),
    "desk/tickets/<int:ticket_id>/priority/": Request(
        engineer, "post", lambda _: {"priority": "high"}
    ),
    "desk/tickets/<int:ticket_id>/rerun/": Request(
        engineer, "post", lambda _: {"release": "2025.5.1"}
    ),
    "desk/tickets/<int:ticket_id>/state/": Request(engineer, "post", lambda _: {"state": "open"}),
    "desk/tickets/<int:ticket_id>/upstream/": Request(
        engineer, "post", lambda _: {"reference": "dask/dask#8", "state": "open"}
    ),
    "desk/tickets/<int:ticket_id>/write/": Request(
        engineer,
        "post",
        lambda _: {"idempotency_key": key(), "to": "note", "body": "For us."},
    ),
    "tickets/": Request(alice),
    "tickets/<int:ticket_id>/": Request(alice),
    "tickets/<int:ticket_id>/answer/": Request(
        alice, "post", lambda _: {"idempotency_key": key(), "body": "Thank you."}
    ),
    "tickets/<int:ticket_id>/attachments/<int:attachment_id>/": Request(alice),
    "tickets/<int:ticket_id>/live/": Request(alice),
    "tickets/<int:ticket_id>/trials/<int:trial_id>/": Request(alice),
    "tickets/<int:ticket_id>/trials/<int:trial_id>/files/<int:artifact_id>/": Request(alice),
    "tickets/new/": Request(alice),
    "tickets/new/preview/": Request(alice, "post", lambda _: {"body": "Some *text*."}),
    "tickets/new/reading/": Request(alice, "post", lambda _: {"script_text": "import dask"}),
    "tickets/new/similar/": Request(alice, "post", lambda world: {"title": world.ticket.title}),
}
