"""`/api/ai/dance-breakdown*`: any dance video, step by step."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from breakdowns import selectors, services
from breakdowns.api.examples import DETAIL, FAILED, PENDING, RESULT, ROW, VIDEO
from breakdowns.api.shapes import STYLES, BreakdownDetail, BreakdownResult, BreakdownRow, BreakdownVideo
from breakdowns.models import Breakdown, Difficulty, Mode, Status
from idance.api.auth import caller
from idance.api.fields import LineField
from idance.api.input import read_body, read_query
from idance.api.pages import PageQuery, SkipQuery
from idance.api.schema import answer, example, refusal
from idance.api.waiting import PREFER, wait_for
from idance.lib.problems import Problem
from idance.lib.words import amount

NO_BREAKDOWN = refusal("There is no such breakdown.")
KEPT_PRIVATE = refusal("A moderator made this breakdown private: it shows a child.")
#: Ends that are nobody's fault but ours.
_OUR_FAULTS = ("internal_error", "worker_lost", "timeout")


class _OurFault(Problem):
    """It failed, and not because of the video."""

    status = 500


class StyleQuery(serializers.Serializer[Any]):
    """How the outline is drawn."""

    style = serializers.ChoiceField(  # type: ignore[assignment]
        choices=STYLES, default="video", help_text="Over the dimmed dancer, or on black."
    )


class BreakdownIn(serializers.Serializer[Any]):
    """What to break down, and for whom."""

    video_url = LineField(
        max_length=2000, help_text="A YouTube or Instagram link, or the URL or key of your own upload."
    )
    mode = serializers.ChoiceField(
        choices=Mode.values, default=Mode.AUTO.value, help_text="Who writes the words: OpenAI, or we."
    )
    target_difficulty = serializers.ChoiceField(
        choices=Difficulty.values,
        default=Difficulty.BEGINNER.value,
        help_text="How finely the routine is cut and how it is explained.",
    )


class BreakdownPending(serializers.Serializer[Any]):
    """It is being made."""

    success = serializers.BooleanField()
    status = serializers.ChoiceField(choices=["processing"])
    breakdown_id = serializers.CharField()
    job_id = serializers.CharField(help_text="Tells how far it is, and cancels it.")
    progress = serializers.FloatField(min_value=0, max_value=1, help_text="Share done.")
    stage = serializers.CharField(allow_null=True, help_text="What is being done; null while it is queued.")
    error_message = serializers.CharField(allow_null=True)


def _pending(breakdown: Breakdown) -> dict[str, Any]:
    job = breakdown.job
    return {
        "success": False,
        "status": "processing",
        "breakdown_id": breakdown.pk,
        "job_id": job.pk if job else "",
        "progress": round(job.progress, 3) if job else 0.0,
        "stage": job.stage or None if job else None,
        "error_message": None,
    }


class MakeView(APIView):
    @extend_schema(
        parameters=[PREFER, StyleQuery],
        request=BreakdownIn,
        responses={
            200: BreakdownResult,
            202: BreakdownPending,
            404: refusal("There is no such file."),
            415: refusal("This file is not a video."),
            500: refusal("Something went wrong on our side. Please try again."),
            503: refusal(
                "YouTube does not let our server fetch videos at the moment. Please try again later. "
                "You can upload the file instead."
            ),
        },
        examples=[
            OpenApiExample(
                "A video of YouTube",
                value={
                    "video_url": "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
                    "mode": "auto",
                    "target_difficulty": "beginner",
                },
                request_only=True,
            ),
            answer("Completed", RESULT),
            answer("Refused", FAILED),
            answer("Still at it", PENDING, "202"),
        ],
    )
    def post(self, request: Request) -> Response:
        """Break a dance video down into steps and wait for the result.

        When it is not done in time the answer is a 202 with the present state, and the work goes on: ask
        again, or look at the job. Asking for the same video, mode and difficulty again gives the stored
        result. A video that cannot be had or measured answers with `success: false` and says why; asked for
        again it is tried again, unless it would be refused the same way.
        """
        form, style = read_body(request, BreakdownIn), read_query(request, StyleQuery)["style"]
        user = caller(request)
        made = services.ask(
            user, form["video_url"], mode=form["mode"], target_difficulty=form["target_difficulty"]
        )
        wait_for(lambda: selectors.has_ended(made.pk), request)
        breakdown = selectors.own_breakdown(user, made.pk)
        if breakdown.status == Status.PROCESSING:
            return Response(_pending(breakdown), status=202)
        if breakdown.error_code in _OUR_FAULTS:
            raise _OurFault(breakdown.error_message)
        return Response(BreakdownResult.of(breakdown, request, style=style))


@example({"success": True, "message": "Breakdown deleted", "breakdownId": DETAIL["_id"]})
class BreakdownDeleted(serializers.Serializer[Any]):
    """It is gone."""

    success = serializers.BooleanField()
    message = serializers.CharField()
    breakdownId = serializers.CharField()


class BreakdownView(APIView):
    @extend_schema(
        parameters=[StyleQuery],
        responses={200: BreakdownDetail, 404: NO_BREAKDOWN},
        examples=[answer("Completed", DETAIL)],
    )
    def get(self, request: Request, breakdown_id: str) -> Response:
        """Show a breakdown of yours, or a public one, with all its words."""
        style = read_query(request, StyleQuery)["style"]
        breakdown = selectors.visible_breakdown(caller(request), breakdown_id)
        return Response(BreakdownDetail.of(breakdown, request, style=style))

    @extend_schema(responses={200: BreakdownDeleted, 404: NO_BREAKDOWN})
    def delete(self, request: Request, breakdown_id: str) -> Response:
        """Delete a breakdown of yours with its files.

        One that is still being made is stopped. What it earned is taken back. A video that you uploaded for
        it with `/api/s3/upload/dance-breakdown-video` goes too; other uploads stay.
        """
        services.remove(selectors.own_breakdown(caller(request), breakdown_id))
        return Response({"success": True, "message": "Breakdown deleted", "breakdownId": breakdown_id})


class SharingIn(serializers.Serializer[Any]):
    """Who sees a breakdown; what is not given stays."""

    isPublic = serializers.BooleanField(required=False, source="is_public", help_text="Everybody sees it.")
    sharedToFeed = serializers.BooleanField(
        required=False, source="shared_to_feed", help_text="Shown in the feed while it is public."
    )
    link = serializers.BooleanField(
        required=False, help_text="Whether there is a share link. One that was taken back never works again."
    )


class SharingView(APIView):
    @extend_schema(
        request=SharingIn,
        responses={200: BreakdownDetail, 403: KEPT_PRIVATE, 404: NO_BREAKDOWN},
        examples=[
            OpenApiExample(
                "For all", value={"isPublic": True, "sharedToFeed": True, "link": True}, request_only=True
            ),
            answer("Shared", DETAIL),
        ],
    )
    def put(self, request: Request, breakdown_id: str) -> Response:
        """Choose who sees a breakdown of yours: nobody else at first."""
        breakdown = selectors.own_breakdown(caller(request), breakdown_id)
        changed = services.share(breakdown, read_body(request, SharingIn))
        return Response(BreakdownDetail.of(changed, request))


class SkipPagination(serializers.Serializer[Any]):
    """Where in the list this is."""

    limit = serializers.IntegerField()
    skip = serializers.IntegerField()
    has_more = serializers.BooleanField()


@example(
    {
        "success": True,
        "total": 1,
        "breakdowns": [ROW],
        "pagination": {"limit": 20, "skip": 0, "has_more": False},
    }
)
class History(serializers.Serializer[Any]):
    """Somebody's breakdowns, newest first."""

    success = serializers.BooleanField()
    total = serializers.IntegerField()
    breakdowns = BreakdownRow(many=True)
    pagination = SkipPagination()


class HistoryView(APIView):
    @extend_schema(parameters=[SkipQuery], responses=History)
    def get(self, request: Request) -> Response:
        """Your breakdowns, newest first; those that failed too."""
        query = read_query(request, SkipQuery)
        rows, total = selectors.history_of(caller(request), **query)
        return Response(
            {
                "success": True,
                "total": total,
                "breakdowns": BreakdownRow.all_of(rows, request),
                "pagination": {**query, "has_more": query["skip"] + query["limit"] < total},
            }
        )


@example({"breakdowns": [VIDEO], "total": 1, "page": 1, "limit": 20, "hasMore": False})
class Videos(serializers.Serializer[Any]):
    """One page of breakdowns to choose from, newest first."""

    breakdowns = BreakdownVideo(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    limit = serializers.IntegerField()
    hasMore = serializers.BooleanField()


class VideosView(APIView):
    @extend_schema(parameters=[PageQuery], responses=Videos)
    def get(self, request: Request) -> Response:
        """The videos of finished breakdowns, yours and public ones, newest first."""
        page = selectors.videos_for(caller(request), **read_query(request, PageQuery))
        return Response(
            {
                "breakdowns": BreakdownVideo.all_of(page.rows, request),
                "total": page.total,
                "page": page.page,
                "limit": page.limit,
                "hasMore": page.has_more,
            }
        )


@example({"success": True, "message": "12 thumbnails will be made anew", "queued": 12})
class PicturesQueued(serializers.Serializer[Any]):
    """How many there are to be made."""

    success = serializers.BooleanField()
    message = serializers.CharField()
    queued = serializers.IntegerField()


class RegenerateView(APIView):
    permission_classes = (IsAdminUser,)

    @extend_schema(request=None, responses=PicturesQueued)
    def post(self, request: Request) -> Response:
        """Make the thumbnails of all breakdowns anew, one job for each video. For staff."""
        queued = services.remake_pictures(caller(request))
        message = f"{amount(queued, 'thumbnail')} will be made anew"
        return Response({"success": True, "message": message, "queued": queued})
