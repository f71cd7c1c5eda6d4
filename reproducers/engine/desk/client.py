"""The server's API in our verbs. Writes carry an Idempotency-Key, so that they may be repeated."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import uuid4

import httpx

from reproducers.engine.desk.login import Login
from reproducers.engine.errors import ServerError

TIMEOUT_SECONDS = 30.0
PAUSES = (0.5, 1.0)
"""Seconds between tries of the same request."""
ANSWER_BYTES = 8 * 1024**2


def sign_in(url: str, *, email: str, password: str, name: str) -> Login:
    """Change a password for a personal token."""
    with _connection(url) as http:
        answer = _answer(
            http,
            lambda: http.post(
                "/api/v1/tokens", json={"email": email, "password": password, "name": name}
            ),
        )
    return Login(url=url, token=str(answer["secret"]))


class Desk:
    """One signed-in person's view of the server. Close it, or use it as a context manager."""

    def __init__(self, login: Login) -> None:
        self._http = _connection(login.url, token=login.token)

    def __enter__(self) -> "Desk":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def open_ticket(self, **facts: Any) -> dict[str, Any]:
        """Open a ticket, once however often the connection breaks; the ticket comes back."""
        key = str(uuid4())
        return _answer(
            self._http,
            lambda: self._http.post(
                "/api/v1/tickets", json=facts, headers={"Idempotency-Key": key}
            ),
        )

    def ticket(self, number: int) -> dict[str, Any]:
        """A ticket with its experiments, the newest first."""
        return _answer(self._http, lambda: self._http.get(f"/api/v1/tickets/{number}"))


def _connection(url: str, *, token: str | None = None) -> httpx.Client:
    headers = {"Accept": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT_SECONDS)


def _answer(http: httpx.Client, ask: Callable[[], httpx.Response]) -> dict[str, Any]:
    """Ask until there is an answer; raises ServerError with the server's own remedy.

    409 means that the first try with this key is still being worked on.
    """
    for seconds in PAUSES:
        with suppress(httpx.TransportError):
            response = ask()
            if response.status_code != httpx.codes.CONFLICT:
                return _decoded(response)
        time.sleep(seconds)
    try:
        return _decoded(ask())
    except httpx.TransportError as error:
        raise ServerError(
            f"{http.base_url} does not answer: {error}.",
            remedy="Check the address and the network, then try again.",
        ) from error


def _decoded(response: httpx.Response) -> dict[str, Any]:
    try:
        found = response.json() if len(response.content) <= ANSWER_BYTES else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ServerError(
            f"The server answered {response.status_code}, and not as a Headwater server does.",
            remedy="Check the address that you gave to `repro login`.",
        )
    if response.is_error:
        raise ServerError(
            str(found.get("detail") or f"The server answered {response.status_code}."),
            remedy=str(found.get("remedy") or "Try again later."),
        )
    return found
