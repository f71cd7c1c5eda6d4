"""Every page as it is looked at: in light and dark, on a phone, without overflow, by axe."""

import gzip
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from config import places
from contracts.domain.demo import PASSWORD
from reproducers.domain.artifacts import keep_artifacts
from reproducers.engine.series import POINTS, Series
from reproducers.models import Trial
from support.domain.demo.filling import fill_demo
from support.models import Ticket
from tests.browser import Visitor, take_picture
from tests.journeys.people import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = (320, 360, 390, 640, 840, 960, 1440, 1920)
BUDGET = 100_000
"""Bytes of the first view of any page, compressed as a server sends it."""

CUSTOMER, SEATLESS, ENGINEER = "ines@bank.example", "sam@bank.example", "mira@headwater.example"


@dataclass(frozen=True)
class View:
    name: str
    address: str
    person: str = ""


@pytest.fixture
def views(transactional_db: None) -> list[View]:
    """Every page on the demonstration's data; the ticket is one of the bank's with a verdict."""
    fill_demo(now=datetime.now(tz=UTC))
    bank = Ticket.objects.filter(organization__people__email=CUSTOMER)
    told = Trial.objects.filter(
        experiment__ticket_experiment__ticket__in=bank, verdict="reproduced"
    ).first()
    assert told is not None
    keep_artifacts(trial=told, files={"series.json": series(), "stacks.txt": b"Thread 0x1:\n" * 99})
    ticket = bank.get(ticket_experiments__experiment__trials=told)
    waits = bank.filter(reproducer=None).first() or ticket
    return [
        View("sign-in", "/sign-in/"),
        View("forgotten", "/password/forgotten/"),
        View("home", "/", CUSTOMER),
        View("tickets", "/tickets/", CUSTOMER),
        View("new-ticket", "/tickets/new/", CUSTOMER),
        View("ticket", f"/tickets/{ticket.pk}/", CUSTOMER),
        View("ticket-without-script", f"/tickets/{waits.pk}/", CUSTOMER),
        View("trial", f"/tickets/{ticket.pk}/trials/{told.pk}/", CUSTOMER),
        View("account", "/account/", CUSTOMER),
        View("not-found", "/tickets/999999/", CUSTOMER),
        View("no-seat", "/", SEATLESS),
        View("queue", "/desk/", ENGINEER),
        View("queue-peek", f"/desk/?peek={ticket.pk}", ENGINEER),
        View("desk-ticket", f"/desk/tickets/{ticket.pk}/", ENGINEER),
        View("desk-note", f"/desk/tickets/{ticket.pk}/?to=note", ENGINEER),
        View("setup", "/desk/setup/", ENGINEER),
    ]


def series() -> bytes:
    """A run of ten minutes with work for all states, as long as they are kept."""
    seconds = [float(second) for second in range(POINTS)]
    grown = tuple(int(4e6 * second + 2e8 * (second % 60) / 60) for second in seconds)
    counts = tuple(value // 10**6 for value in grown)
    states = ("processing", "waiting", "queued", "no-worker", "memory", "erred")
    found = Series(
        seconds=tuple(seconds),
        tasks={
            name: counts[number * 50 :] + counts[: number * 50]
            for number, name in enumerate(states)
        },
        memory_bytes=grown,
        managed_bytes=tuple(value // 2 for value in grown),
        spilled_bytes=tuple(value // 9 for value in grown),
        lag_seconds=tuple(0.01 if second % 97 else 1.4 for second in seconds),
        transitions=counts,
    )
    return found.to_json().encode()


def persons(visitor: Visitor, width: int, scheme: str) -> dict[str, Page]:
    """A page for each person, and one for nobody."""
    pages = {"": visitor.page(width=width, scheme=scheme)}  # type: ignore[arg-type]
    for email in (CUSTOMER, SEATLESS, ENGINEER):
        pages[email] = visitor.page(width=width, scheme=scheme)  # type: ignore[arg-type]
        sign_in(pages[email], email, PASSWORD)
    return pages


def faults(page: Page, view: View) -> list[str]:
    """What axe finds serious or critical."""
    found = Axe().run(page).response["violations"]
    return [
        f"{view.name}: {one['id']}, {node['html'][:160]}"
        for one in found
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]


def test_pages_look_right_on_a_wide_screen_in_both_schemes(
    visitor: Visitor, views: list[View]
) -> None:
    found: list[str] = []
    for scheme in ("light", "dark"):
        pages = persons(visitor, 1440, scheme)
        for view in views:
            pages[view.person].goto(view.address)
            found += faults(pages[view.person], view)
            take_picture(pages[view.person], f"{view.name}-1440-{scheme}")
    assert found == []


def test_pages_fit_every_width_and_a_phone(visitor: Visitor, views: list[View]) -> None:
    found: list[str] = []
    pages = persons(visitor, 390, "light")
    for view in views:
        page = pages[view.person]
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(view.address)
        found += faults(page, view)
        take_picture(page, f"{view.name}-390-light")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 844})
            if (needed := page.evaluate("document.documentElement.scrollWidth")) > width:
                found.append(f"{view.name} needs {needed} px of {width}")
    assert found == []


def test_pages_keep_to_their_budget_and_nothing_shifts(visitor: Visitor, views: list[View]) -> None:
    found: list[str] = []
    for email, page in persons(visitor, 1440, "light").items():
        page.add_init_script(WATCH_SHIFTS)
        for view in (one for one in views if one.person == email):
            page.goto(view.address)
            if (shifted := page.evaluate("window.shifts")) > 0:
                found.append(f"{view.name} shifts by {shifted}")
            if (size := first_view(page)) > BUDGET:
                found.append(f"{view.name} has {size} bytes")
    assert found == []


WATCH_SHIFTS = """
    window.shifts = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.shifts += entry.value;
    }).observe({type: "layout-shift", buffered: true});
"""


def first_view(page: Page) -> int:
    """Bytes of the page and of what it asks for, static files compressed as they are served."""
    html = len(page.content().encode())
    names = page.evaluate("performance.getEntriesByType('resource').map(one => one.name)")
    files = [page.request.get(name).body() for name in names if "/static/" in name]
    assert len(files) >= 3, "stylesheet, htmx and script"
    return html + sum(len(gzip.compress(content)) for content in files)


@pytest.mark.parametrize("name", ["headwater.css", "headwater.js"])
def test_our_own_files_stay_small(name: str) -> None:
    assert (places.CHECKOUT / "web" / "assets" / name).stat().st_size < 30_000
