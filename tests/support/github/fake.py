"""A small working GitHub on loopback: repositories, issues, comments, an App, and faults."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

PAGE = 100
IDS = count(1000)
"""No id is used in two tests, so that nothing cached by id is found again."""


@dataclass
class Fault:
    """What is wrong with the next requests that match: `takes_effect` although the answer fails."""

    verb: str
    path: str
    status: int
    takes_effect: bool = False
    times: int = 1
    headers: dict[str, str] = field(default_factory=dict)
    message: str = "fault"


@dataclass
class FakeGitHub:
    """State first, HTTP below. Instants are whole seconds, ids are never reused."""

    url: str = ""
    repositories: dict[str, int] = field(default_factory=dict)
    issues: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    comments: dict[int, dict[str, Any]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    tokens: dict[str, list[int]] = field(default_factory=dict)
    are_private: bool = True
    ids: Iterator[int] = field(default_factory=lambda: IDS)

    def add_repository(self, full_name: str) -> int:
        self.repositories[full_name] = next(self.ids)
        return self.repositories[full_name]

    def open_issue(self, full_name: str, login: str, title: str, body: str) -> dict[str, Any]:
        number = 1 + sum(1 for name, _ in self.issues if name == full_name)
        issue = {
            "id": next(self.ids),
            "number": number,
            "url": f"{self.url}/repos/{full_name}/issues/{number}",
            "title": title,
            "body": body,
            "user": user(login),
            "state": "open",
            "labels": [],
            "created_at": instant(),
        }
        self.issues[full_name, number] = issue
        return issue

    def comment(self, full_name: str, number: int, login: str, body: str) -> dict[str, Any]:
        comment_id = next(self.ids)
        comment = {
            "id": comment_id,
            "url": f"{self.url}/repos/{full_name}/issues/comments/{comment_id}",
            "issue": (full_name, number),
            "body": body,
            "user": user(login),
            "created_at": instant(),
        }
        self.comments[comment_id] = comment
        return comment

    def comments_of(self, full_name: str, number: int) -> list[dict[str, Any]]:
        return [one for one in self.comments.values() if one["issue"] == (full_name, number)]

    def labels_of(self, full_name: str, number: int) -> set[str]:
        return {one["name"] for one in self.issues[full_name, number]["labels"]}

    def writes(self) -> list[tuple[str, str]]:
        return [(verb, path) for verb, path, _ in self.requests if verb != "GET"]

    def fail(self, verb: str, path: str, status: int, **more: Any) -> None:
        self.faults.append(Fault(verb, path, status, **more))

    # -- one request ------------------------------------------------------------------------------

    def answer(
        self, verb: str, target: str, token: str, sent: Any
    ) -> tuple[int, Any, dict[str, str]]:
        parts = urlsplit(target)
        path = unquote(parts.path)
        self.requests.append((verb, path, token))
        if token.startswith("ghs_") and token not in self.tokens:
            return 401, {"message": "Bad credentials"}, {}
        fault = self._fault(verb, path)
        if fault is not None:
            if fault.takes_effect:
                self._route(verb, path, parse_qs(parts.query), sent)
            return fault.status, {"message": fault.message}, fault.headers
        return self._route(verb, path, parse_qs(parts.query), sent)

    def _fault(self, verb: str, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.times and fault.verb == verb and re.search(fault.path, path):
                fault.times -= 1
                return fault
        return None

    def _route(
        self, verb: str, path: str, query: dict[str, list[str]], sent: Any
    ) -> tuple[int, Any, dict[str, str]]:
        if found := re.fullmatch(r"/app/installations/(\d+)/access_tokens", path):
            return self._new_token(int(found[1]), sent)
        found = re.fullmatch(r"/repos/([^/]+/[^/]+)(?:/(.*))?", path)
        if not found or found[1] not in self.repositories:
            return 404, {"message": "Not Found"}, {}
        return self._in_repository(verb, found[1], found[2] or "", query, sent)

    def _new_token(self, installation: int, sent: Any) -> tuple[int, Any, dict[str, str]]:
        token = f"ghs_{next(self.ids)}"
        names = [n for n in self.repositories if n.split("/")[1] in sent.get("repositories", [])]
        self.tokens[token] = sent.get("repository_ids") or [self.repositories[n] for n in names]
        return 201, {"token": token}, {}

    def _repository(self, name: str) -> dict[str, Any]:
        return {"id": self.repositories[name], "full_name": name, "private": self.are_private}

    def _in_repository(
        self, verb: str, name: str, rest: str, query: dict[str, list[str]], sent: Any
    ) -> tuple[int, Any, dict[str, str]]:
        if rest == "":
            return 200, self._repository(name), {}
        if rest == "installation":
            return 200, {"id": 777}, {}
        if found := re.fullmatch(r"issues/comments/(\d+)", rest):
            return self._comment(verb, int(found[1]), sent)
        found = re.fullmatch(r"issues/(\d+)(?:/(comments|labels)(?:/(.+))?)?", rest)
        if not found or (name, int(found[1])) not in self.issues:
            return 404, {"message": "Not Found"}, {}
        return self._in_issue(verb, name, int(found[1]), found[2], found[3], query, sent)

    def _in_issue(
        self,
        verb: str,
        name: str,
        number: int,
        part: str | None,
        label: str | None,
        query: dict[str, list[str]],
        sent: Any,
    ) -> tuple[int, Any, dict[str, str]]:
        issue = self.issues[name, number]
        if part is None:
            return 200, issue, {}
        if part == "labels":
            kept = [one for one in issue["labels"] if one["name"] != label]
            issue["labels"] = kept + [{"name": one} for one in (sent or {}).get("labels", [])]
            return 200, issue["labels"], {}
        if verb == "POST":
            return 201, self.comment(name, number, "headwater[bot]", sent["body"]), {}
        return self._page(self.comments_of(name, number), f"{issue['url']}/comments", query)

    def _page(
        self, rows: list[Any], url: str, query: dict[str, list[str]]
    ) -> tuple[int, Any, dict[str, str]]:
        page = int(query.get("page", ["1"])[0])
        more = len(rows) > page * PAGE
        link = {"Link": f'<{url}?per_page={PAGE}&page={page + 1}>; rel="next"'} if more else {}
        return 200, rows[(page - 1) * PAGE : page * PAGE], link

    def _comment(self, verb: str, comment_id: int, sent: Any) -> tuple[int, Any, dict[str, str]]:
        comment = self.comments.get(comment_id)
        if comment is None:
            return 404, {"message": "Not Found"}, {}
        if verb == "PATCH":
            comment["body"] = sent["body"]
        return 200, comment, {}


def user(login: str) -> dict[str, Any]:
    kind = "Bot" if login.endswith("[bot]") else "User"
    return {"id": sum(login.encode()) + 10_000, "login": login, "type": kind}


def instant() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def serving() -> Iterator[FakeGitHub]:
    """The fake behind a loopback port, until the block ends."""
    fake = FakeGitHub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            sent = json.loads(self.rfile.read(length) or b"null")
            token = self.headers.get("Authorization", "").split(" ")[-1]
            status, found, headers = fake.answer(self.command, self.path, token, sent)
            body = json.dumps(found).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = do_DELETE = handle_one

        def log_message(self, format: str, *args: Any) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
