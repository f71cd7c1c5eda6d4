"""The main job end to end: a customer's ticket becomes a verdict by really running its script."""

import re

import pytest
from playwright.sync_api import FilePayload, expect

from reproducers.domain.known_bug import SCRIPT
from reproducers.models import Trial
from tests.browser import Visitor, take_picture
from tests.factories import PASSWORD, make_customer, make_engineer
from tests.journeys.people import sign_in
from tests.processes import Process
from tests.support.tickets import know_releases

pytestmark = [
    pytest.mark.browser,
    pytest.mark.sandbox,
    pytest.mark.cluster,
    pytest.mark.index,
    pytest.mark.django_db(transaction=True),
]

BUILD = 400_000
"""Milliseconds for two environments on a busy machine."""
IN_PROGRESS = re.compile("the environment|the sandbox|the script")
"""Which of them is seen depends on how fast the machine is."""
UPLOAD: FilePayload = {"name": "lists.py", "mimeType": "text/x-python", "buffer": SCRIPT.encode()}


def test_a_ticket_with_a_script_becomes_a_verdict_while_one_watches(
    visitor: Visitor, runner: Process, worker: Process
) -> None:
    know_releases("2025.4.1", "2025.5.0")
    alice, mira = make_customer("Alice Ode", password=PASSWORD), make_engineer(password=PASSWORD)
    page, desk = visitor.page(), visitor.page()
    sign_in(page, alice.email)
    page.goto("/tickets/new/")
    page.get_by_label("In one line").fill("Futures inside lists are not results")
    page.get_by_label("What happens").fill("A `TypeError` where the sum should be.")
    page.set_input_files("#id_script_file", [UPLOAD])
    page.get_by_label("Dask release").fill("2025.4.1")
    page.get_by_role("button", name="Open the ticket").click()
    page.evaluate("window.isTheSamePage = true")
    expect(page.locator(".say")).to_contain_text(re.compile("unning on|to run on"))
    expect(page.locator("#trials")).to_contain_text(IN_PROGRESS, timeout=BUILD)
    take_picture(page, "verdict-running-1440-light")

    expect(page.locator(".say")).to_have_text(
        "Reproduced on 2025.4.1, 1 of 1 run. Clean on 2025.5.0, 0 of 1 run: upgrading solves it.",
        timeout=BUILD,
    )

    assert page.evaluate("window.isTheSamePage"), "nobody had to reload"
    take_picture(page, "verdict-1440-light")
    page.get_by_text("TypeError:").first.click()
    expect(page.locator("pre.out").first).to_contain_text("in total")
    page.get_by_role("link", name=re.compile("^2025.4.1, Python")).click()
    expect(page.locator("#main")).to_contain_text("bubblewrap, limits by")
    expect(page.locator("#main")).to_contain_text("dask 2025.4.1")

    sign_in(desk, mira.email)
    row = desk.locator("tr[data-row]", has_text="Futures inside lists")
    expect(row).to_contain_text("reproduced 1 of 1")
    assert set(Trial.objects.values_list("dask", "verdict")) == {
        ("2025.4.1", "reproduced"),
        ("2025.5.0", "clean"),
    }
