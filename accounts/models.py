"""People: one account per email address."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import URLValidator
from django.db import models

from idance.models import StoredObject


def normal_email(email: str) -> str:
    """The form in which addresses are stored and compared: trimmed, lower case."""
    return email.strip().lower()


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
    avatar_url = models.CharField(
        "avatar address", max_length=500, blank=True, validators=[URLValidator(["http", "https"])]
    )
    is_active = models.BooleanField(
        default=True, help_text="Switch off instead of deleting: tokens stop working at once."
    )
    is_staff = models.BooleanField(default=False, help_text="May sign in to the console.")
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

    def __str__(self) -> str:
        return self.display_name or self.email

    def clean(self) -> None:
        self.email = normal_email(self.email)

    @property
    def name(self) -> str:
        """What others see: the chosen name, else one that gives nothing of the address away."""
        return self.display_name or f"Dancer {self.id[-4:]}"
