"""`POST /api/challenges/{id}/submit-unified`: a video into a challenge, in one request."""

from __future__ import annotations

import json
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.serializers import PersonOut
from challenges import selectors, submitting
from challenges.api.shapes import (
    CHALLENGE_ID,
    METADATA,
    PERSON,
    PERSON_ID,
    SUBMISSION_ID,
    VIDEO_KEY,
    VIDEO_URL,
    AnalysisOut,
    MetadataIn,
    MetadataOut,
    PopularOut,
    VideoOut,
    submission_out,
)
from challenges.models import Submission
from idance.api.auth import caller
from idance.api.idempotency import IDEMPOTENCY_KEY, once_per_key
from idance.api.input import given, read_body
from idance.api.schema import answer, refusal
from idance.api.shape import Shape
from idance.files.parsers import FileOrKey, FilePart, FileView


class MetadataPart(MetadataIn):
    """Metadata as an object, or as text in JSON: that is how it comes in a multipart body."""

    def get_value(self, dictionary: Any) -> Any:
        # A form would be searched for parts named `metadata.caption` and so on.
        return dictionary.get(self.field_name, serializers.empty)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, str):
            try:
                data = json.loads(data)
            except (ValueError, RecursionError):
                raise serializers.ValidationError({"non_field_errors": ["This is not valid JSON."]}) from None
            data = given(data, self)
        return super().to_internal_value(data)


class SubmitIn(serializers.Serializer[Any]):
    """A video and the words around it."""

    video_file = FileOrKey()
    metadata = MetadataPart(required=False)


@extend_schema_field({"type": "string", "examples": [json.dumps(METADATA)]})
class MetadataText(serializers.CharField):
    """The metadata as a part of a multipart body."""


class SubmitParts(serializers.Serializer[Any]):
    """The same as multipart/form-data."""

    video_file = FilePart()
    metadata = MetadataText(required=False, help_text="The metadata object, as JSON.")


class SubmissionTimestamps(Shape[Submission]):
    """When things happened; null for what has not."""

    submittedAt = serializers.DateTimeField(source="created_at")
    processedAt = serializers.DateTimeField(source="processed_at", allow_null=True)
    analyzedAt = serializers.DateTimeField(source="analyzed_at", allow_null=True)


class SubmittedOut(PopularOut):
    """The submission that was made."""

    id = serializers.CharField()
    challengeId = serializers.CharField(source="challenge_id")
    userId = serializers.CharField(source="dancer_id")
    video = VideoOut()
    analysis = AnalysisOut(source="*")
    metadata = MetadataOut(source="*")
    userProfile = PersonOut(source="dancer")
    timestamps = SubmissionTimestamps(source="*")


_SUBMITTED = {
    "id": SUBMISSION_ID,
    "challengeId": CHALLENGE_ID,
    "userId": PERSON_ID,
    "video": {
        "url": VIDEO_URL,
        "thumbnail_url": VIDEO_URL.replace(".mp4", "_thumb.jpg"),
        "file_key": VIDEO_KEY,
        "duration": 30.5,
        "size_mb": 25.5,
    },
    "analysis": {
        "status": "pending",
        "score": None,
        "breakdown": None,
        "feedback": None,
        "confidence": None,
        "pose_data_url": None,
        "error_code": None,
        "error_message": None,
    },
    "metadata": METADATA,
    "userProfile": PERSON,
    "timestamps": {"submittedAt": "2025-01-25T10:00:00Z", "processedAt": None, "analyzedAt": None},
    "likes": [],
    "comments": [],
    "shares": 0,
    "likesCount": 0,
    "commentsCount": 0,
}


class SubmitView(FileView):
    """Sends a file or names one."""

    file_field = "video_file"
    text_fields = ("metadata",)

    @extend_schema(
        parameters=[IDEMPOTENCY_KEY],
        request={"application/json": SubmitIn, "multipart/form-data": SubmitParts},
        responses={
            200: SubmittedOut,
            400: refusal(
                "You have already submitted to this challenge.", "Already submitted, or not running."
            ),
            404: refusal("There is no such challenge.", "No such challenge, or no such file of yours."),
            413: refusal("A video may have at most 100 MB."),
            415: refusal("This video is damaged or of a kind that cannot be read."),
        },
        examples=[
            OpenApiExample(
                "An earlier upload",
                value={"video_file": VIDEO_KEY, "metadata": METADATA},
                request_only=True,
                media_type="application/json",
            ),
            answer("Submitted", _SUBMITTED),
        ],
    )
    @once_per_key
    def post(self, request: Request, challenge_id: str) -> Response:
        """Submit a video to a challenge.

        The video is the key of an upload of yours, base64, or a file part. Its analysis is queued: ask
        `/api/ai/analysis-status/{submission_id}` about it. One submission each; after a failed one you may
        send another.
        """
        challenge = selectors.challenge(challenge_id)
        form = read_body(request, SubmitIn)
        submission = submitting.submit(
            caller(request), challenge, form["video_file"], form.get("metadata", {})
        )
        return Response(submission_out(SubmittedOut, submission, request))
