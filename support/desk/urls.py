"""Pages for us, below /desk/."""

from django.urls import path

from support.desk import actions, bulk, queue, setup, ticket

urlpatterns = [
    path("", queue.queue, name="desk"),
    path("news/", queue.news, name="desk-news"),
    path("bulk/", bulk.bulk, name="desk-bulk"),
    path("setup/", setup.setup, name="desk-setup"),
    path("setup/known-bug/", setup.known_bug, name="desk-known-bug"),
    path("tickets/<int:ticket_id>/", ticket.ticket, name="desk-ticket"),
    path("tickets/<int:ticket_id>/live/", ticket.live, name="desk-ticket-live"),
    path("tickets/<int:ticket_id>/write/", ticket.write, name="desk-write"),
    path("tickets/<int:ticket_id>/draft/", ticket.draft, name="desk-draft"),
    path("tickets/<int:ticket_id>/assign/", actions.assign, name="desk-assign"),
    path("tickets/<int:ticket_id>/priority/", actions.priority, name="desk-priority"),
    path("tickets/<int:ticket_id>/state/", actions.state, name="desk-state"),
    path("tickets/<int:ticket_id>/rerun/", actions.rerun, name="desk-rerun"),
    path("tickets/<int:ticket_id>/cancel/", actions.cancel, name="desk-cancel"),
    path("tickets/<int:ticket_id>/upstream/", actions.upstream, name="desk-upstream"),
]
