"""How often something may be tried. Counts stand in Redis, and are gone when it is."""

import hashlib
import logging
from dataclasses import dataclass
from datetime import timedelta

from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `tries` failures within `window`, which begins with the first of them.

    Without Redis nothing is counted and everything may be tried: a lost cache locks nobody out.
    """

    name: str
    tries: int
    window: timedelta

    def is_reached(self, subject: str) -> bool:
        try:
            return int(cache.get(self._key(subject), 0)) >= self.tries
        except RedisError:
            logger.warning("Redis does not answer; %s is not limited.", self.name)
            return False

    def count(self, subject: str) -> None:
        key = self._key(subject)
        try:
            if not cache.add(key, 1, self.window.total_seconds()):
                cache.incr(key)
        except (RedisError, ValueError):  # ValueError: it expired between the two
            logger.warning("A try of %s was not counted.", self.name)

    def forget(self, subject: str) -> None:
        try:
            cache.delete(self._key(subject))
        except RedisError:
            logger.warning("Redis does not answer; %s is not reset.", self.name)

    def _key(self, subject: str) -> str:
        """No address or e-mail stands in Redis."""
        return f"limit:{self.name}:{hashlib.sha256(subject.encode()).hexdigest()}"


def address_of(request: HttpRequest) -> str:
    """The network address of who asks; the web server tells it from a trusted proxy's header."""
    return str(request.META.get("REMOTE_ADDR", ""))
