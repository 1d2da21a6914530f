"""What challenges and submissions look like on the wire."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from accounts.serializers import PersonOut
from challenges.models import (
    DIMENSIONS,
    MOST_TAGS,
    TAG_LENGTH,
    Challenge,
    ChallengeType,
    Difficulty,
    LabelKind,
    Moderation,
    Submission,
    SubmissionStatus,
)
from challenges.selectors import labels_of
from idance.api.fields import LineField, TextField, TextOrNull
from idance.api.shape import Shape
from idance.files import keys, links
from idance.files.models import StoredFile
from idance.files.storage import url_for
from idance.lib.ids import OBJECT_ID_PATTERN
from idance.social.selectors import newest
from idance.social.serializers import CommentOut

# --- Examples ---------------------------------------------------------------------------------------------
CHALLENGE_ID = "68885e917dcfd112158b2a10"
SUBMISSION_ID = "68885e917dcfd112158b2a11"
PERSON_ID = "68877865e63d6bd72cdda440"
PERSON = {"displayName": "Dance Master", "avatarUrl": "https://example.com/avatar.jpg", "level": 5}
BREAKDOWN = {"balance": 20, "rhythm": 25, "smoothness": 22, "creativity": 18}
FEEDBACK = "Excellent performance! Your balance and rhythm were particularly strong..."
METADATA = {
    "caption": "My freestyle challenge attempt!",
    "tags": ["freestyle", "challenge"],
    "location": "Mumbai, India",
    "isPublic": True,
    "sharedToFeed": True,
    "highlightText": "Check out my moves!",
}
VIDEO_KEY = f"uploads/{PERSON_ID}/688b8ef5643bcb1dffaa85f7.mp4"
VIDEO_URL = f"http://localhost:8000/files/{VIDEO_KEY}?expires=1767225600&signature=c2ln"
CHALLENGE = {
    "id": CHALLENGE_ID,
    "title": "Freestyle Friday",
    "description": "Show your freestyle moves!",
    "type": "freestyle",
    "difficulty": "intermediate",
    "startTime": "2025-01-25T00:00:00Z",
    "endTime": "2025-01-26T23:59:59Z",
    "demoVideoURL": "https://example.com/demo.mp4",
    "thumbnailURL": None,
    "points": 100,
    "badgeName": "Freestyle Master",
    "badgeIconURL": "https://example.com/badge.png",
    "categories": ["hip hop", "trendy"],
    "tags": ["freestyle", "challenge"],
    "scoringCriteria": dict(DIMENSIONS),
    "isActive": True,
    "totalSubmissions": 25,
    "participantCount": 25,
    "averageScore": 71.5,
    "topScore": 95,
    "createdAt": "2025-01-20T10:00:00Z",
}


# --- Challenges -------------------------------------------------------------------------------------------
class ScoringCriteria(Shape[Challenge]):
    """The most points of each dimension; together 100."""

    balance = serializers.IntegerField(min_value=0, max_value=100)
    rhythm = serializers.IntegerField(min_value=0, max_value=100)
    smoothness = serializers.IntegerField(min_value=0, max_value=100)
    creativity = serializers.IntegerField(min_value=0, max_value=100)


class ChallengeOut(Shape[Challenge]):
    """A challenge; `challenges_out` makes it."""

    id = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    type = serializers.ChoiceField(choices=ChallengeType.values)
    difficulty = serializers.ChoiceField(choices=Difficulty.values)
    startTime = serializers.DateTimeField(source="start_time")
    endTime = serializers.DateTimeField(source="end_time")
    demoVideoURL = serializers.SerializerMethodField(help_text="Null when there is none.")
    thumbnailURL = serializers.SerializerMethodField(help_text="Null when there is none.")
    points = serializers.IntegerField(help_text="For a score of 100; a submission earns its share.")
    badgeName = serializers.CharField(source="badge_name", help_text="Won from a score of 80 on.")
    badgeIconURL = serializers.SerializerMethodField(help_text="Null when there is none.")
    categories = serializers.SerializerMethodField()
    tags = serializers.SerializerMethodField()
    scoringCriteria = ScoringCriteria(source="*")
    isActive = serializers.BooleanField(source="is_active", help_text="Whether one can submit now.")
    totalSubmissions = serializers.IntegerField(source="total_submissions")
    participantCount = serializers.IntegerField(source="participant_count")
    averageScore = serializers.FloatField(source="average_score", allow_null=True)
    topScore = serializers.IntegerField(source="top_score", allow_null=True)
    createdAt = serializers.DateTimeField(source="created_at")

    def get_demoVideoURL(self, challenge: Challenge) -> str | None:
        return links.show(challenge.demo_video, self.context["request"])

    def get_thumbnailURL(self, challenge: Challenge) -> str | None:
        demo = links.key_of(challenge.demo_video)
        kept = challenge.thumbnail or (links.of_key(keys.thumbnail_of(demo)) if demo else "")
        return links.show(kept, self.context["request"])

    def get_badgeIconURL(self, challenge: Challenge) -> str | None:
        return links.show(challenge.badge_icon, self.context["request"])

    def get_categories(self, challenge: Challenge) -> list[str]:
        return list(self.context["labels"][challenge.id][LabelKind.CATEGORY])

    def get_tags(self, challenge: Challenge) -> list[str]:
        return list(self.context["labels"][challenge.id][LabelKind.TAG])


def challenges_out(
    rows: Iterable[Challenge], request: Request, form: type[Shape[Challenge]] = ChallengeOut
) -> list[dict[str, Any]]:
    """These challenges on the wire, with their categories and tags: one query for all of them."""
    listed = list(rows)
    return form.all_of(listed, request, labels=labels_of(listed))


def challenge_out(
    challenge: Challenge, request: Request, form: type[Shape[Challenge]] = ChallengeOut
) -> dict[str, Any]:
    """One challenge on the wire."""
    return challenges_out([challenge], request, form)[0]


# --- Submissions ------------------------------------------------------------------------------------------
class Breakdown(Shape[Any]):
    """Points in each dimension; null where it could not be measured."""

    balance = serializers.IntegerField(allow_null=True)
    rhythm = serializers.IntegerField(allow_null=True)
    smoothness = serializers.IntegerField(allow_null=True)
    creativity = serializers.IntegerField(allow_null=True)


class VideoOut(Shape[StoredFile]):
    """The video of a submission."""

    url = serializers.SerializerMethodField(help_text="Works for a while without a token.")
    thumbnail_url = serializers.SerializerMethodField()
    file_key = serializers.CharField(source="key")
    duration = serializers.FloatField(allow_null=True, help_text="Seconds.")
    size_mb = serializers.FloatField()

    def get_url(self, video: StoredFile) -> str:
        return url_for(video.key, self.context["request"])

    def get_thumbnail_url(self, video: StoredFile) -> str:
        return url_for(video.thumbnail_key, self.context["request"])


class AnalysisOut(Shape[Submission]):
    """What came of its analysis; null before that."""

    status = serializers.ChoiceField(choices=SubmissionStatus.values)
    score = serializers.IntegerField(allow_null=True)
    breakdown = Breakdown(allow_null=True)
    feedback = serializers.SerializerMethodField()
    confidence = serializers.SerializerMethodField(help_text="0 to 1.")
    pose_data_url = serializers.SerializerMethodField(help_text="For its owner alone.")
    error_code = TextOrNull(help_text="Stable, for the app; of a failed analysis.")
    error_message = TextOrNull(help_text="For a person.")

    def get_feedback(self, submission: Submission) -> str | None:
        analysis = None if submission.score is None else submission.analysis
        return analysis.feedback if analysis else None

    def get_confidence(self, submission: Submission) -> float | None:
        analysis = None if submission.score is None else submission.analysis
        return analysis.confidence if analysis else None

    def get_pose_data_url(self, submission: Submission) -> str | None:
        return pose_data_url(self, submission)


def pose_data_url(shape: Shape[Submission], submission: Submission) -> str | None:
    """Where its owner fetches the stored movement; None for everybody else, and before there is any."""
    if submission.dancer_id != shape.reader.id:
        return None
    analysis = submission.analysis
    return url_for(analysis.pose_key, shape.context["request"]) if analysis and analysis.pose_key else None


class MetadataOut(Shape[Submission]):
    """The words around a submission, and who sees it."""

    caption = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    location = serializers.CharField()
    isPublic = serializers.BooleanField(source="is_public")
    sharedToFeed = serializers.BooleanField(source="shared_to_feed")
    highlightText = serializers.CharField(source="highlight_text")


class PopularOut(Shape[Submission]):
    """What others think of it; likes and comments embed the newest 50 at most."""

    likes = serializers.SerializerMethodField(help_text="Ids of people, newest first.")
    comments = serializers.SerializerMethodField(help_text="Newest first.")
    shares = serializers.IntegerField(source="shares_count")
    likesCount = serializers.IntegerField(source="likes_count")
    commentsCount = serializers.IntegerField(source="comments_count")

    def get_likes(self, submission: Submission) -> list[str]:
        return list(self.context["buzz"][submission.id].likes)

    @extend_schema_field(CommentOut(many=True))
    def get_comments(self, submission: Submission) -> Any:
        return [*map(self._show_comment, self.context["buzz"][submission.id].comments)]

    @cached_property
    def _show_comment(self) -> Any:
        return CommentOut.within(self.context).represent


class ModerationOut(Shape[Submission]):
    """What moderators decided; for its owner and staff alone."""

    status = serializers.ChoiceField(choices=Moderation.values, source="moderation_status")
    reason = serializers.CharField(source="moderation_reason")


class SubmissionCard(PopularOut):
    """A submission as everybody sees it beside its video."""

    id = serializers.CharField()
    userId = serializers.CharField(source="dancer_id")
    userProfile = PersonOut(source="dancer")
    video = VideoOut()
    analysis = AnalysisOut(source="*")
    metadata = MetadataOut(source="*")
    submittedAt = serializers.DateTimeField(source="created_at")


class SubmissionOut(SubmissionCard):
    """A submission with everything about it."""

    challengeId = serializers.CharField(source="challenge_id")
    sessionId = TextOrNull(source="session_id", help_text="The practice it was danced in, if any.")
    status = serializers.ChoiceField(choices=SubmissionStatus.values)
    totalScore = serializers.IntegerField(source="score", allow_null=True)
    scoreBreakdown = Breakdown(source="breakdown", allow_null=True)
    badgeAwarded = TextOrNull(source="badge_awarded", help_text="From a score of 80 on, else null.")
    poseDataURL = serializers.SerializerMethodField(help_text="For its owner alone.")
    analysisComplete = serializers.SerializerMethodField()
    processedAt = serializers.DateTimeField(source="processed_at", allow_null=True)
    moderation = serializers.SerializerMethodField(help_text="For its owner and staff alone, else null.")

    def get_poseDataURL(self, submission: Submission) -> str | None:
        return pose_data_url(self, submission)

    def get_analysisComplete(self, submission: Submission) -> bool:
        return submission.score is not None

    @extend_schema_field(ModerationOut(allow_null=True))
    def get_moderation(self, submission: Submission) -> Any:
        if submission.dancer_id != self.reader.id and not self.reader.is_staff:
            return None
        return ModerationOut.of(submission)


class MetadataIn(serializers.Serializer[Any]):
    """The words around a submission, and who sees it."""

    caption = TextField(max_length=500, required=False, allow_blank=True)
    tags = serializers.ListField(child=LineField(max_length=TAG_LENGTH), max_length=MOST_TAGS, required=False)
    location = LineField(max_length=100, required=False, allow_blank=True)
    isPublic = serializers.BooleanField(required=False, source="is_public")
    sharedToFeed = serializers.BooleanField(required=False, source="shared_to_feed")
    highlightText = LineField(max_length=200, required=False, allow_blank=True, source="highlight_text")
    sessionId = serializers.RegexField(
        rf"^{OBJECT_ID_PATTERN}$",
        required=False,
        source="session_id",
        help_text="The practice it was danced in.",
    )


def submissions_out(
    form: type[Shape[Submission]], rows: Iterable[Submission], request: Request
) -> list[dict[str, Any]]:
    """These submissions on the wire, with their newest likes and comments: two queries for all of them."""
    listed = list(rows)
    return form.all_of(listed, request, buzz=newest(listed))


def submission_out(form: type[Shape[Submission]], submission: Submission, request: Request) -> dict[str, Any]:
    """One submission on the wire."""
    return submissions_out(form, [submission], request)[0]
