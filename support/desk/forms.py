"""Forms of the desk."""

import re
import uuid
from typing import Any

from django import forms

from support.domain.texts import BODY_CHARACTERS
from support.models import UpstreamIssue

TEXT = {"class": "in"}
REFERENCE = re.compile(
    r"(?:https://github\.com/)?(?P<repository>[\w.-]+/[\w.-]+)(?:#|/(?:issues|pull)/)(?P<number>\d{1,9})"
)


class ComposeForm(forms.Form):
    """A public answer or an internal note."""

    idempotency_key = forms.UUIDField(widget=forms.HiddenInput)
    to = forms.ChoiceField(choices=[("reply", "Public answer"), ("note", "Internal note")])
    then_wait = forms.BooleanField(required=False)
    body = forms.CharField(
        label="Text",
        max_length=BODY_CHARACTERS,
        widget=forms.Textarea({"rows": 7}),
        error_messages={"required": "There is nothing to send yet."},
    )

    @classmethod
    def blank(cls, **initial: Any) -> "ComposeForm":
        return cls(initial={"idempotency_key": uuid.uuid4(), "to": "reply"} | initial)

    @property
    def is_note(self) -> bool:
        return bool(self["to"].value() == "note")


class UpstreamForm(forms.Form):
    """A public issue as people paste it: dask/dask#12426, or its address."""

    reference = forms.CharField(
        label="Issue",
        max_length=300,
        widget=forms.TextInput(TEXT | {"placeholder": "dask/dask#12426 or its address"}),
    )
    title = forms.CharField(
        label="Its title", max_length=256, required=False, widget=forms.TextInput(TEXT)
    )
    state = forms.ChoiceField(label="How far it is", choices=UpstreamIssue.State)
    fixed_in = forms.CharField(
        label="Fixed in release",
        max_length=32,
        required=False,
        widget=forms.TextInput(TEXT | {"placeholder": "2026.6.0"}),
    )

    @property
    def issue(self) -> str:
        """As people say it: dask/dask#12426. Only of a valid form."""
        repository, number = self.cleaned_data["reference"]
        return f"{repository}#{number}"

    def clean_reference(self) -> tuple[str, int]:
        """Repository and number."""
        match = REFERENCE.match(self.cleaned_data["reference"].strip())
        if match is None:
            raise forms.ValidationError("Write it as dask/dask#12426, or paste its address.")
        return match["repository"], int(match["number"])
