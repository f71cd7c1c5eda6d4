"""What flags of `repro env` mean."""

from datetime import date, datetime

from reproducers.engine.errors import UsageError
from reproducers.engine.quantities import parse_bytes


def read_size(text: str) -> int:
    """Bytes of `--size`; raises UsageError."""
    try:
        return parse_bytes(text)
    except ValueError as error:
        raise UsageError(f"--size: {error}", remedy="Write it such as 10GiB.") from error


def as_day(instant: datetime | None) -> date | None:
    """The day of `--as-of`."""
    return None if instant is None else instant.date()
