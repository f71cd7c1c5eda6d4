"""What is known of a problem, in a sentence and in two words: tables keyed by what they say."""

from dataclasses import replace

import pytest

from support.domain.comments import fenced, verdict_comment
from support.domain.findings import Finding, Shape, latest_by_release
from support.domain.scripts import NO_SCRIPT, TEMPLATE
from support.domain.wording import sentence_of, short_verdict

VERDICTS: dict[Shape, str] = {"seen": "reproduced", "clean": "clean", "cannot": "limit"}
OLD, MIDDLE, NEW = "2024.5.2", "2025.1.0", "2026.8.0"


def finding(dask: str, shape: Shape, hits: int = 0, runs: int = 0, **facts: object) -> Finding:
    made = Finding(
        trial_id=1, dask=dask, shape=shape, verdict=VERDICTS.get(shape, ""), hits=hits, runs=runs
    )
    return replace(made, **facts)  # type: ignore[arg-type]


def seen(dask: str, hits: int = 1, runs: int = 1) -> Finding:
    return finding(dask, "seen", hits, runs)


def clean(dask: str, runs: int = 1) -> Finding:
    return finding(dask, "clean", 0, runs)


def cannot(dask: str, reason: str = "The time limit of 120 s was over.") -> Finding:
    return finding(dask, "cannot", reason=reason)


def different(dask: str) -> Finding:
    return finding(dask, "cannot", verdict="different", reason="It raised KeyError instead.")


SENTENCES: dict[str, tuple[list[Finding], Shape]] = {
    "Reproduced on 2024.5.2, 1 of 1 run. Clean on 2026.8.0, 0 of 1 run: upgrading solves it.": (
        [seen(OLD), clean(NEW)],
        "seen",
    ),
    "Reproduced on 2024.5.2, 3 of 5 runs. Still there on 2026.8.0, 1 of 1 run.": (
        [seen(OLD, 3, 5), seen(NEW)],
        "seen",
    ),
    "Reproduced on 2024.5.2, 1 of 1 run. Still there on 2025.1.0, 1 of 1 run. "
    "Clean on 2026.8.0, 0 of 1 run: upgrading solves it.": (
        [seen(OLD), clean(NEW), seen(MIDDLE)],
        "seen",
    ),
    "Reproduced on 2026.8.0, 1 of 1 run.": ([clean(OLD), seen(NEW)], "seen"),
    "Reproduced on 2024.5.2, 1 of 1 run. Could not be judged on 2026.8.0: "
    "The time limit of 120 s was over.": ([seen(OLD), cannot(NEW)], "seen"),
    "Reproduced on 2024.5.2, 1 of 1 run. Running on 2026.8.0.": (
        [seen(OLD), finding(NEW, "run")],
        "seen",
    ),
    "Not reproduced: clean on 2024.5.2, 0 of 1 run and on 2026.8.0, 0 of 3 runs.": (
        [clean(OLD), clean(NEW, 3)],
        "clean",
    ),
    "Not reproduced: clean on 2026.8.0, 0 of 1 run. Failed in another way on 2024.5.2: "
    "It raised KeyError instead.": ([different(OLD), clean(NEW)], "clean"),
    "Could not be judged on 2024.5.2: The time limit of 120 s was over. "
    "Failed in another way on 2026.8.0: It raised KeyError instead.": (
        [cannot(OLD), different(NEW)],
        "cannot",
    ),
    "Could not be judged on 2024.5.2, 2025.1.0 and 2026.8.0: No memory.": (
        [cannot(OLD, "No memory"), cannot(MIDDLE, "No memory"), cannot(NEW, "No memory")],
        "cannot",
    ),
    "Could not be judged on 2024.5.2.": ([cannot(OLD, "")], "cannot"),
    "Could not be judged on 2024.5.2: No memory.": ([cannot(OLD, "No memory")], "cannot"),
    "Running on 2024.5.2 and 2026.8.0.": ([finding(OLD, "run"), finding(NEW, "untried")], "run"),
    "Running on 2024.5.2.": ([finding(OLD, "run"), finding(OLD, "untried")], "run"),
    "The script was read; no run was asked for yet.": ([], "untried"),
}


@pytest.mark.parametrize("text", SENTENCES)
def test_the_runs_come_to_this_sentence(text: str) -> None:
    findings, shape = SENTENCES[text]
    sentence = sentence_of(findings=findings, reported=OLD)
    assert (sentence.text, sentence.shape) == (text, shape)


def test_without_a_script_there_is_nothing_to_run() -> None:
    sentence = sentence_of(findings=[seen(OLD)], has_script=False)
    assert (sentence.text, sentence.shape) == ("There is no script to run yet.", "untried")


def test_the_reported_release_is_told_first() -> None:
    text = sentence_of(findings=[seen(OLD), seen(MIDDLE), seen(NEW)], reported=MIDDLE).text
    assert text == "Reproduced on 2025.1.0, 1 of 1 run. Still there on 2026.8.0, 1 of 1 run."


def test_what_could_not_be_judged_between_the_releases_asked_for_is_left_to_the_list() -> None:
    text = sentence_of(findings=[seen(OLD), cannot(MIDDLE), clean(NEW)], reported=OLD).text
    assert text.startswith("Reproduced on 2024.5.2, 1 of 1 run. Clean on 2026.8.0")
    assert "2025.1.0" not in text


def test_a_count_opens_the_trial_that_it_counts() -> None:
    sentence = sentence_of(findings=[replace(seen(OLD), trial_id=41)], reported=OLD)
    assert [(part.text, part.trial_id) for part in sentence.parts] == [
        ("Reproduced on 2024.5.2, ", None),
        ("1 of 1 run", 41),
        (".", None),
    ]


SHORT: dict[str, tuple[list[Finding], Shape]] = {
    "not run yet": ([], "untried"),
    "waiting, 0 of 2": ([finding(OLD, "untried"), finding(NEW, "untried")], "run"),
    "running, 1 of 2": ([seen(OLD), finding(NEW, "run")], "run"),
    "reproduced 3 of 5": ([seen(OLD, 3, 5), seen(NEW), clean(MIDDLE)], "seen"),
    "clean 0 of 1": ([clean(NEW), cannot(OLD)], "clean"),
    "failed differently": ([different(NEW), cannot(OLD)], "cannot"),
    "could not be judged": ([cannot(OLD)], "cannot"),
}


@pytest.mark.parametrize("words", SHORT)
def test_a_row_says_it_in_two_words(words: str) -> None:
    findings, shape = SHORT[words]
    short = short_verdict(findings=findings)
    assert (short.words, short.shape) == (words, shape)


def test_a_row_without_a_script_says_so() -> None:
    assert short_verdict(findings=[], has_script=False).words == "no script yet"


def test_the_newest_word_on_a_release_counts_and_no_failure_hides_evidence() -> None:
    first, again = seen(OLD), clean(OLD, 5)
    assert latest_by_release([first, again]) == [again]
    assert latest_by_release([first, cannot(OLD)]) == [first]
    assert latest_by_release([cannot(OLD), first]) == [first]
    assert latest_by_release([clean("nonsense"), first]) == [clean("nonsense"), first]


class TestTheComment:
    def test_it_tells_the_verdict_with_a_row_a_release(self) -> None:
        facts: dict[str, object] = {
            "python": "3.11.9",
            "seconds": 1.53,
            "peak_memory_bytes": 300 * 1024**2,
            "exception_type": "AssertionError",
            "traceback": "Traceback (most recent call last):\nAssertionError: 36 of 40\n",
            "packages": {"dask": OLD, "pandas": "2.2.3", "locket": "1.0"},
        }
        findings = [replace(seen(OLD), **facts), replace(clean(NEW), seconds=75.0)]  # type: ignore[arg-type]
        assert verdict_comment(findings=findings, reported=OLD) == (
            "**Reproduced on 2024.5.2, 1 of 1 run. Clean on 2026.8.0, 0 of 1 run: "
            "upgrading solves it.**\n\n"
            "| Dask | Verdict | Runs | Python | Time | Peak memory |\n"
            "|---|---|---|---|---|---|\n"
            "| 2024.5.2 | reproduced | 1 of 1 | 3.11.9 | 1.5 s | 300 MiB |\n"
            "| 2026.8.0 | clean | 0 of 1 |  | 1 min |  |\n\n"
            "<details><summary>Traceback on 2024.5.2, Python 3.11.9, dask 2024.5.2, pandas 2.2.3"
            "</summary>\n\n"
            "```\nTraceback (most recent call last):\nAssertionError: 36 of 40\n```\n\n"
            "</details>"
        )

    def test_it_waits_until_nothing_runs(self) -> None:
        assert verdict_comment(findings=[seen(OLD), finding(NEW, "run")]) == ""
        assert verdict_comment(findings=[]) == ""

    def test_it_asks_for_a_script_with_a_template(self) -> None:
        text = verdict_comment(findings=[], has_script=False, missing=[NO_SCRIPT])
        assert text.startswith("**We cannot run this yet.**\n\n`No script yet: attach")
        assert f"```python\n{TEMPLATE.rstrip()}\n```" in text
        assert verdict_comment(findings=[], has_script=False) == ""

    def test_it_says_what_a_newer_script_lacks(self) -> None:
        text = verdict_comment(findings=[clean(NEW)], missing=["script.py is empty."])
        assert text.endswith("\n\n`script.py is empty.`")

    def test_an_exception_without_a_traceback_is_shown_all_the_same(self) -> None:
        one = replace(different(NEW), exception_type="KeyError", exception_message="'x'")
        text = verdict_comment(findings=[one])
        assert "| 2026.8.0 | failed in another way |" in text
        assert "<summary>Traceback on 2026.8.0</summary>\n\n```\nKeyError: 'x'\n```" in text

    def test_what_was_reproduced_is_shown_before_another_failure(self) -> None:
        other = replace(different(OLD), exception_type="KeyError")
        one = replace(seen(NEW), exception_type="AssertionError")
        assert "Traceback on 2026.8.0" in verdict_comment(findings=[other, one])

    def test_nothing_that_a_script_prints_leaves_its_fence(self) -> None:
        nasty = "````\n@everyone <img src=x> [click](https://evil.example)\n`````"
        one = replace(seen(NEW), exception_type="E", traceback=nasty)
        assert f"``````\n{nasty}\n``````" in verdict_comment(findings=[one])
        assert fenced("x") == "```\nx\n```"

    def test_reasons_and_releases_mention_nobody(self) -> None:
        one = cannot("@octocat/#1<b>", "`@octocat`\nsee https://evil.example | now")
        text = verdict_comment(findings=[one])
        assert (
            "Could not be judged on octocat1b: `'@octocat' see https://evil.example | now`" in text
        )
        assert "| octocat1b | could not be judged |" in text

    def test_a_long_traceback_keeps_its_end(self) -> None:
        one = replace(seen(NEW), exception_type="E", traceback="x" * 50_000 + "the end")
        text = verdict_comment(findings=[one])
        assert len(text) < 20_000
        assert "the end\n```" in text
