"""`/api/challenges` and `/api/challenges/{id}`: listing, showing, and what admins do."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAdminUser, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from challenges import selectors, services
from challenges.api.shapes import (
    CHALLENGE,
    CHALLENGE_ID,
    ChallengeOut,
    ScoringCriteria,
    challenge_out,
    challenges_out,
)
from challenges.models import (
    CATEGORIES,
    MOST_TAGS,
    TAG_LENGTH,
    ChallengeType,
    Difficulty,
)
from idance.api.auth import caller
from idance.api.fields import LineField, TextField, WebAddressField
from idance.api.input import read_body, read_query
from idance.api.pages import Page, PageQuery
from idance.api.schema import answer, refusal

NO_CHALLENGE = refusal("There is no such challenge.")


class ChallengeIn(serializers.Serializer[Any]):
    """A challenge to publish."""

    title = LineField(max_length=120)
    description = TextField(max_length=2000, allow_blank=True)
    type = serializers.ChoiceField(choices=ChallengeType.values)
    difficulty = serializers.ChoiceField(choices=Difficulty.values)
    startTime = serializers.DateTimeField(source="start_time")
    endTime = serializers.DateTimeField(source="end_time", help_text="After startTime.")
    points = serializers.IntegerField(min_value=1, max_value=10_000)
    demoVideoURL = WebAddressField(source="demo_video", required=False, allow_blank=True, allow_null=True)
    demoVideoFileKey = serializers.CharField(
        source="demo_video_key",
        required=False,
        allow_blank=True,
        allow_null=True,
        max_length=200,
        help_text="Key of an upload of yours; wins over demoVideoURL.",
    )
    thumbnailURL = WebAddressField(source="thumbnail", required=False, allow_blank=True, allow_null=True)
    badgeName = LineField(source="badge_name", max_length=80, required=False, allow_blank=True)
    badgeIconURL = WebAddressField(source="badge_icon", required=False, allow_blank=True, allow_null=True)
    categories = serializers.ListField(
        child=serializers.ChoiceField(choices=CATEGORIES), max_length=len(CATEGORIES), required=False
    )
    tags = serializers.ListField(child=LineField(max_length=TAG_LENGTH), max_length=MOST_TAGS, required=False)
    scoringCriteria = ScoringCriteria(required=False, help_text="Default: 25, 30, 25, 20.")


class ChallengeChangesIn(ChallengeIn):
    """What to change of a challenge; what is not given stays."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "partial": True})


def fields_of(form: dict[str, Any]) -> dict[str, Any]:
    """The form as the service takes it."""
    criteria = form.get("scoringCriteria", {})
    return {**{name: value for name, value in form.items() if name != "scoringCriteria"}, **criteria}


class ChallengeCreated(serializers.Serializer[Any]):
    """The challenge is published."""

    message = serializers.CharField()
    challenge_id = serializers.CharField()


class ChallengeDone(serializers.Serializer[Any]):
    """It is done."""

    message = serializers.CharField()
    challengeId = serializers.CharField()


class ListQuery(PageQuery):
    """Which challenges."""

    active_only = serializers.BooleanField(default=True, help_text="Only those one can submit to now.")


class ChallengePage(serializers.Serializer[Any]):
    """One page of challenges, newest first."""

    challenges = ChallengeOut(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    limit = serializers.IntegerField()


class ChallengePagination(serializers.Serializer[Any]):
    """Where the page is."""

    page = serializers.IntegerField()
    totalPages = serializers.IntegerField()
    totalCount = serializers.IntegerField()


class ChallengeList(ChallengePage):
    """One page of challenges, newest first."""

    pagination = ChallengePagination()


def page_out(page: Page[Any], request: Request) -> dict[str, Any]:
    """A page of challenges on the wire."""
    return {
        "challenges": challenges_out(page.rows, request),
        "total": page.total,
        "page": page.page,
        "limit": page.limit,
    }


_NEW = {
    name: value
    for name, value in CHALLENGE.items()
    if name in ChallengeIn().fields and name not in ("thumbnailURL", "scoringCriteria")
}
_LIST = {
    "challenges": [CHALLENGE],
    "total": 1,
    "page": 1,
    "limit": 20,
    "pagination": {"page": 1, "totalPages": 1, "totalCount": 1},
}


#: The right that each method needs; reading needs none.
_RIGHTS = {
    "POST": "challenges.add_challenge",
    "PUT": "challenges.change_challenge",
    "DELETE": "challenges.delete_challenge",
}


class MayWrite(IsAdminUser):
    """Staff with the right, by role: not everybody who may look into the console."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        right = _RIGHTS.get(request.method or "")
        return super().has_permission(request, view) and (right is None or request.user.has_perm(right))


class AdminWrites(APIView):
    """Everybody reads, admins and challenge editors write."""

    def get_permissions(self) -> list[BasePermission]:
        return [IsAuthenticated() if self.request.method in SAFE_METHODS else MayWrite()]


class ChallengesView(AdminWrites):
    @extend_schema(
        parameters=[ListQuery],
        responses={200: ChallengeList},
        examples=[answer("A page", _LIST)],
    )
    def get(self, request: Request) -> Response:
        """List challenges, newest first."""
        page = selectors.page_of_challenges(**read_query(request, ListQuery))
        pagination = {"page": page.page, "totalPages": page.pages, "totalCount": page.total}
        return Response({**page_out(page, request), "pagination": pagination})

    @extend_schema(
        request=ChallengeIn,
        responses={200: ChallengeCreated, 404: refusal("There is no such file.", "No such upload of yours.")},
        examples=[
            OpenApiExample("Freestyle Friday", value=_NEW, request_only=True),
            answer("Created", {"message": "Challenge created successfully", "challenge_id": CHALLENGE_ID}),
        ],
    )
    def post(self, request: Request) -> Response:
        """Create a challenge (admin)."""
        fields = fields_of(read_body(request, ChallengeIn))
        challenge = services.create_challenge(caller(request), fields)
        return Response({"message": "Challenge created successfully", "challenge_id": challenge.id})


class ChallengeView(AdminWrites):
    @extend_schema(
        responses={200: ChallengeOut, 404: NO_CHALLENGE},
        examples=[answer("A challenge", CHALLENGE)],
    )
    def get(self, request: Request, challenge_id: str) -> Response:
        """Show a challenge."""
        challenge = selectors.challenge(challenge_id, reader=caller(request))
        return Response(challenge_out(challenge, request))

    @extend_schema(
        request=ChallengeChangesIn,
        responses={
            200: ChallengeDone,
            400: refusal("The type and the criteria cannot change any more: there are submissions already."),
            404: refusal("There is no such challenge.", "No such challenge, or no such upload of yours."),
        },
        examples=[
            OpenApiExample("A later end", value={"endTime": "2025-02-02T23:59:59Z"}, request_only=True),
            answer("Changed", {"message": "Challenge updated successfully", "challengeId": CHALLENGE_ID}),
        ],
    )
    def put(self, request: Request, challenge_id: str) -> Response:
        """Change a challenge (admin).

        What is not given stays as it is.
        """
        challenge = selectors.challenge(challenge_id, reader=caller(request))
        form = read_body(request, ChallengeChangesIn)
        services.change_challenge(caller(request), challenge, fields_of(form))
        return Response({"message": "Challenge updated successfully", "challengeId": challenge_id})

    @extend_schema(
        responses={200: ChallengeDone, 404: NO_CHALLENGE},
        examples=[answer("Gone", {"message": "Challenge deleted successfully", "challengeId": CHALLENGE_ID})],
    )
    def delete(self, request: Request, challenge_id: str) -> Response:
        """Delete a challenge (admin).

        One with submissions is archived instead: it is listed no more, its board stays.
        """
        services.remove_challenge(selectors.challenge(challenge_id, reader=caller(request)))
        return Response({"message": "Challenge deleted successfully", "challengeId": challenge_id})
