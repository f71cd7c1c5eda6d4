"""The desk path, with hands on the keyboard."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from contracts.models import User
from reproducers.engine.verdicts import Verdict
from reproducers.models import Trial
from support.models import Draft, Message, Ticket
from tests.browser import Visitor
from tests.factories import PASSWORD, make_customer, make_engineer
from tests.journeys.people import sign_in
from tests.support.tickets import SCRIPT, know_releases, make_ticket, report, run_all

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def clock() -> datetime:
    return datetime.now(tz=UTC)


@pytest.fixture
def mira(transactional_db: None) -> User:
    return make_engineer("Mira Holt", password=PASSWORD)


@pytest.fixture
def tickets(mira: User) -> list[Ticket]:
    """In the order of the queue; the first has a script that was run."""
    know_releases("2025.5.1", "2026.8.0")
    alice = make_customer("Alice Ode")
    ago = clock() - timedelta(hours=1)
    first = make_ticket(
        alice,
        title="NaN for most rows",
        severity="urgent",
        script=SCRIPT,
        dask_release="2025.5.1",
        now=ago,
    )
    run_all([report(Verdict.REPRODUCED), report(Verdict.CLEAN)], now=ago)
    return [
        first,
        make_ticket(alice, title="Workers stay paused", severity="normal", now=ago),
        make_ticket(alice, title="Which chunk size", severity="low", now=ago),
    ]


@pytest.fixture
def queue(page: Page, mira: User, tickets: list[Ticket]) -> Page:
    sign_in(page, mira.email)
    expect(page).to_have_url(re.compile("/desk/$"))
    return page


def current(page: Page) -> str:
    return page.locator("tr[data-row][aria-current] [data-open]").inner_text()


def test_the_whole_path_needs_no_mouse(queue: Page, tickets: list[Ticket], mira: User) -> None:
    first = tickets[0]
    queue.keyboard.press("j")
    queue.keyboard.press("j")
    assert current(queue) == "Which chunk size"
    expect(queue.locator("#peek h2")).to_have_text("Which chunk size")
    expect(queue).to_have_url(re.compile(rf"peek={tickets[2].pk}$"))
    queue.keyboard.press("k")
    queue.keyboard.press("k")
    assert current(queue) == "NaN for most rows"
    queue.keyboard.press("Enter")

    expect(queue.get_by_role("heading", level=1)).to_have_text("NaN for most rows")
    queue.keyboard.press("n")
    queue.keyboard.type("Seen elsewhere, do not name them")
    expect(queue.locator("#draft")).to_have_text(re.compile(r"Draft kept \d\d:\d\d"))
    assert Draft.objects.get().is_internal
    queue.reload()
    expect(queue.locator("#as-note")).to_be_checked()
    expect(queue.locator("#id_body")).to_have_value("Seen elsewhere, do not name them")
    queue.locator("#id_body").focus()
    queue.keyboard.press("Control+Enter")
    expect(queue.locator(".msg.inside")).to_contain_text("Seen elsewhere")

    queue.keyboard.press("r")
    queue.keyboard.type("Upgrading solves it.")
    queue.keyboard.press("Control+Enter")
    expect(queue.get_by_role("status").first).to_contain_text("Sent to")
    expect(queue.locator("#why")).to_contain_text("First response")
    assert [m.is_internal for m in Message.objects.filter(ticket=first).order_by("pk")] == [
        False,
        True,
        False,
    ]

    queue.keyboard.press("a")
    assert queue.evaluate("document.activeElement.id") == "assignee"
    queue.locator("#assignee").select_option("Mira Holt")
    expect(queue.get_by_role("status").first).to_have_text("Mira Holt has it now.")
    queue.keyboard.press("p")
    assert queue.evaluate("document.activeElement.id") == "priority"
    queue.locator("#priority").select_option("High")
    expect(queue.get_by_role("status").first).to_have_text("The priority is High now.")

    queue.locator("#release").select_option("2026.8.0")
    queue.get_by_role("button", name="Run", exact=True).click()
    expect(queue.locator(".say")).to_contain_text("Waiting to run on 2026.8.0")
    assert Trial.objects.count() == 3

    queue.keyboard.press("g")
    queue.keyboard.press("q")
    expect(queue).to_have_url(re.compile("/desk/$"))
    expect(queue.locator("tr", has_text="NaN for most rows")).to_contain_text("Mira")


def test_keys_select_rows_and_change_them_together(queue: Page, tickets: list[Ticket]) -> None:
    queue.keyboard.press("x")
    queue.keyboard.press("j")
    queue.keyboard.press("x")
    queue.keyboard.press("p")
    queue.locator("#bulk-priority").select_option("Urgent")
    queue.get_by_role("button", name="Apply").click()

    expect(queue.get_by_role("status").first).to_have_text("2 tickets: priority urgent.")
    assert list(Ticket.objects.order_by("pk").values_list("priority", flat=True)) == [
        "urgent",
        "urgent",
        "low",
    ]


def test_a_key_for_the_selected_takes_the_current_row_where_none_is(
    queue: Page, tickets: list[Ticket]
) -> None:
    queue.keyboard.press("a")

    assert queue.evaluate("document.activeElement.id") == "bulk-assignee"
    assert queue.locator("tbody input:checked").count() == 1


def test_search_is_a_key_away_and_typing_is_no_command(queue: Page) -> None:
    queue.keyboard.press("/")
    queue.keyboard.type("jxr paused")
    assert queue.locator("#search").input_value() == "jxr paused"
    assert current(queue) == "NaN for most rows"
    queue.locator("#search").fill("paused")
    queue.keyboard.press("Enter")

    expect(queue.locator("tr[data-row]")).to_have_count(1)
    expect(queue).to_have_url(re.compile(r"\?q=paused$"))


def test_r_on_a_row_opens_its_answer(queue: Page, tickets: list[Ticket]) -> None:
    queue.keyboard.press("r")

    expect(queue).to_have_url(re.compile(rf"/desk/tickets/{tickets[0].pk}/#compose$"))


def test_the_list_of_keys_opens_and_closes(queue: Page) -> None:
    queue.keyboard.press("?")
    expect(queue.get_by_role("dialog")).to_contain_text("next, previous row of the queue")
    queue.keyboard.press("Escape")
    expect(queue.get_by_role("dialog")).to_be_hidden()


def test_new_tickets_are_announced_and_no_row_moves(queue: Page, tickets: list[Ticket]) -> None:
    make_ticket(make_customer("Charlie"), title="Brand new", severity="urgent", now=clock())

    queue.evaluate("htmx.trigger('#news', 'wake')")

    expect(queue.locator("#news")).to_contain_text("1 new since")
    assert queue.locator("tr[data-row]").count() == 3
    queue.locator("#news a").click()
    expect(queue.locator("tr[data-row]")).to_have_count(4)


def test_the_proposed_step_drafts_an_answer_that_is_read_first(
    queue: Page, tickets: list[Ticket], mira: User
) -> None:
    queue.locator("#peek").get_by_role("button", name="Take it").click()
    expect(queue.get_by_role("status").first).to_have_text("Mira Holt has it now.")
    queue.get_by_role("link", name="Answer: upgrade to 2026.8.0").click()

    expect(queue.locator("#id_body")).to_have_value(re.compile("^We see the same on 2025.5.1"))
    assert Message.objects.filter(ticket=tickets[0]).count() == 1


def test_the_composer_of_a_note_looks_like_one(queue: Page, tickets: list[Ticket]) -> None:
    queue.goto(f"/desk/tickets/{tickets[0].pk}/?to=note")

    expect(queue.get_by_role("button", name="Keep as internal note")).to_be_visible()
    expect(queue.get_by_role("button", name=re.compile("Send to"))).to_be_hidden()


def test_everything_works_without_javascript(
    visitor: Visitor, mira: User, tickets: list[Ticket]
) -> None:
    page = visitor.page(javascript=False)
    sign_in(page, mira.email)
    page.get_by_role("link", name=f"Peek at #{tickets[1].pk}").click()
    expect(page.locator("#peek h2")).to_have_text("Workers stay paused")
    page.locator("#peek").get_by_role("link", name="Open").click()
    page.get_by_label("Internal note").check()
    page.get_by_label("Text").fill("A note")
    page.get_by_role("button", name="Keep as internal note").click()
    expect(page.locator(".msg.inside")).to_contain_text("A note")
    page.get_by_label("Priority").select_option("Urgent")
    page.get_by_role("button", name="Set").first.click()
    expect(page.get_by_role("status").first).to_have_text("The priority is Urgent now.")
