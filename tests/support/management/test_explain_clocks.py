"""`manage.py explain_clocks`: a file in, JSON out, and no database."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.support.domain.test_clock_facts import FILE


def answer(*arguments: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("explain_clocks", *arguments, stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    path = tmp_path / "facts.json"
    path.write_text(json.dumps(FILE))
    return path


def test_a_file_is_answered_as_of_the_instant_asked_for(facts: Path) -> None:
    (cycle,) = answer(str(facts), "--now", "2026-11-16T12:00:01+01:00")["cycles"]
    assert (cycle["due_at"], cycle["state"]) == ("2026-11-16T11:00:00Z", "overdue")


def test_without_an_instant_the_clock_counts(facts: Path) -> None:
    (cycle,) = answer(str(facts))["cycles"]
    assert cycle["due_at"] == "2026-11-16T11:00:00Z"


def test_facts_may_come_from_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(FILE | {"events": []})))
    assert answer("-") == {"cycles": []}


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000])
def test_what_is_no_json_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "facts.json"
    path.write_text(text)
    with pytest.raises(CommandError, match="is no JSON"):
        answer(str(path))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        answer(str(tmp_path / "nowhere.json"))


def test_a_mistake_is_named_with_its_place(facts: Path) -> None:
    facts.write_text(json.dumps(FILE | {"priority": "immediate"}))
    with pytest.raises(CommandError, match=r"^priority: 'immediate' is none of urgent"):
        answer(str(facts))


def test_an_instant_without_an_offset_is_refused(facts: Path) -> None:
    with pytest.raises(CommandError, match=r"^--now: "):
        answer(str(facts), "--now", "2026-11-16T12:00:00")
