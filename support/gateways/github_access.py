"""Tokens for GitHub: an App's, limited to one repository and shared by all processes, or a PAT."""

from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

import github
from django.conf import settings
from django.core.cache import cache
from github.Requester import Requester

from support.gateways.github_errors import GitHubAccessLost, GitHubNotConfigured
from support.gateways.github_exchange import Answer, exchange

TOKEN_SECONDS = 50 * 60
"""Installation tokens live an hour; ours are renewed before."""
TIMEOUT_SECONDS = 10


@dataclass(frozen=True)
class RepositoryAccess:
    """Which repository is meant, and by which installation it is reached (None: by the PAT)."""

    repository_id: int
    full_name: str
    installation_id: int | None


def is_configured() -> bool:
    return bool(settings.GITHUB_TOKEN or _app_is_configured())


def ask(
    access: RepositoryAccess,
    verb: str,
    path: str,
    *,
    body: dict[str, Any] | None = None,
    parameters: dict[str, Any] | None = None,
) -> Answer:
    """One exchange about this repository, and about no other.

    A kept token that GitHub knows no more (the App was suspended or installed anew meanwhile) is
    replaced once: a request that was not let in had no effect.
    """
    try:
        return exchange(_requester_for(access), verb, path, body=body, parameters=parameters)
    except GitHubAccessLost as lost:
        if lost.http_status != HTTPStatus.UNAUTHORIZED or not cache.delete(token_key(access)):
            raise
    return exchange(_requester_for(access), verb, path, body=body, parameters=parameters)


def _requester_for(access: RepositoryAccess) -> Requester:
    """A connection that can touch this one repository; make one per thread and use."""
    return _connect(github.Auth.Token(_token_for(access)))


def app_requester() -> Requester:
    """A connection as the App itself, which may only ask for installations and tokens."""
    return _connect(github.Auth.AppAuth(settings.GITHUB_APP_ID, _private_key()))


def token_requester() -> Requester:
    """A connection with the personal access token."""
    if not settings.GITHUB_TOKEN:
        raise GitHubNotConfigured(
            "GitHub is not configured.",
            remedy="Set GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY, or GITHUB_TOKEN.",
        )
    return _connect(github.Auth.Token(settings.GITHUB_TOKEN))


def limited_requester(installation_id: int, limits: dict[str, Any]) -> Requester:
    """A connection for a repository whose id is not known yet: `limits` names it."""
    return _connect(github.Auth.Token(_new_token(installation_id, limits)))


def app_is_used() -> bool:
    return _app_is_configured()


def _connect(auth: github.Auth.Auth) -> Requester:
    """PyGithub's defaults harm here: no repeating of POSTs, no sleeping in the process."""
    return github.Github(
        auth=auth,
        base_url=settings.GITHUB_API_URL,
        timeout=TIMEOUT_SECONDS,
        retry=None,
        per_page=100,
        lazy=True,
        seconds_between_requests=0,
        seconds_between_writes=0,
        user_agent="headwater",
    ).requester


def _token_for(access: RepositoryAccess) -> str:
    if access.installation_id is None:
        return cast("str", settings.GITHUB_TOKEN) or _no_token()
    key = token_key(access)
    # One process asks GitHub, the others wait for its token: at most one an hour and repository.
    token = cache.get(key)
    if token is None:
        token = _new_token(access.installation_id, {"repository_ids": [access.repository_id]})
        cache.set(key, token, TOKEN_SECONDS)
    return cast("str", token)


def token_key(access: RepositoryAccess) -> str:
    """Under which the processes share the token of an installation for one repository."""
    return f"github-token-{access.installation_id}-{access.repository_id}"


def _no_token() -> str:
    raise GitHubNotConfigured("This tracker uses a token.", remedy="Set GITHUB_TOKEN.")


def _new_token(installation_id: int, limits: dict[str, Any]) -> str:
    """PyGithub cannot limit a token to repositories, so the request is made by hand."""
    path = f"/app/installations/{installation_id}/access_tokens"
    made: dict[str, Any] = exchange(app_requester(), "POST", path, body=limits).json
    return cast("str", made["token"])


def _app_is_configured() -> bool:
    return bool(settings.GITHUB_APP_ID and settings.GITHUB_APP_PRIVATE_KEY)


def _private_key() -> str:
    given: str = settings.GITHUB_APP_PRIVATE_KEY
    return given if given.lstrip().startswith("-----BEGIN") else Path(given).read_text()
