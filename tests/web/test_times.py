from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils import timezone

from web import times

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 8, 27, 12, 31, tzinfo=UTC)
"""Thursday 14:31 in Berlin."""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (41 * 60 + 30, "41 min"),
        (3600, "1 h"),
        (2 * 3600 + 29 * 60, "2 h 29 min"),
        (-3600, "1 h"),
        (10 * 3600 - 60, "9 h 59 min"),
        (10 * 3600 + 120, "10 h"),
        (47 * 3600 + 3599, "47 h"),
        (48 * 3600, "2 days"),
        (76 * 3600, "3 days"),
    ],
)
def test_a_duration_reads_as_people_say_it(seconds: float, words: str) -> None:
    assert times.duration_words(seconds) == words


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (-41 / 60, "41 min late"),
        (0, "in 0 s"),
        (19 / 60, "in 19 min"),
        (149 / 60, "in 2 h 29 min"),
        (8, "today 22:31"),
        (19, "tomorrow 09:31"),
        (91.5, "Mon 10:01"),
        (24 * 8, "Fri 4 Sep, 14:31"),
        (24 * 150, "24 Jan 2027, 13:31"),
    ],
)
def test_what_is_to_come_is_relative_when_near(hours: float, words: str) -> None:
    at = NOW + timedelta(hours=hours)

    assert times.until(at, now=NOW, zone=BERLIN) == words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0.5, "just now"),
        (12, "12 min ago"),
        (60, "today 13:31"),
        (60 * 20, "yesterday 18:31"),
        (60 * 46, "Tue 16:31"),
        (60 * 24 * 10, "Mon 17 Aug, 14:31"),
        (-5, "today 14:36"),
    ],
)
def test_what_has_happened_is_relative_when_near(minutes: float, words: str) -> None:
    at = NOW - timedelta(minutes=minutes)

    assert times.since(at, now=NOW, zone=BERLIN) == words


def test_a_day_names_its_year_only_when_it_is_another_one() -> None:
    assert times.day(NOW, now=NOW, zone=BERLIN) == "27 August"
    assert times.day(NOW - timedelta(days=365), now=NOW, zone=BERLIN) == "27 August 2025"


def test_a_time_element_keeps_the_instant_and_names_the_zone() -> None:
    page = Template("{% load times %}{% until at %}")

    with timezone.override(BERLIN):
        html = page.render(Context({"now": NOW, "at": NOW + timedelta(minutes=149)}))

    assert html == (
        '<time datetime="2026-08-27T17:00:00+02:00" '
        'title="Thursday 27 August 2026, 17:00 CEST" data-near>in 2 h 29 min</time>'
    )


@pytest.mark.parametrize("tag", ["until", "since", "day_and_time", "day"])
def test_no_instant_is_told_as_nothing(tag: str) -> None:
    page = Template(f"{{% load times %}}{{% {tag} at %}}{{{{ none|duration }}}}")

    assert page.render(Context({"now": NOW, "at": None, "none": None})) == ""


def test_filters_tell_minutes_seconds_and_the_whole_instant() -> None:
    page = Template("{% load times %}{{ 150|minutes }}, {{ 75|duration }}, {{ at|absolute }}")

    with timezone.override(BERLIN):
        assert page.render(Context({"at": NOW})) == (
            "2 h 30 min, 1 min, Thursday 27 August 2026, 14:31 CEST"
        )
