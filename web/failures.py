"""What is answered where no view answers: unknown addresses, refusals in pages, crashes."""

from collections.abc import Callable
from http import HTTPStatus

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views import defaults

from web.errors import HeadwaterError
from web.problems import problem_response

ADMIN, API = "/admin/", "/api/"


class ApiSlashMiddleware:
    """Addresses of the API have no slash at their end; one that is sent is forgiven."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(API) and request.path_info.endswith("/"):
            request.path_info = request.path_info.rstrip("/")
            request.path = request.path.rstrip("/")
        return self.get_response(request)


class RefusalMiddleware:
    """An error of ours that no page caught says what happened, what to do, and nothing else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, HeadwaterError):
            return None
        return render(request, "refused.html", {"error": error}, status=error.status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """handler404"""
    if _is_api(request):
        return problem_response(
            code="not-found", status=HTTPStatus.NOT_FOUND, detail="There is nothing here for you."
        )
    return defaults.page_not_found(request, exception)


def denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """handler403: in the admin, where only staff come, it names the role that may."""
    if request.path_info.startswith(ADMIN) and not str(exception):
        exception = PermissionDenied("This needs the role of a support manager.")
    return defaults.permission_denied(request, exception)


def crashed(request: HttpRequest) -> HttpResponseBase:
    """handler500"""
    if _is_api(request):
        return problem_response(
            code="unexpected",
            status=HTTPStatus.INTERNAL_SERVER_ERROR,
            detail="Something broke on our side; it is written down for us.",
            retryable=True,
        )
    return defaults.server_error(request)


def _is_api(request: HttpRequest) -> bool:
    return f"{request.path_info}/".startswith(API)
