"""Tickets with their books: messages, events, cycles, experiments, upstream issues."""

from django.contrib import admin

from support.admin.shown import ShownInline
from support.models import (
    Attachment,
    Cycle,
    Message,
    Ticket,
    TicketEvent,
    TicketExperiment,
    UpstreamIssue,
    UpstreamLink,
)
from web.admin import StaffAdmin


class MessageInline(ShownInline):
    model = Message
    fields = ["created_at", "author_name", "author_role", "is_internal", "channel"]


class EventInline(ShownInline):
    model = TicketEvent
    fields = ["at", "kind", "actor", "value", "note", "is_public"]


class CycleInline(ShownInline):
    model = Cycle
    fields = ["metric", "started_at", "due_at", "ended_at", "outcome"]


class ExperimentInline(ShownInline):
    model = TicketExperiment
    fields = ["experiment"]


class UpstreamInline(ShownInline):
    model = UpstreamLink
    fields = ["upstream_issue", "ticket", "linked_by", "linked_at"]
    show_change_link = False


class AttachmentInline(ShownInline):
    model = Attachment
    fields = ["name", "size", "sha256"]
    show_change_link = False


@admin.register(Ticket)
class TicketAdmin(StaffAdmin[Ticket]):
    list_display = ["__str__", "organization", "state", "priority", "assignee", "opened_at"]
    list_filter = ["state", "priority", "organization", "channel"]
    list_select_related = ["organization", "assignee"]
    search_fields = ["title", "id"]
    inlines = [MessageInline, EventInline, CycleInline, ExperimentInline, UpstreamInline]


@admin.register(Message)
class MessageAdmin(StaffAdmin[Message]):
    list_display = ["__str__", "author_role", "is_internal", "channel", "created_at"]
    list_filter = ["author_role", "channel", "is_internal"]
    list_select_related = ["ticket"]
    search_fields = ["author_name", "body"]
    inlines = [AttachmentInline]


@admin.register(TicketEvent)
class TicketEventAdmin(StaffAdmin[TicketEvent]):
    list_display = ["ticket", "kind", "value", "actor", "at"]
    list_filter = ["kind"]
    list_select_related = ["ticket", "actor"]


@admin.register(Cycle)
class CycleAdmin(StaffAdmin[Cycle]):
    list_display = ["ticket", "metric", "started_at", "due_at", "ended_at", "outcome"]
    list_filter = ["metric", "outcome"]
    list_select_related = ["ticket"]


@admin.register(UpstreamIssue)
class UpstreamIssueAdmin(StaffAdmin[UpstreamIssue]):
    list_display = ["__str__", "title", "state", "fixed_in"]
    list_filter = ["state", "repository"]
    search_fields = ["repository", "number", "title"]
    inlines = [UpstreamInline]
