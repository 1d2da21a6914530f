"""What sessions look like on the wire."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.serializers import PersonOut
from feed.api import entries
from feed.models import DanceSession, SessionStatus, SessionType
from idance.api.fields import LineField, WebAddressField
from idance.api.schema import example
from idance.api.shape import Shape
from idance.files import storage
from idance.lib.ids import OBJECT_ID_PATTERN

_TEMPLATES = ("square", "portrait", "landscape")
ID = f"^{OBJECT_ID_PATTERN}$"

PERSON = {"displayName": "Dance Master", "avatarUrl": "https://example.com/avatar.jpg", "level": 5}
_CROP = {
    "aspectRatio": "9:16",
    "videoDimensions": {"width": 1080, "height": 1920},
    "cropTemplate": "portrait",
}
SESSION = {
    "_id": "68937e749523ddad93840789",
    "userId": "68877865e63d6bd72cdda440",
    "startTime": "2025-08-06T16:10:28Z",
    "endTime": "2025-08-06T16:25:28Z",
    "status": "completed",
    "durationMinutes": 15,
    "caloriesBurned": 120,
    "style": "hip hop",
    "sessionType": "freestyle",
    "videoURL": "https://example.com/video.mp4",
    "processedVideoURL": None,
    "thumbnailURL": "https://example.com/thumbnail.jpg",
    "score": None,
    "stars": 4,
    "rating": 4.5,
    "location": "Mumbai, India",
    "highlightText": "First try",
    "tags": ["practice"],
    "isPublic": True,
    "sharedToFeed": True,
    "remixable": False,
    "cropData": _CROP,
    "processingStatus": "processing",
    "likesCount": 5,
    "commentsCount": 2,
    "createdAt": "2025-08-06T16:10:28Z",
    "updatedAt": "2025-08-06T16:25:28Z",
}


@example({"style": "hip hop", "sessionType": "freestyle", "isPublic": True, "tags": ["practice"]})
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


@example({"sessionId": "68937e749523ddad93840789"})
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


@example(
    {
        "sessionId": "68937e749523ddad93840789",
        "durationMinutes": 15,
        "caloriesBurned": 120,
        "videoFileKey": "uploads/68877865e63d6bd72cdda440/6893835c1ef74973896e2bf3.mp4",
        "stars": 4,
        "cropData": _CROP,
    }
)
class SessionCompleteIn(serializers.Serializer[Any]):
    """A practice ends."""

    sessionId = serializers.CharField()
    endTime = serializers.DateTimeField(
        required=False,
        allow_null=True,
        help_text="Taken to lie between the start and now, which is the default.",
    )
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


@example(SESSION)
class SessionOut(Shape[Any]):
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
    cropData = serializers.SerializerMethodField()
    processingStatus = serializers.ChoiceField(
        choices=("not_required", "processing", "completed", "failed"), source="processing_status"
    )
    likesCount = serializers.IntegerField(source="likes_count")
    commentsCount = serializers.IntegerField(source="comments_count")
    createdAt = serializers.DateTimeField(source="created_at")
    updatedAt = serializers.DateTimeField(source="updated_at")

    @extend_schema_field(CropData(allow_null=True))
    def get_cropData(self, session: DanceSession) -> Any:
        return session.crop_data

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

    location = serializers.CharField(help_text="Empty when they did not say.")


@example({**SESSION, "userProfile": {**PERSON, "location": "Mumbai, India"}})
class FeedSessionOut(SessionOut):
    """A public session and who danced it."""

    userProfile = serializers.SerializerMethodField()

    @extend_schema_field(Dancer)
    def get_userProfile(self, session: DanceSession) -> dict[str, Any]:
        return {**PersonOut.of(session.user, self.context["request"]), "location": session.location}
