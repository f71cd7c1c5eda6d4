"""Mails: plain text, short, one link. Without EMAIL_URL they are kept in a folder and told of."""

import logging
import smtplib
import time
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string

from web.errors import HeadwaterError

logger = logging.getLogger(__name__)


class MailNotSent(HeadwaterError):
    """The mail server did not take it; it may later."""

    code = "mail-not-sent"
    status = HTTPStatus.BAD_GATEWAY
    retryable = True


def send(*, to: str, subject: str, template: str, context: Mapping[str, object]) -> None:
    """Send one person the text of `template`. Raises `MailNotSent`.

    The template gets `public_url`, to make its one link with.
    """
    body = render_to_string(template, {**context, "public_url": settings.PUBLIC_URL})
    message = EmailMessage(
        subject=" ".join(subject.split()),
        body=body.strip() + "\n",
        to=[to],
        headers={"Auto-Submitted": "auto-generated"},
    )
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as failure:
        raise MailNotSent(
            f"The mail server did not take a mail: {type(failure).__name__}.",
            remedy="Check EMAIL_URL and the mail server's log.",
        ) from failure


class KeptMailBackend(BaseEmailBackend):
    """Puts each mail into `MAIL_FOLDER` as a file for mail programs, and says so in a line."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.MAIL_FOLDER)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            path = folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{uuid4().hex[:8]}.eml"
            path.write_bytes(message.message().as_bytes())
            logger.info(
                "Mail to %s: %s (kept as %s)", ", ".join(message.to), message.subject, path.name
            )
        return len(email_messages)
