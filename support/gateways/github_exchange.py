"""One request to GitHub and its answer, with errors that say whether another try can help."""

import json
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import requests
from github.Requester import Requester

from support.gateways.github_errors import (
    GitHubAccessLost,
    GitHubGone,
    GitHubLimited,
    GitHubRefused,
    GitHubUnavailable,
)

SECONDARY_LIMIT_SECONDS = 60.0
"""GitHub's advice where a secondary limit names no time."""
LOST = {HTTPStatus.UNAUTHORIZED, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS}
GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}


@dataclass(frozen=True)
class Answer:
    """A successful answer: decoded JSON, and where the next page is (None: no more)."""

    json: Any
    next_page: str | None


def exchange(
    requester: Requester,
    verb: str,
    path: str,
    *,
    body: dict[str, Any] | None = None,
    parameters: dict[str, Any] | None = None,
) -> Answer:
    """Ask once. Raises GitHubUnavailable where it is unknown whether the request took effect."""
    try:
        status, headers, text = requester.requestJson(verb, path, parameters=parameters, input=body)
    except (requests.RequestException, OSError, RuntimeError) as error:
        raise GitHubUnavailable(
            f"GitHub did not answer {verb} {path}: {type(error).__name__}."
        ) from error
    if status >= HTTPStatus.BAD_REQUEST:
        raise _refusal(status, headers, _message(text))
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        # PyGithub lets 307 and 308 through as if they were an answer.
        raise GitHubGone("GitHub redirects elsewhere.", http_status=status)
    return Answer(_decode(text), _next_page(headers.get("link", "")))


def _refusal(status: int, headers: dict[str, Any], message: str) -> Exception:
    seconds = _seconds_to_wait(status, headers, message)
    if seconds is not None:
        return GitHubLimited(f"GitHub limits us: {message}", seconds=seconds)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return GitHubUnavailable(f"GitHub answered {status}.")
    if status in LOST or "suspended" in message.lower():
        return GitHubAccessLost(
            f"GitHub no longer lets us in ({status}): {message}",
            http_status=status,
            remedy="Ask the organization to restore the App's installation or the token.",
        )
    if status in GONE:
        return GitHubGone(f"GitHub does not have it ({status}).", http_status=status)
    return GitHubRefused(f"GitHub refused ({status}): {message}", http_status=status)


def _seconds_to_wait(status: int, headers: dict[str, Any], message: str) -> float | None:
    """None: this is no rate limit."""
    if status not in {HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}:
        return None
    if (after := str(headers.get("retry-after", ""))).isdigit():
        return float(after)
    if headers.get("x-ratelimit-remaining") == "0":
        return max(1.0, float(headers.get("x-ratelimit-reset", 0)) - time.time())
    limited = "rate limit" in message.lower() or status == HTTPStatus.TOO_MANY_REQUESTS
    return SECONDARY_LIMIT_SECONDS if limited else None


def _message(text: str) -> str:
    decoded = _decode(text)
    found = decoded.get("message") if isinstance(decoded, dict) else None
    return str(found or "no reason given")[:300]


def _decode(text: str) -> Any:
    """GitHub's JSON, or {} where a proxy in between answered with something else."""
    try:
        return json.loads(text) if text else {}
    except ValueError:
        return {}


def _next_page(link: str) -> str | None:
    for one in requests.utils.parse_header_links(link):
        if one.get("rel") == "next":
            return str(one["url"])
    return None
