"""One thing done to several tickets of the queue."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from contracts.models import User
from support.desk.staff import one_of_ours, staff_only
from support.domain.tickets import assign, set_priority
from support.models import Ticket
from support.portal.people import person_of
from support.tasks.trackers import send_changes
from web.errors import HeadwaterError
from web.wakeups import wake


@staff_only
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Assign or rank the selected tickets; the first refusal is told, what was done stays done."""
    person, now = person_of(request), timezone.now()
    keys = [key for key in request.POST.getlist("ticket") if key.isdecimal()]
    selected = list(Ticket.objects.visible_to(person).filter(pk__in=keys))
    back = _back(request)
    if not selected:
        messages.error(request, "Nothing was selected.")
        return redirect(back)
    try:
        done = _apply(request, selected, person, now)
    except HeadwaterError as refusal:
        messages.error(request, str(refusal))
    else:
        plural = "" if len(selected) == 1 else "s"
        messages.success(request, f"{len(selected)} ticket{plural}: {done}.")
    wake(send_changes)
    return redirect(back)


def _apply(request: HttpRequest, selected: list[Ticket], person: User, now: datetime) -> str:
    chosen, priority = request.POST.get("assignee", ""), request.POST.get("priority", "")
    done = []
    if chosen:
        assignee = None if chosen == "nobody" else one_of_ours(chosen)
        for ticket in selected:
            assign(ticket=ticket, assignee=assignee, actor=person, now=now)
        done.append(f"assigned to {assignee.name if assignee else 'nobody'}")
    if priority:
        for ticket in selected:
            set_priority(ticket=ticket, priority=priority, actor=person, now=now)
        done.append(f"priority {priority}")
    return " and ".join(done) or "nothing was chosen, so nothing was changed"


def _back(request: HttpRequest) -> str:
    """The view of the queue that the form was sent from."""
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours and wanted.startswith(reverse("desk")) else reverse("desk")
