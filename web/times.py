"""Instants and durations as people say them. Pure: `now` and the zone are arguments.

Relative when near, with the weekday inside a week, else with the date (pages.md, rule 3).
"""

from datetime import datetime, timedelta, tzinfo

MINUTE, HOUR, DAY = 60, 3600, 86400
NEAR = timedelta(hours=8)


def duration_words(seconds: float) -> str:
    """Seconds as "12 s", "41 min", "2 h 29 min", "25 h" or "3 days"; the sign is left out.

    Beyond ten hours nobody counts minutes, beyond two days nobody counts hours.
    """
    whole = int(abs(seconds))
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min"
    if whole < 10 * HOUR:
        minutes = whole % HOUR // MINUTE
        return f"{whole // HOUR} h {minutes} min" if minutes else f"{whole // HOUR} h"
    if whole < 2 * DAY:
        return f"{whole // HOUR} h"
    return f"{whole // DAY} days"


def absolute(at: datetime, zone: tzinfo) -> str:
    """ "Thursday 27 August 2026, 17:00 CEST": for titles and for screen readers."""
    local = at.astimezone(zone)
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M %Z}"


def day_and_time(at: datetime, *, now: datetime, zone: tzinfo) -> str:
    """ "today 17:00", "tomorrow 09:40", "Mon 12:00", "Tue 1 Sep, 16:12", "1 Sep 2025, 16:12"."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    days = (local.date() - today).days
    if named := {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(days):
        return f"{named} {local:%H:%M}"
    if abs(days) < 7:
        return f"{local:%a %H:%M}"
    if local.year == today.year:
        return f"{local:%a} {local.day} {local:%b, %H:%M}"
    return f"{local.day} {local:%b %Y, %H:%M}"


def day(at: datetime, *, now: datetime, zone: tzinfo) -> str:
    """ "24 August", or "24 August 2025" of another year."""
    local = at.astimezone(zone)
    return f"{local.day} {local:%B}" + (
        "" if local.year == now.astimezone(zone).year else f" {local.year}"
    )


def until(at: datetime, *, now: datetime, zone: tzinfo) -> str:
    """What is still to come: "in 2 h 29 min" when near, else day and time; past: "41 min late"."""
    left = at - now
    if left < timedelta(0):
        return f"{duration_words(left.total_seconds())} late"
    if left < NEAR:
        return f"in {duration_words(left.total_seconds())}"
    return day_and_time(at, now=now, zone=zone)


def since(at: datetime, *, now: datetime, zone: tzinfo) -> str:
    """What has happened: "just now", "12 min ago", else day and time."""
    gone = now - at
    if timedelta(0) <= gone < timedelta(minutes=1):
        return "just now"
    if timedelta(0) <= gone < timedelta(hours=1):
        return f"{duration_words(gone.total_seconds())} ago"
    return day_and_time(at, now=now, zone=zone)
