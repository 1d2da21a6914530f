"""`/api/challenges/{id}/leaderboard` and `/stats`."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.serializers import PersonOut
from challenges import leaderboard, selectors
from challenges.api.challenges import NO_CHALLENGE
from challenges.api.shapes import BREAKDOWN, CHALLENGE_ID, PERSON, PERSON_ID, SUBMISSION_ID, Breakdown
from challenges.leaderboard import Ranked
from idance.api.auth import caller
from idance.api.input import read_query
from idance.api.pages import PageQuery
from idance.api.schema import answer
from idance.api.shape import Shape


class BoardQuery(PageQuery):
    """Which part of the board."""

    limit = serializers.IntegerField(min_value=1, max_value=100, default=100, help_text="Lines per page.")


class LeaderboardLine(Shape[Ranked]):
    """A dancer's place."""

    rank = serializers.IntegerField(help_text="Equal scores share a rank.")
    userId = serializers.CharField(source="entry.dancer.id")
    userProfile = PersonOut(source="entry.dancer")
    score = serializers.IntegerField(source="entry.score")
    scoreBreakdown = Breakdown(source="entry")
    submittedAt = serializers.DateTimeField(source="entry.submitted_at")
    submissionId = serializers.CharField(source="entry.submission_id")


class Leaderboard(Shape[Any]):
    """One page of the board, the best first."""

    challengeId = serializers.CharField()
    challengeTitle = serializers.CharField()
    entries = LeaderboardLine(many=True)
    total = serializers.IntegerField(help_text="Dancers on the board.")
    userRank = serializers.IntegerField(allow_null=True, help_text="The caller's; null for who has none.")


_BOARD = {
    "challengeId": CHALLENGE_ID,
    "challengeTitle": "Freestyle Friday",
    "entries": [
        {
            "rank": 1,
            "userId": PERSON_ID,
            "userProfile": PERSON,
            "score": 85,
            "scoreBreakdown": BREAKDOWN,
            "submittedAt": "2025-01-25T10:00:00Z",
            "submissionId": SUBMISSION_ID,
        }
    ],
    "total": 25,
    "userRank": 3,
}


class LeaderboardView(APIView):
    @extend_schema(
        parameters=[BoardQuery],
        responses={200: Leaderboard, 404: NO_CHALLENGE},
        examples=[answer("A board", _BOARD)],
    )
    def get(self, request: Request, challenge_id: str) -> Response:
        """Show the leaderboard of a challenge.

        Each dancer's best visible score. Equal scores share a rank, the earlier submission first.
        """
        query = read_query(request, BoardQuery)
        board = leaderboard.read(challenge_id, caller(request), **query)
        found = {
            "challengeId": challenge_id,
            "challengeTitle": board.title,
            "entries": LeaderboardLine.all_of(board.lines, request),
            "total": board.total,
            "userRank": board.user_rank,
        }
        return Response(found)


#: The lower ends of the ranges that scores are told in.
_RANGES = {"0-20": 0, "21-40": 21, "41-60": 41, "61-80": 61, "81-100": 81}


def _range_of(score: int) -> str:
    return next(name for name, low in reversed(_RANGES.items()) if score >= low)


class ScoreDistribution(serializers.Serializer[Any]):
    """How many dancers scored within each range."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {name: serializers.IntegerField() for name in _RANGES}


class ChallengeStats(serializers.Serializer[Any]):
    """A challenge in numbers."""

    challengeId = serializers.CharField()
    totalSubmissions = serializers.IntegerField()
    averageScore = serializers.FloatField(allow_null=True, help_text="Null before the first score.")
    topScore = serializers.IntegerField(allow_null=True)
    scoreDistribution = ScoreDistribution()
    participationRate = serializers.FloatField(help_text="Share of all active people who took part, 0 to 1.")
    completionRate = serializers.FloatField(help_text="Share of submissions that stand on the board, 0 to 1.")


_STATS = {
    "challengeId": CHALLENGE_ID,
    "totalSubmissions": 25,
    "averageScore": 71.5,
    "topScore": 95,
    "scoreDistribution": {"0-20": 0, "21-40": 2, "41-60": 4, "61-80": 12, "81-100": 5},
    "participationRate": 0.31,
    "completionRate": 0.92,
}


class StatsView(APIView):
    @extend_schema(
        responses={200: ChallengeStats, 404: NO_CHALLENGE},
        examples=[answer("In numbers", _STATS)],
    )
    def get(self, request: Request, challenge_id: str) -> Response:
        """Show a challenge in numbers."""
        challenge = selectors.challenge(challenge_id)
        tally = leaderboard.tally_of(challenge)
        spread = dict.fromkeys(_RANGES, 0)
        for score, dancers in tally.items():
            spread[_range_of(score)] += dancers
        people = selectors.active_people()
        sent = challenge.total_submissions
        return Response(
            {
                "challengeId": challenge.pk,
                "totalSubmissions": sent,
                "averageScore": challenge.average_score,
                "topScore": challenge.top_score,
                "scoreDistribution": spread,
                "participationRate": round(challenge.participant_count / people, 4) if people else 0.0,
                "completionRate": round(challenge.scored_count / sent, 4) if sent else 0.0,
            }
        )
