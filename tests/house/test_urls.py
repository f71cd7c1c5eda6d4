"""Nobody sees what is not theirs: every URL, every method, with data that could leak."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from contracts.models import User
from tests.house.owners import OWNERS, Request
from tests.house.public import EVERYBODY, THEIR_OWN
from tests.house.walk import Place, places
from tests.house.world import INTERNAL, NAME, PRIVATE, World, make_world

METHODS = ("get", "head", "options", "post", "put", "patch", "delete")
TURNED_AWAY = {401, 404, 405}
SIGN_IN = re.compile(r"^/(sign-in/|admin/login/)")
OURS = [place for place in places() if not place.route.startswith("admin/")]
ADMIN = [place for place in places() if place.route.startswith("admin/")]

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


@dataclass(frozen=True)
class Outsider:
    """Somebody to whom the ticket is not open, and the words that must not reach them."""

    who: str
    client: Client
    words: tuple[str, ...]


def signed_in(person: User | None) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


def outsiders(world: World) -> list[Outsider]:
    return [
        Outsider("charlie", signed_in(world.charlie), (PRIVATE, INTERNAL, NAME)),
        Outsider("eve, whose seat has ended", signed_in(world.eve), (PRIVATE, INTERNAL)),
        Outsider("nobody", signed_in(None), (PRIVATE, INTERNAL, NAME)),
    ]


def path_of(place: Place, world: World) -> str:
    """The route with the world's keys in it."""
    filled = re.sub(
        r"<\w+:(\w+)>", lambda found: str(world.keys.get(str(found[1]), 1)), place.route
    )
    return "/" + re.sub(r"\(\?P<url>\.\*\)\$$", "anything", filled)


def send(client: Client, method: str, path: str, request: Request | None, world: World) -> Any:
    """The owner's own request where the method is the owner's, else an empty one."""
    sent = request.data(world) if request is not None and request.method == method else {}
    ask = getattr(client, method)
    return ask(path, sent) if sent else ask(path)


def said(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    return f"{headers}\n{content.decode('utf-8', 'replace')}"


def is_turned_away(response: Any) -> bool:
    if response.status_code in {301, 302}:
        return bool(SIGN_IN.match(response.headers["Location"]))
    return response.status_code in TURNED_AWAY


def leaks(world: World, walked: list[Place]) -> Iterator[tuple[str, str, str, object]]:
    """Route, who, method, and the status or the words that should not have come."""
    for outsider in outsiders(world):
        for place in walked:
            is_open = place.route in EVERYBODY or place.route in THEIR_OWN
            for method in METHODS:
                response = send(
                    outsider.client, method, path_of(place, world), OWNERS.get(place.route), world
                )
                if not is_open and not is_turned_away(response):
                    yield place.route, outsider.who, method, response.status_code
                text = said(response)
                if found := [word for word in outsider.words if word in text]:
                    yield place.route, outsider.who, method, found
                if place.route.endswith(("sign-out/", "logout/", "account/password/")):
                    _again(outsider, world)


def _again(outsider: Outsider, world: World) -> None:
    """Signed out by the walk itself: sign in again, or the rest would be walked as nobody."""
    person = {"charlie": world.charlie, "nobody": None}.get(outsider.who, world.eve)
    if person is not None:
        outsider.client.force_login(person)


def test_every_url_has_an_owner_or_a_reason_to_be_open() -> None:
    routes = {place.route for place in OURS}
    named = OWNERS.keys() | EVERYBODY.keys() | THEIR_OWN.keys()
    assert routes - named == set()
    assert {route for route in named if not route.startswith("admin/")} - routes == set()


def test_no_url_tells_an_outsider_anything(world: World) -> None:
    assert list(leaks(world, OURS)) == []


def test_the_admin_is_for_staff_alone(world: World) -> None:
    assert list(leaks(world, ADMIN)) == []


def test_every_url_answers_whom_it_is_for(world: World) -> None:
    """The very requests that outsiders were refused."""
    refused = {}
    for place in OURS:
        request = OWNERS.get(place.route)
        if request is None:
            continue
        with transaction.atomic():
            client = signed_in(request.person(world))
            client.defaults["HTTP_AUTHORIZATION"] = request.authorization(world)
            response = send(client, request.method, path_of(place, world), request, world)
            if response.status_code >= 400:
                refused[place.route] = said(response)
            transaction.set_rollback(True)
    assert refused == {}


def test_every_list_of_the_admin_opens_for_a_manager(world: World) -> None:
    client = signed_in(world.manager)
    lists = [place for place in ADMIN if place.name.endswith("_changelist")]
    statuses = {place.route: client.get(f"/{place.route}").status_code for place in lists}
    assert lists
    assert set(statuses.values()) == {200}, statuses


@pytest.mark.parametrize("route", sorted(THEIR_OWN), ids=str)
def test_what_is_ones_own_asks_everybody_to_sign_in(route: str, world: World) -> None:
    assert is_turned_away(signed_in(None).get(f"/{route}"))


def test_internal_words_reach_no_page_of_a_customer(world: World) -> None:
    client = signed_in(world.alice)
    pages = {place.route: client.get(path_of(place, world)) for place in OURS}
    assert [route for route, response in pages.items() if INTERNAL in said(response)] == []


def test_the_words_to_look_for_are_really_there(world: World) -> None:
    """Or else the walk could not fail."""
    ticket = f"/tickets/{world.ticket.pk}/"
    assert PRIVATE in said(signed_in(world.alice).get(ticket))
    assert NAME in said(signed_in(world.engineer).get(f"/desk{ticket}"))
    assert INTERNAL in said(signed_in(world.engineer).get(f"/desk{ticket}"))
