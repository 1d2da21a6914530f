"""What sessions look like on the wire."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.serializers import PersonOut
from feed.api import entries
from feed.models import DanceSession, SessionStatus, SessionType
from idance.api.fields import LineField, WebAddressField
from idance.files import storage

_TEMPLATES = ("square", "portrait", "landscape")
ID = r"^[0-9a-f]{24}$"


class SessionStartIn(serializers.Serializer[Any]):
    """A practice begins."""

    style = LineField(max_length=40)  # type: ignore[assignment]
    sessionType = serializers.ChoiceField(choices=SessionType.choices, source="session_type")
    isPublic = serializers.BooleanField(default=False, source="is_public")
    sharedToFeed = serializers.BooleanField(default=False, source="shared_to_feed")
    remixable = serializers.BooleanField(default=False)
    promptUsed = LineField(
        max_length=500, required=False, allow_blank=True, allow_null=True, source="prompt_used"
    )
    inspirationSessionId = serializers.RegexField(
        ID, required=False, allow_null=True, source="inspiration_session_id"
    )
    location = LineField(max_length=100, required=False, allow_blank=True, allow_null=True)
    highlightText = LineField(
        max_length=200, required=False, allow_blank=True, allow_null=True, source="highlight_text"
    )
    tags = serializers.ListField(child=LineField(max_length=40), max_length=20, required=False)


class SessionStartOut(serializers.Serializer[Any]):
    """The session that began."""

    sessionId = serializers.CharField()


class Dimensions(serializers.Serializer[Any]):
    """Size of a picture in pixels."""

    width = serializers.IntegerField(min_value=1, max_value=20_000)
    height = serializers.IntegerField(min_value=1, max_value=20_000)


class CropData(serializers.Serializer[Any]):
    """How the app wants the video cropped: 1:1, 9:16 or 16:9."""

    aspectRatio = serializers.CharField(max_length=20)
    videoDimensions = Dimensions()
    cropTemplate = serializers.ChoiceField(choices=_TEMPLATES)


class SessionCompleteIn(serializers.Serializer[Any]):
    """A practice ends."""

    sessionId = serializers.RegexField(ID)
    endTime = serializers.DateTimeField(required=False, allow_null=True)
    durationMinutes = serializers.FloatField(min_value=0, max_value=24 * 60)
    caloriesBurned = serializers.IntegerField(
        min_value=0, max_value=20_000, required=False, allow_null=True, source="calories_burned"
    )
    videoURL = WebAddressField(required=False, allow_blank=True, allow_null=True, source="video_url")
    videoFileKey = serializers.CharField(
        max_length=200, required=False, allow_blank=True, allow_null=True, source="video_key"
    )
    thumbnailURL = WebAddressField(required=False, allow_blank=True, allow_null=True, source="thumbnail_url")
    thumbnailFileKey = serializers.CharField(
        max_length=200, required=False, allow_blank=True, allow_null=True, source="thumbnail_key"
    )
    score = serializers.FloatField(min_value=0, max_value=100, required=False, allow_null=True)
    stars = serializers.IntegerField(min_value=0, max_value=5, required=False, allow_null=True)
    rating = serializers.FloatField(min_value=0, max_value=5, required=False, allow_null=True)
    highlightText = LineField(
        max_length=200, required=False, allow_blank=True, allow_null=True, source="highlight_text"
    )
    tags = serializers.ListField(child=LineField(max_length=40), max_length=20, required=False)
    cropData = CropData(required=False, allow_null=True, source="crop_data")


class SessionOut(serializers.Serializer[Any]):
    """A session. The addresses of stored videos work for a while and without a token."""

    # The app's own name for it; an attribute of a class cannot be called `_id` and be declared.
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {"_id": serializers.CharField(source="id"), **super().get_fields()}

    userId = serializers.CharField(source="user_id")
    startTime = serializers.DateTimeField(source="start_time")
    endTime = serializers.DateTimeField(source="end_time", allow_null=True)
    status = serializers.ChoiceField(choices=SessionStatus.choices)
    durationMinutes = serializers.FloatField(source="duration_minutes", allow_null=True)
    caloriesBurned = serializers.IntegerField(source="calories_burned", allow_null=True)
    style = serializers.CharField()  # type: ignore[assignment]
    sessionType = serializers.ChoiceField(choices=SessionType.choices, source="session_type")
    videoURL = serializers.SerializerMethodField()
    processedVideoURL = serializers.SerializerMethodField()
    thumbnailURL = serializers.SerializerMethodField()
    score = serializers.FloatField(allow_null=True)
    stars = serializers.IntegerField(allow_null=True)
    rating = serializers.FloatField(allow_null=True)
    location = serializers.CharField()
    highlightText = serializers.CharField(source="highlight_text")
    tags = serializers.ListField(child=serializers.CharField())
    isPublic = serializers.BooleanField(source="is_public")
    sharedToFeed = serializers.BooleanField(source="shared_to_feed")
    remixable = serializers.BooleanField()
    cropData = CropData(source="crop_data", allow_null=True)
    processingStatus = serializers.ChoiceField(
        choices=("not_required", "processing", "completed", "failed"), source="processing_status"
    )
    likesCount = serializers.IntegerField(source="likes_count")
    commentsCount = serializers.IntegerField(source="comments_count")
    createdAt = serializers.DateTimeField(source="created_at")
    updatedAt = serializers.DateTimeField(source="updated_at")

    def get_videoURL(self, session: DanceSession) -> str | None:
        return self._url(session.video_key) or session.video_url or None

    def get_processedVideoURL(self, session: DanceSession) -> str | None:
        return self._url(session.processed_key)

    def get_thumbnailURL(self, session: DanceSession) -> str | None:
        return entries.session_thumbnail(session, self.context.get("request"))

    def _url(self, key: str) -> str | None:
        return storage.url_for(key, self.context.get("request")) if key else None


class Dancer(PersonOut):
    """A person beside their session, and where they danced."""

    location = serializers.CharField(default="")


class FeedSessionOut(SessionOut):
    """A public session and who danced it."""

    userProfile = serializers.SerializerMethodField()

    @extend_schema_field(Dancer)
    def get_userProfile(self, session: DanceSession) -> dict[str, Any]:
        return {**PersonOut(session.user).data, "location": session.location}
