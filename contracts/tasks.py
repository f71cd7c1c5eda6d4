"""Mails to people about their accounts."""

from celery import shared_task
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from contracts.models import User
from web import mail


@shared_task(
    autoretry_for=(mail.MailNotSent,), retry_backoff=True, retry_backoff_max=600, max_retries=5
)
def send_password_link(email: str) -> None:
    """Mail a link to choose a password with, if there is an active account of that address.

    The edge that asks for it does the same for every address, so nobody learns who has one.
    """
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None:
        return
    mail.send(
        to=user.email,
        subject="Choose a password for Headwater",
        template="emails/password-link.txt",
        context={"user": user, "path": password_path(user)},
    )


def password_path(user: User) -> str:
    """Works once, until a password is chosen or PASSWORD_RESET_TIMEOUT has passed."""
    return reverse(
        "password-reset-confirm",
        args=[
            urlsafe_base64_encode(force_bytes(user.pk)),
            default_token_generator.make_token(user),
        ],
    )
