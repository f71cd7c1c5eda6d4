"""What one job came to: the bounded, JSON-able answer of the engine.

`to_json` gives the keys that `repro run --json` promises (../docs/repro.md). The service reads a
report back with `parse_report`, which treats it as hostile: sizes capped, types checked.
"""

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeVar, get_args

from reproducers.engine.sandbox.policy import Limits
from reproducers.engine.untrusted import count, items, number, parse, table, text
from reproducers.engine.verdicts import Symptom, Verdict

SCHEMA = 1
REPORT_BYTES: Final = 2 * 1024**2
REASON_CHARACTERS: Final = 500
MESSAGE_CHARACTERS: Final = 4000
TRACEBACK_CHARACTERS: Final = 32 * 1024
OUTPUT_CHARACTERS: Final = 64 * 1024
PACKAGES: Final = 1000
TRIES: Final = 100
ARTIFACTS: Final = 100
NOTES: Final = 50
DIFFERENCES: Final = 5
DIFFERENCE_CHARACTERS: Final = 80

OwnerFrom = Literal["frames", "dependency-axis"]
Label = Literal["always", "often", "flaky", "rare"]
Word = TypeVar("Word", bound=str)


@dataclass(frozen=True, kw_only=True)
class ExceptionFacts:
    """The exception that ended the script; `traceback` is text, at most 32 Ki characters."""

    type: str
    message: str
    traceback: str = ""


@dataclass(frozen=True, kw_only=True)
class EnvironmentFacts:
    """The environment really used; `lock` is the hash of its lock, `packages` name -> version."""

    python: str
    dask: str | None
    distributed: str | None
    as_of: str
    lock: str
    packages: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Try:
    """One run of the script. `warm`: in a sandbox that had waited for it, imports done."""

    verdict: Verdict
    seconds: float
    peak_memory_bytes: int | None
    warm: bool = False


@dataclass(frozen=True, kw_only=True)
class Phases:
    """Wall seconds by phase: the environment, the start of sandbox and cluster, the script."""

    environment: float
    start: float
    script: float


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """A file that was kept: its name, size in bytes and SHA-256 in hex."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Where two results differ, and what stands there; "nothing" where one has no such place."""

    place: str
    ours: str
    theirs: str


@dataclass(frozen=True, kw_only=True)
class Against:
    """What it was compared with: the release `dask`, or, None, the synchronous scheduler.

    `verdict` and `reason` are those of the script there, by itself, over `runs` runs. `measure` is
    what was compared, None where nothing could be: the `result`, with its `differences`, or a
    number, with the medians of both sides, their ratio and by how much runs of one side differ.
    """

    dask: str | None
    verdict: Verdict
    reason: str
    runs: int
    measure: str | None = None
    ours: float | None = None
    theirs: float | None = None
    ratio: float | None = None
    noise: float | None = None
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Report:
    """The verdict over all tries, with what it rests on. `reason` is one sentence for people.

    `fingerprint` names what was shown without anything of the script's own; `script_fingerprint`
    names where in the script, and never goes upstream. `output` is the end of what was printed.
    """

    verdict: Verdict
    reason: str
    symptom: Symptom | None = None
    kind: str | None = None
    exception: ExceptionFacts | None = None
    fingerprint: str | None = None
    script_fingerprint: str | None = None
    owner: str = "unknown"
    owner_from: OwnerFrom | None = None
    hits: int = 0
    runs: int = 0
    rate: float | None = None
    label: Label | None = None
    environment: EnvironmentFacts | None = None
    isolation: str = "bubblewrap"
    limits: Limits | None = None
    tries: tuple[Try, ...] = ()
    seconds: Phases = field(default_factory=lambda: Phases(environment=0.0, start=0.0, script=0.0))
    artifacts: tuple[Artifact, ...] = ()
    output: str = ""
    notes: tuple[str, ...] = ()
    against: Against | None = None

    def to_json(self) -> str:
        return json.dumps(self.as_dict())

    def as_dict(self) -> dict[str, Any]:
        return {"schema": SCHEMA, **dataclasses.asdict(self)}


def parse_report(content: bytes) -> Report:
    """Read a report that came from where we do not look; raises ValueError where it is none.

    What is too long is cut, what has the wrong type is left out; the verdict must be one.
    """
    facts = table(parse(content, limit=REPORT_BYTES))
    if facts.get("schema") != SCHEMA:
        raise ValueError(f"it is no report of schema {SCHEMA}")
    verdict = _word(facts.get("verdict"), tuple(Verdict))
    if verdict is None:
        raise ValueError("it has no verdict")
    tries = tuple(_try(one) for one in items(facts.get("tries"), limit=TRIES))
    runs = count(facts.get("runs"), limit=TRIES)
    hits = count(facts.get("hits"), limit=runs)
    return Report(
        verdict=verdict,
        reason=text(facts.get("reason"), limit=REASON_CHARACTERS),
        symptom=_word(facts.get("symptom"), tuple(Symptom)),
        kind=text(facts.get("kind"), limit=60) or None,
        exception=_exception(facts.get("exception")),
        fingerprint=text(facts.get("fingerprint"), limit=600) or None,
        script_fingerprint=text(facts.get("script_fingerprint"), limit=100) or None,
        owner=text(facts.get("owner"), limit=100) or "unknown",
        owner_from=_word(facts.get("owner_from"), get_args(OwnerFrom)),
        hits=hits,
        runs=runs,
        rate=hits / runs if runs else None,
        label=_word(facts.get("label"), get_args(Label)),
        environment=_environment(facts.get("environment")),
        isolation=text(facts.get("isolation"), limit=40),
        limits=_word(facts.get("limits"), get_args(Limits)),
        tries=tuple(one for one in tries if one is not None),
        seconds=_phases(facts.get("seconds")),
        artifacts=tuple(_artifact(one) for one in items(facts.get("artifacts"), limit=ARTIFACTS)),
        output=text(facts.get("output"), limit=OUTPUT_CHARACTERS),
        notes=tuple(
            text(note, limit=REASON_CHARACTERS) for note in items(facts.get("notes"), limit=NOTES)
        ),
        against=_against(facts.get("against")),
    )


def _word(value: object, words: tuple[Word, ...]) -> Word | None:
    """That of `words` which equals the value, None where none does."""
    return next((word for word in words if isinstance(value, str) and word == value), None)


def _exception(value: object) -> ExceptionFacts | None:
    facts = table(value)
    name = text(facts.get("type"), limit=200)
    if not name:
        return None
    return ExceptionFacts(
        type=name,
        message=text(facts.get("message"), limit=MESSAGE_CHARACTERS),
        traceback=text(facts.get("traceback"), limit=TRACEBACK_CHARACTERS),
    )


def _environment(value: object) -> EnvironmentFacts | None:
    facts = table(value)
    if not facts:
        return None
    packages = list(table(facts.get("packages")).items())[:PACKAGES]
    return EnvironmentFacts(
        python=text(facts.get("python"), limit=40),
        dask=text(facts.get("dask"), limit=40) or None,
        distributed=text(facts.get("distributed"), limit=40) or None,
        as_of=text(facts.get("as_of"), limit=40),
        lock=text(facts.get("lock"), limit=100),
        packages={text(name, limit=200): text(version, limit=100) for name, version in packages},
    )


def _try(value: object) -> Try | None:
    facts = table(value)
    verdict = _word(facts.get("verdict"), tuple(Verdict))
    if verdict is None:
        return None
    peak = facts.get("peak_memory_bytes")
    return Try(
        verdict=verdict,
        seconds=number(facts.get("seconds")),
        peak_memory_bytes=None if peak is None else count(peak),
        warm=facts.get("warm") is True,
    )


def _phases(value: object) -> Phases:
    facts = table(value)
    return Phases(
        environment=number(facts.get("environment")),
        start=number(facts.get("start")),
        script=number(facts.get("script")),
    )


def _against(value: object) -> Against | None:
    facts = table(value)
    verdict = _word(facts.get("verdict"), tuple(Verdict))
    if verdict is None:
        return None
    return Against(
        dask=text(facts.get("dask"), limit=40) or None,
        verdict=verdict,
        reason=text(facts.get("reason"), limit=REASON_CHARACTERS),
        runs=count(facts.get("runs"), limit=TRIES),
        measure=text(facts.get("measure"), limit=20) or None,
        ours=_measured(facts.get("ours")),
        theirs=_measured(facts.get("theirs")),
        ratio=_measured(facts.get("ratio")),
        noise=_measured(facts.get("noise")),
        differences=tuple(
            _difference(one) for one in items(facts.get("differences"), limit=DIFFERENCES)
        ),
    )


def _measured(value: object) -> float | None:
    return None if value is None else number(value)


def _difference(value: object) -> Difference:
    facts = table(value)
    return Difference(
        place=text(facts.get("place"), limit=DIFFERENCE_CHARACTERS),
        ours=text(facts.get("ours"), limit=DIFFERENCE_CHARACTERS),
        theirs=text(facts.get("theirs"), limit=DIFFERENCE_CHARACTERS),
    )


def _artifact(value: object) -> Artifact:
    facts = table(value)
    return Artifact(
        name=text(facts.get("name"), limit=200),
        bytes=count(facts.get("bytes")),
        sha256=text(facts.get("sha256"), limit=64),
    )
