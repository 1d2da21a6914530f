"""`/api/users/profile`: one's own account."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services
from accounts.serializers import PersonName, PersonOut
from idance.api.auth import caller
from idance.api.fields import LineField, WebAddressField
from idance.api.input import read_body
from idance.api.schema import answer

_PROFILE = {
    "id": "68877865e63d6bd72cdda440",
    "email": "user@example.com",
    "displayName": "Dance Master",
    "avatarUrl": "https://example.com/avatar.jpg",
    "level": 5,
    "totalSessions": 25,
    "totalDuration": 3600,
    "createdAt": "2025-01-25T10:00:00Z",
}


class Profile(PersonOut):
    """One's own account."""

    id = serializers.CharField()
    email = serializers.EmailField()
    level = serializers.SerializerMethodField(help_text="From 1; level n needs 100 * n * (n - 1) / 2 points.")
    totalSessions = serializers.IntegerField(source="total_sessions")
    totalDuration = serializers.IntegerField(source="total_seconds", help_text="Seconds.")
    createdAt = serializers.DateTimeField(source="created_at")


class ProfileForm(serializers.Serializer[Any]):
    """What to change; what is not given stays."""

    displayName = LineField(max_length=80, required=False)
    avatarUrl = WebAddressField(
        required=False,
        allow_null=True,
        allow_blank=True,
        help_text="http(s), such as the link to a picture you uploaded; null or empty removes it.",
    )


class ChangedPerson(PersonName):
    """How others see this person now."""

    id = serializers.CharField()


class ProfileChanged(serializers.Serializer[Any]):
    """The change is made."""

    message = serializers.CharField()
    user = ChangedPerson()


class ProfileView(APIView):
    """One's own account."""

    @extend_schema(
        operation_id="getProfile",
        responses={200: Profile},
        examples=[OpenApiExample("A dancer", value=_PROFILE)],
    )
    def get(self, request: Request) -> Response:
        """Get one's own profile."""
        return Response(Profile.of(caller(request), request))

    @extend_schema(
        operation_id="updateProfile",
        request=ProfileForm,
        responses={200: ProfileChanged},
        examples=[
            OpenApiExample(
                "New name and picture",
                value={"displayName": "New Dance Name", "avatarUrl": "https://example.com/new-avatar.jpg"},
                request_only=True,
            ),
            answer(
                "Changed",
                {
                    "message": "Profile updated successfully",
                    "user": {
                        "id": "68877865e63d6bd72cdda440",
                        "displayName": "New Dance Name",
                        "avatarUrl": "https://example.com/new-avatar.jpg",
                    },
                },
            ),
        ],
    )
    def put(self, request: Request) -> Response:
        """Change one's own profile.

        Either field alone will do; unknown fields are ignored.
        """
        form = read_body(request, ProfileForm)
        user = services.change_profile(
            caller(request),
            display_name=form.get("displayName"),
            avatar_url=form.get("avatarUrl", services.UNCHANGED),
        )
        return Response({"message": "Profile updated successfully", "user": ChangedPerson.of(user, request)})
