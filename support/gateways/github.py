"""GitHub in our verbs: the only room that speaks to it, with `github_access` and `_exchange`.

Every answer is checked to be about the repository asked for, every write's to carry an id
(tracker.md, 3): a redirect must never carry one customer's text into another's repository.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from support.gateways.github_access import (
    RepositoryAccess,
    app_is_used,
    app_requester,
    ask,
    limited_requester,
    token_requester,
)
from support.gateways.github_errors import ForeignAnswer
from support.gateways.github_exchange import Answer, exchange

PAGES_AT_MOST = 200


@dataclass(frozen=True, kw_only=True)
class Author:
    """Who wrote; `id` None is a ghost, whose account is gone."""

    id: int | None
    login: str
    is_bot: bool


@dataclass(frozen=True, kw_only=True)
class Issue:
    """An issue as GitHub has it now; instants are GitHub's."""

    id: int
    number: int
    title: str
    body: str
    author: Author
    created_at: datetime
    is_open: bool
    is_pull_request: bool
    labels: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Comment:
    """A comment as GitHub has it now."""

    id: int
    body: str
    author: Author
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Repository:
    """A repository, and the installation through which the App reaches it (None: a PAT)."""

    id: int
    full_name: str
    is_private: bool
    installation_id: int | None


def find_repository(full_name: str) -> Repository:
    """Look a repository up before it becomes a tracker."""
    path = f"/repos/{quote(full_name)}"
    if not app_is_used():
        return _repository(exchange(token_requester(), "GET", path).json, None)
    installation = exchange(app_requester(), "GET", f"{path}/installation").json["id"]
    requester = limited_requester(installation, {"repositories": [full_name.split("/")[1]]})
    return _repository(exchange(requester, "GET", path).json, installation)


def known_as() -> str:
    """Whom GitHub takes us for: the App's name, or the login behind the token."""
    path, key = ("/app", "name") if app_is_used() else ("/user", "login")
    requester = app_requester() if app_is_used() else token_requester()
    found = exchange(requester, "GET", path).json
    with _understanding("account"):
        return str(found[key])


def read_issue(access: RepositoryAccess, number: int) -> Issue:
    """The issue as it is now. Raises GitHubGone for one that was deleted or transferred."""
    found = ask(access, "GET", _path(access, f"issues/{number}")).json
    with _understanding("issue"):
        return _issue(_check(access, found))


def read_comments(
    access: RepositoryAccess, number: int, *, since: datetime | None = None
) -> list[Comment]:
    """All comments of an issue, oldest first; with `since`, those updated from then on."""
    parameters = {"per_page": 100} | ({"since": _instant(since)} if since else {})
    pages = _pages(access, f"issues/{number}/comments", parameters)
    with _understanding("list of comments"):
        return [_comment(_check(access, one)) for answer in pages for one in answer.json]


def read_comment(access: RepositoryAccess, comment_id: int) -> Comment:
    found = ask(access, "GET", _path(access, f"issues/comments/{comment_id}"))
    with _understanding("comment"):
        return _comment(_check(access, found.json))


def write_comment(access: RepositoryAccess, number: int, body: str) -> int:
    """Say something on an issue; its id comes back. The issue is looked at first (see above)."""
    read_issue(access, number)
    path = _path(access, f"issues/{number}/comments")
    made = ask(access, "POST", path, body={"body": body}).json
    return int(_check(access, made)["id"])


def edit_comment(access: RepositoryAccess, comment_id: int, body: str) -> int:
    """Replace the text of a comment of ours."""
    path = _path(access, f"issues/comments/{comment_id}")
    made = ask(access, "PATCH", path, body={"body": body}).json
    return int(_check(access, made)["id"])


def change_labels(
    access: RepositoryAccess, number: int, *, add: set[str], remove: set[str]
) -> None:
    """Add and remove labels; others stay. What is there or gone already is left alone."""
    present = read_issue(access, number).labels
    path = _path(access, f"issues/{number}/labels")
    if missing := sorted(add - present):
        ask(access, "POST", path, body={"labels": missing})
    for name in sorted(remove & present):
        ask(access, "DELETE", f"{path}/{quote(name, safe='')}")


def _path(access: RepositoryAccess, rest: str) -> str:
    return f"/repos/{quote(access.full_name)}/{rest}"


def _pages(access: RepositoryAccess, rest: str, parameters: dict[str, Any]) -> Iterator[Answer]:
    answer = ask(access, "GET", _path(access, rest), parameters=parameters)
    for _ in range(PAGES_AT_MOST):
        yield answer
        if answer.next_page is None:
            return
        answer = ask(access, "GET", answer.next_page)


def _check(access: RepositoryAccess, found: Any) -> Any:
    """The answer must name the repository asked for, and an object with an id."""
    url = str(found.get("url", "")) if isinstance(found, dict) else ""
    if f"/repos/{access.full_name}/".lower() not in url.lower() or "id" not in found:
        raise ForeignAnswer(
            f"GitHub answered about something else than {access.full_name}.",
            remedy="Check whether the issue was transferred or the repository renamed.",
        )
    return found


@contextmanager
def _understanding(what: str) -> Iterator[None]:
    """An answer of another shape than GitHub documents is GitHub's trouble, not a crash of ours."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ForeignAnswer(f"GitHub's {what} is not of the documented shape.") from error


def _issue(found: Any) -> Issue:
    return Issue(
        id=found["id"],
        number=found["number"],
        title=found.get("title") or "",
        body=found.get("body") or "",
        author=_author(found.get("user")),
        created_at=datetime.fromisoformat(found["created_at"]),
        is_open=found.get("state") == "open",
        is_pull_request="pull_request" in found,
        labels=frozenset(one["name"] for one in found.get("labels", [])),
    )


def _repository(found: Any, installation_id: int | None) -> Repository:
    return Repository(
        id=found["id"],
        full_name=found["full_name"],
        is_private=bool(found.get("private")),
        installation_id=installation_id,
    )


def _comment(found: Any) -> Comment:
    return Comment(
        id=found["id"],
        body=found.get("body") or "",
        author=_author(found.get("user")),
        created_at=datetime.fromisoformat(found["created_at"]),
    )


def _author(found: Any) -> Author:
    if not found:
        return Author(id=None, login="ghost", is_bot=False)
    is_bot = found.get("type") == "Bot" or found["login"].endswith("[bot]")
    return Author(id=found["id"], login=found["login"], is_bot=is_bot)


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
