"""People and their tokens."""

from functools import partial

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from contracts.admin.actor import actor_of
from contracts.domain.people import close_account, reopen_account, save_person
from contracts.domain.tokens import revoke_token
from contracts.models import PersonalToken, User
from contracts.tasks import send_password_link
from web.admin import ManagedAdmin, is_manager


class UserForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields = ["email"]

    def clean_email(self) -> str:
        """In small letters, as it is kept: the constraints are looked at before the verb is."""
        return str(self.cleaned_data["email"]).lower()


@admin.register(User)
class UserAdmin(ManagedAdmin[User]):
    """A new person is mailed a link to choose a password with."""

    form = UserForm
    fields = [
        "name",
        "email",
        "organization",
        "role",
        "zone",
        "github_login",
        "github_id",
        "is_active",
        "last_login",
    ]
    readonly_fields = ["is_active", "last_login"]
    list_display = ["name", "email", "organization", "role", "is_active", "last_login"]
    list_filter = ["role", "is_active", "organization"]
    list_select_related = ["organization"]
    search_fields = ["name", "email", "github_login"]
    autocomplete_fields = ["organization"]
    actions = ["send_link", "close", "reopen"]

    def save(self, request: HttpRequest, row: User, form: ModelForm[User], *, is_new: bool) -> None:
        save_person(actor=actor_of(request), person=row)
        if is_new:
            transaction.on_commit(partial(send_password_link.delay, row.email), robust=True)

    @admin.action(description="Mail a link to choose a password", permissions=["change"])
    def send_link(self, request: HttpRequest, people: QuerySet[User]) -> None:
        for person in people:
            send = partial(send_password_link.delay, person.email)
            self.act(request, f"A link is on its way to {person.email}.", send)

    @admin.action(description="Close the account", permissions=["change"])
    def close(self, request: HttpRequest, people: QuerySet[User]) -> None:
        actor, now = actor_of(request), timezone.now()
        for person in people:
            verb = partial(close_account, actor=actor, person=person, now=now)
            self.act(request, f"The account of {person} is closed.", verb)

    @admin.action(description="Reopen the account", permissions=["change"])
    def reopen(self, request: HttpRequest, people: QuerySet[User]) -> None:
        actor = actor_of(request)
        for person in people:
            verb = partial(reopen_account, actor=actor, person=person)
            self.act(request, f"The account of {person} is open again.", verb)


@admin.register(PersonalToken)
class PersonalTokenAdmin(ManagedAdmin[PersonalToken]):
    """Made by their owners; here they are only seen and revoked. Digests are shown to nobody."""

    fields = ["user", "name", "created_at", "last_used_at", "expires_at", "revoked_at"]
    readonly_fields = fields
    list_display = fields
    list_select_related = ["user"]
    search_fields = ["user__name", "user__email", "name"]
    actions = ["revoke"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: PersonalToken | None = None) -> bool:
        return is_manager(request)

    @admin.action(description="Revoke", permissions=["change"])
    def revoke(self, request: HttpRequest, tokens: QuerySet[PersonalToken]) -> None:
        actor, now = actor_of(request), timezone.now()
        for token in tokens:
            verb = partial(revoke_token, actor=actor, token=token, now=now)
            self.act(request, f"Revoked: {token}.", verb)
