"""`/api/moderation/*`: the queue and its decisions, for who has the permission; dancers get a 403."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.serializers import PersonOut
from challenges.api.shapes import CHALLENGE_ID, PERSON, PERSON_ID, SUBMISSION_ID, ModerationOut
from challenges.moderation import deciding, selectors
from challenges.moderation.actions import ACTIONS, MODERATE, SUSPENSIONS, Ask
from challenges.moderation.models import Decision, ItemState, QueueItem
from idance.api.auth import caller
from idance.api.fields import TextField
from idance.api.input import read_body, read_query
from idance.api.pages import PageQuery, take_page
from idance.api.schema import example, refusal
from idance.api.shape import Shape
from idance.lib.problems import NotNow

_DECISION_ID = "688b8ef5643bcb1dffaa8601"
_DECISION: dict[str, Any] = {
    "id": _DECISION_ID,
    "submissionId": SUBMISSION_ID,
    "action": "reject",
    "reason": "Please dance alone in the picture, so that we know whom to score.",
    "moderatorId": PERSON_ID,
    "decidedAt": "2025-01-25T10:30:00Z",
    "before": {"status": "visible", "reason": ""},
    "after": {"status": "rejected", "reason": "Please dance alone in the picture."},
    "undoableUntil": "2025-01-25T10:30:10Z",
    "undoneAt": None,
}
_ITEM: dict[str, Any] = {
    "submissionId": SUBMISSION_ID,
    "challengeId": CHALLENGE_ID,
    "challengeTitle": "Freestyle Friday",
    "userId": PERSON_ID,
    "userProfile": PERSON,
    "totalScore": 85,
    "state": "open",
    "urgency": 50,
    "reasons": [
        {"label": "Reported", "detail": "2 people", "weight": 40},
        {"label": "New account", "detail": "1 day old", "weight": 10},
    ],
    "waitingSince": "2025-01-25T10:05:00Z",
    "claim": None,
    "moderation": {"status": "visible", "reason": ""},
}


class MayLook(BasePermission):
    """Who decides, and who may see the queue without deciding."""

    message = "Only moderators see the queue."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return selectors.may_look(caller(request))


class MayDecide(BasePermission):
    """Who decides."""

    message = "Only moderators decide."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return caller(request).has_perm(MODERATE)


class MayReadDecisions(BasePermission):
    """Who decides, and who may read the log."""

    message = "Only moderators read decisions."

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = caller(request)
        return user.has_perm(MODERATE) or user.has_perm("moderation.view_decision")


class QueueQuery(PageQuery):
    """Which part of the queue."""

    state = serializers.ChoiceField(choices=ItemState.values, default=ItemState.OPEN.value)


class ReasonOut(serializers.Serializer[Any]):
    """A rule that applies; the weights of all of them add up to the urgency."""

    label = serializers.CharField()  # type: ignore[assignment]
    detail = serializers.CharField(help_text="How much of it, as `2 people`; may be empty.")
    weight = serializers.IntegerField()


class ClaimOut(serializers.Serializer[Any]):
    """Who has it in front of them, and until when nobody else can decide."""

    moderatorId = serializers.CharField()
    moderatorName = serializers.CharField()
    until = serializers.DateTimeField()


@example(_ITEM)
class ItemOut(Shape[QueueItem]):
    """A submission in the queue, and why it is where it is."""

    submissionId = serializers.CharField(source="submission_id")
    challengeId = serializers.CharField(source="submission.challenge_id")
    challengeTitle = serializers.CharField(source="submission.challenge.title")
    userId = serializers.CharField(source="submission.dancer_id")
    userProfile = PersonOut(source="submission.dancer")
    totalScore = serializers.IntegerField(source="submission.score", allow_null=True)
    state = serializers.ChoiceField(choices=ItemState.values)
    urgency = serializers.IntegerField()
    reasons = serializers.SerializerMethodField()
    waitingSince = serializers.DateTimeField(source="waiting_since")
    claim = serializers.SerializerMethodField()
    moderation = ModerationOut(source="submission")

    @extend_schema_field(ReasonOut(many=True))
    def get_reasons(self, item: QueueItem) -> list[dict[str, Any]]:
        return [{name: reason[name] for name in ("label", "detail", "weight")} for reason in item.reasons]

    @extend_schema_field(ClaimOut(allow_null=True))
    def get_claim(self, item: QueueItem) -> dict[str, Any] | None:
        if item.claimed_by is None or item.claimed_until is None or item.claimed_until <= timezone.now():
            return None
        until = serializers.DateTimeField().to_representation(item.claimed_until)
        return {"moderatorId": item.claimed_by_id, "moderatorName": item.claimed_by.name, "until": until}


@example({"items": [_ITEM], "total": 1, "page": 1, "limit": 20})
class QueuePage(serializers.Serializer[Any]):
    """One page of the queue, most urgent first."""

    items = ItemOut(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    limit = serializers.IntegerField()


@example({"action": "reject", "reason": "Please dance alone in the picture, so that we know whom to score."})
class DecisionIn(serializers.Serializer[Any]):
    """What to do, and why."""

    action = serializers.ChoiceField(choices=list(ACTIONS))
    reason = TextField(
        max_length=500,
        required=False,
        allow_blank=True,
        default="",
        help_text="The dancer reads it. Needed to reject, hide and suspend.",
    )
    days = serializers.ChoiceField(
        choices=list(SUSPENSIONS), default=7, help_text="How long to suspend the dancer; 0 is for good."
    )


@example(_DECISION)
class DecisionOut(Shape[Decision]):
    """A decision: who, when, why, and what it changed."""

    id = serializers.CharField()
    submissionId = serializers.CharField(source="subject_id")
    action = serializers.ChoiceField(choices=list(ACTIONS))
    reason = serializers.CharField()
    moderatorId = serializers.CharField(
        source="moderator_id", allow_null=True, help_text="Null: a rule held it back."
    )
    decidedAt = serializers.DateTimeField(source="created_at")
    before = serializers.SerializerMethodField()
    after = serializers.DictField()
    undoableUntil = serializers.DateTimeField(source="undoable_until", allow_null=True)
    undoneAt = serializers.DateTimeField(source="undone_at", allow_null=True)

    def get_before(self, decision: Decision) -> dict[str, Any]:
        # Where it was in the queue is nobody's business but the undoing's.
        return {name: value for name, value in decision.before.items() if name != "queue"}


@example({"decisions": [_DECISION], "total": 1, "page": 1, "limit": 20})
class DecisionPage(serializers.Serializer[Any]):
    """One page of what was decided about a submission, newest first."""

    decisions = DecisionOut(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    limit = serializers.IntegerField()


NO_SUBMISSION = refusal("There is no such submission.")
NOT_QUEUED = refusal("This submission is not in the queue.")


class QueueView(APIView):
    permission_classes = (IsAuthenticated, MayLook)

    @extend_schema(parameters=[QueueQuery], responses=QueuePage)
    def get(self, request: Request) -> Response:
        """List what needs a look, most urgent first.

        The urgency is the sum of the weights of the reasons; among equals, who waits longest comes first.
        """
        query = read_query(request, QueueQuery)
        page = take_page(selectors.queue(query["state"]), page=query["page"], limit=query["limit"])
        items = ItemOut.all_of(page.rows, request)
        return Response({"items": items, "total": page.total, "page": page.page, "limit": page.limit})


class ClaimView(APIView):
    permission_classes = (IsAuthenticated, MayDecide)

    @extend_schema(
        request=None,
        responses={200: ItemOut, 400: refusal("Ana is looking at this, until 14:05 UTC."), 404: NOT_QUEUED},
    )
    def post(self, request: Request, submission_id: str) -> Response:
        """Have a submission to yourself for five minutes.

        Nobody else can decide about it meanwhile. Claiming again makes it longer.
        """
        item = selectors.item_of(submission_id)
        claimed = deciding.claim(caller(request), item)
        item = selectors.item_of(submission_id)
        if not claimed:
            raise NotNow(deciding.claimed_by(item))
        return Response(ItemOut.of(item, request))

    @extend_schema(responses={200: ItemOut, 404: NOT_QUEUED})
    def delete(self, request: Request, submission_id: str) -> Response:
        """Give a submission back that you claimed."""
        deciding.release(caller(request), selectors.item_of(submission_id))
        return Response(ItemOut.of(selectors.item_of(submission_id), request))


class DecisionsView(APIView):
    def get_permissions(self) -> list[Any]:
        needed = MayReadDecisions if self.request and self.request.method == "GET" else MayDecide
        return [IsAuthenticated(), needed()]

    @extend_schema(parameters=[PageQuery], responses={200: DecisionPage, 404: NO_SUBMISSION})
    def get(self, request: Request, submission_id: str) -> Response:
        """List what was decided about a submission, newest first."""
        query = read_query(request, PageQuery)
        page = take_page(selectors.decisions_about(submission_id), **query)
        return Response({"decisions": DecisionOut.all_of(page.rows), "total": page.total, **query})

    @extend_schema(
        request=DecisionIn,
        responses={
            200: DecisionOut,
            400: refusal("Ana is looking at this, until 14:05 UTC.", "It cannot be done now; says why."),
            404: NO_SUBMISSION,
        },
    )
    def post(self, request: Request, submission_id: str) -> Response:
        """Decide about a submission.

        The board, the feed and the counters follow at once, and the dancer reads the reason. For ten seconds
        you can take it back.
        """
        form = read_body(request, DecisionIn)
        decision = deciding.decide(
            caller(request), submission_id, form["action"], ask=Ask(reason=form["reason"], days=form["days"])
        )
        return Response(DecisionOut.of(decision))


class UndoView(APIView):
    permission_classes = (IsAuthenticated, MayDecide)

    @extend_schema(
        request=None,
        responses={
            200: DecisionOut,
            400: refusal("The ten seconds in which this could be undone are over."),
            404: refusal("There is no such decision."),
        },
    )
    def post(self, request: Request, decision_id: str) -> Response:
        """Take your decision back, within ten seconds.

        Everything is as it was before, unless something newer came on top of it: then nothing changes.
        """
        return Response(DecisionOut.of(deciding.undo(caller(request), decision_id)))
