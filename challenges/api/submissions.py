"""Submissions: one, those of a challenge, those of a person; editing and taking back one's own."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from challenges import selectors, submitting
from challenges.api.challenges import NO_CHALLENGE
from challenges.api.shapes import (
    BREAKDOWN,
    CHALLENGE_ID,
    FEEDBACK,
    METADATA,
    PERSON,
    PERSON_ID,
    SUBMISSION_ID,
    VIDEO_KEY,
    VIDEO_URL,
    MetadataIn,
    SubmissionCard,
    SubmissionOut,
    submission_out,
    submissions_out,
)
from challenges.models import SubmissionStatus
from idance.api.auth import caller
from idance.api.input import read_body, read_query
from idance.api.pages import Page, PageQuery
from idance.api.schema import answer, refusal
from idance.api.shape import Shape

NO_SUBMISSION = refusal("There is no such submission.")

_CARD = {
    "id": SUBMISSION_ID,
    "userId": PERSON_ID,
    "userProfile": PERSON,
    "video": {
        "url": VIDEO_URL,
        "thumbnail_url": VIDEO_URL.replace(".mp4", "_thumb.jpg"),
        "file_key": VIDEO_KEY,
        "duration": 120.0,
        "size_mb": 25.5,
    },
    "analysis": {
        "status": "completed",
        "score": 85,
        "breakdown": BREAKDOWN,
        "feedback": FEEDBACK,
        "confidence": 0.92,
        "pose_data_url": None,
        "error_code": None,
        "error_message": None,
    },
    "metadata": METADATA,
    "submittedAt": "2025-01-25T10:00:00Z",
    "likes": [PERSON_ID],
    "comments": [
        {
            "id": "688b8ef5643bcb1dffaa85f9",
            "userId": PERSON_ID,
            "userProfile": PERSON,
            "text": "Amazing moves!",
            "timestamp": "2025-01-25T10:30:00Z",
        }
    ],
    "shares": 5,
    "likesCount": 1,
    "commentsCount": 1,
}
_SUBMISSION = {
    **_CARD,
    "challengeId": CHALLENGE_ID,
    "sessionId": None,
    "status": "completed",
    "totalScore": 85,
    "scoreBreakdown": BREAKDOWN,
    "badgeAwarded": "Freestyle Master",
    "poseDataURL": None,
    "analysisComplete": True,
    "processedAt": "2025-01-25T10:05:00Z",
    "moderation": None,
}


class SubmissionPage(serializers.Serializer[Any]):
    """One page of submissions, newest first."""

    submissions = SubmissionOut(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    limit = serializers.IntegerField()


class PublicPage(serializers.Serializer[Any]):
    """One page of what everybody sees of a challenge, newest first."""

    challengeId = serializers.CharField()
    challengeTitle = serializers.CharField()
    submissions = SubmissionCard(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    limit = serializers.IntegerField()


class Edited(serializers.Serializer[Any]):
    """The words are changed."""

    submissionId = serializers.CharField()
    message = serializers.CharField()
    status = serializers.ChoiceField(choices=SubmissionStatus.values)


class TakenBack(serializers.Serializer[Any]):
    """The submission is gone."""

    submissionId = serializers.CharField()
    message = serializers.CharField()


def _page(form: type[Shape[Any]], page: Page[Any], request: Request) -> dict[str, Any]:
    return {
        "submissions": submissions_out(form, page.rows, request),
        "total": page.total,
        "page": page.page,
        "limit": page.limit,
    }


_PAGE = {"submissions": [_SUBMISSION], "total": 1, "page": 1, "limit": 20}


class PublicSubmissionsView(APIView):
    @extend_schema(
        parameters=[PageQuery],
        responses={200: PublicPage, 404: NO_CHALLENGE},
        examples=[
            answer(
                "A page",
                {
                    "challengeId": CHALLENGE_ID,
                    "challengeTitle": "Freestyle Friday",
                    **_PAGE,
                    "submissions": [_CARD],
                },
            )
        ],
    )
    def get(self, request: Request, challenge_id: str) -> Response:
        """List the public submissions of a challenge with their videos, newest first."""
        challenge = selectors.heading(challenge_id)
        page = selectors.public_submissions(challenge, **read_query(request, PageQuery))
        about = {"challengeId": challenge.id, "challengeTitle": challenge.title}
        return Response({**about, **_page(SubmissionCard, page, request)})


class ChallengeSubmissionsView(APIView):
    @extend_schema(
        parameters=[PageQuery],
        responses={200: SubmissionPage, 404: NO_CHALLENGE},
        examples=[answer("A page", _PAGE)],
    )
    def get(self, request: Request, challenge_id: str) -> Response:
        """List the visible submissions of a challenge and your own, newest first."""
        challenge = selectors.heading(challenge_id)
        query = read_query(request, PageQuery)
        page = selectors.submissions_for(caller(request), challenge, **query)
        return Response(_page(SubmissionOut, page, request))


class PersonSubmissionsView(APIView):
    @extend_schema(
        parameters=[PageQuery],
        responses={200: SubmissionPage, 404: refusal("There is no such person.")},
        examples=[answer("A page", _PAGE)],
    )
    def get(self, request: Request, user_id: str) -> Response:
        """List somebody's submissions, newest first.

        All of your own; of others those that are visible.
        """
        query = read_query(request, PageQuery)
        page = selectors.submissions_of(user_id, caller(request), **query)
        return Response(_page(SubmissionOut, page, request))


class SubmissionView(APIView):
    @extend_schema(
        responses={200: SubmissionOut, 404: NO_SUBMISSION}, examples=[answer("A submission", _SUBMISSION)]
    )
    def get(self, request: Request, submission_id: str) -> Response:
        """Show a submission: your own, or a visible one."""
        submission = selectors.submission_seen_by(submission_id, caller(request))
        return Response(submission_out(SubmissionOut, submission, request))

    @extend_schema(
        responses={200: TakenBack, 404: NO_SUBMISSION},
        examples=[
            answer("Gone", {"submissionId": SUBMISSION_ID, "message": "Submission deleted successfully"})
        ],
    )
    def delete(self, request: Request, submission_id: str) -> Response:
        """Take your submission back.

        Its score, its points and its place on the board go with it; you may submit again.
        """
        submitting.remove(selectors.own_submission(caller(request), submission_id))
        return Response({"submissionId": submission_id, "message": "Submission deleted successfully"})


class SubmissionMetadataView(APIView):
    @extend_schema(
        request=MetadataIn,
        responses={200: Edited, 404: NO_SUBMISSION},
        examples=[
            OpenApiExample("A new caption", value={"caption": "Second thoughts"}, request_only=True),
            answer(
                "Changed",
                {
                    "submissionId": SUBMISSION_ID,
                    "message": "Submission updated successfully",
                    "status": "completed",
                },
            ),
        ],
    )
    def put(self, request: Request, submission_id: str) -> Response:
        """Change the words around your submission, and who sees it.

        What is not given stays as it is.
        """
        submission = selectors.own_submission(caller(request), submission_id)
        submission = submitting.edit(submission, read_body(request, MetadataIn))
        return Response(
            {
                "submissionId": submission.pk,
                "message": "Submission updated successfully",
                "status": submission.status,
            }
        )
