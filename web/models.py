"""What every app's edges share and has to be remembered."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    from datetime import datetime


class IdempotentRequestQuerySet(models.QuerySet["IdempotentRequest"]):
    def made_before(self, at: "datetime") -> "IdempotentRequestQuerySet":
        return self.filter(created_at__lt=at)


class IdempotentRequest(models.Model):
    """A write that succeeded under an Idempotency-Key, and its answer, to be given again."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="idempotent_requests"
    )
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.BinaryField()
    location = models.CharField(max_length=400, blank=True)
    created_at = models.DateTimeField(db_index=True)

    objects: ClassVar[models.Manager["IdempotentRequest"]] = IdempotentRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="a_key_is_used_once_by_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.user_id}"
