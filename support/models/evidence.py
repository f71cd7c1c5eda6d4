"""Which experiments belong to which ticket: they are reached through it alone."""

from django.db import models

from reproducers.models import Experiment
from support.models.tickets import Ticket


class TicketExperiment(models.Model):
    """An experiment made for a ticket."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="ticket_experiments")
    experiment = models.OneToOneField(
        Experiment, on_delete=models.CASCADE, related_name="ticket_experiment"
    )

    class Meta:
        ordering = ["ticket", "-experiment"]

    def __str__(self) -> str:
        return f"{self.experiment} of {self.ticket_id}"
