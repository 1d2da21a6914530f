"""`/api/stats/*`: what somebody's dancing adds up to."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.levels import level_of
from challenges import selectors as challenges
from feed import selectors
from feed.models import Day
from idance.api.auth import caller
from idance.api.input import read_query
from idance.api.schema import example
from idance.api.shape import Shape

_STATS = {
    "totalActivities": 20,
    "totalSessions": 8,
    "totalChallenges": 5,
    "totalBreakdowns": 7,
    "totalKcal": 1250,
    "totalTimeMinutes": 214.5,
    "totalSteps": 61,
    "currentStreakDays": 3,
    "maxStreakDays": 9,
    "lastActiveDate": "2025-08-06",
    "level": 3,
    "starsEarned": 28,
    "rating": 4.2,
    "mostPlayedStyle": "hip hop",
    "trophies": ["Freestyle Master"],
    "weeklyActivity": [{"date": "2025-08-06", "activitiesCount": 3}],
}


class DayOut(Shape[Any]):
    """One day (UTC)."""

    date = serializers.DateField()
    activitiesCount = serializers.IntegerField(source="activities")


@example({"date": "2025-08-06", "activitiesCount": 3, "isActive": True, "caloriesBurned": 245})
class HeatOut(DayOut):
    """One day of the heat map."""

    isActive = serializers.SerializerMethodField()
    caloriesBurned = serializers.IntegerField(source="calories")

    def get_isActive(self, day: Day) -> bool:
        return day.activities > 0


class HeatQuery(serializers.Serializer[Any]):
    """How far back."""

    days = serializers.IntegerField(min_value=1, max_value=366, default=7)


@example(_STATS)
class StatsOut(serializers.Serializer[Any]):
    """What one's dancing adds up to."""

    totalActivities = serializers.IntegerField()
    totalSessions = serializers.IntegerField()
    totalChallenges = serializers.IntegerField()
    totalBreakdowns = serializers.IntegerField()
    totalKcal = serializers.IntegerField()
    totalTimeMinutes = serializers.FloatField()
    totalSteps = serializers.IntegerField(help_text="Steps learnt from breakdowns.")
    currentStreakDays = serializers.IntegerField()
    maxStreakDays = serializers.IntegerField()
    lastActiveDate = serializers.DateField(allow_null=True)
    level = serializers.IntegerField()
    starsEarned = serializers.IntegerField()
    rating = serializers.FloatField(allow_null=True, help_text="Mean of the sessions that were rated.")
    mostPlayedStyle = serializers.CharField(allow_null=True)
    trophies = serializers.ListField(child=serializers.CharField(), help_text="Badges won in challenges.")
    weeklyActivity = DayOut(many=True, help_text="The last seven days, the newest first.")


class StatsView(APIView):
    @extend_schema(responses=StatsOut)
    def get(self, request: Request) -> Response:
        """One's own statistics."""
        user = caller(request)
        stats = selectors.stats_of(user)
        figures = selectors.session_figures(user)
        facts = {
            "totalActivities": stats.sessions + stats.submissions + stats.breakdowns,
            "totalSessions": stats.sessions,
            "totalChallenges": stats.submissions,
            "totalBreakdowns": stats.breakdowns,
            "totalKcal": stats.calories,
            "totalTimeMinutes": round(stats.minutes, 1),
            "totalSteps": stats.steps,
            "currentStreakDays": selectors.current_streak(stats),
            "maxStreakDays": stats.longest_streak_days,
            "lastActiveDate": stats.last_active,
            "level": level_of(user.points),
            "starsEarned": figures["stars"],
            "rating": figures["rating"],
            "mostPlayedStyle": figures["style"],
            "trophies": challenges.badges_of(user),
            "weeklyActivity": DayOut.all_of(selectors.days_of(user, 7)),
        }
        return Response(facts)


class HeatmapView(APIView):
    @extend_schema(parameters=[HeatQuery], responses=HeatOut(many=True))
    def get(self, request: Request) -> Response:
        """One's own days, the newest first."""
        days = selectors.days_of(caller(request), read_query(request, HeatQuery)["days"])
        return Response(HeatOut.all_of(days))
