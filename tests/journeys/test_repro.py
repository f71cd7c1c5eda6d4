"""`repro` against the running server: a real script, a real sandbox, a real cluster."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contracts.models import User
from support.models import Ticket
from tests.factories import PASSWORD, make_customer
from tests.processes import Process, Site

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.sandbox,
    pytest.mark.cluster,
    pytest.mark.index,
]

SCRIPT = '''# /// script
# dependencies = ["dask[complete]"]
# ///
"""The sum of the squares below a thousand, on the private cluster."""
from dask.distributed import Client

if __name__ == "__main__":
    with Client() as client:
        squares = client.map(lambda number: number**2, range(1000))
        total = client.submit(sum, squares).result()
    assert total == 0, f"the sum is {total}"
'''


@pytest.fixture
def customer(transactional_db: None) -> User:
    return make_customer(password=PASSWORD)


def repro(home: Path, *arguments: str) -> dict[str, Any]:
    """What `repro ... --json` answers."""
    done = subprocess.run(
        [Path(sys.executable).with_name("repro"), *arguments, "--json"],
        env={**os.environ, "XDG_CONFIG_HOME": str(home), "HEADWATER_PASSWORD": PASSWORD},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    facts: dict[str, Any] = json.loads(done.stdout)
    return facts


def test_a_script_becomes_a_ticket_and_the_ticket_a_verdict(
    site: Site, worker: Process, runner: Process, customer: User, tmp_path: Path
) -> None:
    script = tmp_path / "squares.py"
    script.write_text(SCRIPT)
    assert repro(tmp_path, "login", site.url, "--email", customer.email)["url"] == site.url
    submitted = repro(
        tmp_path, "submit", str(script), "--title", "A wrong sum", "--dask", "2025.5.1"
    )
    ticket = Ticket.objects.get()
    assert submitted["ticket"] == ticket.pk
    assert submitted["url"] == f"{site.url}/tickets/{ticket.pk}/"
    status = repro(tmp_path, "status", str(ticket.pk), "--wait")
    verdicts = [(one["dask"], one["verdict"]) for one in status["verdicts"]]
    assert verdicts[0] == ("2025.5.1", "reproduced"), runner.said()
    assert verdicts[1][1] == "reproduced"
    assert "332833500" in status["verdicts"][0]["reason"]
