"""How much one person may ask of the API in a minute."""

import logging
from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle

if TYPE_CHECKING:  # rest_framework.views imports this module while it is being imported itself
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)


class PersonThrottle(UserRateThrottle):
    """By person; by address for who has not signed in. Without Redis nobody is held up."""

    scope = "person"

    def allow_request(self, request: Request, view: "APIView") -> bool:
        try:
            return super().allow_request(request, view)
        except RedisError:
            logger.warning("Redis does not answer; the API is not throttled.")
            return True
