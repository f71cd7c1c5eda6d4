"""System checks: what the environment says that does not fit together, and what to do about it."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Info, Warning, register

SHORTEST_SECRET = 16


@register("github")
def check_github(**_: Any) -> list[CheckMessage]:
    """Half a connection to GitHub is worse than none: it looks as if it worked."""
    return list(_github())


@register("installation", deploy=True)
def check_installation(**_: Any) -> list[CheckMessage]:
    """What a real installation needs and `make run` on one machine does not."""
    return list(_installation())


def _github() -> Iterator[CheckMessage]:
    secrets = settings.GITHUB_WEBHOOK_SECRETS
    if bool(settings.GITHUB_APP_ID) != bool(settings.GITHUB_APP_PRIVATE_KEY):
        yield Warning(
            "GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY work together only.",
            hint="Set both, or neither.",
            id="headwater.W001",
        )
    if (settings.GITHUB_APP_ID or settings.GITHUB_TOKEN) and not secrets:
        yield Warning(
            "We may write to GitHub, but every webhook from there is refused.",
            hint="Set GITHUB_WEBHOOK_SECRETS to the secret of the webhook.",
            id="headwater.W002",
        )
    if any(len(secret) < SHORTEST_SECRET for secret in secrets):
        yield Warning(
            "A secret in GITHUB_WEBHOOK_SECRETS is short enough to be guessed.",
            hint=f"Use {SHORTEST_SECRET} random characters or more.",
            id="headwater.W003",
        )


def _installation() -> Iterator[CheckMessage]:
    if settings.IS_EMBEDDED:
        yield Warning(
            "The embedded PostgreSQL is for trying things out; nobody backs it up.",
            hint="Set DATABASE_URL.",
            id="headwater.W004",
        )
    if not settings.IS_HTTPS:
        yield Warning(
            f"People are sent to {settings.PUBLIC_URL}, unencrypted.",
            hint="Set PUBLIC_URL to the https:// address that people use.",
            id="headwater.W005",
        )
    if not settings.EMAIL_URL:
        yield Info(
            "No mail is sent: mails are kept under var/mail/.",
            hint="Set EMAIL_URL.",
            id="headwater.I001",
        )
