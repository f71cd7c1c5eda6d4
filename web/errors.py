"""The base of every error of ours that a person may meet: what happened, and what to do next."""

from http import HTTPStatus
from typing import ClassVar


class HeadwaterError(Exception):
    """A refusal or a failure in words. Subclasses stand beside what raises them.

    `code` is its stable name (docs/errors.md lists all), `status` what HTTP answers with,
    `retryable` whether the same call may succeed later without anybody changing anything.
    """

    code: ClassVar[str] = "unexpected"
    status: ClassVar[int] = HTTPStatus.BAD_REQUEST
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()
