"""Answers to polls: 304 while nothing changed, and the word to stop once nothing runs."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.utils.cache import patch_cache_control

from support.portal.evidence import Evidence

STOP_POLLING = 286
"""htmx swaps this answer in and asks no more."""


def live_answer(
    request: HttpRequest,
    evidence: Evidence,
    template: str,
    facts: Callable[[], dict[str, Any]],
) -> HttpResponse:
    """The fragment, or 304 for a page that shows it already. `facts` are only asked for if needed.

    A browser keeps the fragment under its ETag but asks each time; nobody else keeps it.
    """
    tag = f'"{evidence.tag}"'
    response: HttpResponse
    if evidence.is_running and request.headers.get("If-None-Match") == tag:
        response = HttpResponseNotModified()
    else:
        is_poll = request.headers.get("HX-Request") == "true"
        status = STOP_POLLING if is_poll and not evidence.is_running else HTTPStatus.OK
        response = render(request, template, facts(), status=status)
    response["ETag"] = tag
    patch_cache_control(response, private=True, no_cache=True)
    return response
