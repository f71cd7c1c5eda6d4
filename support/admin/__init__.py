"""The admin of support is for looking: the desk changes tickets, and books are never rewritten."""

from support.admin import tickets, trackers

__all__ = ["tickets", "trackers"]
