"""Who stays signed in to our pages and the console."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend

from accounts.models import User


class PeopleBackend(ModelBackend):
    """Email and password. Whom moderators keep out is signed out everywhere at once, as their tokens are."""

    def get_user(self, user_id: Any) -> User | None:
        user = super().get_user(user_id)
        return user if isinstance(user, User) and not user.is_suspended else None
