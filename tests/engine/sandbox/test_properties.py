"""What a look around inside a sandbox means, as lines of the doctor."""

import json

import pytest

from reproducers.engine.checks import Check
from reproducers.engine.sandbox.properties import PROPERTIES, REPORT, Enclosure, held


def said(isolation: Enclosure, **answers: object) -> bytes:
    refused: dict[str, object] = {
        name: {"one": "Operation not permitted"} for name in PROPERTIES[isolation]
    }
    return json.dumps(refused | answers).encode()


def broken(isolation: Enclosure, told: bytes) -> list[str]:
    return [check.name for check in held(isolation, told) if not check.ok]


@pytest.mark.parametrize("isolation", ["bubblewrap", "gvisor"])
def test_what_was_refused_holds(isolation: Enclosure) -> None:
    checks = list(held(isolation, said(isolation)))
    assert [check.name for check in checks] == [f"{isolation}/{n}" for n in PROPERTIES[isolation]]
    assert all(check.ok and not check.remedy for check in checks)


def test_what_holds_is_said_with_examples() -> None:
    answers = dict.fromkeys("abcdef", "refused")
    (check,) = [
        one
        for one in held("bubblewrap", said("bubblewrap", sockets=answers))
        if one.name == "bubblewrap/sockets"
    ]
    assert check == Check(
        name="bubblewrap/sockets", ok=True, found="refused: a, b, c, d and 2 more"
    )


def test_one_thing_that_was_allowed_breaks_its_property_and_no_other() -> None:
    told = said("bubblewrap", network={"an address": "No route to host", "a name": "allowed"})
    assert broken("bubblewrap", told) == ["bubblewrap/network"]
    (check,) = [one for one in held("bubblewrap", told) if not one.ok]
    assert (check.found, check.remedy) == ("not kept: a name", REPORT)


def test_what_gvisors_own_kernel_allows_is_no_lack() -> None:
    answers = {"capabilities": "none", "urgency": "allowed"}
    assert broken("gvisor", said("gvisor", privileges=answers)) == []
    assert broken("bubblewrap", said("bubblewrap", privileges=answers)) == ["bubblewrap/privileges"]


@pytest.mark.parametrize("told", [b"", b"no JSON", b"[]", b"\xff", b"{}", b"[" * 100_000])
def test_no_answer_holds_nothing(told: bytes) -> None:
    checks = list(held("gvisor", told))
    assert {check.found for check in checks} == {"no answer"}
    assert not any(check.ok for check in checks)


def test_an_answer_of_another_form_holds_nothing() -> None:
    assert broken("bubblewrap", said("bubblewrap", output="kept")) == ["bubblewrap/output"]
