"""Documents that cannot rot: what is read from the environment is explained, and the reverse."""

import re
from pathlib import Path

import pytest
import yaml

from config import places

READS = re.compile(
    r"""(?:(?<![\w.])env(?:\.\w+)?\(|environ\.get\(|environ\[|_checked\()\s*"([A-Z][A-Z0-9_]+)"|"([A-Z][A-Z0-9_]+)"\s+(?:not\s+)?in\s+(?:env|os\.environ)\b"""
)
SOURCES = ("config", "contracts", "reproducers", "support", "web")
OPERATING = places.CHECKOUT / "docs" / "operating.md"
THE_SYSTEMS = {
    "DJANGO_SETTINGS_MODULE", "HOME", "PATH", "PYENV_ROOT", "UV_PYTHON_INSTALL_DIR",
    "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR",
}  # fmt: skip
"""Read here and there, but no configuration of ours."""


def names_in(text: str) -> set[str]:
    return {first or second for first, second in READS.findall(text)}


def names_read() -> set[str]:
    files = (
        path
        for folder in SOURCES
        for path in (places.CHECKOUT / folder).rglob("*.py")
        if "inside" not in path.parts  # in the sandbox, told by the engine alone
    )
    return {name for path in files for name in names_in(path.read_text())} - THE_SYSTEMS


def names_explained() -> set[str]:
    return set(re.findall(r"^\| `([A-Z_]+)` \|", OPERATING.read_text(), flags=re.MULTILINE))


def test_every_name_read_from_the_environment_is_explained() -> None:
    assert names_read() - names_explained() == set()


def test_every_explained_name_is_read() -> None:
    assert names_explained() - names_read() == set()


def test_the_settings_are_among_what_is_looked_at() -> None:
    settings = names_in((places.CHECKOUT / "config" / "settings.py").read_text())
    assert {"DATABASE_URL", "REDIS_URL", "PORT", "SECRET_KEY", "EMAIL_URL"} <= settings


def test_the_example_environment_names_only_what_is_explained() -> None:
    example = (places.CHECKOUT / ".env.example").read_text()
    names = set(re.findall(r"^([A-Z_]+)=", example, flags=re.MULTILINE))
    assert names - names_explained() == {"POSTGRES_PASSWORD"}  # docker-compose.yml's own


def test_every_service_in_production_has_a_health_check() -> None:
    composed = yaml.safe_load((places.CHECKOUT / "docker-compose.yml").read_text())
    unwatched = {
        name for name, service in composed["services"].items() if "healthcheck" not in service
    }
    assert unwatched == {"migrate"}  # it ends


def test_production_runs_what_make_run_runs() -> None:
    composed = yaml.safe_load((places.CHECKOUT / "docker-compose.yml").read_text())
    procfile = re.findall(r"^(\w+):", (places.CHECKOUT / "Procfile").read_text(), re.MULTILINE)
    engines, *others = procfile
    assert engines == "engines"
    assert set(composed["services"]) == {*others, "postgres", "redis", "migrate"}


@pytest.mark.parametrize(
    "document",
    sorted(path for pattern in ("*.md", "docs/**/*.md") for path in places.CHECKOUT.glob(pattern)),
    ids=lambda path: path.relative_to(places.CHECKOUT).as_posix(),
)
def test_links_to_files_of_ours_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", document.read_text())
    missing = [link for link in links if not (document.parent / link).exists()]
    assert missing == []


def test_make_lists_every_verb() -> None:
    makefile = (places.CHECKOUT / "Makefile").read_text()
    verbs = set(re.findall(r"^([a-z]+):", makefile, flags=re.MULTILINE)) - {"testing"}
    explained = set(re.findall(r"^([a-z]+):.*## ", makefile, flags=re.MULTILINE))
    assert verbs == explained
