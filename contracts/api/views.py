"""The endpoints."""

from http import HTTPStatus

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from contracts.access import organizations_of, projects_of
from contracts.api.serializers import (
    CredentialsSerializer,
    MeSerializer,
    NewTokenSerializer,
    OrganizationSerializer,
    ProjectSerializer,
)
from contracts.domain.entitlements import may_open_ticket
from contracts.domain.sign_in import check_password_of
from contracts.domain.tokens import issue_token, revoke_token
from contracts.models import Organization, PersonalToken, Project, User
from web.rate_limits import address_of


class MeView(APIView):
    @extend_schema(operation_id="me", responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Who the token belongs to, where they may open a ticket, and whether they may now."""
        user, now = _person(request), timezone.now()
        facts = {
            "person": user,
            "projects": projects_of(user).with_a_seat_of(user, at=now),
            "may_open_ticket": may_open_ticket(user=user, now=now),
        }
        return Response(MeSerializer(facts).data)


class OrganizationsView(ListAPIView[Organization]):
    """The organization of a customer; all of them for staff."""

    serializer_class = OrganizationSerializer

    def get_queryset(self) -> QuerySet[Organization]:
        return organizations_of(_person(self.request))


class ProjectsView(ListAPIView[Project]):
    """The projects of a customer's organization; all of them for staff."""

    serializer_class = ProjectSerializer

    def get_queryset(self) -> QuerySet[Project]:
        return projects_of(_person(self.request))


class TokensView(APIView):
    """Changing a password for a token, which is what `repro login` does."""

    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="issue_token",
        request=CredentialsSerializer,
        responses={HTTPStatus.CREATED: NewTokenSerializer},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """A new personal token, valid for a year. Wrong passwords are counted."""
        sent = CredentialsSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        user = check_password_of(
            email=sent.validated_data["email"],
            password=sent.validated_data["password"],
            address=address_of(request),
        )
        issued = issue_token(actor=user, name=sent.validated_data["name"], now=timezone.now())
        return Response(NewTokenSerializer(issued).data, status=HTTPStatus.CREATED)


class CurrentTokenView(APIView):
    @extend_schema(operation_id="revoke_token", responses={HTTPStatus.NO_CONTENT: None})
    def delete(self, request: Request) -> Response:
        """Revoke the token that this request came with."""
        if not isinstance(request.auth, PersonalToken):
            raise NotFound("This request came without a token.")
        revoke_token(actor=_person(request), token=request.auth, now=timezone.now())
        return Response(status=HTTPStatus.NO_CONTENT)


def _person(request: Request) -> User:
    """Permission classes have let nobody else through."""
    assert isinstance(request.user, User)
    return request.user
