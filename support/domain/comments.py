"""The one verdict comment of a tracker's issue, in Markdown. Pure.

What it quotes comes out of a sandbox or was typed by somebody: it stands in fences and code spans
that it cannot leave, or is stripped to what a version is made of, so that it neither mentions
anybody nor links anywhere.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from reproducers.engine.quantities import format_bytes
from support.domain.findings import Finding, latest_by_release
from support.domain.scripts import TEMPLATE
from support.domain.wording import sentence_of
from web.times import duration_words

TRACEBACK_CHARACTERS: Final = 12_000
REASON_CHARACTERS: Final = 400
WORDS: Final = {"seen": "reproduced", "clean": "clean", "cannot": "could not be judged"}
PACKAGES: Final = ("dask", "distributed", "pandas", "numpy", "pyarrow")
HEAD: Final = "| Dask | Verdict | Runs | Python | Time | Peak memory |\n|---|---|---|---|---|---|"


def verdict_comment(
    *,
    findings: Sequence[Finding],
    reported: str = "",
    has_script: bool = True,
    missing: Sequence[str] = (),
) -> str:
    """The comment's text; empty while there is nothing to say yet because something still runs."""
    if not has_script:
        return _asking(missing) if missing else ""
    if not findings or any(finding.is_open for finding in findings):
        return ""
    quiet = [_quiet(finding) for finding in findings]
    sentence = sentence_of(findings=quiet, reported=reported)
    latest = latest_by_release(quiet)
    table = "\n".join([HEAD, *map(_row, latest)])
    parts = [f"**{sentence.text}**", table, _shown(latest), *map(_code, missing)]
    return "\n\n".join(part for part in parts if part)


def fenced(text: str, *, language: str = "") -> str:
    """A code block that nothing in `text` can close."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def _asking(missing: Sequence[str]) -> str:
    told = "\n\n".join(map(_code, missing))
    template = fenced(TEMPLATE, language="python")
    return f"**We cannot run this yet.**\n\n{told}\n\nA template to copy:\n\n{template}"


def _quiet(finding: Finding) -> Finding:
    return replace(
        finding,
        dask=_version(finding.dask),
        python=_version(finding.python),
        reason=_code(finding.reason) if finding.reason else "",
        packages={name: _version(found) for name, found in finding.packages.items()},
    )


def _version(text: str) -> str:
    """What a version can be made of, of whatever stands in its place."""
    return re.sub(r"[^A-Za-z0-9.+_-]", "", text)[:32]


def _code(text: str) -> str:
    """A code span of one line, for a sentence or for a cell of a table."""
    line = " ".join(text.split())[:REASON_CHARACTERS].replace("`", "'")
    return f"`{line}`"


def _row(finding: Finding) -> str:
    word = "failed in another way" if finding.verdict == "different" else WORDS[finding.shape]
    seconds = "" if finding.seconds is None else _seconds(finding.seconds)
    peak = format_bytes(finding.peak_memory_bytes) if finding.peak_memory_bytes else ""
    often = f"{finding.hits} of {finding.runs}" if finding.runs else ""
    return f"| {' | '.join([finding.dask, word, often, finding.python, seconds, peak])} |"


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else duration_words(seconds)


def _shown(latest: Sequence[Finding]) -> str:
    """The traceback of what shows the problem best, and what it ran with."""
    telling = sorted(
        (one for one in latest if one.exception_type), key=lambda one: one.shape != "seen"
    )
    if not telling:
        return ""
    finding = telling[0]
    text = finding.traceback or f"{finding.exception_type}: {finding.exception_message}"
    with_what = ", ".join(
        f"{name} {finding.packages[name]}" for name in PACKAGES if name in finding.packages
    )
    ran = f", Python {finding.python}, {with_what}" if with_what else ""
    summary = f"<details><summary>Traceback on {finding.dask}{ran}</summary>"
    return f"{summary}\n\n{fenced(text[-TRACEBACK_CHARACTERS:])}\n\n</details>"
