"""The settings read the environment as an env file with gaps leaves it."""

import os
import subprocess
import sys

from config import places

ASK = "from config import settings as s; print(s.IS_EMBEDDED, s.PUBLIC_URL, s.GITHUB_API_URL)"


def test_a_name_that_is_set_to_nothing_counts_as_not_set() -> None:
    names = ["DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "EMAIL_URL", "GITHUB_API_URL", "SECRET_KEY"]
    names += ["GITHUB_WEBHOOK_SECRETS", "GITHUB_APP_PRIVATE_KEY", "GITHUB_APP_ID", "GITHUB_TOKEN"]
    answer = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=places.CHECKOUT,
        env={**os.environ, **dict.fromkeys(names, ""), "PORT": "8123"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout == "True http://localhost:8123 https://api.github.com\n"
