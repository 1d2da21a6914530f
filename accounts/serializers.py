"""What others see of a person, wherever somebody is shown."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.levels import level_of
from accounts.models import User
from idance.api.shape import Shape
from idance.files import links


class PersonOut(Shape[User]):
    """What others see of a person."""

    displayName = serializers.CharField(source="name")
    avatarUrl = serializers.SerializerMethodField(
        help_text="Empty when there is none; of an upload it works for a while."
    )
    level = serializers.SerializerMethodField(help_text="From 1.")

    def get_avatarUrl(self, user: User) -> str:
        return links.show(user.avatar_url, self.context["request"]) or ""

    def get_level(self, user: User) -> int:
        return level_of(user.points)


class PersonWithId(PersonOut):
    """A person and their id."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {"id": serializers.CharField(), **super().get_fields()}
