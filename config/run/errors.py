"""What keeps `make run` from starting."""

from http import HTTPStatus

from web.errors import HeadwaterError


class StartError(HeadwaterError):
    """Something on this machine is not as it must be; nothing was left running."""

    code = "cannot-start"
    status = HTTPStatus.SERVICE_UNAVAILABLE
