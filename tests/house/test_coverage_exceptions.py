"""What coverage does not count is listed, with its reason."""

import re

from config import places

LISTED = places.CHECKOUT / "docs" / "coverage-exceptions.md"
APPS = ("config", "contracts", "reproducers", "support", "web")
MARK = re.compile(r"#\s*pragma:\s*no\s*(?:cover|branch)(?: -- (.+))?$", re.MULTILINE)


def marked() -> set[tuple[str, str]]:
    """Each file with a mark, and the mark's reason; "" where it has none."""
    return {
        (path.relative_to(places.CHECKOUT).as_posix(), reason)
        for app in APPS
        for path in (places.CHECKOUT / app).rglob("*.py")
        for reason in MARK.findall(path.read_text())
    }


def listed() -> set[tuple[str, str]]:
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \|$", LISTED.read_text(), flags=re.MULTILINE)
    return {(path, reason) for path, reason in rows}


def test_what_coverage_does_not_count_is_listed_with_its_reason() -> None:
    assert marked() == listed()


def test_a_mark_in_the_sandboxs_launcher_is_seen() -> None:
    assert ("reproducers/engine/sandbox/launcher.py", "before exec") in marked()
