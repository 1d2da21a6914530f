"""`/api/background/jobs/{job_id}`: how far a job is, and stopping it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analysis import jobs, selectors
from analysis.models import Job, State
from idance.api.auth import caller
from idance.api.schema import answer, refusal


class JobStatus(serializers.Serializer[Any]):
    """Where a job stands."""

    job_id = serializers.CharField(help_text="`job_` and 24 hex characters.")
    status = serializers.ChoiceField(choices=State.values)
    progress = serializers.FloatField(min_value=0, max_value=1, help_text="Share done; never goes back.")
    stage = serializers.CharField(allow_null=True, help_text="What is being done; null when nothing is.")
    estimated_completion = serializers.DateTimeField(
        allow_null=True, help_text="From how fast such work went before; null when that says nothing."
    )
    error_code = serializers.CharField(allow_null=True, help_text="Stable, for the app.")
    error_message = serializers.CharField(allow_null=True, help_text="For a person.")


def job_status(job: Job) -> dict[str, Any]:
    """The answer about a job."""
    return {
        "job_id": job.id,
        "status": job.state,
        "progress": round(job.progress, 3),
        "stage": job.stage or None,
        "estimated_completion": selectors.estimated_completion(job),
        "error_code": job.error_code or None,
        "error_message": job.error_message or None,
    }


_ID = "job_68877865e63d6bd72cdda440"
_PROCESSING = {
    "job_id": _ID,
    "status": "processing",
    "progress": 0.75,
    "stage": "pose",
    "estimated_completion": "2025-01-25T10:05:00Z",
    "error_code": None,
    "error_message": None,
}
_CANCELLED = {**_PROCESSING, "status": "cancelled", "stage": None, "estimated_completion": None}
_REFUSED = {
    **_CANCELLED,
    "status": "failed",
    "error_code": "no_person",
    "error_message": "No dancer can be seen for most of the video. Please film the whole body in good light.",
}


class JobView(APIView):
    @extend_schema(
        responses={200: JobStatus, 404: refusal("There is no such job.")},
        examples=[answer("Under way", _PROCESSING), answer("Refused", _REFUSED)],
    )
    def get(self, request: Request, job_id: str) -> Response:
        """Show how far a job of yours is.

        Ask about once a second. `failed` comes with `error_code` and `error_message`.
        """
        return Response(JobStatus(job_status(selectors.job_of(caller(request), job_id))).data)

    @extend_schema(
        responses={
            200: JobStatus,
            400: refusal("This job has already ended."),
            404: refusal("There is no such job."),
        },
        examples=[answer("Cancelled", _CANCELLED)],
    )
    def delete(self, request: Request, job_id: str) -> Response:
        """Cancel a job of yours.

        It is cancelled at once; nothing it does after that counts. Cancelling again changes nothing.
        """
        job = selectors.job_of(caller(request), job_id)
        jobs.cancel(job)
        return Response(JobStatus(job_status(job)).data)
