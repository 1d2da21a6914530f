"""`/api/activities/me`: all that somebody did, in one list."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from feed import selectors
from feed.api import entries
from feed.models import Kind
from idance.api.auth import caller
from idance.api.input import read_query
from idance.api.pages import PageQuery
from idance.api.schema import example

#: What the app calls each kind in its filter.
FILTERS = {"sessions": Kind.SESSION, "challenges": Kind.SUBMISSION, "breakdowns": Kind.BREAKDOWN}


class ActivityQuery(PageQuery):
    """Which activities."""

    activity_type = serializers.ChoiceField(
        choices=[*FILTERS, "None"], required=False, help_text="`None`, or left out, for all."
    )


class ActivityOut(serializers.Serializer[Any]):
    """One activity. What else it tells depends on `activityType`."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {"_id": serializers.CharField(), **super().get_fields()}

    activityType = serializers.ChoiceField(choices=["session", "challenge", "breakdown"])
    activityDate = serializers.DateTimeField()
    title = serializers.CharField()
    description = serializers.CharField()
    videoUrl = serializers.CharField(required=False, allow_null=True)
    videoThumbnailUrl = serializers.CharField(required=False, allow_null=True)
    startTime = serializers.DateTimeField(required=False)
    endTime = serializers.DateTimeField(required=False, allow_null=True)
    style = serializers.CharField(required=False)  # type: ignore[assignment]
    sessionType = serializers.CharField(required=False)
    status = serializers.CharField(required=False)
    duration = serializers.FloatField(required=False, allow_null=True)
    durationMinutes = serializers.FloatField(required=False, allow_null=True)
    caloriesBurned = serializers.IntegerField(required=False, allow_null=True)
    score = serializers.FloatField(required=False, allow_null=True)
    isPublic = serializers.BooleanField(required=False)
    likesCount = serializers.IntegerField(required=False)
    commentsCount = serializers.IntegerField(required=False)
    totalSteps = serializers.IntegerField(required=False, allow_null=True)
    difficultyLevel = serializers.CharField(required=False, allow_null=True)
    success = serializers.BooleanField(required=False)


class ActivityCounts(serializers.Serializer[Any]):
    """How many there are of each kind, whatever the filter."""

    sessions = serializers.IntegerField()
    challenges = serializers.IntegerField()
    breakdowns = serializers.IntegerField()
    total = serializers.IntegerField()


@example(
    {
        "activities": [
            {
                "_id": "6893835c1ef74973896e2bf3",
                "activityType": "challenge",
                "activityDate": "2025-08-06T16:31:23Z",
                "title": "Challenge Submission",
                "description": "5 minutes • 45 calories",
                "videoUrl": "https://example.com/video.mp4",
                "durationMinutes": 5,
                "caloriesBurned": 45,
                "score": 85,
                "isPublic": True,
            }
        ],
        "total": 1,
        "page": 1,
        "limit": 20,
        "hasMore": False,
        "counts": {"sessions": 8, "challenges": 5, "breakdowns": 7, "total": 20},
    }
)
class ActivityPage(serializers.Serializer[Any]):
    """One page of activities, newest first."""

    activities = ActivityOut(many=True)
    total = serializers.IntegerField(help_text="How many the filter matches.")
    page = serializers.IntegerField()
    limit = serializers.IntegerField()
    hasMore = serializers.BooleanField()
    counts = ActivityCounts()


class ActivitiesView(APIView):
    @extend_schema(parameters=[ActivityQuery], responses=ActivityPage)
    def get(self, request: Request) -> Response:
        """All one's own activities, newest first."""
        user, query = caller(request), read_query(request, ActivityQuery)
        kind = FILTERS.get(query.pop("activity_type", ""))
        counts = selectors.activity_counts(user)
        page, listed = selectors.activities_of(user, counts, kind=kind, **query)
        return Response(
            {
                "activities": [entries.activity(entry, request) for entry in listed],
                "total": page.total,
                "page": page.page,
                "limit": page.limit,
                "hasMore": page.has_more,
                "counts": {
                    **{name: counts[kind] for name, kind in FILTERS.items()},
                    "total": sum(counts.values()),
                },
            }
        )
