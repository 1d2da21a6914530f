"""`/api/ai/*` and `/api/background/jobs/pose-analysis`: analysing submissions, and what came of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analysis import selectors as analyses
from analysis.models import ENDED, Analysis, Job, State
from challenges import selectors, submitting
from challenges.api.report import AnalysisReport
from challenges.api.shapes import BREAKDOWN, FEEDBACK, SUBMISSION_ID, Breakdown
from challenges.api.submissions import NO_SUBMISSION
from challenges.models import ChallengeType, Submission
from idance.api import throttles
from idance.api.auth import caller
from idance.api.fields import WebAddressField
from idance.api.input import read_body
from idance.api.schema import answer, refusal
from idance.api.waiting import PREFER, wait_for
from idance.files.links import key_in
from idance.files.storage import url_for
from idance.lib.problems import Invalid, Missing

#: Last words of names that lead to no public host.
_INNER = frozenset({"internal", "lan", "local", "localdomain", "localhost"})

#: Seconds of work for each second of video, where no finished job tells better.
WORK_PER_SECOND = 0.5


class SubmissionIn(serializers.Serializer[Any]):
    """A submission of one's own."""

    submission_id = serializers.CharField()


class QueueIn(SubmissionIn):
    """What to analyse."""

    video_url = WebAddressField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=2000,
        help_text="Where the app has the video of that submission: our link, or a public https address. "
        "What is analysed is always the video that was submitted; no other is fetched.",
    )


class AnalyzeIn(QueueIn):
    """What to analyse, and what is known of it."""

    challenge_type = serializers.ChoiceField(
        choices=ChallengeType.values,
        required=False,
        allow_null=True,
        help_text="The challenge knows its type; this changes nothing.",
    )
    target_bpm = serializers.FloatField(
        required=False,
        allow_null=True,
        min_value=40,
        max_value=240,
        help_text="The tempo as you know it: settles whether it is half or double.",
    )


class AnalysisState(serializers.Serializer[Any]):
    """Where an analysis stands, and what came of it."""

    submission_id = serializers.CharField()
    status = serializers.ChoiceField(choices=State.values)
    progress = serializers.FloatField(min_value=0, max_value=1, help_text="Share done.")
    stage = serializers.CharField(allow_null=True, help_text="What is being done; null when nothing is.")
    pose_data_url = serializers.CharField(allow_null=True)
    score_breakdown = Breakdown(allow_null=True)
    total_score = serializers.IntegerField(allow_null=True)
    feedback = serializers.CharField(allow_null=True)
    confidence = serializers.FloatField(allow_null=True, help_text="0 to 1.")
    created_at = serializers.DateTimeField()
    completed_at = serializers.DateTimeField(allow_null=True)
    error_code = serializers.CharField(allow_null=True, help_text="Stable, for the app.")
    error_message = serializers.CharField(allow_null=True, help_text="For a person.")


def analysis_state(submission: Submission, analysis: Analysis | None, request: Request) -> dict[str, Any]:
    """The answer about an analysis of a submission, which was read after it."""
    scored = analysis is not None and analysis.completed_at is not None and submission.score is not None
    return {
        "submission_id": submission.pk,
        "status": analysis.status if analysis else State.CANCELLED.value,
        "progress": round(analysis.progress, 3) if analysis else 0.0,
        "stage": analysis.job.stage or None if analysis and analysis.job else None,
        "pose_data_url": url_for(analysis.pose_key, request) if analysis and analysis.pose_key else None,
        "score_breakdown": submission.breakdown if scored else None,
        "total_score": submission.score if scored else None,
        "feedback": analysis.feedback if analysis and scored else None,
        "confidence": analysis.confidence if analysis and scored else None,
        "created_at": analysis.created_at if analysis else submission.created_at,
        "completed_at": analysis.completed_at if analysis else None,
        "error_code": analysis.error_code or None if analysis else submission.error_code or None,
        "error_message": analysis.error_message or None if analysis else submission.error_message or None,
    }


_QUEUED = {
    "submission_id": SUBMISSION_ID,
    "status": "processing",
    "progress": 0.75,
    "stage": "pose",
    "pose_data_url": None,
    "score_breakdown": None,
    "total_score": None,
    "feedback": None,
    "confidence": None,
    "created_at": "2025-01-25T10:00:00Z",
    "completed_at": None,
    "error_code": None,
    "error_message": None,
}
_COMPLETED = {
    **_QUEUED,
    "status": "completed",
    "progress": 1.0,
    "stage": None,
    "pose_data_url": "http://localhost:8000/files/analyses/68877865e63d6bd72cdda440/68885e917dcfd112158b2a12/"
    "68885e917dcfd112158b2a13/pose_data.json?expires=1767225600&signature=c2ln",
    "score_breakdown": BREAKDOWN,
    "total_score": 85,
    "feedback": FEEDBACK,
    "confidence": 0.92,
    "completed_at": "2025-01-25T10:05:00Z",
}
_FAILED = {
    **_QUEUED,
    "status": "failed",
    "stage": None,
    "error_code": "no_person",
    "error_message": "No dancer can be seen for most of the video. Please film the whole body in good light.",
}


def _own(request: Request, form: dict[str, Any]) -> Submission:
    """The caller's submission that the form names, with the video that it names."""
    submission = selectors.own_submission(caller(request), form["submission_id"])
    address = form.get("video_url")
    if address:
        key = key_in(address)
        if key is None and not _is_public(address):
            raise Invalid("video_url", "Give our link to that video, or a public https address.")
        if key not in (None, submission.video.key):
            raise Invalid("video_url", "This is not the video of that submission.")
    return submission


def _is_public(address: str) -> bool:
    """Whether this is https on a host with a domain name: no number, no name of an inner network."""
    parts = urlsplit(address)
    name, _, top = (parts.hostname or "").rstrip(".").rpartition(".")
    return parts.scheme == "https" and bool(name) and top not in _INNER and not top[:1].isdigit()


def _answer(submission_id: str, analysis_id: str, request: Request) -> Response:
    """The present state. The analysis is read first: once it is completed, the submission has its score."""
    analysis = Analysis.objects.select_related("job").filter(pk=analysis_id).first()
    submission = selectors.own_submission(caller(request), submission_id)
    return Response(analysis_state(submission, analysis, request))


class AnalyzePoseView(APIView):
    @extend_schema(
        parameters=[PREFER],
        request=AnalyzeIn,
        responses={
            200: AnalysisState,
            400: refusal("You have sent another video into this challenge since."),
            404: NO_SUBMISSION,
        },
        examples=[
            OpenApiExample(
                "With a tempo",
                value={"submission_id": SUBMISSION_ID, "challenge_type": "freestyle", "target_bpm": 120},
                request_only=True,
            ),
            answer("Completed", _COMPLETED),
            answer("Still at it", _QUEUED),
            answer("Refused", _FAILED),
        ],
    )
    def post(self, request: Request) -> Response:
        """Analyse your submission and wait for the result.

        When it is not done in time the answer is the present state, and the work goes on. A finished
        analysis is not made again: asking gives the stored result.
        """
        form = read_body(request, AnalyzeIn)
        submission = _own(request, form)
        analysis = submitting.analyse(submission, target_bpm=form.get("target_bpm"))
        wait_for(lambda: selectors.has_ended(analysis.pk), request)
        return _answer(submission.pk, analysis.pk, request)


class AnalysisStatusView(APIView):
    @extend_schema(
        responses={200: AnalysisState, 404: NO_SUBMISSION},
        examples=[
            answer("Under way", _QUEUED),
            answer("Completed", _COMPLETED),
            answer("Refused", _FAILED),
        ],
    )
    def get(self, request: Request, submission_id: str) -> Response:
        """Show how far the analysis of your submission is.

        Ask about once a second.
        """
        submission = selectors.own_submission(caller(request), submission_id)
        analysis = selectors.latest_analysis(submission)
        if analysis is not None and analysis.completed_at is not None:
            submission = selectors.own_submission(caller(request), submission_id)
        return Response(analysis_state(submission, analysis, request))


class QueuedJob(serializers.Serializer[Any]):
    """The job that does it."""

    job_id = serializers.CharField()
    status = serializers.ChoiceField(choices=State.values)
    estimated_duration = serializers.IntegerField(help_text="Seconds from now until it is done.")


class QueuePoseView(APIView):
    @extend_schema(
        request=QueueIn,
        responses={
            200: QueuedJob,
            400: refusal("You have sent another video into this challenge since."),
            404: NO_SUBMISSION,
        },
        examples=[
            OpenApiExample("A submission", value={"submission_id": SUBMISSION_ID}, request_only=True),
            answer(
                "Queued",
                {"job_id": "job_68877865e63d6bd72cdda440", "status": "queued", "estimated_duration": 300},
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        """Queue the analysis of your submission.

        A finished one is not made again; a running one is the one that is answered with.
        """
        submission = _own(request, read_body(request, QueueIn))
        analysis = submitting.analyse(submission)
        job = analysis.job
        if job is None:
            raise AssertionError("an analysis that was just begun or found has its job")
        return Response(
            {"job_id": job.pk, "status": job.state, "estimated_duration": _estimate(job, submission)}
        )


def _estimate(job: Job, submission: Submission) -> int:
    """Whole seconds: from how fast such work went before, else from the length of the video."""
    if job.ended:
        return 0
    known = analyses.estimated_seconds(job)
    return known if known is not None else max(1, round((submission.video.duration or 0) * WORK_PER_SECOND))


class Rescored(serializers.Serializer[Any]):
    """The score, given again from the stored movement."""

    submission_id = serializers.CharField()
    status = serializers.ChoiceField(choices=["scored", "queued", "processing", "failed", "cancelled"])
    score_breakdown = Breakdown(allow_null=True)
    total_score = serializers.IntegerField(allow_null=True)
    feedback = serializers.CharField(allow_null=True)


class ScoreSubmissionView(APIView):
    @extend_schema(
        parameters=[PREFER],
        request=SubmissionIn,
        responses={
            200: Rescored,
            400: refusal("This submission has not been analysed yet."),
            404: NO_SUBMISSION,
        },
        examples=[
            OpenApiExample("A submission", value={"submission_id": SUBMISSION_ID}, request_only=True),
            answer(
                "Scored",
                {
                    "submission_id": SUBMISSION_ID,
                    "status": "scored",
                    "score_breakdown": BREAKDOWN,
                    "total_score": 85,
                    "feedback": FEEDBACK,
                },
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        """Score your submission again, without touching the video.

        From the stored movement and music, with the present engine. When it is not done in time the answer is
        the score as it is, and the work goes on.
        """
        submission = _own(request, read_body(request, SubmissionIn))
        throttles.start_analysis(caller(request))
        job = submitting.rescore(submission)
        wait_for(lambda: Job.objects.filter(pk=job.pk, state__in=ENDED).exists(), request)
        job.refresh_from_db()
        submission = selectors.own_submission(caller(request), submission.pk)
        return Response(
            {
                "submission_id": submission.pk,
                "status": "scored" if job.state == State.COMPLETED else job.state,
                "score_breakdown": submission.breakdown,
                "total_score": submission.score,
                "feedback": submission.analysis.feedback if submission.analysis else None,
            }
        )


class ReportView(APIView):
    @extend_schema(responses={200: AnalysisReport, 404: refusal("There is no report yet.")})
    def get(self, request: Request, submission_id: str) -> Response:
        """Show everything a score was made of, for charts.

        Per-beat timing offsets in ms, motion energy and joint angles at 15 Hz, segments, sub-scores with
        their measured values, confidence, engine version. Of your own submission, or a visible one.
        """
        submission = selectors.submission_seen_by(submission_id, caller(request))
        if submission.analysis is None or submission.score is None:
            raise Missing("There is no report yet.")
        return Response(analyses.report(submission.analysis))
