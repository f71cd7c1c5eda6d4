"""Pages as people read them: their words without tags, by parts, and what forms would send."""

import re
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from contracts.models import User

SILENT = {"script", "style", "svg", "title", "template", "head", "noscript"}
VOID = {"br", "col", "img", "input", "meta", "link", "hr", "path", "use", "rect", "line", "option"}


class _Words(HTMLParser):
    def __init__(self, start: str = "") -> None:
        super().__init__()
        self.start, self.depth, self.silent = start, 0, 0
        self.pieces: list[str] = []

    @property
    def is_inside(self) -> bool:
        return not self.start or self.depth > 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.start and tag not in VOID and (self.depth or dict(attrs).get("id") == self.start):
            self.depth += 1
        self.silent += tag in SILENT

    def handle_endtag(self, tag: str) -> None:
        self.depth -= bool(self.depth) and tag not in VOID
        self.silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if self.is_inside and not self.silent:
            self.pieces.append(data)


def words(response: Any, part: str = "") -> str:
    """What stands on the page, or in the element of that id, with single spaces."""
    reader = _Words(part)
    reader.feed(response.content.decode())
    text = " ".join("".join(f" {piece}" for piece in reader.pieces).split())
    return re.sub(r" ([.,:;])", r"\1", text)


def heading(response: Any) -> str:
    """The words of the page's h1."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", response.content.decode(), re.DOTALL)
    assert found, "the page has no h1"
    return " ".join(re.sub(r"<[^>]+>", "", found[1]).split())


def sentence(response: Any) -> str:
    """The big sentence of the page."""
    found = re.search(
        r'<\w+ class="say[^"]*">(.*?)</(?:p|h1)>', response.content.decode(), re.DOTALL
    )
    assert found, "the page opens with no sentence"
    return " ".join(re.sub(r"<[^>]+>", "", found[1]).split())


def hidden(response: Any, name: str) -> str:
    """The value of a hidden field."""
    tag = re.search(
        rf'<input type="hidden" name="{name}" value="([^"]*)"', response.content.decode()
    )
    assert tag, f"there is no hidden field {name}"
    return tag[1]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
