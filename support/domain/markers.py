"""The invisible mark that our comments carry on GitHub, by which an echo is told from an answer.

An HTML comment survives GitHub's rendering and its API byte for byte; a person quoting our text
does not copy it from the rendered page. Pure.
"""

import re
from uuid import UUID

PATTERN = re.compile(
    r"<!-- headwater:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) -->\s*\Z", re.ASCII
)


def with_marker(body: str, marker: UUID) -> str:
    """The text as it goes out."""
    return f"{body.rstrip()}\n\n<!-- headwater:{marker} -->"


def marker_of(body: str) -> UUID | None:
    """The mark at the very end of a text; None for what is not ours.

    The end alone counts: a reply by e-mail or a quote may carry our mark in the middle.
    """
    found = PATTERN.search(body)
    return UUID(found[1]) if found else None
