"""Fixtures of the whole suite: its engines, and processes that run beside a test."""

import pytest

from tests.engines import ENGINES


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, pytestconfig: pytest.Config
) -> None:
    """Start PostgreSQL before pytest-django makes this worker's database."""
    pytestconfig.stash[ENGINES].ensure_postgres()
