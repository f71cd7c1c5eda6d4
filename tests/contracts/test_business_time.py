"""Business time: the vectors of sla.md that neither pause nor raise, its properties, odd days."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.domain.business_time import HORIZON, Calendar, Hours, Timeline

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = 3600
NINE_TO_FIVE = ((540, 1020),)
B = Calendar(BERLIN, weekly=(NINE_TO_FIVE,) * 5 + ((), ()))
LUNCH = Calendar(BERLIN, weekly=(((540, 720), (780, 1020)),) * 5 + ((), ()))
HOLIDAYS = Calendar(
    BERLIN, weekly=B.weekly, closed=frozenset({date(2026, 12, 25), date(2027, 1, 1)})
)
ALWAYS = Calendar(ZoneInfo("UTC"), always=True)


def around_the_clock(zone: str) -> Calendar:
    """Every minute of every day, but written as hours of a zone."""
    return Calendar(ZoneInfo(zone), weekly=(((0, 1440),),) * 7)


def daily(zone: str, *hours: tuple[int, int]) -> Calendar:
    return Calendar(ZoneInfo(zone), weekly=(hours,) * 7)


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


VECTORS: dict[str, tuple[Hours, datetime, int, datetime]] = {
    "four hours from Friday 16:00 reach into Monday": (
        B,
        berlin("2026-11-13T16:00"),
        4 * HOUR,
        at("2026-11-16T11:00Z"),
    ),
    "a start on Saturday night counts from Monday's opening": (
        B,
        berlin("2026-11-14T03:00"),
        4 * HOUR,
        berlin("2026-11-16T13:00"),
    ),
    "closing time itself is closed": (
        B,
        berlin("2026-11-13T17:00"),
        HOUR,
        berlin("2026-11-16T10:00"),
    ),
    "a full day is due at its close, not at the next opening": (
        B,
        berlin("2026-11-16T09:00"),
        8 * HOUR,
        berlin("2026-11-16T17:00"),
    ),
    "closed dates and weekends do not count": (
        HOLIDAYS,
        berlin("2026-12-24T16:00"),
        4 * HOUR,
        berlin("2026-12-28T12:00"),
    ),
    "lunch does not count": (
        LUNCH,
        berlin("2026-11-16T11:30"),
        2 * HOUR,
        berlin("2026-11-16T14:30"),
    ),
    "the night that summer ends changes the offset, not the hours": (
        B,
        berlin("2026-10-23T16:00"),
        4 * HOUR,
        at("2026-10-26T11:00Z"),
    ),
    "around the clock the hours of the wall do not matter": (
        ALWAYS,
        berlin("2026-11-14T03:00"),
        4 * HOUR,
        berlin("2026-11-14T07:00"),
    ),
    "nothing to wait for is due at once": (
        B,
        berlin("2026-11-14T03:00"),
        0,
        berlin("2026-11-14T03:00"),
    ),
    "fractions of a second are dropped": (
        B,
        berlin("2026-11-16T09:00:00.900"),
        8 * HOUR,
        berlin("2026-11-16T17:00"),
    ),
    "an answer is in time across the turn of the year": (
        HOLIDAYS,
        berlin("2026-12-31T16:00"),
        2 * HOUR,
        berlin("2027-01-04T10:00"),
    ),
}


@pytest.mark.parametrize("sentence", VECTORS)
def test_due(sentence: str) -> None:
    hours, start, seconds, due = VECTORS[sentence]
    assert hours.add(start, seconds) == due


OPEN_SECONDS: dict[str, tuple[Hours, datetime, datetime, int]] = {
    "a day of 23 hours has 23": (
        around_the_clock("Europe/Berlin"),
        berlin("2026-03-29T00:00"),
        berlin("2026-03-30T00:00"),
        23 * HOUR,
    ),
    "a day of 25 hours has 25": (
        around_the_clock("Europe/Berlin"),
        berlin("2026-10-25T00:00"),
        berlin("2026-10-26T00:00"),
        25 * HOUR,
    ),
    "Lord Howe puts its clocks forward by half an hour": (
        around_the_clock("Australia/Lord_Howe"),
        at("2026-10-04T00:00+10:30"),
        at("2026-10-05T00:00+11:00"),
        23 * HOUR + 1800,
    ),
    "and back by half an hour": (
        around_the_clock("Australia/Lord_Howe"),
        at("2026-04-05T00:00+11:00"),
        at("2026-04-06T00:00+10:30"),
        24 * HOUR + 1800,
    ),
    "an opening in the gap is the gap's end": (
        daily("Europe/Berlin", (150, 240)),  # 02:30 to 04:00; 02:00 to 03:00 does not happen
        berlin("2026-03-29T00:00"),
        berlin("2026-03-30T00:00"),
        HOUR,
    ),
    "a close in the gap is the gap's end": (
        daily("Europe/Berlin", (60, 150)),  # 01:00 to 02:30
        berlin("2026-03-29T00:00"),
        berlin("2026-03-30T00:00"),
        HOUR,
    ),
    "hours within the gap do not happen": (
        daily("Europe/Berlin", (125, 170)),
        berlin("2026-03-29T00:00"),
        berlin("2026-03-30T00:00"),
        0,
    ),
    "a gap of half an hour ends half an hour later": (
        daily("Australia/Lord_Howe", (135, 240)),  # 02:15 to 04:00; 02:00 to 02:30 is no time
        at("2026-10-04T00:00+10:30"),
        at("2026-10-05T00:00+11:00"),
        HOUR + 1800,
    ),
    "a doubled opening is its first occurrence": (
        daily("Europe/Berlin", (150, 240)),
        berlin("2026-10-25T00:00"),
        berlin("2026-10-26T00:00"),
        2 * HOUR + 1800,
    ),
    "a doubled close is its last occurrence": (
        daily("Europe/Berlin", (60, 150)),
        berlin("2026-10-25T00:00"),
        berlin("2026-10-26T00:00"),
        2 * HOUR + 1800,
    ),
    "an overnight window is two intervals that meet": (
        daily("Europe/Berlin", (0, 360), (1320, 1440)),
        berlin("2026-11-16T12:00"),
        berlin("2026-11-17T12:00"),
        8 * HOUR,
    ),
    "a midnight that happens twice is counted once": (
        daily("America/Havana", (0, 360), (1320, 1440)),  # 1 November: 01:00 goes back to 00:00
        at("2026-10-31T12:00-04:00"),
        at("2026-11-01T12:00-05:00"),
        9 * HOUR,
    ),
    "a day that a country skipped has no hours": (
        around_the_clock("Pacific/Apia"),  # no 30 December 2011
        at("2011-12-29T00:00-10:00"),
        at("2011-12-31T00:00+14:00"),
        24 * HOUR,
    ),
    "an empty stretch has none": (B, berlin("2026-11-16T12:00"), berlin("2026-11-16T12:00"), 0),
    "a stretch that ends before it starts has none": (
        ALWAYS,
        berlin("2026-11-16T12:00"),
        berlin("2026-11-16T11:00"),
        0,
    ),
    "ten years of weeks": (
        daily("UTC", (0, 60)),
        at("2020-01-01T00:00Z"),
        at("2030-01-01T00:00Z"),
        3653 * HOUR,
    ),
}


@pytest.mark.parametrize("sentence", OPEN_SECONDS)
def test_open_seconds(sentence: str) -> None:
    hours, start, end, seconds = OPEN_SECONDS[sentence]
    assert hours.between(start, end) == seconds
    assert sum(_lengths(hours.counted(start, end))) == seconds


def test_the_counted_intervals_are_told() -> None:
    assert LUNCH.counted(berlin("2026-11-13T16:00"), berlin("2026-11-16T13:30")) == [
        (berlin("2026-11-13T16:00"), berlin("2026-11-13T17:00")),
        (berlin("2026-11-16T09:00"), berlin("2026-11-16T12:00")),
        (berlin("2026-11-16T13:00"), berlin("2026-11-16T13:30")),
    ]


def test_an_open_night_is_one_interval() -> None:
    night = daily("Europe/Berlin", (0, 360), (1320, 1440))
    assert night.counted(berlin("2026-11-16T20:00"), berlin("2026-11-17T20:00")) == [
        (berlin("2026-11-16T22:00"), berlin("2026-11-17T06:00"))
    ]


def test_around_the_clock_is_one_interval() -> None:
    start, end = at("2026-01-01T00:00Z"), at("2026-12-31T00:00Z")
    assert ALWAYS.counted(start, end) == [(start, end)]
    assert around_the_clock("Australia/Sydney").counted(start, end) == [(start, end)]


def test_nothing_is_counted_of_an_empty_stretch() -> None:
    moment = berlin("2026-11-16T12:00")
    assert B.counted(moment, moment) == []
    assert ALWAYS.counted(moment, moment) == []


OPEN_AT = {
    "at the opening": (B, berlin("2026-11-16T09:00"), True),
    "a second before it": (B, berlin("2026-11-16T08:59:59"), False),
    "a second before the close": (B, berlin("2026-11-16T16:59:59"), True),
    "at the close": (B, berlin("2026-11-16T17:00"), False),
    "on a closed date": (HOLIDAYS, berlin("2026-12-25T12:00"), False),
    "always": (ALWAYS, berlin("2026-12-25T12:00"), True),
    "before anything is open": (Calendar(BERLIN), berlin("2026-12-25T12:00"), False),
}


@pytest.mark.parametrize("sentence", OPEN_AT)
def test_whether_it_is_open(sentence: str) -> None:
    hours, moment, is_open = OPEN_AT[sentence]
    assert hours.is_open(moment) is is_open


NO_DUE: dict[str, tuple[Hours, datetime, int]] = {
    "a calendar that never opens": (Calendar(BERLIN), berlin("2026-11-16T09:00"), 1),
    "more hours than ten years have": (B, berlin("2026-11-16T09:00"), 3000 * 8 * HOUR),
    "ten years and a second, around the clock": (
        ALWAYS,
        berlin("2026-11-16T09:00"),
        HORIZON // timedelta(seconds=1) + 1,
    ),
    "the end of time": (B, at("9999-12-31T00:00Z"), 40 * HOUR),
    "the end of time, around the clock": (ALWAYS, at("9999-12-31T23:59:00Z"), HOUR),
    "a timeline that changes once the horizon has passed": (
        Timeline(Calendar(BERLIN), ((at("9000-01-01T00:00Z"), ALWAYS),)),
        berlin("2026-11-16T09:00"),
        1,
    ),
    "a timeline whose stretches are together too far": (
        Timeline(Calendar(BERLIN), ((berlin("2036-11-10T09:00"), B),)),
        berlin("2026-11-16T09:00"),
        3 * 40 * HOUR,
    ),
}


@pytest.mark.parametrize("sentence", NO_DUE)
def test_there_is_no_due_beyond_the_horizon(sentence: str) -> None:
    hours, start, seconds = NO_DUE[sentence]
    assert hours.add(start, seconds) is None


def test_the_horizon_itself_can_be_due() -> None:
    start = at("2026-01-01T00:00Z")
    assert ALWAYS.add(start, HORIZON // timedelta(seconds=1)) == start + HORIZON


def test_a_target_below_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no less than 0 seconds"):
        B.add(berlin("2026-11-16T09:00"), -1)


def test_an_instant_without_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        B.add(datetime(2026, 11, 16), 1)  # noqa: DTZ001


def test_the_beginning_of_time_is_no_trouble() -> None:
    assert around_the_clock("Europe/Berlin").between(
        at("0001-01-01T00:00Z"), at("0001-01-03T00:00Z")
    )


def test_calendars_are_alike_by_what_they_say_and_forget_what_they_need_not_keep() -> None:
    one, other = daily("UTC", (0, 60)), daily("UTC", (0, 60))
    for year in range(1, 8500, 8):
        one.is_open(datetime(year, 6, 1, tzinfo=UTC))
    assert one == other
    assert hash(one) == hash(other)
    assert len(one._blocks) <= 1024


# A calendar change in the middle of a stretch (rule 7).

LATER = Timeline(B, ((berlin("2026-11-17T13:00"), ALWAYS), (berlin("2026-11-18T00:00"), LUNCH)))
TIMELINE_DUES = {
    "before the change the first calendar counts": ("2026-11-16T09:00", 4, "2026-11-16T13:00"),
    "what the first leaves over is measured by the second": (
        "2026-11-17T12:00",
        6,
        "2026-11-17T18:00",
    ),
    "a due at the instant of change is met by the first": (
        "2026-11-17T09:00",
        4,
        "2026-11-17T13:00",
    ),
    "three calendars in one stretch": ("2026-11-17T12:00", 14, "2026-11-18T11:00"),
    "after the last change the last counts": ("2026-11-18T11:00", 2, "2026-11-18T14:00"),
}


@pytest.mark.parametrize("sentence", TIMELINE_DUES)
def test_each_stretch_is_measured_by_its_own_calendar(sentence: str) -> None:
    start, hours, due = TIMELINE_DUES[sentence]
    assert LATER.add(berlin(start), hours * HOUR) == berlin(due)
    assert LATER.between(berlin(start), berlin(due)) == hours * HOUR


def test_what_is_counted_across_a_change_stays_apart() -> None:
    assert LATER.counted(berlin("2026-11-17T12:00"), berlin("2026-11-18T10:00")) == [
        (berlin("2026-11-17T12:00"), berlin("2026-11-17T13:00")),
        (berlin("2026-11-17T13:00"), berlin("2026-11-18T00:00")),
        (berlin("2026-11-18T09:00"), berlin("2026-11-18T10:00")),
    ]


def test_whether_a_timeline_is_open_is_said_by_the_calendar_of_that_time() -> None:
    moments = ["2026-11-17T07:00", "2026-11-17T22:00", "2026-11-18T12:30"]
    assert [LATER.is_open(berlin(moment)) for moment in moments] == [False, True, False]


def test_a_timeline_without_changes_is_its_calendar() -> None:
    start = berlin("2026-11-13T16:00")
    assert Timeline(B).add(start, 4 * HOUR) == B.add(start, 4 * HOUR)


# Properties.

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]
ZONES += ["America/Havana", "Pacific/Apia", "Africa/Casablanca", "UTC"]


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    if draw(st.integers(0, 9)) == 0:
        return ALWAYS
    edges = st.lists(st.integers(0, 1440), min_size=2, max_size=6, unique=True).map(sorted)
    pairs = edges.map(lambda e: tuple(zip(e[::2], e[1::2], strict=False)))
    week = draw(st.tuples(*[st.one_of(st.just(()), pairs)] * 6, pairs))
    closed = draw(st.frozensets(st.dates(date(2026, 1, 1), date(2027, 1, 1)), max_size=5))
    return Calendar(ZoneInfo(draw(st.sampled_from(ZONES))), weekly=week, closed=closed)


@st.composite
def timelines(draw: st.DrawFn) -> Hours:
    changes = sorted(draw(st.lists(instants, max_size=3, unique=True)))
    return Timeline(draw(calendars()), tuple((change, draw(calendars())) for change in changes))


instants = st.datetimes(
    datetime(2026, 1, 1),  # noqa: DTZ001 -- the strategy wants it so
    datetime(2027, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from(ZONES).map(ZoneInfo),
).filter(lambda moment: moment.astimezone(UTC).astimezone(moment.tzinfo) == moment)
targets = st.integers(1, 500)
hours_of_all_kinds = st.one_of(calendars(), timelines())


def due(hours: Hours, start: datetime, seconds: int) -> datetime:
    instant = hours.add(start, seconds)
    assert instant is not None  # a week has at least a minute, and ten years are long enough
    return instant


def _lengths(intervals: list[tuple[datetime, datetime]]) -> Iterator[int]:
    return ((closes - opens) // timedelta(seconds=1) for opens, closes in intervals)


delays = st.timedeltas(timedelta(0), timedelta(days=30))


@given(hours_of_all_kinds, instants, targets)
def test_as_much_is_open_until_due_as_was_asked_for(
    hours: Hours, start: datetime, seconds: int
) -> None:
    assert hours.between(start, due(hours, start, seconds)) == seconds


@given(hours_of_all_kinds, instants, targets)
def test_due_is_the_first_such_instant(hours: Hours, start: datetime, seconds: int) -> None:
    before = due(hours, start, seconds) - timedelta(seconds=1)
    assert hours.between(start, before) == seconds - 1


@given(hours_of_all_kinds, instants, targets, targets)
def test_a_longer_target_is_never_due_earlier(
    hours: Hours, start: datetime, one: int, other: int
) -> None:
    assert due(hours, start, one) <= due(hours, start, one + other)


@given(hours_of_all_kinds, instants, st.timedeltas(timedelta(0), timedelta(days=30)), targets)
def test_a_later_start_is_never_due_earlier(
    hours: Hours, start: datetime, delay: timedelta, seconds: int
) -> None:
    assert due(hours, start, seconds) <= due(hours, start.astimezone(UTC) + delay, seconds)


@given(calendars(), instants, targets, st.dates(date(2026, 1, 1), date(2027, 1, 1)))
def test_a_holiday_never_makes_due_earlier(
    calendar: Calendar, start: datetime, seconds: int, holiday: date
) -> None:
    closed = Calendar(calendar.zone, calendar.always, calendar.weekly, calendar.closed | {holiday})
    assert due(calendar, start, seconds) <= due(closed, start, seconds)


@given(hours_of_all_kinds, st.lists(instants, min_size=3, max_size=3))
def test_the_parts_add_up_to_the_whole(hours: Hours, moments: list[datetime]) -> None:
    first, middle, last = sorted(moments)
    parts = hours.between(first, middle) + hours.between(middle, last)
    assert parts == hours.between(first, last)


@given(hours_of_all_kinds, instants, st.timedeltas(timedelta(0), timedelta(days=60)))
def test_what_is_counted_is_in_order_and_adds_up(
    hours: Hours, start: datetime, length: timedelta
) -> None:
    end = start.astimezone(UTC) + length
    counted = hours.counted(start, end)
    edges = [edge for interval in counted for edge in interval]
    assert edges == sorted(edges)
    assert sum(_lengths(counted)) == hours.between(start, end)


@given(calendars(), instants)
def test_a_second_counts_exactly_when_it_is_open(calendar: Calendar, moment: datetime) -> None:
    moment = moment.replace(microsecond=0).astimezone(UTC)
    assert calendar.between(moment, moment + timedelta(seconds=1)) == calendar.is_open(moment)


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Kolkata", "Pacific/Kiritimati"])
def test_the_zone_of_the_process_changes_nothing(zone: str) -> None:
    before = os.environ.get("TZ")
    try:
        os.environ["TZ"] = zone
        time.tzset()
        for sentence in VECTORS:
            test_due(sentence)
        for sentence in OPEN_SECONDS:
            hours, start, end, seconds = OPEN_SECONDS[sentence]
            assert hours.between(start, end) == seconds
    finally:
        os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
        time.tzset()
