"""SLA clocks as a table: what happened, and which cycles it makes.

Instants are minutes into Monday 2026-11-16, 09:00 in Berlin, unless a test says otherwise; the
calendar is open Monday to Friday, 09:00 to 17:00.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.domain.business_time import Calendar, Timeline
from contracts.domain.promises import Policy
from support.domain.clock_events import Fact, Kind, in_order
from support.domain.clock_words import hours_words, why
from support.domain.clocks import Cycle, State, cycles

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = ((((9 * 60, 17 * 60),),) * 5) + ((), ())
OFFICE = Calendar(zone=BERLIN, weekly=WEEK)
HOURS = Timeline(first=OFFICE)
H, M = 3600, 60
MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=BERLIN)
Told = tuple[str, float | None, float | None, str]
POLICY = Policy(
    targets={
        "urgent": {"first_response": 2 * H, "next_response": 1 * H},
        "high": {"first_response": 4 * H, "next_response": 8 * H},
        "normal": {"first_response": 8 * H},
    }
)


def at(minutes: float) -> datetime:
    return (MONDAY + timedelta(minutes=minutes)).astimezone(UTC)


def fact(minutes: float, kind: str, value: str = "") -> Fact:
    return Fact(at(minutes), Kind(kind), value)


def told(found: list[Cycle]) -> list[Told]:
    """Metric, start, end and state of each, instants in minutes."""
    return [
        (cycle.metric, minutes(cycle.started_at), minutes(cycle.ended_at), str(cycle.state))
        for cycle in found
    ]


def minutes(instant: datetime | None) -> float | None:
    return None if instant is None else (instant - MONDAY).total_seconds() / 60


def computed(*facts: Fact, now: float = 600, priority: str = "high", **policy: Any) -> list[Cycle]:
    changed = Policy(**({"targets": POLICY.targets} | policy))
    return cycles(facts, priority=priority, policy=changed, hours=HOURS, now=at(now))


SAYS, ANSWERS = "customer_message", "staff_reply"
FIRST, NEXT = "first_response", "next_response"
Row = tuple[list[tuple[float, str] | tuple[float, str, str]], list[Told]]

TABLE: dict[str, Row] = {
    "nothing happened": ([], []),
    "a message waits": ([(0, SAYS)], [(FIRST, 0, None, "overdue")]),
    "an answer in time": ([(0, SAYS), (60, ANSWERS)], [(FIRST, 0, 60, "met")]),
    "an answer on the second": ([(0, SAYS), (240, ANSWERS)], [(FIRST, 0, 240, "met")]),
    "an answer a second late": (
        [(0, SAYS), (240 + 1 / 60, ANSWERS)],
        [(FIRST, 0, 240 + 1 / 60, "missed")],
    ),
    "a second message does not start the clock again": (
        [(0, SAYS), (30, SAYS), (60, ANSWERS)],
        [(FIRST, 0, 60, "met")],
    ),
    "after the first answer the next one is awaited": (
        [(0, SAYS), (60, ANSWERS), (90, SAYS), (120, SAYS), (150, ANSWERS)],
        [(FIRST, 0, 60, "met"), (NEXT, 90, 150, "met")],
    ),
    "neither a note nor a bot answers": (
        [(0, SAYS), (10, "internal_note"), (20, "bot_comment"), (60, ANSWERS)],
        [(FIRST, 0, 60, "met")],
    ),
    "a status change is no answer and no pause": (
        [(0, SAYS), (10, "status", "waiting-on-customer"), (20, "status", "open"), (60, ANSWERS)],
        [(FIRST, 0, 60, "met")],
    ),
    "opened by one of ours, nothing runs until the customer writes": (
        [(0, ANSWERS)],
        [],
    ),
    "opened by one of ours, the customer's message waits for the next answer": (
        [(0, ANSWERS), (30, SAYS), (40, ANSWERS)],
        [(FIRST, 30, 40, "met")],
    ),
    "resolved without an answer, the first response is cancelled": (
        [(0, SAYS), (60, "status", "resolved")],
        [(FIRST, 0, 60, "cancelled")],
    ),
    "after that a new message waits for its first answer": (
        [(0, SAYS), (60, "status", "resolved"), (70, SAYS), (80, ANSWERS)],
        [(FIRST, 0, 60, "cancelled"), (FIRST, 70, 80, "met")],
    ),
    "a resolve ends the next response": (
        [(0, SAYS), (10, ANSWERS), (20, SAYS), (30, "status", "resolved")],
        [(FIRST, 0, 10, "met"), (NEXT, 20, 30, "met")],
    ),
    "so does closing": (
        [(0, SAYS), (10, ANSWERS), (20, SAYS), (30, "status", "closed")],
        [(FIRST, 0, 10, "met"), (NEXT, 20, 30, "met")],
    ),
    "a message after the end is a new cycle": (
        [(0, SAYS), (10, ANSWERS), (20, "status", "resolved"), (30, SAYS)],
        [(FIRST, 0, 10, "met"), (NEXT, 30, None, "at-risk")],
    ),
    "thanks after the end ask for nothing": (
        [(0, SAYS), (10, ANSWERS), (20, "status", "resolved"), (30, "thanks")],
        [(FIRST, 0, 10, "met")],
    ),
    "thanks a day and a second later are a message": (
        [(0, SAYS), (10, ANSWERS), (20, "status", "resolved"), (1460 + 1 / 60, "thanks")],
        [(FIRST, 0, 10, "met"), (NEXT, 1460 + 1 / 60, None, "pending")],
    ),
    "thanks while the ticket is open are a message": (
        [(0, SAYS), (10, ANSWERS), (20, "thanks"), (25, ANSWERS)],
        [(FIRST, 0, 10, "met"), (NEXT, 20, 25, "met")],
    ),
    "thanks after somebody opened it again are a message": (
        [
            (0, SAYS),
            (10, ANSWERS),
            (20, "status", "resolved"),
            (25, "status", "open"),
            (30, "thanks"),
            (35, ANSWERS),
        ],
        [(FIRST, 0, 10, "met"), (NEXT, 30, 35, "met")],
    ),
    "an answer after an unanswered end makes the following message the next": (
        [(0, SAYS), (10, "status", "resolved"), (20, ANSWERS), (30, SAYS), (40, ANSWERS)],
        [(FIRST, 0, 10, "cancelled"), (NEXT, 30, 40, "met")],
    ),
    "merged, the clock is called off and stays so": (
        [(0, SAYS), (10, "status", "merged"), (20, SAYS)],
        [(FIRST, 0, 10, "cancelled")],
    ),
    "spam that was none": (
        [(0, SAYS), (10, "status", "spam"), (20, "status", "open"), (30, SAYS), (40, ANSWERS)],
        [(FIRST, 0, 10, "cancelled"), (FIRST, 30, 40, "met")],
    ),
    "called off while nothing waits": (
        [(0, SAYS), (10, ANSWERS), (20, "status", "merged")],
        [(FIRST, 0, 10, "met")],
    ),
    "the contract ended": (
        [(0, SAYS), (10, "contract", "ended"), (20, SAYS)],
        [(FIRST, 0, 10, "cancelled")],
    ),
    "the contract is renewed": (
        [(0, "contract", "ended"), (10, "contract", "active"), (20, SAYS), (30, ANSWERS)],
        [(FIRST, 20, 30, "met")],
    ),
    "a suspended contract stops no response": (
        [(0, SAYS), (10, "contract", "suspended"), (30, ANSWERS)],
        [(FIRST, 0, 30, "met")],
    ),
    "at one instant the customer comes before us": (
        [(10, ANSWERS), (10, SAYS)],
        [(FIRST, 10, 10, "met")],
    ),
    "at one instant the answer comes before the wait": (
        [(0, SAYS), (10, "status", "waiting-on-customer"), (10, ANSWERS)],
        [(FIRST, 0, 10, "met")],
    ),
    "at one instant opening again comes before the answer": (
        [(0, SAYS), (5, "status", "resolved"), (10, ANSWERS), (10, "status", "open"), (10, SAYS)],
        [(FIRST, 0, 5, "cancelled"), (FIRST, 10, 10, "met")],
    ),
    "what is confirmed or fixed is no answer": (
        [(0, SAYS), (1, "bug_confirmed"), (2, "workaround"), (3, "fix_proposed"), (9, ANSWERS)],
        [(FIRST, 0, 9, "met")],
    ),
    "a fraction of a second counts for nothing": (
        [(0.005, SAYS), (240.01, ANSWERS)],
        [(FIRST, 0, 240, "met")],
    ),
}


@pytest.mark.parametrize("sentence", TABLE)
def test_what_happened_makes_these_cycles(sentence: str) -> None:
    happened, expected = TABLE[sentence]
    assert told(computed(*(fact(*event) for event in happened))) == expected


def test_the_order_in_which_facts_are_told_changes_nothing() -> None:
    happened, expected = TABLE["after the first answer the next one is awaited"]
    assert told(computed(*(fact(*event) for event in reversed(happened)))) == expected


def test_reopening_that_is_ignored_starts_no_clock() -> None:
    facts = [fact(0, SAYS), fact(10, ANSWERS), fact(20, "status", "resolved"), fact(30, SAYS)]
    assert told(computed(*facts, reopen="ignore")) == [(FIRST, 0, 10, "met")]


def test_reopening_by_hand_changes_nothing_where_it_is_ignored() -> None:
    facts = [fact(0, SAYS), fact(10, ANSWERS), fact(20, "status", "resolved")]
    facts += [fact(30, "status", "open"), fact(40, SAYS)]
    assert told(computed(*facts, reopen="ignore")) == [(FIRST, 0, 10, "met")]


def test_a_metric_without_a_target_is_not_measured() -> None:
    facts = [fact(0, SAYS), fact(10, ANSWERS), fact(20, SAYS)]
    assert told(computed(*facts, priority="normal")) == [(FIRST, 0, 10, "met")]
    assert computed(*facts, priority="low") == []


# How an open cycle stands: a target of 4 h has its risk from 3 h 12 min on.
@pytest.mark.parametrize(
    ("now", "state", "elapsed"),
    [
        (-60, State.PENDING, 0),
        (0, State.PENDING, 0),
        (192 - 1 / 60, State.PENDING, 192 * 60 - 1),
        (192, State.AT_RISK, 192 * 60),
        (240, State.AT_RISK, 240 * 60),
        (240 + 1 / 60, State.OVERDUE, 240 * 60 + 1),
    ],
)
def test_an_open_cycle_stands_by_what_has_passed(now: float, state: State, elapsed: int) -> None:
    (cycle,) = computed(fact(0, SAYS), now=now)
    assert (cycle.state, cycle.elapsed_seconds, cycle.is_open) == (state, elapsed, True)


# Priorities (rule 4). Start Monday 09:00 at high, 4 h for the first response: due 13:00.
RETARGETS: dict[str, tuple[list[tuple[float, str]], dict[str, Any], float | None, str]] = {
    "raised, it is due sooner": ([(30, "urgent")], {}, 150, "urgent"),
    "raised late, the new target counts from then": ([(180, "urgent")], {}, 300, "urgent"),
    "raised late, or the policy's grace does": (
        [(180, "urgent")],
        {"grace_seconds": 30 * M},
        210,
        "urgent",
    ),
    "lowered, it is due later": ([(60, "normal")], {}, 480, "normal"),
    "lowered when it was late, it stays late": ([(241, "normal")], {}, 240, "normal"),
    "raised when it was late, it stays late": ([(241, "urgent")], {}, 240, "urgent"),
    "raised and lowered again": ([(30, "urgent"), (60, "high")], {}, 240, "high"),
    "the same again": ([(30, "high")], {}, 240, "high"),
    "set before it began": ([(-30, "urgent")], {}, 120, "urgent"),
    "set in the second it began": ([(0, "urgent")], {}, 120, "urgent"),
}


@pytest.mark.parametrize("sentence", RETARGETS)
def test_a_changed_priority_moves_what_is_promised(sentence: str) -> None:
    changes, policy, due, priority = RETARGETS[sentence]
    facts = [fact(0, SAYS), *(fact(when, "priority", value) for when, value in changes)]
    (cycle,) = computed(*facts, **policy)
    assert (minutes(cycle.due_at), cycle.priority) == (due, priority)


def test_raised_on_monday_noon_to_two_hours_it_is_due_at_two() -> None:
    """The vector of sla.md: B, Mon 09:00 with 8 h, raised Mon 12:00 to 2 h."""
    facts = [fact(0, SAYS), fact(180, "priority", "urgent")]
    (cycle,) = computed(*facts, priority="normal", now=200)
    assert (minutes(cycle.due_at), cycle.state) == (300, State.PENDING)


def test_a_change_after_the_answer_does_not_touch_the_cycle() -> None:
    facts = [fact(0, SAYS), fact(200, ANSWERS), fact(200, "priority", "urgent")]
    (cycle,) = computed(*facts)
    assert (minutes(cycle.due_at), cycle.state, cycle.retargets) == (240, State.MET, ())


def test_where_nothing_is_promised_any_more_the_cycle_is_cancelled() -> None:
    facts = [fact(0, SAYS), fact(30, "priority", "low"), fact(60, "priority", "high")]
    (cycle,) = computed(*facts)
    assert (minutes(cycle.ended_at), cycle.state) == (30, State.CANCELLED)
    assert cycle.cancelled == "nothing is promised at low"


def test_where_something_is_promised_only_later_it_counts_from_then() -> None:
    facts = [fact(0, SAYS), fact(300, "priority", "high")]
    (cycle,) = computed(*facts, priority="low")
    assert minutes(cycle.due_at) == 24 * 60 + 60  # 4 h from 14:00: Tuesday 10:00


def test_beyond_the_horizon_nothing_falls_due() -> None:
    (cycle,) = computed(fact(0, SAYS), targets={"high": {FIRST: 30_000 * H}})
    assert (cycle.due_at, cycle.state, cycle.counted) == (None, State.PENDING, ())


def test_an_answer_where_nothing_falls_due_is_in_time() -> None:
    policy = Policy(targets={"high": {FIRST: 30_000 * H}})
    (cycle,) = cycles(
        [fact(0, SAYS), fact(60, ANSWERS)], priority="high", policy=policy, hours=HOURS, now=at(90)
    )
    assert (cycle.due_at, cycle.state) == (None, State.MET)


def test_a_change_of_hours_splits_the_cycle() -> None:
    """Rule 7: from noon on the desk is open until 20:00."""
    longer = Calendar(zone=BERLIN, weekly=(((9 * 60, 20 * 60),),) * 7)
    hours = Timeline(first=OFFICE, later=((at(180), longer),))
    policy = Policy(targets={"high": {FIRST: 10 * H}})
    (cycle,) = cycles([fact(0, SAYS)], priority="high", policy=policy, hours=hours, now=at(0))
    assert minutes(cycle.due_at) == 600


@given(
    starts=st.integers(-10_000, 10_000),
    waits=st.integers(0, 10_000),
)
@example(starts=240, waits=240)
@example(starts=240, waits=241)
def test_the_counted_intervals_of_a_finished_cycle_are_what_elapsed(
    starts: int, waits: int
) -> None:
    (cycle,) = computed(fact(starts, SAYS), fact(starts + waits, ANSWERS))
    counted = sum((closes - opens).total_seconds() for opens, closes in cycle.counted)
    assert counted == cycle.elapsed_seconds
    assert cycle.due_at is not None
    if cycle.elapsed_seconds != 4 * H:
        assert cycle.state == (State.MET if cycle.elapsed_seconds < 4 * H else State.MISSED)
    else:  # answered at the due instant, or while the desk is closed after it
        in_time = at(starts + waits) <= cycle.due_at
        assert cycle.state == (State.MET if in_time else State.MISSED)


@given(starts=st.integers(-10_000, 10_000))
def test_the_counted_intervals_of_an_open_cycle_are_its_target(starts: int) -> None:
    (cycle,) = computed(fact(starts, SAYS))
    counted = sum((closes - opens).total_seconds() for opens, closes in cycle.counted)
    assert counted == cycle.target_seconds


@given(st.permutations([fact(5, SAYS), fact(5, ANSWERS), fact(5, "status", "waiting-on-customer")]))
def test_at_one_instant_the_order_is_a_rule(facts: list[Fact]) -> None:
    assert [one.kind for one in in_order(facts)] == [SAYS, ANSWERS, "status"]


def sentences(*facts: Fact, **more: Any) -> list[str]:
    (cycle,) = computed(*facts, **more)
    return why(cycle, hours=HOURS, zone=BERLIN)


def test_an_open_cycle_says_why_it_is_due() -> None:
    assert sentences(fact(-2 * 24 * 60, SAYS)) == [
        "They wrote on Sat 14 Nov 2026, 09:00 CET, outside support hours.",
        "At high, a first response is promised within 4 h.",
        "Counted: Mon 16 Nov 09:00 to 13:00.",
        "It falls due on Mon 16 Nov 2026, 13:00 CET.",
    ]


def test_a_missed_cycle_says_by_how_much() -> None:
    assert sentences(fact(0, SAYS), fact(250, ANSWERS))[-2:] == [
        "It falls due on Mon 16 Nov 2026, 13:00 CET.",
        "Ended on Mon 16 Nov 2026, 13:10 CET, after 4 h 10 min, 10 min after it was due: missed.",
    ]


def test_a_met_and_a_cancelled_cycle_say_so() -> None:
    assert sentences(fact(0, SAYS), fact(14, ANSWERS))[-1] == (
        "Ended on Mon 16 Nov 2026, 09:14 CET, after 14 min: met."
    )
    assert sentences(fact(0, SAYS), fact(14, "status", "resolved"))[-1] == (
        "Cancelled on Mon 16 Nov 2026, 09:14 CET: it was resolved unanswered."
    )


def test_a_moved_cycle_says_who_moved_it_where() -> None:
    due = "Mon 16 Nov 2026, 14:00 CET"
    assert sentences(fact(0, SAYS), fact(180, "priority", "urgent"))[1:3] == [
        "At urgent, a first response is promised within 2 h.",
        f"The priority became urgent on Mon 16 Nov 2026, 12:00 CET: 2 h, due {due}.",
    ]


def test_what_falls_due_never_says_so() -> None:
    policy = {"high": {FIRST: 30_000 * H}, "urgent": {FIRST: 29_000 * H}}
    told_why = sentences(fact(0, SAYS), fact(60, "priority", "urgent"), targets=policy)
    assert told_why[-2:] == [
        "The priority became urgent on Mon 16 Nov 2026, 10:00 CET: 29000 h.",
        "Ten years of support hours do not hold the target, so nothing falls due.",
    ]


def test_many_intervals_are_named_in_short() -> None:
    told_why = sentences(fact(0, SAYS), fact(7 * 24 * 60, ANSWERS))
    assert told_why[2] == (
        "Counted: Mon 16 Nov 09:00 to 17:00, Tue 17 Nov 09:00 to 17:00, 2 more, "
        "Fri 20 Nov 09:00 to 17:00."
    )


def test_an_interval_over_midnight_names_both_days() -> None:
    always = Timeline(first=Calendar(zone=BERLIN, always=True))
    (cycle,) = cycles(
        [fact(600, SAYS)], priority="normal", policy=POLICY, hours=always, now=at(600)
    )
    assert why(cycle, hours=always, zone=BERLIN)[2] == (
        "Counted: Mon 16 Nov 19:00 to Tue 17 Nov 03:00."
    )


def test_the_sources_are_named_last() -> None:
    (cycle,) = computed(fact(0, SAYS))
    assert why(cycle, hours=HOURS, zone=BERLIN, sources=["Policy 3."])[-1] == "Policy 3."


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (4 * H, "4 h"),
        (74 * M, "1 h 14 min"),
        (40 * H, "40 h"),
    ],
)
def test_open_time_is_told_in_hours(seconds: int, words: str) -> None:
    assert hours_words(seconds) == words
