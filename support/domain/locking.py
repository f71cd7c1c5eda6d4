"""Changes of one ticket take turns."""

from support.models import Ticket


def locked(ticket: Ticket) -> Ticket:
    """The ticket as it stands now, held until the transaction ends.

    Rows that point at it may still be written meanwhile (no_key).
    """
    return (
        Ticket.objects.select_for_update(no_key=True, of=("self",))
        .select_related(
            "organization", "project", "reproducer", "sla_policy_version__policy__calendar"
        )
        .get(pk=ticket.pk)
    )
