"""Releases of Dask with the days of their upload, as the index has them.

Enough of them to plan the demonstration's runs before the index was ever read.
"""

from datetime import UTC, date, datetime, time
from typing import Final

from reproducers.engine.releases import Release

UPLOADS: Final = {
    "2024.7.1": date(2024, 7, 20),
    "2024.8.0": date(2024, 8, 6),
    "2024.8.1": date(2024, 8, 16),
    "2024.8.2": date(2024, 8, 30),
    "2024.9.0": date(2024, 9, 13),
    "2024.9.1": date(2024, 9, 28),
    "2024.10.0": date(2024, 10, 17),
    "2024.11.2": date(2024, 11, 13),
    "2024.12.0": date(2024, 12, 3),
    "2024.12.1": date(2024, 12, 17),
    "2025.1.0": date(2025, 1, 17),
    "2025.2.0": date(2025, 2, 13),
    "2025.3.0": date(2025, 3, 21),
    "2025.4.0": date(2025, 4, 22),
    "2025.4.1": date(2025, 4, 25),
    "2025.5.0": date(2025, 5, 13),
    "2025.5.1": date(2025, 5, 20),
    "2025.7.0": date(2025, 7, 14),
    "2025.9.0": date(2025, 9, 10),
    "2025.9.1": date(2025, 9, 16),
    "2025.10.0": date(2025, 10, 14),
    "2025.11.0": date(2025, 11, 6),
    "2025.12.0": date(2025, 12, 12),
    "2026.1.1": date(2026, 1, 16),
    "2026.1.2": date(2026, 1, 30),
    "2026.3.0": date(2026, 3, 18),
    "2026.6.0": date(2026, 6, 11),
    "2026.7.0": date(2026, 7, 6),
    "2026.7.1": date(2026, 7, 14),
    "2026.8.0": date(2026, 8, 24),
}
RECORDED_SINCE: Final = date(2026, 6, 11)
"""Every story was run on the releases from here on, as far as one of them was its newest."""


def known_by(now: datetime) -> list[Release]:
    """What the index named then; at least up to the first release that stories were run on."""
    until = max(now.date(), RECORDED_SINCE)
    return [
        Release(version=version, uploaded_at=datetime.combine(day, time(12), tzinfo=UTC))
        for version, day in UPLOADS.items()
        if day <= until
    ]
