"""What breakdowns look like on the wire: in snake_case where they are made, in camelCase in lists."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.serializers import PersonOut
from breakdowns import selectors, sharing
from breakdowns.models import Breakdown, Difficulty, Mode, Status, Words
from idance.api.fields import TextOrNull
from idance.api.shape import Shape
from idance.files import links, storage

LEVELS = ("Beginner", "Intermediate", "Advanced")
STYLES = ("video", "black")


# --- The words --------------------------------------------------------------------------------------------
class BodyOut(Shape[Any]):
    """What each part of the body does."""

    head = serializers.CharField()
    hands = serializers.CharField()
    shoulders = serializers.CharField()
    torso = serializers.CharField()
    legs = serializers.CharField()
    bodyAngle = serializers.CharField()


class NotesOut(Shape[Any]):
    """What to watch while practising."""

    alignment = serializers.CharField()
    timing = serializers.CharField()
    energy = serializers.CharField()
    precision = serializers.CharField()


class QualityOut(Shape[Any]):
    """How it was danced in the video, each in a word; "Not measured" where it could not be."""

    smoothness = serializers.CharField()
    stability = serializers.CharField()
    precision = serializers.CharField()
    energy = serializers.CharField()
    balance = serializers.CharField()


class StepOut(Shape[Any]):
    """One step."""

    step_number = serializers.IntegerField(min_value=1)
    start_timestamp = serializers.CharField(help_text="MM:SS.mmm")
    end_timestamp = serializers.CharField(help_text="MM:SS.mmm")
    counts = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=8),
        allow_null=True,
        help_text="First and last count in the eights of the routine; null where no beat is heard.",
    )
    step_name = serializers.CharField()
    global_description = serializers.CharField()
    description = BodyOut()
    style_and_history = serializers.CharField()
    spice_it_up = serializers.CharField()
    connection_to_next = serializers.CharField()
    technical_notes = NotesOut()
    quality_metrics = QualityOut()


class IndicatorsOut(Shape[Any]):
    """Measured over the whole routine; "Not measured" where it could not be."""

    rhythm_consistency = serializers.CharField(help_text="Low, Medium, High.")
    flow_smoothness = serializers.CharField(help_text="Low, Medium, High.")
    symmetry = serializers.CharField(help_text="Balanced, Left-led, Right-led.")


class CharacteristicsOut(Shape[Any]):
    """The same in sentences."""

    tempo = serializers.CharField()
    rhythm_consistency = serializers.CharField()
    flow_smoothness = serializers.CharField()
    symmetry = serializers.CharField()
    difficulty_level = serializers.CharField()
    energy_level = serializers.CharField()


class RoutineOut(Shape[Any]):
    """The routine as a whole."""

    bpm = serializers.FloatField(allow_null=True)
    total_segments = serializers.IntegerField()
    style_indicators = IndicatorsOut()
    difficulty_level = serializers.CharField()
    energy_level = serializers.CharField(help_text="Low, Medium, High.")
    overall_routine_characteristics = CharacteristicsOut()


# --- Breakdowns -------------------------------------------------------------------------------------------
class _BreakdownShape(Shape[Breakdown]):
    """What several forms tell of a breakdown. Addresses of files work for a while and without a token."""

    def source_url(self, breakdown: Breakdown) -> str:
        return links.show(breakdown.video, self.context["request"]) or ""

    def playable_url(self, breakdown: Breakdown) -> str | None:
        # What was fetched is the breakdown's only once there is one.
        return self._stored(breakdown.footage.video_key) if breakdown.success else None

    def picture_url(self, breakdown: Breakdown) -> str | None:
        return self._stored(breakdown.footage.thumbnail_key) if breakdown.success else None

    def pose_url(self, breakdown: Breakdown) -> str | None:
        return self._stored(breakdown.footage.pose_key) if breakdown.success else None

    def drawn_url(self, breakdown: Breakdown) -> str | None:
        black = self.context.get("style") == "black"
        return self._stored(breakdown.outline_black_key if black else breakdown.outline_key)

    def own_page(self, breakdown: Breakdown) -> str | None:
        return self._page(breakdown) if breakdown.success else None

    def shared_page(self, breakdown: Breakdown) -> str | None:
        # The link outlives being public: only its owner may hand it out.
        shared = breakdown.success and breakdown.share_nonce and self._is_own(breakdown)
        return self._page(breakdown, shared=True) if shared else None

    @extend_schema_field(serializers.ChoiceField(choices=LEVELS, allow_null=True))
    def level(self, breakdown: Breakdown) -> str | None:
        return breakdown.difficulty_level or None

    @extend_schema_field(serializers.ChoiceField(choices=Words.values, allow_null=True))
    def writer(self, breakdown: Breakdown) -> str | None:
        return breakdown.description_source or None

    def moderated(self, breakdown: Breakdown) -> str | None:
        return selectors.private_reason(breakdown) or None if self._is_own(breakdown) else None

    def own_job(self, breakdown: Breakdown) -> str | None:
        return breakdown.job_id if self._is_own(breakdown) else None

    def _is_own(self, breakdown: Breakdown) -> bool:
        return bool(breakdown.owner_id == self.reader.id)

    def _stored(self, key: str) -> str | None:
        return storage.url_for(key, self.context["request"]) if key else None

    def _page(self, breakdown: Breakdown, *, shared: bool = False) -> str:
        return storage.absolute(sharing.path_of(breakdown, shared=shared), self.context["request"])


def _by(method: str, **options: Any) -> serializers.SerializerMethodField:
    return serializers.SerializerMethodField(method_name=method, **options)


class BreakdownResult(_BreakdownShape):
    """A breakdown that was asked for; without success its measured values are null and it says why."""

    success = serializers.BooleanField()
    status = serializers.ChoiceField(choices=[Status.COMPLETED.value, Status.FAILED.value])
    breakdown_id = serializers.CharField(source="id")
    video_url = _by("source_url")
    playable_video_url = _by("playable_url")
    thumbnail_url = _by("picture_url")
    title = serializers.CharField()
    duration = serializers.FloatField(allow_null=True, help_text="Seconds.")
    bpm = serializers.FloatField(allow_null=True, help_text="Null where no music was heard.")
    difficulty_level = _by("level")
    total_steps = serializers.IntegerField(allow_null=True)
    routine_analysis = RoutineOut(allow_null=True)
    steps = StepOut(many=True)
    outline_url = _by("drawn_url")
    page_url = _by("own_page", help_text="To practise with, for who is signed in and may see it.")
    mode = serializers.ChoiceField(choices=Mode.values)
    target_difficulty = serializers.ChoiceField(choices=Difficulty.values)
    description_source = _by("writer", help_text="Who wrote the words.")
    error_code = TextOrNull(help_text="Stable, for the app.")
    error_message = TextOrNull(help_text="For a person.")


class BreakdownRow(_BreakdownShape):
    """A breakdown in somebody's history."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {"_id": serializers.CharField(source="id"), **super().get_fields()}

    videoUrl = _by("source_url")
    thumbnailUrl = _by("picture_url")
    title = serializers.CharField()
    mode = serializers.ChoiceField(choices=Mode.values)
    targetDifficulty = serializers.ChoiceField(choices=Difficulty.values, source="target_difficulty")
    duration = serializers.FloatField(allow_null=True, help_text="Seconds.")
    bpm = serializers.FloatField(allow_null=True)
    difficultyLevel = _by("level")
    totalSteps = serializers.IntegerField(source="total_steps", allow_null=True)
    success = serializers.BooleanField()
    status = serializers.ChoiceField(choices=Status.values)
    errorCode = TextOrNull(source="error_code")
    errorMessage = TextOrNull(source="error_message")
    createdAt = serializers.DateTimeField(source="created_at")


class BreakdownDetail(BreakdownRow):
    """A breakdown with all its words."""

    userId = serializers.CharField(source="owner_id")
    jobId = _by("own_job", help_text="Tells its owner how far it is.")
    playableVideoUrl = _by("playable_url")
    outlineUrl = _by("drawn_url", help_text="In the style that was asked for.")
    poseDataUrl = _by("pose_url")
    pageUrl = _by("own_page", help_text="To practise with, for who is signed in and may see it.")
    shareUrl = _by("shared_page", help_text="The page for whoever has the link; told its owner alone.")
    isPublic = serializers.BooleanField(source="is_public")
    sharedToFeed = serializers.BooleanField(source="shared_to_feed")
    privateReason = _by("moderated", help_text="Why a moderator keeps it private; told its owner alone.")
    descriptionSource = _by("writer")
    beats = serializers.ListField(
        child=serializers.FloatField(), help_text="Seconds of each beat of the music."
    )
    routineAnalysis = RoutineOut(source="routine_analysis", allow_null=True)
    steps = StepOut(many=True)
    updatedAt = serializers.DateTimeField(source="updated_at")


class BreakdownVideo(_BreakdownShape):
    """A finished breakdown as a video to choose."""

    id = serializers.CharField()
    videoUrl = _by("source_url")
    playableVideoUrl = _by("playable_url")
    thumbnailUrl = _by("picture_url")
    title = serializers.CharField()
    duration = serializers.FloatField(help_text="Seconds.")
    durationFormatted = serializers.SerializerMethodField(help_text="Minutes and seconds, as 3:05.")
    bpm = serializers.FloatField(allow_null=True)
    difficultyLevel = serializers.ChoiceField(choices=LEVELS, source="difficulty_level")
    totalSteps = serializers.IntegerField(source="total_steps")
    success = serializers.BooleanField()
    createdAt = serializers.DateTimeField(source="created_at")
    userProfile = PersonOut(source="owner")

    def get_durationFormatted(self, breakdown: Breakdown) -> str:
        minutes, seconds = divmod(round(breakdown.duration or 0.0), 60)
        return f"{minutes}:{seconds:02d}"
