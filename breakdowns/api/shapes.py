"""What breakdowns look like on the wire: in snake_case where they are made, in camelCase in lists."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.serializers import PersonOut
from breakdowns import sharing
from breakdowns.models import Breakdown, Difficulty, Mode, Status, Words
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
class _Addresses(Shape[Breakdown]):
    """Where the files of a breakdown are. Its addresses work for a while and without a token."""

    def source_url(self, breakdown: Breakdown) -> str:
        return links.show(breakdown.video, self.context["request"]) or ""

    def stored_url(self, key: str) -> str | None:
        return storage.url_for(key, self.context["request"]) if key else None

    def playable(self, breakdown: Breakdown) -> str | None:
        # What was fetched is the breakdown's only once there is one.
        return self.stored_url(breakdown.footage.video_key) if breakdown.success else None

    def picture(self, breakdown: Breakdown) -> str | None:
        return self.stored_url(breakdown.footage.thumbnail_key) if breakdown.success else None

    def outline(self, breakdown: Breakdown) -> str | None:
        black = self.context.get("style") == "black"
        return self.stored_url(breakdown.outline_black_key if black else breakdown.outline_key)

    def page(self, breakdown: Breakdown, *, shared: bool = False) -> str:
        return storage.absolute(sharing.path_of(breakdown, shared=shared), self.context["request"])


class BreakdownResult(_Addresses):
    """A breakdown that was asked for; without success its measured values are null and it says why."""

    success = serializers.BooleanField()
    status = serializers.ChoiceField(choices=Status.values)
    breakdown_id = serializers.CharField(source="id")
    video_url = serializers.SerializerMethodField(method_name="source_url")
    playable_video_url = serializers.SerializerMethodField()
    thumbnail_url = serializers.SerializerMethodField()
    title = serializers.CharField()
    duration = serializers.FloatField(allow_null=True, help_text="Seconds.")
    bpm = serializers.FloatField(allow_null=True, help_text="Null where no music was heard.")
    difficulty_level = serializers.SerializerMethodField()
    total_steps = serializers.IntegerField(allow_null=True)
    routine_analysis = RoutineOut(allow_null=True)
    steps = StepOut(many=True)
    outline_url = serializers.SerializerMethodField()
    page_url = serializers.SerializerMethodField(help_text="To practise with, for its owner signed in.")
    mode = serializers.ChoiceField(choices=Mode.values)
    target_difficulty = serializers.ChoiceField(choices=Difficulty.values)
    description_source = serializers.SerializerMethodField(help_text="Who wrote the words.")
    error_code = serializers.SerializerMethodField(help_text="Stable, for the app.")
    error_message = serializers.SerializerMethodField(help_text="For a person.")

    def get_playable_video_url(self, breakdown: Breakdown) -> str | None:
        return self.playable(breakdown)

    def get_thumbnail_url(self, breakdown: Breakdown) -> str | None:
        return self.picture(breakdown)

    def get_outline_url(self, breakdown: Breakdown) -> str | None:
        return self.outline(breakdown)

    def get_page_url(self, breakdown: Breakdown) -> str | None:
        return self.page(breakdown) if breakdown.success else None

    @extend_schema_field(serializers.ChoiceField(choices=LEVELS, allow_null=True))
    def get_difficulty_level(self, breakdown: Breakdown) -> str | None:
        return breakdown.difficulty_level or None

    @extend_schema_field(serializers.ChoiceField(choices=Words.values, allow_null=True))
    def get_description_source(self, breakdown: Breakdown) -> str | None:
        return breakdown.description_source or None

    def get_error_code(self, breakdown: Breakdown) -> str | None:
        return breakdown.error_code or None

    def get_error_message(self, breakdown: Breakdown) -> str | None:
        return breakdown.error_message or None


class BreakdownRow(_Addresses):
    """A breakdown in somebody's history."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {"_id": serializers.CharField(source="id"), **super().get_fields()}

    videoUrl = serializers.SerializerMethodField(method_name="source_url")
    thumbnailUrl = serializers.SerializerMethodField()
    title = serializers.CharField()
    mode = serializers.ChoiceField(choices=Mode.values)
    targetDifficulty = serializers.ChoiceField(choices=Difficulty.values, source="target_difficulty")
    duration = serializers.FloatField(allow_null=True, help_text="Seconds.")
    bpm = serializers.FloatField(allow_null=True)
    difficultyLevel = serializers.SerializerMethodField()
    totalSteps = serializers.IntegerField(source="total_steps", allow_null=True)
    success = serializers.BooleanField()
    status = serializers.ChoiceField(choices=Status.values)
    errorCode = serializers.SerializerMethodField()
    errorMessage = serializers.SerializerMethodField()
    createdAt = serializers.DateTimeField(source="created_at")

    def get_thumbnailUrl(self, breakdown: Breakdown) -> str | None:
        return self.picture(breakdown)

    @extend_schema_field(serializers.ChoiceField(choices=LEVELS, allow_null=True))
    def get_difficultyLevel(self, breakdown: Breakdown) -> str | None:
        return breakdown.difficulty_level or None

    def get_errorCode(self, breakdown: Breakdown) -> str | None:
        return breakdown.error_code or None

    def get_errorMessage(self, breakdown: Breakdown) -> str | None:
        return breakdown.error_message or None


class BreakdownDetail(BreakdownRow):
    """A breakdown with all its words."""

    userId = serializers.CharField(source="owner_id")
    jobId = serializers.CharField(source="job_id", allow_null=True, help_text="Tells how far it is.")
    playableVideoUrl = serializers.SerializerMethodField()
    outlineUrl = serializers.SerializerMethodField(help_text="In the style that was asked for.")
    poseDataUrl = serializers.SerializerMethodField()
    pageUrl = serializers.SerializerMethodField(help_text="To practise with, for its owner signed in.")
    shareUrl = serializers.SerializerMethodField(help_text="The page for whoever has the link.")
    isPublic = serializers.BooleanField(source="is_public")
    sharedToFeed = serializers.BooleanField(source="shared_to_feed")
    descriptionSource = serializers.SerializerMethodField()
    beats = serializers.ListField(
        child=serializers.FloatField(), help_text="Seconds of each beat of the music."
    )
    routineAnalysis = RoutineOut(source="routine_analysis", allow_null=True)
    steps = StepOut(many=True)
    updatedAt = serializers.DateTimeField(source="updated_at")

    def get_playableVideoUrl(self, breakdown: Breakdown) -> str | None:
        return self.playable(breakdown)

    def get_outlineUrl(self, breakdown: Breakdown) -> str | None:
        return self.outline(breakdown)

    def get_poseDataUrl(self, breakdown: Breakdown) -> str | None:
        return self.stored_url(breakdown.footage.pose_key) if breakdown.success else None

    def get_pageUrl(self, breakdown: Breakdown) -> str | None:
        return self.page(breakdown) if breakdown.success else None

    def get_shareUrl(self, breakdown: Breakdown) -> str | None:
        return self.page(breakdown, shared=True) if breakdown.success and breakdown.share_nonce else None

    @extend_schema_field(serializers.ChoiceField(choices=Words.values, allow_null=True))
    def get_descriptionSource(self, breakdown: Breakdown) -> str | None:
        return breakdown.description_source or None


class BreakdownVideo(_Addresses):
    """A finished breakdown as a video to choose."""

    id = serializers.CharField()
    videoUrl = serializers.SerializerMethodField(method_name="source_url")
    playableVideoUrl = serializers.SerializerMethodField()
    thumbnailUrl = serializers.SerializerMethodField()
    title = serializers.CharField()
    duration = serializers.FloatField(help_text="Seconds.")
    durationFormatted = serializers.SerializerMethodField(help_text="Minutes and seconds, as 3:05.")
    bpm = serializers.FloatField(allow_null=True)
    difficultyLevel = serializers.ChoiceField(choices=LEVELS, source="difficulty_level")
    totalSteps = serializers.IntegerField(source="total_steps")
    success = serializers.BooleanField()
    createdAt = serializers.DateTimeField(source="created_at")
    userProfile = PersonOut(source="owner")

    def get_playableVideoUrl(self, breakdown: Breakdown) -> str | None:
        return self.playable(breakdown)

    def get_thumbnailUrl(self, breakdown: Breakdown) -> str | None:
        return self.picture(breakdown)

    def get_durationFormatted(self, breakdown: Breakdown) -> str:
        minutes, seconds = divmod(round(breakdown.duration or 0.0), 60)
        return f"{minutes}:{seconds:02d}"
