"""Support hours as arithmetic: which seconds count, and when a target falls due. No I/O, no clock.

Instants are aware datetimes counted in whole seconds: a fraction is dropped on entry, so that parts
always add up to the whole. Intervals are half-open, `[open, close)`. Answers are in UTC.
Source: sla.md, rules 3, 7, 12 and 13.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

HORIZON = timedelta(days=3653)
"""Ten years: what would fall due later has no due."""

Interval = tuple[datetime, datetime]
Minutes = tuple[int, int]
"""Opening and closing minute of a local day, 0 to 1440."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOCAL_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 -- wall-clock time, which is naive
_EPOCH_DAY = _EPOCH.toordinal()
_SECOND = timedelta(seconds=1)
_END_OF_TIME = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _SECOND
_BLOCK_DAYS = 32
_BLOCK = _BLOCK_DAYS * 24 * 3600
_BLOCKS_KEPT = 1024
# Two days from either end of time, where every offset stays within Python's calendar.
_FIRST_DAY, _LAST_DAY = date.min.toordinal() + 2, date.max.toordinal() - 2


class Hours(Protocol):
    """What a calendar and a timeline of calendars both answer."""

    def add(self, start: datetime, seconds: int) -> datetime | None: ...
    def between(self, start: datetime, end: datetime) -> int: ...
    def counted(self, start: datetime, end: datetime) -> list[Interval]: ...
    def is_open(self, at: datetime) -> bool: ...


@dataclass(frozen=True, slots=True)
class _Block:
    """The open intervals of 32 days, in seconds since 1970, and the open seconds up to each end."""

    opens: list[int]
    closes: list[int]
    through: list[int]

    @property
    def total(self) -> int:
        return self.through[-1] if self.through else 0

    def elapsed(self, at: int) -> int:
        """Open seconds of this block before `at`."""
        index = bisect_right(self.opens, at) - 1
        return self.through[index] - max(0, self.closes[index] - at) if index >= 0 else 0

    def reaching(self, seconds: int) -> int:
        """The first second by which so many, 1 to `total`, were open."""
        index = bisect_left(self.through, seconds)
        return self.closes[index] - (self.through[index] - seconds)

    def is_open(self, at: int) -> bool:
        index = bisect_right(self.opens, at) - 1
        return index >= 0 and at < self.closes[index]


@dataclass(frozen=True)
class Calendar:
    """Weekly hours in one zone, less closed dates; `always` is open at every instant.

    `weekly` holds Monday to Sunday; the intervals of a day are in order and apart.
    `contracts.domain.calendars` makes one from what people and files say, and refuses nonsense.
    """

    zone: ZoneInfo
    always: bool = False
    weekly: tuple[tuple[Minutes, ...], ...] = ((),) * 7
    closed: frozenset[date] = frozenset()
    _blocks: dict[int, _Block] = field(default_factory=dict, init=False, compare=False, repr=False)

    def add(self, start: datetime, seconds: int) -> datetime | None:
        """The first instant by which `seconds` of open time have passed since `start`.

        None if that is more than `HORIZON` away. ValueError for negative seconds.
        """
        if seconds < 0:
            raise ValueError(f"a target is no less than 0 seconds, not {seconds}")
        at = _second(start)
        last = min(at + HORIZON // _SECOND, _END_OF_TIME)
        due = at + seconds if self.always or seconds == 0 else self._reach(at, seconds, last)
        return _instant(due) if due is not None and due <= last else None

    def between(self, start: datetime, end: datetime) -> int:
        """Open seconds in `[start, end)`; 0 where that is empty."""
        first, last = _second(start), _second(end)
        if last <= first:
            return 0
        if self.always:
            return last - first
        whole = sum(self._block(number).total for number in range(first // _BLOCK, last // _BLOCK))
        return whole + self._elapsed(last) - self._elapsed(first)

    def counted(self, start: datetime, end: datetime) -> list[Interval]:
        """The open intervals in `[start, end)`, in order and apart."""
        first, last = _second(start), _second(end)
        pieces = [(first, last)] if self.always else self._pieces(first, last)
        return [(_instant(opens), _instant(closes)) for opens, closes in pieces if opens < closes]

    def is_open(self, at: datetime) -> bool:
        second = _second(at)
        return self.always or self._block(second // _BLOCK).is_open(second)

    def _reach(self, at: int, seconds: int, last: int) -> int | None:
        number, needed = at // _BLOCK, seconds + self._elapsed(at)
        while needed > (block := self._block(number)).total:
            needed -= block.total
            number += 1
            if number * _BLOCK > last:
                return None
        return block.reaching(needed)

    def _elapsed(self, at: int) -> int:
        return self._block(at // _BLOCK).elapsed(at)

    def _pieces(self, first: int, last: int) -> Iterable[tuple[int, int]]:
        blocks = (self._block(number) for number in range(first // _BLOCK, last // _BLOCK + 1))
        pieces = (pair for block in blocks for pair in zip(block.opens, block.closes, strict=True))
        return _clipped(_joined(pieces), first, last)

    def _block(self, number: int) -> _Block:
        block = self._blocks.get(number)
        if block is None:
            if len(self._blocks) >= _BLOCKS_KEPT:  # hostile facts may name every year there is
                self._blocks.clear()
            block = self._blocks[number] = self._computed(number)
        return block

    def _computed(self, number: int) -> _Block:
        # A local day lies up to a day off the UTC day of its date: two on either side are enough.
        first = _EPOCH_DAY + number * _BLOCK_DAYS - 2
        days = range(max(_FIRST_DAY, first), min(_LAST_DAY, first + _BLOCK_DAYS + 4) + 1)
        pieces = _joined(piece for day in days for piece in self._day(date.fromordinal(day)))
        opens, closes, through = [], [], [0]
        for opening, closing in _clipped(pieces, number * _BLOCK, (number + 1) * _BLOCK):
            opens.append(opening)
            closes.append(closing)
            through.append(through[-1] + closing - opening)
        return _Block(opens, closes, through[1:])

    def _day(self, day: date) -> Iterator[tuple[int, int]]:
        if day in self.closed:
            return
        for opens, closes in self.weekly[day.weekday()]:
            yield _occurrences(self.zone, day, opens)[0], _occurrences(self.zone, day, closes)[1]


@dataclass(frozen=True)
class Timeline:
    """Calendars that follow one another: each stretch of time is measured by its own (rule 7).

    `later` gives the instants of change in order; `first` counts for all time before them.
    """

    first: Calendar
    later: tuple[tuple[datetime, Calendar], ...] = ()

    def add(self, start: datetime, seconds: int) -> datetime | None:
        """As `Calendar.add`, across changes."""
        calendar, begin = self._at(start), start
        for change, following in self._after(start):
            if (
                change - start > HORIZON
                or (available := calendar.between(begin, change)) >= seconds
            ):
                break
            calendar, begin, seconds = following, change, seconds - available
        due = calendar.add(begin, seconds)
        return due if due is not None and due - start <= HORIZON else None

    def between(self, start: datetime, end: datetime) -> int:
        """As `Calendar.between`, across changes."""
        return sum(calendar.between(*stretch) for calendar, stretch in self._stretches(start, end))

    def counted(self, start: datetime, end: datetime) -> list[Interval]:
        """As `Calendar.counted`; what is open across a change is two intervals."""
        return [
            interval
            for calendar, stretch in self._stretches(start, end)
            for interval in calendar.counted(*stretch)
        ]

    def is_open(self, at: datetime) -> bool:
        return self._at(at).is_open(at)

    def _at(self, at: datetime) -> Calendar:
        passed = [calendar for change, calendar in self.later if change <= at]
        return passed[-1] if passed else self.first

    def _after(self, at: datetime) -> list[tuple[datetime, Calendar]]:
        return [(change, calendar) for change, calendar in self.later if change > at]

    def _stretches(self, start: datetime, end: datetime) -> Iterator[tuple[Calendar, Interval]]:
        calendar, begin = self._at(start), start
        for change, following in self._after(start):
            if change >= end:
                break
            yield calendar, (begin, change)
            calendar, begin = following, change
        yield calendar, (begin, end)


def _second(at: datetime) -> int:
    return (at - _EPOCH) // _SECOND


def _instant(second: int) -> datetime:
    return _EPOCH + timedelta(seconds=second)


def _joined(pieces: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The union of intervals that come in the order of their openings; empty ones vanish.

    Two meet at midnight, and overlap where midnight happens twice (Havana, Beirut, the Azores).
    """
    current = (0, 0)
    for opens, closes in pieces:
        if current[0] < current[1] and opens <= current[1]:
            current = (current[0], max(current[1], closes))
        elif opens < closes:
            if current[0] < current[1]:
                yield current
            current = (opens, closes)
    if current[0] < current[1]:
        yield current


def _clipped(pieces: Iterable[tuple[int, int]], first: int, last: int) -> Iterator[tuple[int, int]]:
    for opens, closes in pieces:
        if opens < last and closes > first:
            yield max(opens, first), min(closes, last)


def _occurrences(zone: ZoneInfo, day: date, minute: int) -> tuple[int, int]:
    """The first and the last second at which clocks on the wall show that minute of that day.

    They differ where clocks are put back. Where they are put forward over it, both are the second
    at which the gap ends.
    """
    wall = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
    local = (wall - _LOCAL_EPOCH) // _SECOND
    first, last = (local - _offset(wall.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    if first <= last:
        return first, last
    end = bisect_left(range(last, first), local - last, key=lambda at: _offset_at(zone, at)) + last
    return end, end


def _offset(local: datetime) -> int:
    """Seconds east of UTC."""
    offset = local.utcoffset()
    assert offset is not None  # it carries a ZoneInfo
    return offset // _SECOND


def _offset_at(zone: ZoneInfo, second: int) -> int:
    return _offset(_instant(second).astimezone(zone))
