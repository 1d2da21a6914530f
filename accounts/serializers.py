"""What others see of a person, wherever somebody is shown."""

from __future__ import annotations

from rest_framework import serializers

from accounts.levels import level_of
from accounts.models import User
from idance.api.shape import Shape
from idance.files import links


class PersonName(Shape[User]):
    """How a person is shown."""

    displayName = serializers.CharField(source="name")
    avatarUrl = serializers.SerializerMethodField(
        help_text="Empty when there is none; of an upload it works for a while."
    )

    def get_avatarUrl(self, user: User) -> str:
        return links.show(user.avatar_url, self.context["request"]) or ""


class PersonOut(PersonName):
    """What others see of a person."""

    level = serializers.SerializerMethodField(help_text="From 1.")

    def get_level(self, user: User) -> int:
        return level_of(user.points)
