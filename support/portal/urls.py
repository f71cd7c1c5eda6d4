"""Pages for customers; live parts stand below the page that they belong to."""

from django.urls import path

from support.portal import home, new_ticket, tickets, trials

urlpatterns = [
    path("", home.home, name="home"),
    path("tickets/", tickets.tickets, name="tickets"),
    path("tickets/new/", new_ticket.new_ticket, name="new-ticket"),
    path("tickets/new/preview/", new_ticket.preview, name="preview"),
    path("tickets/new/reading/", new_ticket.script_reading, name="script-reading"),
    path("tickets/new/similar/", new_ticket.similar, name="similar"),
    path("tickets/<int:ticket_id>/", tickets.ticket, name="ticket"),
    path("tickets/<int:ticket_id>/live/", tickets.live, name="ticket-live"),
    path("tickets/<int:ticket_id>/answer/", tickets.answer, name="answer"),
    path("tickets/<int:ticket_id>/trials/<int:trial_id>/", trials.trial, name="trial"),
    path(
        "tickets/<int:ticket_id>/trials/<int:trial_id>/files/<int:artifact_id>/",
        trials.artifact,
        name="artifact",
    ),
    path(
        "tickets/<int:ticket_id>/attachments/<int:attachment_id>/",
        trials.attachment,
        name="attachment",
    ),
]
