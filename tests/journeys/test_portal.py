"""The portal path: a ticket with a script, its due time, an answer, and what stays inside."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import FilePayload, Page, expect

from contracts.models import User
from reproducers.domain.experiments import advance_experiment
from reproducers.domain.runners import register_runner
from reproducers.domain.trials import heartbeat, lease_trial, record_trial
from reproducers.engine.events import Event
from reproducers.engine.verdicts import Verdict
from reproducers.models import Runner, Trial
from support.domain.tickets import reply, write_note
from support.models import Ticket
from tests.browser import Visitor, take_picture
from tests.factories import PASSWORD, make_customer, make_engineer
from tests.journeys.people import sign_in
from tests.support.tickets import SCRIPT, know_releases, make_ticket, report

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

UPLOAD: FilePayload = {"name": "twice.py", "mimeType": "text/x-python", "buffer": SCRIPT}


def clock() -> datetime:
    return datetime.now(tz=UTC)


@pytest.fixture
def alice(transactional_db: None) -> User:
    know_releases("2025.5.1", "2026.8.0")
    return make_customer("Alice Ode", password=PASSWORD)


@pytest.fixture
def runner(alice: User) -> Runner:
    return register_runner(
        name="host-1", slots=2, gpus=0, isolation="bubblewrap", limits="cgroup-v2", now=clock()
    )


def take(runner: Runner, phase: str) -> Trial:
    """A runner takes the next trial and says what it does."""
    trial = lease_trial(runner=runner, now=clock(), lease_for=timedelta(minutes=5))
    assert trial is not None
    say(trial, phase)
    return trial


def say(trial: Trial, phase: str) -> None:
    event = Event(phase=phase, done=0, total=0, at=clock().timestamp())  # type: ignore[arg-type]
    assert trial.lease_token is not None
    heartbeat(
        trial=trial,
        lease_token=trial.lease_token,
        progress=event,
        now=clock(),
        lease_for=timedelta(minutes=5),
    )


def end(trial: Trial, verdict: Verdict) -> None:
    assert trial.lease_token is not None
    record_trial(
        trial_id=trial.pk,
        lease_token=trial.lease_token,
        report_json=report(verdict).to_json().encode(),
        now=clock(),
    )
    advance_experiment(experiment=trial.experiment, now=clock())


def test_a_problem_is_told_promised_answered_and_kept_inside_where_it_is_ours(
    page: Page, alice: User
) -> None:
    sign_in(page, alice.email)
    page.get_by_role("link", name="New ticket").first.click()
    page.get_by_label("In one line").fill("to_parquet writes one partition twice")
    page.get_by_label("What happens").fill("Two files, *the same* rows.")
    page.get_by_text("How it will read").click()
    expect(page.locator("#preview em")).to_have_text("the same")

    page.set_input_files("#id_script_file", [UPLOAD])
    page.get_by_label("Dask release").fill("2025.5.1")
    page.get_by_label("Python", exact=True).click()
    expect(page.locator("#reading")).to_contain_text(
        "with Dask 2025.5.1 and with the newest release, 2026.8.0"
    )
    promised = page.locator("label", has_text="Urgent").locator("time").inner_text()
    page.get_by_role("radio", name=re.compile("Urgent")).check()
    page.get_by_role("button", name="Open the ticket").click()

    expect(page.get_by_role("heading", level=1)).to_have_text(
        "to_parquet writes one partition twice"
    )
    ticket = Ticket.objects.get()
    expect(page).to_have_url(re.compile(rf"/tickets/{ticket.pk}/$"))
    expect(page.get_by_label("Whose turn it is")).to_contain_text("Our turn. First answer")
    told = page.get_by_label("Whose turn it is").inner_text()
    assert promised.split()[-1] in told, "the time that was promised is the time that is kept"

    mira = make_engineer()
    write_note(ticket=ticket, actor=mira, body="Do not tell them", now=clock())
    reply(ticket=ticket, actor=mira, body="We see it too.", now=clock())
    page.reload()
    expect(page.locator("#main")).to_contain_text("We see it too.")
    expect(page.locator("#main")).not_to_contain_text("Do not tell them")
    expect(page.locator("#why")).to_contain_text("met")

    page.get_by_label("Your answer").fill("Thank you. Since when?")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").first).to_have_text("Sent.")
    expect(page.locator(".msg").last).to_contain_text("Since when?")


def test_while_one_types_problems_that_read_alike_are_shown(page: Page, alice: User) -> None:
    known = make_ticket(alice, title="to_parquet writes partitions twice")
    sign_in(page, alice.email)
    page.goto("/tickets/new/")
    page.get_by_label("In one line").press_sequentially("to_parquet writes one partition twice")
    expect(page.locator("#similar").get_by_role("link")).to_have_text(f"#{known.pk} {known.title}")
    take_picture(page, "new-ticket-similar-1440-light")


def test_a_script_may_be_dropped_on_the_form(page: Page, alice: User) -> None:
    sign_in(page, alice.email)
    page.goto("/tickets/new/")
    files = page.evaluate_handle(
        """() => {
            const files = new DataTransfer();
            files.items.add(new File(["1,2"], "data.csv"));
            files.items.add(new File(["import dask\\n"], "dropped.py", {type: "text/x-python"}));
            return files;
        }"""
    )

    page.dispatch_event("[data-drop]", "drop", {"dataTransfer": files})

    expect(page.locator("#reading")).to_contain_text("We would run dropped.py, 1 line")


def test_an_error_keeps_what_was_typed_and_attached(page: Page, alice: User) -> None:
    sign_in(page, alice.email)
    page.goto("/tickets/new/")
    page.get_by_label("What happens").fill("A long story.")
    page.set_input_files("#id_script_file", [UPLOAD])
    page.get_by_role("button", name="Open the ticket").click()

    expect(page.get_by_role("alert")).to_contain_text("Nothing was sent yet.")
    expect(page.get_by_label("What happens")).to_have_value("A long story.")
    expect(page.get_by_label("Or paste it")).to_have_value(SCRIPT.decode())
    page.get_by_label("In one line").fill("Now with a title")
    page.get_by_role("button", name="Open the ticket").click()
    expect(page.locator("#main")).to_contain_text("twice.py read")


class TestTheLiveVerdict:
    @pytest.fixture
    def ticket(self, alice: User) -> Ticket:
        return make_ticket(alice, script=SCRIPT, dask_release="2025.5.1", now=clock())

    @pytest.fixture
    def watched(self, page: Page, alice: User, ticket: Ticket) -> Page:
        sign_in(page, alice.email)
        page.goto(f"/tickets/{ticket.pk}/")
        return page

    def test_it_tells_what_is_done_and_then_the_verdict_without_a_reload(
        self, watched: Page, runner: Runner
    ) -> None:
        watched.evaluate("window.isTheSamePage = true")
        watched.get_by_label("Your answer").fill("Half a sentence")
        expect(watched.locator(".say")).to_have_text("Waiting to run on 2025.5.1 and 2026.8.0.")

        trial = take(runner, "environment")
        expect(watched.locator("#trials")).to_contain_text("building the environment")
        seconds = watched.locator(f"#trial-{trial.pk} [data-seconds]")
        expect(seconds).to_have_text(re.compile(r"^[2-9] s$"))
        say(trial, "script")
        expect(watched.locator("#trials")).to_contain_text("running the script")
        end(trial, Verdict.REPRODUCED)
        expect(watched.locator(".say")).to_have_text(
            "Reproduced on 2025.5.1, 1 of 1 run. Waiting to run on 2026.8.0."
        )
        end(take(runner, "script"), Verdict.CLEAN)
        expect(watched.locator(".say")).to_contain_text("upgrading solves it")
        expect(watched.locator("#said")).to_contain_text("upgrading solves it")

        assert watched.evaluate("window.isTheSamePage")
        expect(watched.get_by_label("Your answer")).to_have_value("Half a sentence")
        assert polls_of(watched, seconds=3) == 0, "nothing is asked any more"

    def test_it_is_quiet_in_a_hidden_tab_and_asks_at_once_when_shown(
        self, watched: Page, runner: Runner
    ) -> None:
        hide(watched, hidden=True)
        assert polls_of(watched, seconds=3) == 0

        take(runner, "environment")
        hide(watched, hidden=False)

        expect(watched.locator("#trials")).to_contain_text("building the environment", timeout=1500)

    def test_it_says_when_the_connection_is_lost_and_goes_on_afterwards(
        self, watched: Page, visitor: Visitor, runner: Runner
    ) -> None:
        watched.context.set_offline(True)
        expect(watched.locator("#lost")).to_contain_text("The connection was lost at")

        watched.context.set_offline(False)
        take(runner, "environment")
        expect(watched.locator("#lost")).to_be_hidden()
        expect(watched.locator("#trials")).to_contain_text("building the environment")
        visitor.complaints.clear()

    def test_nothing_moves_while_it_runs(self, watched: Page, runner: Runner) -> None:
        watched.evaluate(WATCH_SHIFTS)
        trial = take(runner, "environment")
        expect(watched.locator("#trials")).to_contain_text("building the environment")
        say(trial, "script")
        expect(watched.locator("#trials")).to_contain_text("running the script")

        assert watched.evaluate("window.shifts") == 0

    def test_whoever_was_signed_out_meanwhile_is_told_and_keeps_the_text(
        self, watched: Page, alice: User
    ) -> None:
        watched.get_by_label("Your answer").fill("Half a sentence")
        watched.context.clear_cookies()

        expect(watched.locator("#lost")).to_contain_text("You were signed out.")
        expect(watched.get_by_label("Your answer")).to_have_value("Half a sentence")


WATCH_SHIFTS = """() => {
    window.shifts = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.shifts += entry.value;
    }).observe({type: "layout-shift"});
}"""


def polls_of(page: Page, *, seconds: float) -> int:
    """How often the page asks for its live part meanwhile."""
    asked: list[str] = []
    note: Callable[..., None] = lambda request: asked.append(request.url)  # noqa: E731
    page.on("request", note)
    page.wait_for_timeout(seconds * 1000)
    page.remove_listener("request", note)
    return sum("/live/" in url for url in asked)


def hide(page: Page, *, hidden: bool) -> None:
    """As if the person had turned to another tab."""
    page.evaluate(
        """(hidden) => {
            Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def test_everything_works_without_javascript(visitor: Visitor, alice: User) -> None:
    page = visitor.page(javascript=False)
    sign_in(page, alice.email)
    page.goto("/tickets/new/")
    page.get_by_label("In one line").fill("Without a script of yours")
    page.get_by_label("What happens").fill("It *works*.")
    page.set_input_files("#id_script_file", [UPLOAD])
    page.get_by_role("button", name="Read the script and show the preview").click()
    expect(page.locator("#reading")).to_contain_text("We would run twice.py")
    expect(page.locator("#preview em")).to_have_text("works")
    page.get_by_role("button", name="Open the ticket").click()
    expect(page.locator("#main")).to_contain_text("twice.py read")
    page.get_by_label("Your answer").fill("And this too")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".msg").last).to_contain_text("And this too")
    assert Ticket.objects.get().messages.count() == 2
