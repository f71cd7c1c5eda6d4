"""Mails are plain text; without a mail server they are kept in a folder."""

import email
import smtplib
from email import policy
from pathlib import Path

import pytest
from django.core import mail as django_mail
from pytest_django.fixtures import Settings

from web import mail


@pytest.fixture
def template(tmp_path: Path, settings: Settings) -> str:
    (tmp_path / "note.txt").write_text("Hello {{ name }}: {{ public_url }}/here\n\n")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    return "note.txt"


def send(template: str) -> None:
    mail.send(to="ines@bank.example", subject="A\nnote ", template=template, context={"name": "I"})


def test_a_mail_is_plain_text_with_a_link_to_us(template: str, settings: Settings) -> None:
    send(template)
    [message] = django_mail.outbox
    assert message.body == f"Hello I: {settings.PUBLIC_URL}/here\n"
    assert (message.subject, message.to) == ("A note", ["ines@bank.example"])
    assert message.extra_headers == {"Auto-Submitted": "auto-generated"}


def test_without_a_mail_server_it_is_kept_and_told_of(
    template: str, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "web.mail.KeptMailBackend"
    settings.MAIL_FOLDER = tmp_path / "var" / "mail"
    caplog.set_level("INFO", logger="web.mail")
    send(template)
    [path] = settings.MAIL_FOLDER.glob("*.eml")
    kept = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    assert (kept["To"], kept["Subject"]) == ("ines@bank.example", "A note")
    assert "/here" in kept.get_content()
    assert caplog.messages == [f"Mail to ines@bank.example: A note (kept as {path.name})"]


def test_a_mail_server_that_is_away_may_be_back_later(template: str, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with pytest.raises(mail.MailNotSent) as refusal:
        send(template)
    assert refusal.value.retryable
    assert isinstance(refusal.value.__cause__, (OSError, smtplib.SMTPException))


def test_what_cannot_be_kept_is_not_lost_in_silence(
    template: str, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.EMAIL_BACKEND = "web.mail.KeptMailBackend"
    settings.MAIL_FOLDER = tmp_path / "file" / "mail"
    with pytest.raises(mail.MailNotSent):
        send(template)
