"""Forms of the portal: they say what is missing in a field; what is allowed, the domain says."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import forms

from contracts.models import Project
from support.domain.texts import BODY_CHARACTERS, FILE_BYTES
from support.models.tickets import Priority

TEXT = {"class": "in"}
SCRIPT_READ_BYTES = FILE_BYTES + 1

MEANINGS = {
    Priority.URGENT: "Production is down, or results are wrong.",
    Priority.HIGH: "Work is held up, and there is no way around it.",
    Priority.NORMAL: "Something is wrong, but there is a way around it.",
    Priority.LOW: "A question, or something that can wait.",
}


class ProjectField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """The organization is known; the name alone tells its projects apart."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class NewTicketForm(forms.Form):
    """What a new ticket needs. A script comes as a file or as text; the file counts.

    A browser does not send a chosen file again after an error, so `keeping_the_script` puts its
    text into the field below it.
    """

    idempotency_key = forms.UUIDField(widget=forms.HiddenInput)
    project = ProjectField(Project.objects.none(), empty_label=None)
    title = forms.CharField(
        label="In one line",
        max_length=256,
        widget=forms.TextInput(
            {
                "class": "in",
                "autocomplete": "off",
                "autofocus": True,
                "placeholder": "to_parquet writes one partition twice",
            }
        ),
        error_messages={"required": "Say in one line what goes wrong."},
    )
    body = forms.CharField(
        label="What happens, and what did you expect?",
        max_length=BODY_CHARACTERS,
        widget=forms.Textarea({"rows": 9}),
        help_text="Markdown, as on GitHub. A Python code block is taken as the script "
        "if you attach none.",
        error_messages={"required": "Say what happens and what you expected."},
    )
    script_file = forms.FileField(
        label="A script that shows it",
        required=False,
        allow_empty_file=True,
        help_text="Choose it, drop it here, or paste it. It should need nothing but itself.",
        widget=forms.FileInput({"accept": ".py,text/x-python,text/plain"}),
    )
    script_text = forms.CharField(
        label="Or paste it",
        required=False,
        strip=False,
        widget=forms.Textarea({"rows": 4, "class": "code", "spellcheck": "false"}),
    )
    script_name = forms.CharField(required=False, max_length=120, widget=forms.HiddenInput)
    severity = forms.ChoiceField(
        label="How severe is it?",
        choices=Priority,
        initial=Priority.NORMAL,
        error_messages={"required": "Choose how severe it is."},
    )
    dask_release = forms.CharField(
        label="Dask release",
        required=False,
        max_length=32,
        widget=forms.TextInput({"class": "in", "list": "releases", "placeholder": "2025.5.1"}),
    )
    python_version = forms.CharField(
        label="Python",
        required=False,
        max_length=16,
        widget=forms.TextInput({"class": "in", "placeholder": "3.11"}),
    )

    def __init__(self, *args: Any, projects: Iterable[Project], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = list(projects)
        field = self.fields["project"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Project.objects.filter(pk__in=[project.pk for project in known])
        if len(known) == 1:
            field.widget = forms.HiddenInput()
            self.initial.setdefault("project", known[0].pk)

    @classmethod
    def blank(cls, *, projects: list[Project]) -> "NewTicketForm":
        """An empty form, with what is known of the first project filled in."""
        first = projects[0]
        initial = {
            "idempotency_key": uuid.uuid4(),
            "severity": Priority.NORMAL,
            "project": first.pk,
            "dask_release": first.dask_release,
            "python_version": first.python_version,
        }
        return cls(projects=projects, initial=initial)

    def script(self) -> tuple[str, bytes] | None:
        """Name and content of what was attached, else of what was pasted. None: neither."""
        return script_of(self.files.get("script_file"), self.data)

    def keeping_the_script(self) -> "NewTicketForm":
        """The same form with the text of a chosen file in the field for pasting."""
        script = self.script()
        if script is None or not self.files:
            return self
        name, content = script
        kept = {"script_name": name, "script_text": content.decode("utf-8", "replace")}
        self.data = {**self.data.dict(), **kept}  # type: ignore[attr-defined]
        return self


def script_of(upload: Any, posted: Any) -> tuple[str, bytes] | None:
    """Name and content of a chosen file, else of pasted text."""
    if upload is not None:
        upload.seek(0)
        return upload.name[-120:], upload.read(SCRIPT_READ_BYTES)
    text: str = posted.get("script_text", "")
    if not text.strip():
        return None
    return posted.get("script_name") or "script.py", text.encode()


class ReplyForm(forms.Form):
    """An answer, sent once however often it is submitted."""

    idempotency_key = forms.UUIDField(widget=forms.HiddenInput)
    body = forms.CharField(
        label="Your answer",
        required=False,
        max_length=BODY_CHARACTERS,
        widget=forms.Textarea({"rows": 6}),
    )
    script_file = forms.FileField(
        label="Attach a script",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput({"accept": ".py,text/x-python,text/plain"}),
    )

    @classmethod
    def blank(cls) -> "ReplyForm":
        return cls(initial={"idempotency_key": uuid.uuid4()})

    def script(self) -> tuple[str, bytes] | None:
        """Name and content of what was attached."""
        return script_of(self.files.get("script_file"), {})


def severity_choices(chosen: str, promised: Mapping[str, datetime | None]) -> list[dict[str, Any]]:
    """The severities, what each means, and by when the first answer is promised."""
    return [
        {
            "value": value,
            "label": label,
            "meaning": MEANINGS[Priority(value)],
            "promised_at": promised.get(value),
            "is_chosen": value == chosen,
        }
        for value, label in Priority.choices
    ]
