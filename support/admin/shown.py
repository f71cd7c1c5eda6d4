"""Rows beside their parent."""

from unfold.admin import TabularInline


class ShownInline(TabularInline):  # type: ignore[misc]  # unfold has no types
    """Read only; a row opens its own page."""

    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, *_: object) -> bool:
        return False

    def has_change_permission(self, *_: object) -> bool:
        return False

    def has_view_permission(self, *_: object) -> bool:
        return True
