"""Finding challenges: today's, upcoming ones, by category, by tag, by words."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from challenges import selectors
from challenges.api.challenges import ChallengePage, ListQuery, page_out
from challenges.api.shapes import CHALLENGE, ChallengeOut, challenge_out, challenges_out
from challenges.models import CATEGORIES, MOST_TAGS, TAG_LENGTH, Challenge, ChallengeType, Difficulty
from idance.api.fields import LineField
from idance.api.input import read_body, read_query
from idance.api.pages import take_page
from idance.api.schema import answer, refusal
from idance.lib.problems import Missing


class TodaysChallenge(ChallengeOut):
    """The running challenge that ends first."""

    timeRemaining = serializers.SerializerMethodField(help_text="HH:MM:SS; more than 99 hours if need be.")

    def get_timeRemaining(self, challenge: Challenge) -> str:
        seconds = max(0, int((challenge.end_time - timezone.now()).total_seconds()))
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


class UpcomingQuery(serializers.Serializer[Any]):
    """How far ahead."""

    days = serializers.IntegerField(min_value=1, max_value=366, default=7)


class SearchIn(serializers.Serializer[Any]):
    """What to look for; everything given must fit."""

    query = LineField(max_length=100, required=False, allow_blank=True, help_text="In title, text or tags.")
    type = serializers.ChoiceField(choices=ChallengeType.values, required=False, allow_null=True)
    difficulty = serializers.ChoiceField(choices=Difficulty.values, required=False, allow_null=True)
    category = serializers.ChoiceField(choices=CATEGORIES, required=False, allow_null=True)
    tags = serializers.ListField(
        child=LineField(max_length=TAG_LENGTH), max_length=MOST_TAGS, required=False, help_text="Any of them."
    )
    active_only = serializers.BooleanField(default=True)
    page = serializers.IntegerField(min_value=1, max_value=10_000_000, default=1)
    limit = serializers.IntegerField(min_value=1, max_value=100, default=20)


_PAGE = {"challenges": [CHALLENGE], "total": 1, "page": 1, "limit": 20}


class TodayView(APIView):
    @extend_schema(
        responses={200: TodaysChallenge, 404: refusal("No challenge is running at the moment.")},
        examples=[answer("Today's", {**CHALLENGE, "timeRemaining": "05:12:44"})],
    )
    def get(self, request: Request) -> Response:
        """Show the running challenge that ends first."""
        return Response(challenge_out(selectors.ends_first(), request, TodaysChallenge))


class UpcomingView(APIView):
    @extend_schema(
        parameters=[UpcomingQuery],
        responses={200: ChallengeOut(many=True)},
        examples=[answer("Upcoming", [CHALLENGE])],
    )
    def get(self, request: Request) -> Response:
        """List the challenges that start soon, the next one first."""
        found = selectors.upcoming(read_query(request, UpcomingQuery)["days"])
        return Response(challenges_out(found, request))


class TagsView(APIView):
    @extend_schema(
        responses={200: serializers.ListSerializer(child=serializers.CharField())},
        examples=[answer("Tags", ["challenge", "freestyle"])],
    )
    def get(self, request: Request) -> Response:
        """List every tag of a challenge."""
        return Response(selectors.tags())


class CategoriesView(APIView):
    @extend_schema(
        responses={200: serializers.ListSerializer(child=serializers.CharField())},
        examples=[answer("Categories", list(CATEGORIES))],
    )
    def get(self, request: Request) -> Response:
        """List the categories that challenges may have."""
        return Response(list(CATEGORIES))


class CategoryView(APIView):
    @extend_schema(
        parameters=[OpenApiParameter("category", location="path", enum=CATEGORIES), ListQuery],
        responses={200: ChallengePage, 404: refusal("There is no such category.")},
        examples=[answer("A page", _PAGE)],
    )
    def get(self, request: Request, category: str) -> Response:
        """List the challenges of a category, newest first."""
        if category not in CATEGORIES:
            raise Missing("There is no such category.")
        query = read_query(request, ListQuery)
        return Response(page_out(selectors.page_of_challenges(category=category, **query), request))


class SearchView(APIView):
    @extend_schema(
        request=SearchIn,
        responses={200: ChallengePage},
        examples=[
            OpenApiExample(
                "By words", value={"query": "freestyle", "page": 1, "limit": 20}, request_only=True
            ),
            answer("A page", _PAGE),
        ],
    )
    def post(self, request: Request) -> Response:
        """Search challenges, newest first."""
        wanted = read_body(request, SearchIn)
        page, limit = wanted.pop("page"), wanted.pop("limit")
        rows = selectors.challenges(**wanted)
        return Response(page_out(take_page(rows, page=page, limit=limit), request))
