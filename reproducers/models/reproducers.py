"""A script that shows a problem, as it was handed in."""

from django.db import models


class Reproducer(models.Model):
    """A script with what was read from its metadata. Never changed: an edit is a new one.

    `requirements` lists name + specifier; `table` is the checked `[tool.repro]` as JSON; `files`
    maps the data files it names to their content in base64; `notes` are sentences about what was
    assumed or left out.
    """

    name = models.CharField(max_length=120, default="script.py")
    script = models.TextField()
    sha256 = models.CharField(max_length=64, db_index=True)
    has_metadata = models.BooleanField(default=False)
    requires_python = models.CharField(max_length=64, blank=True)
    requirements = models.JSONField(default=list, blank=True)
    table = models.JSONField(default=dict, blank=True)
    files = models.JSONField(default=dict, blank=True)
    notes = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def line_count(self) -> int:
        return len(self.script.splitlines())
