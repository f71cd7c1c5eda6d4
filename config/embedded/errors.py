"""What keeps an engine from starting."""

from http import HTTPStatus

from web.errors import HeadwaterError


class EngineError(HeadwaterError):
    """The embedded PostgreSQL or Redis cannot be started, or ended by itself."""

    code = "engine-failed"
    status = HTTPStatus.SERVICE_UNAVAILABLE
