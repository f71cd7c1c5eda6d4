"""What is known of a problem, in one sentence and in two words. Pure: findings in, words out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from support.domain.findings import Finding, Shape, latest_by_release, release_order


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a sentence; `trial_id` names the trial that it counts, so that it can open it."""

    text: str
    trial_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """Its parts in order, and the shape of the state that it tells."""

    parts: tuple[Part, ...]
    shape: Shape

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts)


@dataclass(frozen=True, slots=True)
class ShortVerdict:
    """A verdict for a row of a list: "reproduced 3 of 3", "running, 1 of 2", "no script yet"."""

    shape: Shape
    words: str


def sentence_of(
    *, findings: Sequence[Finding], reported: str = "", has_script: bool = True
) -> Sentence:
    """What the runs came to. `reported` is the release that the problem was reported on."""
    if not has_script:
        return _plain("There is no script to run yet.", "untried")
    if not findings:
        return _plain("The script was read; no run was asked for yet.", "untried")
    latest = latest_by_release(findings)
    trying = _trying([one for one in findings if one.is_open])
    told: tuple[tuple[Shape, list[Part]], ...] = (
        ("seen", _reproduced(latest, reported)),
        ("clean", _not_reproduced(latest, reported)),
        ("cannot", _unjudged(latest)),
    )
    for shape, parts in told:
        if parts:
            return Sentence(parts=(*parts, *_after(trying)), shape=shape)
    return Sentence(parts=tuple(trying), shape="run")


def short_verdict(*, findings: Sequence[Finding], has_script: bool = True) -> ShortVerdict:
    """What a row of a list says. What shows the problem counts most, then what runs."""
    if not has_script:
        return ShortVerdict("untried", "no script yet")
    if not findings:
        return ShortVerdict("untried", "not run yet")
    if any(finding.is_open for finding in findings):
        return ShortVerdict("run", _how_far(findings))
    latest = latest_by_release(findings)
    for shape, words in (("seen", "reproduced"), ("clean", "clean")):
        if of_it := [finding for finding in latest if finding.shape == shape]:
            best = max(of_it, key=lambda finding: (finding.runs, finding.order))
            return ShortVerdict(best.shape, f"{words} {best.hits} of {best.runs}")
    is_different = any(finding.verdict == "different" for finding in latest)
    return ShortVerdict("cannot", "failed differently" if is_different else "could not be judged")


def _how_far(findings: Sequence[Finding]) -> str:
    done = sum(not finding.is_open for finding in findings)
    waits = all(finding.shape == "untried" for finding in findings if finding.is_open)
    return f"{'waiting' if waits else 'running'}, {done} of {len(findings)}"


def _plain(text: str, shape: Shape) -> Sentence:
    return Sentence(parts=(Part(text),), shape=shape)


def _reproduced(latest: Sequence[Finding], reported: str) -> list[Part]:
    seen = [finding for finding in latest if finding.shape == "seen"]
    if not seen:
        return []
    first = next((one for one in seen if one.order == release_order(reported)), seen[0])
    parts = [Part(f"Reproduced on {first.dask}, "), _counted(first), Part(".")]
    last = seen[-1]
    if last is not first:
        parts += [Part(f" Still there on {last.dask}, "), _counted(last), Part(".")]
    newer = [one for one in latest if one.shape == "clean" and one.order > last.order]
    if newer:
        parts += [Part(f" Clean on {newer[0].dask}, "), _counted(newer[0])]
        parts += [Part(": upgrading solves it.")]
    return parts + _others(_that_matter(latest, reported))


def _not_reproduced(latest: Sequence[Finding], reported: str) -> list[Part]:
    clean = [finding for finding in latest if finding.shape == "clean"]
    parts: list[Part] = []
    for position, finding in enumerate(clean):
        lead = " and on " if position else "Not reproduced: clean on "
        parts += [Part(f"{lead}{finding.dask}, "), _counted(finding)]
    if not parts:
        return []
    return [*parts, Part("."), *_others(_that_matter(latest, reported))]


def _unjudged(latest: Sequence[Finding]) -> list[Part]:
    parts = _others(latest)
    return [Part(parts[0].text.lstrip()), *parts[1:]] if parts else []


def _that_matter(latest: Sequence[Finding], reported: str) -> list[Finding]:
    """Where there is evidence, only these are missed in it: what was reported, and the newest."""
    asked = release_order(reported)
    return [one for one in latest if one is latest[-1] or (reported and one.order == asked)]


def _others(latest: Iterable[Finding]) -> list[Part]:
    """What is no evidence: another failure, or no judgement, each reason once."""
    parts: list[Part] = []
    for (what, reason), findings in _by_reason(latest).items():
        parts.append(Part(f" {what} on "))
        for finding in findings:
            before = Part(" and ") if finding is findings[-1] else Part(", ")
            parts += [] if finding is findings[0] else [before]
            parts.append(Part(finding.dask, finding.trial_id))
        parts.append(Part(f": {_closed(reason)}" if reason else "."))
    return parts


def _by_reason(latest: Iterable[Finding]) -> dict[tuple[str, str], list[Finding]]:
    found: dict[tuple[str, str], list[Finding]] = {}
    for finding in latest:
        is_other = finding.verdict == "different"
        what = "Failed in another way" if is_other else "Could not be judged"
        if finding.shape == "cannot":
            found.setdefault((what, finding.reason), []).append(finding)
    return found


def _closed(reason: str) -> str:
    """A reason as the end of a sentence."""
    return reason if reason.endswith((".", "!", "?", "`")) else f"{reason}."


def _trying(running: Sequence[Finding]) -> list[Part]:
    if not running:
        return []
    names = list(dict.fromkeys(finding.dask for finding in running))
    waits = all(finding.shape == "untried" for finding in running)
    return [
        Part("Waiting to run on " if waits else "Running on "),
        Part(_listed(names), running[0].trial_id),
        Part("."),
    ]


def _after(trying: Sequence[Part]) -> list[Part]:
    return [Part(f" {trying[0].text}"), *trying[1:]] if trying else []


def _counted(finding: Finding) -> Part:
    return Part(finding.often, finding.trial_id)


def _listed(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
