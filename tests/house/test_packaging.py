"""`pip install .` gives the CLI and the engine: no Django, quick to start, and it runs scripts.

Everything here happens in other processes, since these need the index and tests do not.
"""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from uv import find_uv_bin

from config import places
from reproducers.engine.places import index_url

SCRIPT = """
# /// script
# dependencies = ["dask[complete]"]
# ///
import dask.array as da

print(da.ones(10, chunks=5).sum().compute())
"""
# None of them is needed to say `repro --help`, and each of them takes its time.
HEAVY = {"django", "httpx", "markdown_it", "packaging", "platformdirs", "pyseccomp", "uv", "yaml"}


def said(*command: str | Path, folder: Path) -> str:
    """What a program prints that has nothing of this checkout on its path."""
    own = {"PYTHONPATH", "VIRTUAL_ENV", "DJANGO_SETTINGS_MODULE", "COVERAGE_PROCESS_START"}
    environment = {name: value for name, value in os.environ.items() if name not in own}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    index = ("--default-index", index_url(), "--no-config")
    said(find_uv_bin(), "build", places.CHECKOUT, "--wheel", "-o", folder, *index, folder=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that has the wheel and what it needs, and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    uv, index = find_uv_bin(), ("--default-index", index_url(), "--no-config")
    said(uv, "venv", folder / "venv", "--python", sys.executable, "--no-config", folder=folder)
    programs = folder / "venv" / "bin"
    said(uv, "pip", "install", wheel, "--python", programs / "python", *index, folder=folder)
    return programs


@pytest.mark.index
def test_the_wheel_holds_the_cli_and_the_engine_only(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    others = {name for name in names if not name.startswith("reproducers/engine/")}
    assert others == {"reproducers/__init__.py", "reproducers/cli.py"}
    engine = places.CHECKOUT / "reproducers" / "engine"
    modules = {str(path.relative_to(places.CHECKOUT)) for path in engine.rglob("*.py")}
    assert modules <= names


@pytest.mark.index
def test_the_extras_can_be_had_together(wheel: Path, installed: Path) -> None:
    wanted = f"headwater[fleet,gpu,server] @ {wheel.as_uri()}"
    said(
        *(find_uv_bin(), "pip", "install", "--dry-run", wanted, "--no-config"),
        *("--python", installed / "python", "--default-index", index_url()),
        folder=wheel.parent,
    )


@pytest.mark.index
def test_what_is_installed_knows_no_django(installed: Path, tmp_path: Path) -> None:
    looked = "import importlib.util as u; print(u.find_spec('django'), u.find_spec('support'))"
    assert said(installed / "python", "-c", looked, folder=tmp_path) == "None None\n"
    assert "Usage: repro" in said(installed / "repro", "--help", folder=tmp_path)
    assert "version" in said(installed / "repro", "--version", folder=tmp_path)


@pytest.mark.index
@pytest.mark.sandbox
def test_what_is_installed_runs_a_script(installed: Path, tmp_path: Path) -> None:
    script = tmp_path / "tiny.py"
    script.write_text(SCRIPT)
    out = ("--out", tmp_path / "out")
    printed = said(installed / "repro", "run", script, "--json", *out, folder=tmp_path)
    report = json.loads(printed)
    assert (report["verdict"], report["output"]) == ("clean", "10.0")


@pytest.mark.soak
@pytest.mark.index
@pytest.mark.sandbox
def test_what_is_installed_examines_the_machine(installed: Path, tmp_path: Path) -> None:
    checks = json.loads(said(installed / "repro", "doctor", "--json", folder=tmp_path))["checks"]
    assert {"uv", "pythons", "index", "gpus"} <= {check["name"] for check in checks}


def test_the_program_starts_without_what_only_some_commands_need() -> None:
    looked = "import sys, reproducers.cli; print(*{name.split('.')[0] for name in sys.modules})"
    names = said(sys.executable, "-c", looked, folder=places.CHECKOUT).split()
    assert HEAVY & set(names) == set()
