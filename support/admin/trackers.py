"""Trackers, what came from them and what goes to them."""

from django.contrib import admin

from support.models import Delivery, OutgoingChange, TrackedIssue, Tracker
from web.admin import StaffAdmin


@admin.register(Tracker)
class TrackerAdmin(StaffAdmin[Tracker]):
    list_display = ["full_name", "organization", "last_hint_at", "paused_until", "pause_cause"]
    list_select_related = ["organization"]
    search_fields = ["full_name"]


@admin.register(TrackedIssue)
class TrackedIssueAdmin(StaffAdmin[TrackedIssue]):
    list_display = ["__str__", "ticket"]
    list_select_related = ["tracker", "ticket"]


@admin.register(Delivery)
class DeliveryAdmin(StaffAdmin[Delivery]):
    list_display = ["__str__", "action", "received_at", "state", "attempts", "outcome"]
    list_filter = ["state", "event"]
    exclude = ["body"]


@admin.register(OutgoingChange)
class OutgoingChangeAdmin(StaffAdmin[OutgoingChange]):
    list_display = ["__str__", "state", "attempts", "created_at", "settled_at", "outcome"]
    list_filter = ["state", "kind"]
    list_select_related = ["issue__tracker"]
