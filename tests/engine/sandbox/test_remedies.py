"""A sandbox that does not start says what to do."""

import pytest

from reproducers.engine.sandbox import remedies


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("bwrap: No permissions to create new namespace", remedies.USER_NAMESPACES),
        ("bwrap: Creating new namespace failed: Operation not permitted", remedies.USER_NAMESPACES),
        ("bwrap: setting up uid map: Permission denied", remedies.USER_NAMESPACES),
        ("unshare: Operation not permitted", remedies.MOUNTS),
        ("mount /: Operation not permitted", remedies.MOUNTS),
        ("/srv/python is readable by its owner only", remedies.READABLE),
        ("something that nobody has seen yet", remedies.DOCTOR),
    ],
)
def test_what_the_system_says_leads_to_a_remedy(said: str, remedy: str) -> None:
    error = remedies.not_started(said)
    assert error.message == f"The sandbox cannot be started: {said}"
    assert error.remedy == remedy


def test_silence_is_named_and_a_flood_cut() -> None:
    assert remedies.not_started(" \n").message.endswith("it ended without a word")
    assert len(remedies.not_started("x" * 5000).message) < 1100
