"""Every URL of the URL configuration, as its route with placeholders."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Place:
    """A route such as `tickets/<int:pk>/`, and the name it is reversed by, with namespace."""

    route: str
    name: str


def places() -> list[Place]:
    return sorted(set(_walk(get_resolver().url_patterns, "", "")), key=lambda place: place.route)


def _walk(patterns: list[Any], before: str, namespace: str) -> Iterator[Place]:
    for one in patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            inner = f"{namespace}{one.namespace}:" if one.namespace else namespace
            yield from _walk(one.url_patterns, route, inner)
        elif isinstance(one, URLPattern):
            yield Place(route, f"{namespace}{one.name}" if one.name else "")
