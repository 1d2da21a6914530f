"""What others see of a person, wherever somebody is shown."""

from __future__ import annotations

from rest_framework import serializers

from accounts.levels import level_of
from accounts.models import User
from idance.api.shape import Shape


class PersonOut(Shape[User]):
    """What others see of a person."""

    displayName = serializers.CharField(source="name")
    avatarUrl = serializers.CharField(source="avatar_url", help_text="Empty when there is none.")
    level = serializers.SerializerMethodField(help_text="From 1.")

    def get_level(self, user: User) -> int:
        return level_of(user.points)
