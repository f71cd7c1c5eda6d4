"""The hostile scripts, each with what it attacks and what a safe run of it shows.

A script begins with lines `#: key = value`, which are TOML:

- `what`: what it does, in a sentence;
- `attacks`: the protection that stops it; else `guard`: what stops it and cannot be switched off,
  or more than one;
- `policy`, `job`: what of the RunPolicy and of the expected symptom is not the default;
- `safe`: what a safe run shows (verdict, symptom, kind, `says`: a part of what it prints); clean
  without it;
- `harm`: what a run shows in which it has succeeded; without it, that it printed HARM;
- `machine`: the only architecture that it is written for;
- `alone`: true where it needs a test of its own.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from reproducers.engine.protections import Protection

SCRIPTS = Path(__file__).parent / "scripts"
MARK = "#: "
HARM = "HARM"


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One script, as the lines at its beginning say."""

    name: str
    script: str
    what: str
    attacks: Protection | None = None
    guard: str = ""
    policy: Mapping[str, Any] = field(default_factory=dict)
    job: Mapping[str, Any] = field(default_factory=dict)
    safe: Mapping[str, Any] = field(default_factory=lambda: {"verdict": "clean"})
    harm: Mapping[str, Any] = field(default_factory=lambda: {"says": HARM})
    machine: str | None = None
    alone: bool = False


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a run has shown; `says` is everything that came out of it, as text."""

    verdict: str
    symptom: str | None
    kind: str | None
    reason: str
    says: str

    def is_as(self, expected: Mapping[str, Any]) -> bool:
        """Whether it shows what is expected, and its words what is expected of them."""
        rest = {name: value for name, value in expected.items() if name != "says"}
        own = {name: getattr(self, name) for name in rest}
        return own == rest and expected.get("says", "") in self.says


@cache
def attack(name: str) -> Attack:
    script = (SCRIPTS / f"{name}.py").read_text()
    marked = (line for line in script.splitlines() if line.startswith(MARK))
    facts = tomllib.loads("\n".join(line.removeprefix(MARK) for line in marked))
    if named := facts.pop("attacks", None):
        facts["attacks"] = Protection(named)
    return Attack(name=name, script=script, **facts)


def names() -> list[str]:
    return sorted(path.stem for path in SCRIPTS.glob("*.py"))


def on(protection: Protection) -> list[Attack]:
    """The scripts that attack it."""
    return [one for one in map(attack, names()) if one.attacks is protection]
