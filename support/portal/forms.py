"""Forms of the portal: they say what is missing in a field; what is allowed, the domain says."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms

from contracts.models import Project
from support.domain.texts import BODY_CHARACTERS, FILE_BYTES
from support.models.tickets import Priority

TEXT = {"class": "in"}
SCRIPT_READ_BYTES = FILE_BYTES + 1
FILES = 21
"""A script, and as many files of data as one may name."""

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


class FilesInput(forms.FileInput):
    """Takes several files, chosen, dropped or pasted."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """A script, and the data that it reads. What is in them, `SentFiles` says."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, allow_empty_file=True, widget=FilesInput(), **options)

    def clean(self, data: Any, initial: Any = None) -> Any:
        if len(data) > FILES:
            raise forms.ValidationError(f"These are {len(data)} files; send {FILES} at most.")
        return [super(FilesField, self).clean(file, initial) for file in data]


@dataclass(frozen=True, kw_only=True)
class SentFiles:
    """The script that was sent (None: none was), and its data, name -> content."""

    script: bytes | None = None
    script_name: str = "script.py"
    files: Mapping[str, bytes] = field(default_factory=dict)


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
    script_file = FilesField(
        label="A script that shows it",
        help_text="Choose it, drop it here, or paste it. It should need nothing but itself, or "
        "the files of data that come along with it.",
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

    def sent_files(self) -> SentFiles:
        """What was attached, else what was pasted."""
        return files_of(self.files, self.data)

    def keeping_the_script(self) -> "NewTicketForm":
        """The same form with the text of a chosen script in the field for pasting."""
        sent = self.sent_files()
        if sent.script is None or not self.files:
            return self
        kept = {
            "script_name": sent.script_name,
            "script_text": sent.script.decode(errors="replace"),
        }
        self.data = {**self.data.dict(), **kept}  # type: ignore[attr-defined]
        return self


def files_of(uploads: Any, posted: Any) -> SentFiles:
    """What is in the chosen files: the first that ends with .py is the script, else pasted text."""
    files = dict(map(_read, uploads.getlist("script_file")[:FILES])) if uploads else {}
    name = next((name for name in files if name.endswith(".py")), None)
    if name is not None:
        return SentFiles(script=files.pop(name), script_name=name, files=files)
    text: str = posted.get("script_text", "")
    if text.strip():
        named = posted.get("script_name") or "script.py"
        return SentFiles(script=text.encode(), script_name=named, files=files)
    return SentFiles(files=files)


def _read(upload: Any) -> tuple[str, bytes]:
    upload.seek(0)
    return upload.name[-120:], upload.read(SCRIPT_READ_BYTES)


class ReplyForm(forms.Form):
    """An answer, sent once however often it is submitted."""

    idempotency_key = forms.UUIDField(widget=forms.HiddenInput)
    body = forms.CharField(
        label="Your answer",
        required=False,
        max_length=BODY_CHARACTERS,
        widget=forms.Textarea({"rows": 6}),
    )
    script_file = FilesField(label="Attach a script, or data that it reads")

    @classmethod
    def blank(cls) -> "ReplyForm":
        return cls(initial={"idempotency_key": uuid.uuid4()})

    def sent_files(self) -> SentFiles:
        """What was attached."""
        return files_of(self.files, {})


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
