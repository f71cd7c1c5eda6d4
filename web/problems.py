"""API errors as application/problem+json (RFC 9457), with a remedy and nothing that leaks."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from web.errors import HeadwaterError

MEDIA_TYPE = "application/problem+json"

_REMEDIES = {
    HTTPStatus.BAD_REQUEST: "Correct what is named and send it again.",
    HTTPStatus.UNAUTHORIZED: "Send `Authorization: Bearer <token>`, or sign in.",
    HTTPStatus.FORBIDDEN: "Ask somebody whose role allows it.",
    HTTPStatus.NOT_FOUND: "Check the address; what is not yours cannot be found either.",
    HTTPStatus.METHOD_NOT_ALLOWED: "The header Allow names what may be done here.",
    HTTPStatus.NOT_ACCEPTABLE: "Ask for application/json.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Send less.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "Send application/json.",
    HTTPStatus.TOO_MANY_REQUESTS: "Wait as long as the header Retry-After says.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Try again later; under one Idempotency-Key it is done once.",
}


def problem(
    *,
    code: str,
    status: int,
    detail: str,
    remedy: str = "",
    retryable: bool = False,
    **more: object,
) -> dict[str, object]:
    """The body of a problem. `code` is its stable name; `type` says the same as a URI."""
    return {
        "type": f"urn:headwater:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "code": code,
        "detail": detail,
        "remedy": remedy or _REMEDIES.get(HTTPStatus(status), ""),
        "retryable": retryable,
    } | more


def problem_of(error: HeadwaterError) -> dict[str, object]:
    return problem(
        code=error.code,
        status=error.status,
        detail=error.message,
        remedy=error.remedy,
        retryable=error.retryable,
    )


def answer_with_problem(exception: Exception, context: Mapping[str, Any]) -> Response | None:
    """Django REST framework's exception handler; None for what is a mistake of ours (a 500)."""
    headers: dict[str, str] = {}
    if isinstance(exception, Http404):
        exception = exceptions.NotFound()
    elif isinstance(exception, PermissionDenied):
        exception = exceptions.PermissionDenied()
    if isinstance(exception, HeadwaterError):
        body = problem_of(exception)
    elif isinstance(exception, exceptions.APIException):
        body, headers = _of_framework(exception), _headers(exception)
    else:
        return None
    set_rollback()
    status = int(str(body["status"]))
    return Response(body, status=status, headers=headers, content_type=MEDIA_TYPE)


def problem_response(**facts: Any) -> JsonResponse:
    """A problem outside the framework's views: unknown addresses, crashes."""
    body = problem(**facts)
    return JsonResponse(body, status=facts["status"], content_type=MEDIA_TYPE)


def _of_framework(exception: exceptions.APIException) -> dict[str, object]:
    if isinstance(exception, exceptions.ValidationError):
        return problem(
            code="invalid",
            status=exception.status_code,
            detail="What was sent is not valid.",
            errors=list(_field_errors(exception.detail)),
        )
    retryable = isinstance(exception, exceptions.Throttled)
    return problem(
        code=exception.default_code.replace("_", "-"),
        status=exception.status_code,
        detail=str(exception.detail),
        retryable=retryable,
    )


def _field_errors(detail: Any, field: str = "") -> Iterator[dict[str, str]]:
    """`{"field": "script.name", "message": ...}` for each complaint, however nested."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from _field_errors(inner, f"{field}.{name}" if field else str(name))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _field_errors(inner, field)
    else:
        yield {"field": field, "message": str(detail)}


def _headers(exception: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if authenticate := getattr(exception, "auth_header", None):
        headers["WWW-Authenticate"] = authenticate
    if wait := getattr(exception, "wait", None):
        headers["Retry-After"] = str(wait)
    return headers
