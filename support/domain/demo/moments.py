"""When things happened, told relative to the day on which the demonstration is filled in. Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Europe/Berlin")
SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class Workday:
    """A time of a day in Berlin, so many working days before today, one at least.

    On a weekend the working day before today is Friday.
    """

    ago: int
    clock: str

    def instant(self, now: datetime) -> datetime:
        day = now.astimezone(ZONE).date()
        left = self.ago
        while left:
            day -= timedelta(days=1)
            left -= day.weekday() < SATURDAY
        return datetime.combine(day, time.fromisoformat(self.clock), tzinfo=ZONE)


@dataclass(frozen=True, slots=True)
class MinutesAgo:
    """Just before the demonstration was filled in."""

    minutes: int

    def instant(self, now: datetime) -> datetime:
        return now - timedelta(minutes=self.minutes)


Moment = Workday | MinutesAgo
