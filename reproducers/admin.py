"""The records of experiments, to be looked at: nothing of them is changed by hand."""

from django.contrib import admin
from unfold.admin import TabularInline

from reproducers.models import Artifact, DaskRelease, Experiment, Reproducer, Runner, Trial
from web.admin import StaffAdmin


class ShownInline(TabularInline):  # type: ignore[misc]  # unfold has no types
    """Rows beside their parent, read only."""

    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, *_: object) -> bool:
        return False

    def has_change_permission(self, *_: object) -> bool:
        return False

    def has_view_permission(self, *_: object) -> bool:
        return True


class TrialInline(ShownInline):
    model = Trial
    fields = ["position", "dask", "python", "state", "verdict", "attempts", "runner"]


class ArtifactInline(ShownInline):
    model = Artifact
    fields = ["name", "size", "sha256"]
    show_change_link = False


@admin.register(Reproducer)
class ReproducerAdmin(StaffAdmin[Reproducer]):
    list_display = ["name", "created_at", "has_metadata", "line_count"]
    exclude = ["files"]
    search_fields = ["name", "sha256"]


@admin.register(Experiment)
class ExperimentAdmin(StaffAdmin[Experiment]):
    list_display = ["__str__", "organization", "plan", "state", "created_at", "ended_at"]
    list_filter = ["state", "plan", "organization"]
    list_select_related = ["organization"]
    inlines = [TrialInline]


@admin.register(Trial)
class TrialAdmin(StaffAdmin[Trial]):
    list_display = ["__str__", "experiment", "state", "verdict", "attempts", "runner", "ended_at"]
    list_filter = ["state", "verdict", "runner"]
    list_select_related = ["experiment", "runner"]
    exclude = ["lease_token"]
    inlines = [ArtifactInline]


@admin.register(Runner)
class RunnerAdmin(StaffAdmin[Runner]):
    list_display = ["name", "slots", "gpus", "isolation", "limits", "heartbeat_at", "stopped_at"]
    exclude = ["session"]


@admin.register(DaskRelease)
class DaskReleaseAdmin(StaffAdmin[DaskRelease]):
    list_display = ["version", "uploaded_at", "seen_at", "skipped_because"]
    search_fields = ["version"]
