"""Public issues that tickets wait for."""

from django.conf import settings
from django.db import models

from support.models.tickets import Ticket


class UpstreamIssue(models.Model):
    """A public issue, such as dask/dask#12426, and how far its fix is."""

    class State(models.TextChoices):
        OPEN = "open", "reported"
        FIX_PROPOSED = "fix-proposed", "fix proposed"
        MERGED = "merged", "fix merged"
        RELEASED = "released", "released"
        CLOSED = "closed", "closed without a fix"

    repository = models.CharField(max_length=140)
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=256, blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.OPEN)
    fixed_in = models.CharField("fixed in release", max_length=32, blank=True)
    tickets = models.ManyToManyField(
        Ticket, through="support.UpstreamLink", related_name="upstream_issues"
    )

    class Meta:
        ordering = ["repository", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["repository", "number"], name="an_upstream_issue_is_followed_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.repository}#{self.number}"

    @property
    def url(self) -> str:
        return f"https://github.com/{self.repository}/issues/{self.number}"


class UpstreamLink(models.Model):
    """A ticket waits for, or is answered by, an upstream issue."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="upstream_links")
    upstream_issue = models.ForeignKey(
        UpstreamIssue, on_delete=models.PROTECT, related_name="links"
    )
    linked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    linked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "upstream_issue"], name="a_ticket_names_an_upstream_issue_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.upstream_issue} for {self.ticket_id}"
