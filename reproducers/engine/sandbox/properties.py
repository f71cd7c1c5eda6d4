"""What a sandbox has to keep, and what a look around inside says of it: pure.

`inside/look.py` tried; here its answers become lines of `repro doctor`. What it does not answer is
not believed to hold.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from reproducers.engine.checks import Check

Enclosure = Literal["bubblewrap", "gvisor"]

ALLOWED: Final = "allowed"
REPORT: Final = "Run no scripts of others on this machine, and report this as a bug."
SHOWN: Final = 4

_BOTH: Final = (
    *("network", "host-files", "kernel-files", "read-only", "kernel-settings"),
    *("processes", "secrets", "privileges", "first-process", "sizes", "output"),
)
PROPERTIES: Final[Mapping[Enclosure, tuple[str, ...]]] = {
    "bubblewrap": ("system-calls", "namespaces", "sockets", *_BOTH),
    "gvisor": ("kernel", *_BOTH),
}
_KEPT: Final = {
    "kernel": "in place of the host's",
    "system-calls": "refused",
    "namespaces": "refused",
    "sockets": "refused",
    "network": "out of reach",
    "host-files": "not there",
    "kernel-files": "closed, or not there",
    "read-only": "not to be written to",
    "kernel-settings": "not to be written to",
    "processes": "its own alone",
    "secrets": "nothing of ours",
    "privileges": "none",
    "first-process": "closed to the script",
    "sizes": "bounded",
    "output": "bounded, and plain files alone",
}
# What gVisor's kernel allows without the host's ever hearing of it.
_OF_NO_EFFECT: Final[Mapping[Enclosure, Mapping[str, frozenset[str]]]] = {
    "bubblewrap": {},
    "gvisor": {
        "privileges": frozenset({"urgency"}),
        "first-process": frozenset({"environ"}),
    },
}


def name_of(isolation: Enclosure, of: str) -> str:
    """The name of a line about one property of one kind of sandbox."""
    return f"{isolation}/{of}"


def held(isolation: Enclosure, said: bytes) -> Iterator[Check]:
    """A line for each property, by what the look around printed."""
    facts = _table(said)
    for name in PROPERTIES[isolation]:
        ignored = _OF_NO_EFFECT[isolation].get(name, frozenset())
        answers = {
            tried: str(answer)
            for tried, answer in _as_table(facts.get(name)).items()
            if tried not in ignored
        }
        yield _line(name_of(isolation, name), answers)


def _line(name: str, answers: Mapping[str, str]) -> Check:
    broken = sorted(tried for tried, answer in answers.items() if answer == ALLOWED)
    if not answers:
        return Check(name=name, ok=False, found="no answer", remedy=REPORT)
    if broken:
        return Check(name=name, ok=False, found=f"not kept: {_list(broken)}", remedy=REPORT)
    kept = _KEPT[name.rpartition("/")[2]]
    return Check(name=name, ok=True, found=f"{kept}: {_list(sorted(answers))}")


def _list(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _table(said: bytes) -> Mapping[str, Any]:
    try:
        return _as_table(json.loads(said))
    except (ValueError, RecursionError):
        return {}


def _as_table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
