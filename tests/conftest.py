"""Fixtures of the whole suite: its engines, and the processes and browser beside a test."""

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import pytest
from django.conf import settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, Page

from tests.browser import Visitor, chromium
from tests.engines import ENGINES
from tests.processes import Process, Site, running
from tests.processes import site as asgi_site

# A machine that is busy with other workers is no finding.
hypothesis_settings.register_profile(
    "house", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("house")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, pytestconfig: pytest.Config
) -> None:
    """Start PostgreSQL before pytest-django makes this worker's database."""
    pytestconfig.stash[ENGINES].ensure_postgres()


@pytest.fixture(scope="session")
def process_environment(django_db_setup: None) -> Mapping[str, str]:
    """The environment for processes beside a test: they see what the test has committed."""
    database = settings.DATABASES["default"]
    sockets = database["OPTIONS"]["host"]
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "DATABASE_URL": f"postgres://headwater@/{database['NAME']}?host={sockets}",
        "PYTHONUNBUFFERED": "1",
    }


@pytest.fixture(scope="session")
def site(
    process_environment: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A real web process (ASGI). Use it with `transactional_db`: it sees only what is committed."""
    log = tmp_path_factory.mktemp("web") / "web.log"
    with asgi_site(environment=process_environment, log=log) as answering:
        yield answering


@pytest.fixture
def worker(
    transactional_db: None, process_environment: Mapping[str, str], tmp_path: Path
) -> Iterator[Process]:
    """A Celery worker that carries out what the test and its site queue."""
    command = ["celery", "--app", "config", "--quiet", "worker", "--pool", "threads"]
    command += ["--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
    with running(command, environment=process_environment, log=tmp_path / "worker.log") as process:
        yield process


@pytest.fixture
def runner(
    transactional_db: None, process_environment: Mapping[str, str], tmp_path: Path
) -> Iterator[Process]:
    """A runner that takes the trials of this test's database."""
    command = [sys.executable, "manage.py", "runner"]
    with running(command, environment=process_environment, log=tmp_path / "runner.log") as process:
        yield process


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium a module. No longer: playwright's event loop stands in the way of others."""
    with pytest.MonkeyPatch.context() as patched:
        # Its loop runs in this thread, so Django takes the test's own queries for async code.
        patched.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with chromium() as started:
            yield started


@pytest.fixture
def visitor(browser: Browser, site: Site, transactional_db: None) -> Iterator[Visitor]:
    """A person with a browser; the test fails if any page complained on the console."""
    someone = Visitor(browser=browser, base_url=site.url)
    yield someone
    someone.leave()
    assert someone.complaints == []


@pytest.fixture
def page(visitor: Visitor) -> Page:
    """A page on a wide screen; others come from `visitor.page(width=360, scheme="dark")`."""
    return visitor.page()


@pytest.fixture
def state_folder(pytestconfig: pytest.Config) -> Iterator[Path]:
    """A folder for engines of a test's own. As root `tmp_path` is too private for PostgreSQL."""
    folder = Path(mkdtemp(dir=pytestconfig.stash[ENGINES].folder, prefix="state-"))
    folder.chmod(0o711)
    yield folder
    rmtree(folder)
