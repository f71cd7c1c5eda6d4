"""Personal tokens: keys of one person for `repro` and other programs. Only digests are kept."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from django.db.models import Q, QuerySet

from contracts.domain.roles import require_manager
from contracts.models import PersonalToken, User
from web.constraints import refusals
from web.errors import HeadwaterError

LIFETIME = timedelta(days=365)
TOKENS_A_PERSON = 50
_PREFIX = "hw_"
_USE_NOTED_EVERY = timedelta(minutes=1)


class TooManyTokens(HeadwaterError):
    code = "too-many-tokens"
    status = HTTPStatus.CONFLICT


class TokenIssuedBefore(HeadwaterError):
    code = "token-issued-before"
    status = HTTPStatus.CONFLICT


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token; `secret` is shown to its owner once and then known to nobody."""

    token: PersonalToken
    secret: str


def issue_token(
    *,
    actor: User,
    name: str,
    now: datetime,
    lifetime: timedelta = LIFETIME,
    idempotency_key: UUID | None = None,
) -> IssuedToken:
    """A new token of `actor`, for a year unless told otherwise.

    Raises `TooManyTokens`, and `TokenIssuedBefore` for a submission that came before.
    """
    if valid_tokens_of(user=actor, now=now).count() >= TOKENS_A_PERSON:
        raise TooManyTokens(
            f"You have {TOKENS_A_PERSON} tokens already.", remedy="Revoke one that you do not use."
        )
    secret = _PREFIX + secrets.token_urlsafe(32)
    before = TokenIssuedBefore(
        "That form was sent twice, and the token was shown the first time.",
        remedy="If you did not copy it, revoke it and make another.",
    )
    with refusals({"a_token_is_issued_once_for_one_submission": before}):
        token = actor.tokens.create(
            name=name.strip()[:80] or "token",
            digest=digest_of(secret),
            created_at=now,
            expires_at=now + lifetime,
            idempotency_key=idempotency_key,
        )
    return IssuedToken(token=token, secret=secret)


def revoke_token(*, actor: User, token: PersonalToken, now: datetime) -> None:
    """The token opens nothing any more. Repeatable. Managers may revoke anybody's."""
    if token.user_id != actor.pk:
        require_manager(actor)
    PersonalToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)


def find_by_token(*, secret: str, now: datetime) -> PersonalToken | None:
    """The valid token with that secret, of an active person, and its use noted.

    The look-up goes by the digest of 256 random bits: how long it takes tells nothing of use about
    any secret, because nobody can choose a digest.
    """
    token = (
        PersonalToken.objects.select_related("user__organization")
        .filter(digest=digest_of(secret), user__is_active=True)
        .first()
    )
    if token is None or not token.is_valid(at=now):
        return None
    _note_use(token, now)
    return token


def valid_tokens_of(*, user: User, now: datetime) -> QuerySet[PersonalToken]:
    """Those that open something now, newest first."""
    unexpired = Q(expires_at=None) | Q(expires_at__gt=now)
    return user.tokens.filter(unexpired, revoked_at=None)


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _note_use(token: PersonalToken, now: datetime) -> None:
    unnoted = Q(last_used_at=None) | Q(last_used_at__lt=now - _USE_NOTED_EVERY)
    PersonalToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=now)
