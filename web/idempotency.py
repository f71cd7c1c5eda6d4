"""Idempotency-Key on writes: sent twice, done once, answered the same.

The write and the record of its answer are one transaction, so a crash leaves both or neither. A
refused write is not recorded: corrected, it may use its key again.
"""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from web.errors import HeadwaterError
from web.models import IdempotentRequest

HEADER = "Idempotency-Key"
KEPT_FOR = timedelta(days=7)
_KEY = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)

_PARAMETER = OpenApiParameter(
    HEADER,
    str,
    OpenApiParameter.HEADER,
    description="Sent twice with the same key, this is done once and answered the same.",
)

P = ParamSpec("P")
V = TypeVar("V", bound=APIView)
Handler = Callable[Concatenate[V, Request, P], Response]


class KeyRefused(HeadwaterError):
    code = "idempotency-key-refused"


class KeyReused(HeadwaterError):
    """The key came with another request before."""

    code = "idempotency-key-reused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class KeyInUse(HeadwaterError):
    """The first request with that key is still being worked on."""

    code = "idempotency-key-in-use"
    status = HTTPStatus.CONFLICT
    retryable = True


def idempotent(handler: Handler[V, P]) -> Callable[Concatenate[V, Request, P], HttpResponse]:
    """A writing method of an API view, done in one transaction and once for each key and person.

    Raises `KeyRefused`, `KeyReused` and `KeyInUse`. Without the header it is done every time.
    """

    @extend_schema(parameters=[_PARAMETER])
    @wraps(handler)
    def answer(view: V, request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        key = request.headers.get(HEADER)
        with transaction.atomic():
            if key is None:
                return _undone_if_refused(handler(view, request, *args, **kwargs))
            _lock(request, key)
            fingerprint = fingerprint_of(request)
            kept = IdempotentRequest.objects.filter(user_id=_user_id(request), key=key).first()
            if kept is None:
                response = _undone_if_refused(handler(view, request, *args, **kwargs))
                if response.status_code >= HTTPStatus.BAD_REQUEST:
                    return response
                kept = _keep(request, key, fingerprint, response)
                return _answer(kept, replayed=False)
            if kept.fingerprint != fingerprint:
                raise KeyReused(
                    f"This {HEADER} came with another request before.",
                    remedy="Use a new key for a new request.",
                )
            return _answer(kept, replayed=True)

    return answer


def forget_answers(*, now: datetime) -> int:
    """Drop the answers older than a week; how many they were."""
    return IdempotentRequest.objects.made_before(now - KEPT_FOR).delete()[0]


def fingerprint_of(request: Request) -> str:
    """A digest of method, path and what was sent, whatever its multipart boundary."""
    sent = _plain(request.data)
    words = json.dumps([request.method, request.get_full_path(), sent], sort_keys=True, default=str)
    return hashlib.sha256(words.encode()).hexdigest()


def _undone_if_refused(response: Response) -> Response:
    if response.status_code >= HTTPStatus.BAD_REQUEST:
        transaction.set_rollback(True)
    return response


def _user_id(request: Request) -> int:
    assert request.user.pk is not None, "who writes has signed in"
    return request.user.pk


def _lock(request: Request, key: str) -> None:
    """Until the transaction ends nobody else works under this key."""
    if not _KEY.fullmatch(key):
        raise KeyRefused(
            f"{HEADER} is 1 to 255 visible ASCII characters.", remedy="Send a random UUID."
        )
    digest = hashlib.sha256(f"{_user_id(request)}:{key}".encode()).digest()
    number = int.from_bytes(digest[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        row = cursor.fetchone()
    if not row or not row[0]:
        raise KeyInUse(
            "The first request with this key is still being worked on.",
            remedy="Send it again in a few seconds; it is done once.",
        )


def _keep(request: Request, key: str, fingerprint: str, response: Response) -> IdempotentRequest:
    return IdempotentRequest.objects.create(
        user_id=_user_id(request),
        key=key,
        fingerprint=fingerprint,
        status=response.status_code,
        body=JSONRenderer().render(response.data),
        location=response.headers.get("Location", ""),
        created_at=timezone.now(),  # noqa: TID251 -- wraps views, which are edges
    )


def _answer(kept: IdempotentRequest, *, replayed: bool) -> HttpResponse:
    headers = {"Location": kept.location} if kept.location else {}
    if replayed:
        headers["Idempotency-Replayed"] = "true"
    return HttpResponse(
        bytes(kept.body), status=kept.status, content_type="application/json", headers=headers
    )


def _plain(value: Any) -> Any:
    """What was sent as something that JSON can say; a file by the digest of its content."""
    if hasattr(value, "lists"):
        return {name: [_plain(item) for item in items] for name, items in value.lists()}
    if isinstance(value, UploadedFile):
        digest = hashlib.sha256()
        for chunk in value.chunks():
            digest.update(chunk)
        value.seek(0)
        return {"name": value.name, "sha256": digest.hexdigest()}
    return value
