"""What the API says of people, organizations and projects."""

from rest_framework import serializers

from contracts.domain.tokens import IssuedToken
from contracts.models import Organization, Project, User


class OrganizationSerializer(serializers.ModelSerializer[Organization]):
    class Meta:
        model = Organization
        fields = ["id", "slug", "name"]


class ProjectSerializer(serializers.ModelSerializer[Project]):
    organization = OrganizationSerializer()

    class Meta:
        model = Project
        fields = ["id", "slug", "name", "organization", "dask_release", "python_version"]


class PersonSerializer(serializers.ModelSerializer[User]):
    """Who the token belongs to."""

    organization = OrganizationSerializer(allow_null=True)

    class Meta:
        model = User
        fields = ["id", "name", "email", "role", "zone", "organization"]


class EntitlementSerializer(serializers.Serializer[object]):
    """Whether a ticket may be opened now, and if not, why and whom to ask."""

    allowed = serializers.BooleanField()
    reason = serializers.CharField()
    message = serializers.CharField()
    remedy = serializers.CharField()
    contacts = serializers.ListField(child=serializers.CharField())


class MeSerializer(serializers.Serializer[object]):
    person = PersonSerializer()
    projects = ProjectSerializer(many=True, help_text="Those that the person holds a seat on.")
    may_open_ticket = EntitlementSerializer()


class CredentialsSerializer(serializers.Serializer[object]):
    email = serializers.EmailField()
    password = serializers.CharField(trim_whitespace=False, max_length=4096)
    name = serializers.CharField(max_length=80, help_text="What the token is for, such as a host.")


class NewTokenSerializer(serializers.Serializer[IssuedToken]):
    """`secret` is the token itself, shown this once."""

    secret = serializers.CharField()
    name = serializers.CharField(source="token.name")
    expires_at = serializers.DateTimeField(source="token.expires_at")
