"""Static files as production serves them: collected, under names that tell their content."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config import places


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the server's code in which `collectstatic` has run, as in the Dockerfile."""
    copy = tmp_path_factory.mktemp("image")
    for name in ("config", "contracts", "reproducers", "support", "templates", "web"):
        shutil.copytree(places.CHECKOUT / name, copy / name)
    shutil.copy(places.CHECKOUT / "manage.py", copy)
    manage(copy, "collectstatic", "--noinput", "--verbosity=0")
    return copy


def manage(copy: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_every_file_is_collected_under_a_name_that_tells_its_content(collected: Path) -> None:
    manifest = json.loads((collected / "staticfiles" / "staticfiles.json").read_text())["paths"]
    assert manifest["headwater.css"] != "headwater.css"
    assert (collected / "staticfiles" / manifest["headwater.css"]).exists()


def test_pages_then_name_the_collected_files(collected: Path) -> None:
    ask = "from django.templatetags.static import static; print(static('headwater.css'))"
    named = manage(collected, "shell", "--no-imports", "--command", ask)
    assert (collected / "staticfiles" / named.removeprefix("/static/")).exists()
    assert named != "/static/headwater.css"
