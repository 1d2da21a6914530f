"""Makes stored things for tests; each function takes what the test cares about and fills in the rest."""

from __future__ import annotations

import itertools
from typing import Any

from accounts.models import User

#: The password of everybody made here.
PASSWORD = "shuffle-ball-change"

_count = itertools.count(1)


def person(**fields: Any) -> User:
    """Somebody with an account."""
    fields.setdefault("email", f"person{next(_count)}@example.com")
    return User.objects.create_user(fields.pop("email"), fields.pop("password", PASSWORD), **fields)


def admin(**fields: Any) -> User:
    """Somebody with an account who may do everything."""
    return person(is_staff=True, is_superuser=True, **fields)
