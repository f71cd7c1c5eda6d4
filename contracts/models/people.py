"""Who signs in: one person is one user, whatever channel they write through."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from contracts.models.organizations import Organization

if TYPE_CHECKING:
    from datetime import datetime


class UserQuerySet(models.QuerySet["User"]):
    def engineers(self) -> "UserQuerySet":
        """People of ours who answer tickets: engineers and managers, active."""
        return self.filter(is_staff=True, is_active=True)

    def with_a_seat(self, *, organization: Organization, at: "datetime") -> "UserQuerySet":
        """People who may talk to us for `organization` at that instant."""
        return self.filter(
            Q(seats__ends_at=None) | Q(seats__ends_at__gt=at),
            is_active=True,
            seats__starts_at__lte=at,
            seats__project__organization=organization,
        ).distinct()


class UserManager(BaseUserManager.from_queryset(UserQuerySet)["User"]):  # type: ignore[misc]
    """Accounts are found by e-mail without regard to case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        user: User = self.get(email=(username or "").strip().lower())
        return user

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user: User = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str, **fields: Any) -> "User":
        fields = {"is_staff": True, "is_superuser": True, "role": User.Role.MANAGER} | fields
        return self.create_user(email, password, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person: a customer's (with an organization) or one of ours (staff, with a role)."""

    class Role(models.TextChoices):
        CUSTOMER = "customer", "customer"
        ENGINEER = "engineer", "support engineer"
        MANAGER = "manager", "support manager"

    email = models.EmailField()
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=16, choices=Role, default=Role.CUSTOMER)
    organization = models.ForeignKey(
        Organization, null=True, blank=True, on_delete=models.PROTECT, related_name="people"
    )
    zone = models.CharField("time zone", max_length=64, default="Europe/Berlin")
    github_id = models.BigIntegerField("GitHub user id", null=True, blank=True)
    github_login = models.CharField("GitHub login", max_length=64, blank=True)
    is_staff = models.BooleanField("one of ours", default=False)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["email"],
                name="an_email_belongs_to_one_person",
                violation_error_message="Somebody else has this e-mail address.",
            ),
            models.CheckConstraint(
                condition=Q(email=Lower("email")),
                name="an_email_is_kept_in_small_letters",
                violation_error_message="An e-mail address is kept in small letters.",
            ),
            models.UniqueConstraint(
                fields=["github_id"],
                name="a_github_account_belongs_to_one_person",
                violation_error_message="Somebody else has this GitHub account.",
            ),
            models.UniqueConstraint(
                Lower("github_login"),
                condition=~Q(github_login=""),
                name="a_github_login_belongs_to_one_person",
                violation_error_message="Somebody else has this GitHub login.",
            ),
            models.CheckConstraint(
                condition=Q(is_staff=False, role="customer")
                | (Q(is_staff=True, organization=None) & ~Q(role="customer")),
                name="staff_have_a_role_and_no_organization",
                violation_error_message="A person is either a customer's or one of ours.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split()[0] if self.name else self.email

    @property
    def is_manager(self) -> bool:
        return self.is_staff and self.role == self.Role.MANAGER


class PersonalToken(models.Model):
    """A key for `repro` and other programs of one person. Only its SHA-256 is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    idempotency_key = models.UUIDField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "idempotency_key"],
                name="a_token_is_issued_once_for_one_submission",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"

    def is_valid(self, *, at: "datetime") -> bool:
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)
