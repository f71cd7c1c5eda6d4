"""The one convention of our measurements: sides in turns within one run, facts, a line a target.

    python benchmarks/NAME.py [--quick] [--check]

prints a table and ends with `name: measured, goal, met | missed` for each target. With `--check` it
exits 1 if one is missed.
"""

import argparse
import os
import platform
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Seconds = Mapping[str, Sequence[float]]
"""What each side took, run by run, by the side's name."""


@dataclass(frozen=True)
class Side:
    """One way to do it. `measure` does it once and answers with the seconds it took."""

    name: str
    measure: Callable[[], float]


@dataclass(frozen=True)
class Target:
    """A number that has to stay at or below `goal`; `unit` is for people."""

    name: str
    measured: Callable[[Seconds], float]
    goal: float
    unit: str = ""

    def line(self, seconds: Seconds) -> str:
        measured = self.measured(seconds)
        outcome = "met" if measured <= self.goal else "missed"
        return f"{self.name}: {measured:.3g}{self.unit}, {self.goal:g}{self.unit}, {outcome}"

    def is_met(self, seconds: Seconds) -> bool:
        return self.measured(seconds) <= self.goal


def median(side: str) -> Callable[[Seconds], float]:
    """The median of a side, as a target's measure."""
    return lambda seconds: statistics.median(seconds[side])


def ratio(side: str, *, to: str) -> Callable[[Seconds], float]:
    """The median of one side as a part of another's."""
    return lambda seconds: median(side)(seconds) / median(to)(seconds)


def in_turns(sides: Sequence[Side], *, rounds: int) -> Seconds:
    """Measure A B C, C B A, A B C ...: a machine that slows down slows all sides down alike."""
    seconds: dict[str, list[float]] = {side.name: [] for side in sides}
    for number in range(rounds):
        for side in sides if number % 2 == 0 else reversed(sides):
            seconds[side.name].append(side.measure())
            sys.stderr.write(f"  {side.name}: {seconds[side.name][-1]:.2f} s\n")
    return seconds


def table(seconds: Seconds) -> str:
    """One row a side: how often, and the seconds in the middle, at best and at worst."""
    width = max(map(len, seconds))
    rows = [f"{'':<{width}}  {'runs':>4}  {'median':>8}  {'least':>8}  {'most':>8}"]
    for name, took in seconds.items():
        numbers = (statistics.median(took), min(took), max(took))
        rows.append(
            f"{name:<{width}}  {len(took):>4}  " + "  ".join(f"{n:>6.2f} s" for n in numbers)
        )
    return "\n".join(rows)


def machine() -> str:
    """What the numbers were measured on."""
    processor = _first_value(Path("/proc/cpuinfo"), "model name") or platform.machine()
    kib = int((_first_value(Path("/proc/meminfo"), "MemTotal") or "0").split()[0])
    load = os.getloadavg()[0]
    return (
        f"{processor}, {os.cpu_count()} processors, {kib / 1024**2:.0f} GiB, "
        f"Linux {platform.release()}, Python {platform.python_version()}, load {load:.1f}"
    )


def _first_value(path: Path, key: str) -> str | None:
    lines = path.read_text().splitlines() if path.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(key)), None)


@dataclass(frozen=True)
class Arguments:
    quick: bool
    check: bool


def arguments(description: str) -> Arguments:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, rougher numbers")
    parser.add_argument("--check", action="store_true", help="exit 1 if a target is missed")
    given = parser.parse_args()
    return Arguments(quick=given.quick, check=given.check)


def report(seconds: Seconds, targets: Sequence[Target], *, check: bool) -> int:
    """Print what was measured and how the targets fared; the exit status."""
    print(machine(), table(seconds), sep="\n")
    print(*(target.line(seconds) for target in targets), sep="\n")
    missed = any(not target.is_met(seconds) for target in targets)
    return 1 if check and missed else 0
