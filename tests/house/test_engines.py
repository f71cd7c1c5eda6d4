"""The suite stands on a real PostgreSQL and Redis of its own."""

from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connection


@pytest.mark.django_db
def test_the_tests_database_is_on_the_sessions_own_socket() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('fsync'), current_setting('unix_socket_directories')"
        )
        assert cursor.fetchone() == ("off", settings.DATABASES["default"]["OPTIONS"]["host"])
    assert Path(settings.DATABASES["default"]["OPTIONS"]["host"]).parent.name.startswith(
        "headwater-tests-"
    )


def test_redis_is_the_workers_own() -> None:
    client = redis.Redis.from_url(settings.REDIS_URL)
    with client:
        folder = Path(settings.REDIS_URL.removeprefix("unix://")).parent
        assert client.config_get("dir")["dir"] == f"{folder}-work"
