"""What the API says of tickets, messages and verdicts. Nothing here is for staff's eyes only."""

import base64
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from contracts.access import organizations_of
from contracts.models import Organization, Project
from reproducers.models import Experiment, Trial
from support.domain.texts import FILE_BYTES
from support.models import Cycle, Message, Ticket, TicketExperiment
from support.models.tickets import Priority


class TrialSerializer(serializers.ModelSerializer[Trial]):
    """One run. `verdict` is empty until it has ended; `reason` is one sentence for people."""

    reason = serializers.SerializerMethodField()

    class Meta:
        model = Trial
        fields = ["id", "dask", "python", "state", "verdict", "reason", "started_at", "ended_at"]

    def get_reason(self, trial: Trial) -> str:
        return str((trial.report or {}).get("reason", ""))


class ExperimentSerializer(serializers.ModelSerializer[Experiment]):
    trials = TrialSerializer(many=True)

    class Meta:
        model = Experiment
        fields = ["id", "plan", "state", "created_at", "ended_at", "trials"]


def experiments_of(ticket: Ticket) -> QuerySet[TicketExperiment]:
    """The experiments of a ticket with their trials, the newest first."""
    links = ticket.ticket_experiments.select_related("experiment")
    return links.prefetch_related("experiment__trials")


class CycleSerializer(serializers.ModelSerializer[Cycle]):
    """A promise being kept or not, with the reason for its due time."""

    class Meta:
        model = Cycle
        fields = ["metric", "started_at", "target_seconds", "due_at", "ended_at", "outcome", "why"]


class TicketSerializer(serializers.ModelSerializer[Ticket]):
    """A ticket in a list. `url` is its page in the portal."""

    organization = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    project = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = Ticket
        fields = [
            "id", "url", "organization", "project", "title", "state", "severity", "priority",
            "dask_release", "python_version", "opened_at", "missing",
        ]  # fmt: skip

    def get_url(self, ticket: Ticket) -> str:
        address: str = self.context["request"].build_absolute_uri(f"/tickets/{ticket.pk}/")
        return address


class TicketDetailSerializer(TicketSerializer):
    """A ticket with its clocks and experiments, the newest experiment first."""

    clocks = CycleSerializer(source="cycles", many=True)
    experiments = serializers.SerializerMethodField()

    class Meta(TicketSerializer.Meta):
        fields = [*TicketSerializer.Meta.fields, "clocks", "experiments"]

    def get_experiments(self, ticket: Ticket) -> list[dict[str, Any]]:
        found = [one.experiment for one in experiments_of(ticket)]
        return list(ExperimentSerializer(found, many=True).data)


class MessageSerializer(serializers.ModelSerializer[Message]):
    """`body` is Markdown as it was written. Internal notes are listed for staff alone."""

    class Meta:
        model = Message
        fields = ["id", "author_name", "author_role", "is_internal", "body", "created_at"]


class EncodedFileField(serializers.CharField):
    """A file's content in base64; bytes once it is checked."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=FILE_BYTES * 4 // 3 + 4, allow_blank=True, **options)

    def to_internal_value(self, data: Any) -> Any:
        try:
            return base64.b64decode(super().to_internal_value(data), validate=True)
        except ValueError as error:
            raise serializers.ValidationError("This is no base64.") from error


class NewTicketSerializer(serializers.Serializer[Ticket]):
    """A problem to be looked at. `script` is the reproducer's text, if there is one."""

    title = serializers.CharField(max_length=256)
    body = serializers.CharField(max_length=65_536, trim_whitespace=False)
    organization = serializers.SlugField(required=False, help_text="For our engineers.")
    project = serializers.SlugField(required=False, help_text="Without it: that of your seat.")
    severity = serializers.ChoiceField(choices=Priority.choices, default=Priority.NORMAL)
    dask_release = serializers.CharField(max_length=32, allow_blank=True, default="")
    python_version = serializers.CharField(max_length=16, allow_blank=True, default="")
    script = serializers.CharField(
        max_length=FILE_BYTES, allow_blank=True, default="", trim_whitespace=False
    )
    script_name = serializers.CharField(max_length=120, default="script.py")
    files = serializers.DictField(
        child=EncodedFileField(),
        default=dict,
        help_text="Data that the script reads beside itself: name -> content in base64.",
    )

    def validate(self, attributes: dict[str, Any]) -> dict[str, Any]:
        """The names of organization and project become what they name, of what one may see."""
        user = self.context["request"].user
        slug = attributes.pop("organization", None)
        theirs = organizations_of(user).filter(**({"slug": slug} if slug else {}))
        organization = user.organization if slug is None else theirs.first()
        if organization is None:
            problem = "There is no such organization." if slug else "Say for which organization."
            raise serializers.ValidationError({"organization": problem})
        project = _project(organization, attributes.pop("project", None))
        return {**attributes, "organization": organization, "project": project}


def _project(organization: Organization, slug: str | None) -> Project | None:
    if slug is None:
        return None
    found = organization.projects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(organization.projects.values_list("slug", flat=True)) or "none"
        problem = f"{organization} has no project of this name. There are: {known}."
        raise serializers.ValidationError({"project": problem})
    return found


class NewMessageSerializer(serializers.Serializer[Message]):
    body = serializers.CharField(max_length=65_536, trim_whitespace=False)


class NewExperimentSerializer(serializers.Serializer[Experiment]):
    """`releases` of Dask to run on; without it, the reported and the newest."""

    releases = serializers.ListField(
        child=serializers.CharField(max_length=32), required=False, max_length=20, min_length=1
    )
