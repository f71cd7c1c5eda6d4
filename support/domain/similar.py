"""Problems that read like a new one: the asker's own tickets, and public issues that we follow."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Case, QuerySet, Value, When

from contracts.models import User
from support.models import Ticket, UpstreamIssue

WORDS: Final = 12
SHOWN: Final = 3
IN_COMMON: Final = 2
"""One word in common, such as `parquet`, says nothing yet."""
_WORD: Final = re.compile(r"[^\W_]{3,40}")
_SAY_NOTHING: Final = frozenset({"dask", "distributed", "error", "problem", "bug"})


@dataclass(frozen=True, kw_only=True)
class Similar:
    """What reads alike; words in common order them."""

    tickets: Sequence[Ticket] = ()
    issues: Sequence[UpstreamIssue] = ()

    def __bool__(self) -> bool:
        return bool(self.tickets or self.issues)


def similar_problems(*, title: str, asker: User) -> Similar:
    """At most three of each kind that share two words with `title`; nothing of other customers."""
    words = list(_telling(title))
    if len(words) < IN_COMMON:
        return Similar()
    return Similar(
        tickets=_alike(Ticket.objects.visible_to(asker), words),
        issues=_alike(UpstreamIssue.objects.all(), words),
    )


def _telling(title: str) -> Iterator[str]:
    found = dict.fromkeys(word.lower() for word in _WORD.findall(title))
    return (word for word in list(found)[:WORDS] if word not in _SAY_NOTHING)


def _alike(candidates: QuerySet[Any], words: Sequence[str]) -> list[Any]:
    """Those with enough of the words, in any form that English gives them, in their title."""
    named = candidates.annotate(said=SearchVector("title", config="english"))
    common: Any = Value(0)
    for word in words:
        has_it = When(said=SearchQuery(word, config="english"), then=1)
        common = common + Case(has_it, default=0)
    counted = named.annotate(common=common)
    return list(counted.filter(common__gte=IN_COMMON).order_by("-common", "-pk")[:SHOWN])
