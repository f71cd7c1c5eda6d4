"""Pages that only tests know: they write, refuse and crash."""

from http import HTTPStatus
from threading import Event
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from rest_framework import serializers
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from contracts.models import Organization
from web.errors import HeadwaterError
from web.idempotency import idempotent

handler403 = "web.failures.denied"
handler404 = "web.failures.not_found"
handler500 = "web.failures.crashed"


class Refusal(HeadwaterError):
    code = "test-refusal"
    status = HTTPStatus.CONFLICT
    retryable = True


class Gate:
    """Lets a test hold a write while it is being done."""

    entered, may_leave = Event(), Event()


class Writes(APIView):
    """Adds an organization of the name that is sent."""

    @idempotent
    def post(self, request: Request) -> Response:
        name = request.data["name"]
        organization = Organization.objects.create(name=name, slug=name.lower())
        if name == "refused":
            raise Refusal("Not that one.", remedy="Take another.")
        if name == "answered":
            return Response({"no": 1}, status=HTTPStatus.BAD_REQUEST)
        if name == "slow":
            Gate.entered.set()
            Gate.may_leave.wait(10)
        headers = {"Location": f"/api/v1/organizations/{organization.pk}"}
        return Response({"id": organization.pk}, status=HTTPStatus.CREATED, headers=headers)


class Sent(serializers.Serializer[Any]):
    name = serializers.CharField()
    scripts = serializers.ListField(child=serializers.DictField(child=serializers.IntegerField()))


class Fails(APIView):
    """Fails in the way that is asked for."""

    def get(self, request: Request, way: str) -> Response:
        raise {
            "refusal": Refusal("Not that one.", remedy="Take another."),
            "not-found": Http404("the secret row 7"),
            "denied": PermissionDenied("the secret rule"),
            "throttled": Throttled(wait=6.2),
            "crash": RuntimeError("the secret place"),
        }[way]

    def post(self, request: Request, way: str) -> Response:
        Sent(data=request.data).is_valid(raise_exception=True)
        raise AssertionError("it was valid")


@method_decorator(csrf_exempt, name="dispatch")
class Quiet(APIView):
    def get(self, request: Request) -> Response:
        return Response({"fine": True})


def page(request: HttpRequest, way: str) -> HttpResponse:
    if way == "refusal":
        raise Refusal("Not <that> one.", remedy="Take another.")
    if way == "denied":
        raise PermissionDenied
    if way == "crash":
        raise RuntimeError("the secret place")
    return HttpResponse("fine")


urlpatterns = [
    path("api/test/writes", Writes.as_view()),
    path("api/test/quiet", Quiet.as_view()),
    path("api/test/<str:way>", Fails.as_view()),
    path("page/<str:way>", page),
    path("admin/<str:way>", page),
    path("", include("config.urls")),
]
