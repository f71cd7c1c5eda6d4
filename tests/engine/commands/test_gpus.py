"""`repro run --gpus` on a machine without them."""

import json
from pathlib import Path

import pytest

from reproducers.cli import repro
from reproducers.engine import gpus
from reproducers.engine.commands.frame import carry_out
from reproducers.engine.gpus import Machine
from tests.engine.indexes import Index


def test_it_is_refused_before_anything_is_built(
    own_index: Index,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gpus, "look", Machine)
    script = tmp_path / "bug.py"
    script.write_text("import dask")
    assert carry_out(repro, ["run", str(script), "--gpus", "1", "--json"]) == 4
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["code"], error["message"]) == ("missing-gpu", "This machine has no NVIDIA GPU.")
    assert "--gpus 0" in error["remedy"]
    assert own_index.asked == []


def test_a_number_that_is_none_is_told_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "bug.py"
    script.write_text("import dask")
    assert carry_out(repro, ["run", str(script), "--gpus", "17"]) == 2
    assert "from 0 to 16" in capsys.readouterr().err
