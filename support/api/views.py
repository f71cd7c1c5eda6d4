"""The endpoints."""

from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from contracts.models import User
from support.access import ticket_for
from support.api.serializers import (
    ExperimentSerializer,
    MessageSerializer,
    NewExperimentSerializer,
    NewMessageSerializer,
    NewTicketSerializer,
    TicketDetailSerializer,
    TicketSerializer,
    experiments_of,
)
from support.domain.experiments import request_experiment
from support.domain.tickets import add_message, open_ticket, reply
from support.models import Message, Ticket
from support.models.tickets import Channel
from support.tasks.trackers import send_changes
from web.idempotency import idempotent
from web.wakeups import wake


@extend_schema_view(get=extend_schema(operation_id="list_tickets"))
class TicketsView(ListAPIView[Ticket]):
    """The tickets that the person may see, newest first; and opening another."""

    serializer_class = TicketSerializer

    def get_queryset(self) -> QuerySet[Ticket]:
        theirs = Ticket.objects.visible_to(_person(self.request))
        return theirs.select_related("organization", "project")

    @extend_schema(
        operation_id="open_ticket",
        request=NewTicketSerializer,
        responses={HTTPStatus.CREATED: TicketSerializer},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Open a ticket; a script is read at once, and run if it can be."""
        sent = _checked(NewTicketSerializer(data=request.data, context={"request": request}))
        script = sent.pop("script")
        ticket = open_ticket(
            opened_by=_person(request),
            channel=Channel.API,
            now=timezone.now(),
            script=script.encode() if script else None,
            **sent,
        )
        wake(send_changes)
        answer = TicketSerializer(ticket, context={"request": request}).data
        headers = {"Location": request.build_absolute_uri(f"{request.path}/{ticket.pk}")}
        return Response(answer, status=HTTPStatus.CREATED, headers=headers)


class TicketView(APIView):
    @extend_schema(operation_id="ticket", responses=TicketDetailSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """One ticket with its clocks, experiments and verdicts."""
        ticket = ticket_for(_person(request), pk)
        return Response(TicketDetailSerializer(ticket, context={"request": request}).data)


@extend_schema_view(get=extend_schema(operation_id="list_messages"))
class MessagesView(ListAPIView[Message]):
    """What was said on a ticket, newest first; and saying something."""

    serializer_class = MessageSerializer

    def get_queryset(self) -> QuerySet[Message]:
        person = _person(self.request)
        ticket = ticket_for(person, self.kwargs["pk"])
        return Message.objects.filter(ticket=ticket).visible_to(person)

    @extend_schema(
        operation_id="add_message",
        request=NewMessageSerializer,
        responses={HTTPStatus.CREATED: MessageSerializer},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """A message; a public answer where one of ours writes."""
        person, now = _person(request), timezone.now()
        ticket = ticket_for(person, pk)
        body = _checked(NewMessageSerializer(data=request.data))["body"]
        if person.is_staff:
            message = reply(ticket=ticket, actor=person, body=body, now=now)
        else:
            message = add_message(
                ticket=ticket, author=person, body=body, channel=Channel.API, now=now
            )
        wake(send_changes)
        return Response(MessageSerializer(message).data, status=HTTPStatus.CREATED)


class ExperimentsView(APIView):
    @extend_schema(operation_id="list_experiments", responses=ExperimentSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """The experiments of a ticket, newest first."""
        links = experiments_of(ticket_for(_person(request), pk))
        return Response(ExperimentSerializer([one.experiment for one in links], many=True).data)

    @extend_schema(
        operation_id="request_experiment",
        request=NewExperimentSerializer,
        responses={HTTPStatus.CREATED: ExperimentSerializer},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Run the ticket's reproducer again, on other releases. For our engineers."""
        person = _person(request)
        ticket = ticket_for(person, pk)
        if not person.is_staff:
            raise PermissionDenied("Our engineers decide what is run; ask them on the ticket.")
        sent = _checked(NewExperimentSerializer(data=request.data))
        experiment = request_experiment(
            ticket=ticket, actor=person, releases=sent.get("releases"), now=timezone.now()
        )
        return Response(ExperimentSerializer(experiment).data, status=HTTPStatus.CREATED)


def _checked(serializer: Any) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _person(request: Request) -> User:
    assert isinstance(request.user, User), "every view here asks for somebody signed in"
    return request.user
