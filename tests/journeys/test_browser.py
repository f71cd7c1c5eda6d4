"""The browser stands on a real ASGI process, and hears what a page complains about."""

import pytest

from tests.browser import Visitor, take_picture

pytestmark = pytest.mark.browser


def test_a_page_of_the_real_server_is_shown(visitor: Visitor) -> None:
    page = visitor.page()
    answer = page.goto("/no-such-page")
    assert answer is not None
    assert answer.status == 404
    assert take_picture(page, "not-found").stat().st_size > 1000


def test_what_a_page_complains_about_is_heard(visitor: Visitor) -> None:
    page = visitor.page()
    page.goto("/no-such-page")
    page.evaluate("console.error('this page is broken')")
    assert visitor.complaints == ["this page is broken"]
    visitor.complaints.clear()


def test_the_browser_reaches_nothing_but_loopback(visitor: Visitor) -> None:
    page = visitor.page()
    page.goto("/no-such-page")
    refused = page.evaluate("fetch('http://example.org/').then(() => 'answered', () => 'refused')")
    assert refused == "refused"
    visitor.complaints.clear()
