"""People: one account per email address."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import URLValidator
from django.db import models
from django.utils import timezone

from accounts.people import name_of
from idance.files import links
from idance.models import StoredObject

#: The end of a suspension that has none.
FOR_GOOD: Final = datetime(9999, 1, 1, tzinfo=UTC)


def normal_email(email: str) -> str:
    """The form in which addresses are stored and compared: trimmed, lower case."""
    return email.strip().lower()


def picture_address(kept: str) -> None:
    """Raises ``ValidationError`` unless this is an http(s) address or what is kept of one's own upload."""
    if links.key_of(kept) is None:
        URLValidator(["http", "https"])(kept)


class UserManager(BaseUserManager["User"]):
    """Makes accounts and finds them by address, whatever its case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=normal_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=normal_email(username or ""))


class User(StoredObject, AbstractBaseUser, PermissionsMixin):
    """Somebody with an account: a dancer, and with `is_staff` one who may enter the console."""

    email = models.EmailField(unique=True, error_messages={"unique": "Email already registered"})
    display_name = models.CharField(max_length=80, blank=True)
    avatar_url = models.CharField("avatar address", max_length=500, blank=True, validators=[picture_address])
    is_active = models.BooleanField(
        default=True, help_text="Switch off instead of deleting: tokens stop working at once."
    )
    is_staff = models.BooleanField(default=False, help_text="May sign in to the console.")
    time_zone = models.CharField(
        max_length=64, blank=True, help_text="Times in the console are shown and typed in it; UTC when empty."
    )
    suspended_until = models.DateTimeField(
        null=True, blank=True, help_text="Until then tokens and passwords are refused, and it is said why."
    )
    suspension_reason = models.CharField(max_length=500, blank=True, help_text="What the person is told.")
    # Kept as counters by conditional updates, so that a profile never counts tables.
    points = models.PositiveIntegerField(default=0)
    total_sessions = models.PositiveIntegerField(default=0)
    total_seconds = models.PositiveIntegerField(default=0)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        permissions = (("suspend_user", "Can suspend people"),)

    def __str__(self) -> str:
        return self.display_name or self.email

    def get_full_name(self) -> str:
        """What the console calls somebody beside their address; empty when they chose no name."""
        return self.display_name

    def clean(self) -> None:
        self.email = normal_email(self.email)

    @property
    def is_suspended(self) -> bool:
        """Whether a moderator keeps them out at the moment."""
        return self.suspended_until is not None and timezone.now() < self.suspended_until

    @property
    def suspension(self) -> str:
        """What somebody who is kept out is told: until when, and why."""
        if self.suspended_until is None or not self.is_suspended:
            return ""
        end = "" if self.suspended_until == FOR_GOOD else f" until {self.suspended_until:%d %B %Y, %H:%M} UTC"
        why = f": {self.suspension_reason}" if self.suspension_reason else "."
        return f"Your account is suspended{end}{why}"

    @property
    def name(self) -> str:
        """What others see: the chosen name, else one that gives nothing of the address away."""
        return name_of(self.id, self.display_name)
