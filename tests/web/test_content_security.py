"""What browsers may run and load: strict everywhere, a little less so in the admin."""

import pytest
from django.test import Client

from tests.factories import make_customer, make_manager

STRICT = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
}


def policy(answer: object) -> set[str]:
    header = answer.headers["Content-Security-Policy"]  # type: ignore[attr-defined]
    return {directive.strip() for directive in header.split(";")}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/sign-in/", "/account/", "/api/v1/me", "/nothing/here", "/admin"]
)
def test_pages_run_and_load_nothing_but_our_own(path: str) -> None:
    client = Client()
    client.force_login(make_customer())
    assert policy(client.get(path)) == STRICT


@pytest.mark.django_db
def test_the_admin_alone_may_evaluate_and_style_inline() -> None:
    client = Client()
    client.force_login(make_manager())
    assert policy(client.get("/admin/")) == (
        STRICT - {"script-src 'self'", "style-src 'self'", "img-src 'self'"}
    ) | {
        "script-src 'self' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
    }


@pytest.mark.django_db
def test_what_the_admin_may_does_not_stay() -> None:
    client = Client()
    client.force_login(make_manager())
    client.get("/admin/")
    assert policy(client.get("/sign-in/")) == STRICT


@pytest.mark.django_db
def test_other_headers_are_set_as_well() -> None:
    headers = Client().get("/sign-in/").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
