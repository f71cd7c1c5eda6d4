"""Who sent a webhook: GitHub's HMAC over the raw bytes. Pure."""

import hmac
from collections.abc import Iterable


def is_signed(*, body: bytes, signature: str, secrets: Iterable[str]) -> bool:
    """Whether `signature` ("sha256=<hex>") was made with one of `secrets` over these bytes.

    Several secrets hold while one is rotated. Without any secret nothing is signed. The length of
    the time taken tells nothing: every secret is compared, each in constant time.
    """
    given = signature.encode("utf-8", "replace")
    matches = [hmac.compare_digest(_expected(body, secret), given) for secret in secrets if secret]
    return any(matches)


def _expected(body: bytes, secret: str) -> bytes:
    return b"sha256=" + hmac.new(secret.encode(), body, "sha256").hexdigest().encode()
