"""The door for GitHub: verify, store, answer. Everything else happens in a worker."""

import json
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from support.domain.inbox import store_delivery
from support.domain.signatures import is_signed
from support.tasks.trackers import read_hints
from web.wakeups import wake

PROBLEM_JSON = "application/problem+json"


@csrf_exempt
@require_POST
def github(request: HttpRequest) -> JsonResponse:
    """`POST /webhooks/github`: 202 within milliseconds, whether GitHub's API answers or not."""
    try:
        body = request.body
    except RequestDataTooBig:
        return _problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This delivery is too large.")
    except UnreadablePostError:
        return _problem(HTTPStatus.BAD_REQUEST, "The delivery broke off. Please redeliver it.")
    signature = request.headers.get("X-Hub-Signature-256", "")
    if not is_signed(body=body, signature=signature, secrets=settings.GITHUB_WEBHOOK_SECRETS):
        return _problem(
            HTTPStatus.UNAUTHORIZED,
            "The signature does not match. Check the webhook's secret on both sides.",
        )
    return _store(request, body)


def _store(request: HttpRequest, body: bytes) -> JsonResponse:
    guid = request.headers.get("X-GitHub-Delivery", "")
    if not guid:
        return _problem(HTTPStatus.BAD_REQUEST, "X-GitHub-Delivery is missing.")
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return _problem(
            HTTPStatus.BAD_REQUEST,
            "This is not JSON. Set the webhook's content type to application/json.",
        )
    delivery = store_delivery(
        endpoint="github",
        guid=guid,
        event=request.headers.get("X-GitHub-Event", ""),
        payload=payload,
        body=body,
        now=timezone.now(),
    )
    if delivery is not None:
        wake(read_hints)
    return JsonResponse({"stored": delivery is not None}, status=HTTPStatus.ACCEPTED)


def _problem(status: HTTPStatus, detail: str) -> JsonResponse:
    facts = {"type": "about:blank", "title": status.phrase, "status": status, "detail": detail}
    return JsonResponse(facts, status=status, content_type=PROBLEM_JSON)
