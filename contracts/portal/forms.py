"""What people fill in about themselves."""

from typing import Any
from uuid import uuid4
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm

from contracts.domain.people import set_own_password
from contracts.models import User


def zone_names() -> list[str]:
    """Zones named after places, and UTC."""
    return sorted(name for name in available_timezones() if "/" in name or name == "UTC")


class SignInForm(forms.Form):
    email = forms.EmailField(
        label="E-mail",
        widget=forms.EmailInput(
            attrs={"class": "in", "autocomplete": "username", "autofocus": True}
        ),
    )
    password = forms.CharField(
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"class": "in", "autocomplete": "current-password"}),
    )


class ForgottenPasswordForm(forms.Form):
    email = forms.EmailField(
        label="E-mail",
        widget=forms.EmailInput(attrs={"class": "in", "autocomplete": "email", "autofocus": True}),
    )


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg]  # not so at run time
    """After a link from a mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(self)

    def save(self, commit: bool = True) -> User:
        password = self.cleaned_data["new_password1"]
        return set_own_password(actor=self.user, password=password)


class ChangePasswordForm(PasswordChangeForm):
    """With the old password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(self)

    def save(self, commit: bool = True) -> User:
        password = self.cleaned_data["new_password1"]
        return set_own_password(actor=self.user, password=password)


def _dress(form: forms.Form) -> None:
    """Django's password fields in our words and clothes."""
    for field in form.fields.values():
        field.widget.attrs["class"] = "in"
    form.fields["new_password1"].help_text = "Eight characters or more, and no common word."
    form.fields["new_password2"].help_text = ""
    form.fields["new_password2"].label = "The same again"


class ZoneForm(forms.Form):
    zone = forms.ChoiceField(
        label="Time zone",
        help_text="Every time on every page is shown in it.",
        choices=lambda: [(name, name) for name in zone_names()],
    )


class TokenForm(forms.Form):
    name = forms.CharField(
        label="What for",
        max_length=80,
        help_text="Such as the host that it will be used on.",
        widget=forms.TextInput(attrs={"class": "in", "autocomplete": "off"}),
    )
    idempotency_key = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)
