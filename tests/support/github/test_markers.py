"""Our own comments are told by their mark, and by nothing else."""

from uuid import UUID, uuid4

import pytest

from support.domain.markers import marker_of, with_marker
from support.domain.signatures import is_signed

MARKER = UUID("0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0")
SIGNED = "sha256=" + "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"


def test_a_marked_text_gives_its_marker_back() -> None:
    marker = uuid4()
    assert marker_of(with_marker("We see the same.\n\n", marker)) == marker


@pytest.mark.parametrize(
    "body",
    [
        "",
        "We see the same.",
        f"> <!-- headwater:{MARKER} -->\n\nI agree.",
        "<!-- headwater:not-a-marker -->",
        f"<!-- headwater:{str(MARKER).upper()} -->",
    ],
)
def test_what_a_person_wrote_carries_no_marker(body: str) -> None:
    assert marker_of(body) is None


def test_github_signature_example_is_accepted() -> None:
    """The example of GitHub's page on validating webhook deliveries."""
    secrets = ["It's a Secret to Everybody"]
    assert is_signed(body=b"Hello, World!", signature=SIGNED, secrets=secrets)


@pytest.mark.parametrize(
    ("body", "signature", "secrets"),
    [
        (b"Hello, World?", SIGNED, ["It's a Secret to Everybody"]),
        (b"Hello, World!", SIGNED, ["another"]),
        (b"Hello, World!", SIGNED.upper(), ["It's a Secret to Everybody"]),
        (b"Hello, World!", "", ["It's a Secret to Everybody"]),
        (b"Hello, World!", "sha256=\udcff", ["It's a Secret to Everybody"]),
        (b"Hello, World!", SIGNED, []),
        (b"Hello, World!", SIGNED, [""]),
    ],
)
def test_anything_else_is_refused(body: bytes, signature: str, secrets: list[str]) -> None:
    assert not is_signed(body=body, signature=signature, secrets=secrets)


def test_two_secrets_hold_while_one_is_rotated() -> None:
    secrets = ["new", "It's a Secret to Everybody"]
    assert is_signed(body=b"Hello, World!", signature=SIGNED, secrets=secrets)
