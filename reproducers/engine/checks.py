"""One line of `repro doctor`."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Check:
    """What was tried, whether this machine has it, what was found, and how to get it ("": none)."""

    name: str
    ok: bool
    found: str
    remedy: str = ""
