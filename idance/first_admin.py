"""The first account that may enter the console, made once at the first start."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from accounts.models import User, normal_email
from idance import env

DEFAULT_EMAIL = "admin@idance.local"


class CannotBeMade(Exception):
    """Why the admin that the environment names cannot be made, in one sentence."""


@dataclass(frozen=True)
class FirstAdmin:
    """The account that was made; the password only when we made it up."""

    email: str
    generated_password: str | None


def passed_over_email() -> str:
    """The address that the environment names although it is no admin's; empty when there is none."""
    email = normal_email(env.text("DJANGO_SUPERUSER_EMAIL"))
    known = User.objects.filter(email=email, is_superuser=True).exists()
    return "" if known else email


def make_first_admin() -> FirstAdmin | None:
    """Make an admin when there is none: the one DJANGO_SUPERUSER_EMAIL and _PASSWORD name, else our own.

    An account that already has that address becomes the admin with that password: whoever signed up with it
    before loses it to the one who runs the server.

    Returns
    -------
    None when there is an admin already, also when another machine makes it at this very moment.

    Raises
    ------
    CannotBeMade : the address or the password of the environment will not do.
    """
    if User.objects.filter(is_superuser=True).exists():
        return None
    email = normal_email(env.text("DJANGO_SUPERUSER_EMAIL", DEFAULT_EMAIL))
    given = env.text("DJANGO_SUPERUSER_PASSWORD")
    password = given or secrets.token_urlsafe(12)
    user = User.objects.filter(email=email).first() or User(email=email, display_name="Admin")
    try:
        validate_email(email)
        validate_password(password, user)
    except ValidationError as error:
        raise CannotBeMade(
            f"The first admin cannot be made from DJANGO_SUPERUSER_EMAIL and DJANGO_SUPERUSER_PASSWORD: "
            f"{' '.join(error.messages)}"
        ) from None
    user.set_password(password)
    user.is_staff = user.is_superuser = user.is_active = True
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        return None
    return FirstAdmin(email, None if given else password)
