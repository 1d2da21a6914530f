"""What changes accounts."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User, normal_email
from idance.api import throttles
from idance.files import links
from idance.files.models import StoredFile
from idance.lib.problems import Invalid, NotNow, NotSignedIn, TooOften

#: Marks what a change leaves as it is, where None means "remove".
UNCHANGED = object()


class Suspended(NotSignedIn):
    """Moderators keep this person out; the sentence says until when, and why."""


def sign_up(*, email: str, password: str, address: str, display_name: str = "") -> User:
    """Make an account.

    Raises ``Invalid`` when the password is too weak and ``NotNow`` when the address has an account already.
    Raises ``TooOften`` when this network address has tried too often of late: a try costs a hash, and tells
    whether an email has an account.
    """
    wait = throttles.spend("sign-ups", address, settings.LIMIT_SIGN_UPS)
    if wait is not None:
        raise TooOften(wait)
    email = normal_email(email)
    _check_password(password, User(email=email, display_name=display_name))
    taken = NotNow("Email already registered")
    if User.objects.filter(email=email).exists():
        raise taken
    try:
        with transaction.atomic():
            return User.objects.create_user(email, password, display_name=display_name)
    except IntegrityError:
        # Somebody was quicker between the question and the answer; the database has the last word.
        raise taken from None


def log_in(*, email: str, password: str, address: str) -> User:
    """Whose email and password these are.

    Raises ``NotSignedIn`` with the same words, after the same work, for an unknown email, a wrong password
    and an account that is switched off: Django hashes the password in each case. Raises ``TooOften`` when too
    many logins from this network address have failed of late; those are counted, not the attempts, so that
    many people behind one address may all log in. Raises ``Suspended`` for whom moderators keep out.
    """
    limit = settings.LIMIT_FAILED_LOGINS
    wait = throttles.used_up("failed-logins", address, limit)
    if wait is not None:
        raise TooOften(wait)
    user = authenticate(username=email, password=password)
    if isinstance(user, User):
        # Only who knows the password learns of it.
        if user.is_suspended:
            raise Suspended(user.suspension)
        return user
    wait = throttles.spend("failed-logins", address, limit)
    if wait is not None:
        # Attempts at the same moment all passed the question above; those over the limit learn nothing.
        raise TooOften(wait)
    raise NotSignedIn("Email or password is wrong.")


def change_profile(user: User, *, display_name: str | None = None, avatar_url: object = UNCHANGED) -> User:
    """Change what others see of this person; what is not given stays.

    Parameters
    ----------
    avatar_url : http(s). A link to an upload of theirs is kept by its key, since such links pass.
    """
    changes: dict[str, str] = {}
    if display_name is not None:
        changes["display_name"] = display_name
    if avatar_url is not UNCHANGED:
        changes["avatar_url"] = links.keep(str(avatar_url or ""), user)
    for name, value in changes.items():
        setattr(user, name, value)
    if changes:
        user.save(update_fields=[*changes, "updated_at"])
    return user


def shows(file: StoredFile) -> bool:
    """Whether a file is its owner's avatar."""
    return User.objects.filter(pk=file.owner_id, avatar_url=links.of_key(file.key)).exists()


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        first, *others = (
            Invalid("password", " ".join(complaint.messages), kind=str(complaint.code or "weak"))
            for complaint in error.error_list
        )
        raise first.and_also(*others) from None
