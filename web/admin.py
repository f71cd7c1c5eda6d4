"""What the admin of every app has in common: staff look, managers change, verbs do the work."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django.contrib import messages
from django.contrib.admin import site
from django.contrib.auth.models import Group
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin

from web.errors import HeadwaterError

M = TypeVar("M", bound=Model)

site.unregister(Group)  # roles stand on the person; groups would be a second answer


class StaffAdmin(ModelAdmin, Generic[M]):  # type: ignore[misc]  # unfold has no types
    """Everybody of ours may look, nobody may change anything. Fit for what is immutable.

    Django answers 403 to those who try (see `web.failures.denied` for the words).
    """

    actions: Sequence[str] | None = None
    list_fullwidth = True
    compressed_fields = True

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False


class ManagedAdmin(StaffAdmin[M]):
    """Managers add and change, by `save`; what a verb refuses is said on the form, still filled in.

    Nothing is deleted: it ends.
    """

    def save(self, request: HttpRequest, row: M, form: ModelForm[M], *, is_new: bool) -> None:
        """Call the one verb that keeps `row`. An error of ours is shown on the form."""
        raise NotImplementedError

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_manager(request)

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return is_manager(request)

    def save_model(self, request: HttpRequest, obj: M, form: ModelForm[M], change: bool) -> None:
        self.save(request, obj, form, is_new=not change)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            answer: HttpResponse = super().changeform_view(request, *args, **kwargs)
        except HeadwaterError as refusal:
            # The view is one transaction and undone; the second pass only shows the form again.
            request.refusal = refusal  # type: ignore[attr-defined]
            answer = super().changeform_view(request, *args, **kwargs)
        return answer

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> type[ModelForm[M]]:
        form: type[ModelForm[M]] = super().get_form(request, *args, **kwargs)
        refusal = getattr(request, "refusal", None)
        return form if refusal is None else _refusing(form, refusal)

    def act(self, request: HttpRequest, done: str, verb: Callable[[], object]) -> None:
        """Do an action's one call and tell how it went."""
        try:
            verb()
        except HeadwaterError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, done)


def is_manager(request: HttpRequest) -> bool:
    """Whether the person has the role that changes things here."""
    return bool(request.user.is_active and getattr(request.user, "is_manager", False))


def _refusing(form: type[ModelForm[M]], refusal: HeadwaterError) -> type[ModelForm[M]]:
    class RefusedForm(form):  # type: ignore[misc, valid-type]  # a class made at run time
        def clean(self) -> dict[str, Any] | None:
            cleaned: dict[str, Any] | None = super().clean()
            self.add_error(None, str(refusal))
            return cleaned

    return RefusedForm
