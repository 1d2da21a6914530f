"""`/api/sessions/*`: practices that the app records."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from feed import selectors, sessions
from feed.api.serializers import (
    FeedSessionOut,
    SessionCompleteIn,
    SessionOut,
    SessionStartIn,
    SessionStartOut,
)
from feed.models import SessionStatus
from idance.api.auth import caller
from idance.api.input import read_body, read_query
from idance.api.pages import PageQuery, SkipQuery
from idance.api.schema import refusal
from idance.social.serializers import Done


class MySessionsQuery(PageQuery):
    """Which of one's own sessions."""

    status = serializers.ChoiceField(choices=SessionStatus.choices, required=False)


class SessionFeedQuery(SkipQuery):
    """Which public sessions."""

    style = serializers.CharField(max_length=40, required=False)  # type: ignore[assignment]
    location = serializers.CharField(max_length=100, required=False)


class StartView(APIView):
    @extend_schema(request=SessionStartIn, responses=SessionStartOut)
    def post(self, request: Request) -> Response:
        """Start a session.

        There is one active session for each person: a forgotten one is closed as `abandoned`.
        """
        form = _without_nulls(read_body(request, SessionStartIn))
        return Response({"sessionId": sessions.start(caller(request), **form).pk})


class CompleteView(APIView):
    @extend_schema(
        request=SessionCompleteIn,
        responses={200: Done, 400: refusal("This session has already ended."), 404: refusal("Not found.")},
    )
    def post(self, request: Request) -> Response:
        """Complete a session.

        With a video of one's own and `cropData` a job crops it; `processingStatus` of the session tells how
        far it is.
        """
        form = _without_nulls(read_body(request, SessionCompleteIn))
        minutes = form.pop("durationMinutes")
        sessions.complete(
            caller(request),
            form.pop("sessionId"),
            end_time=form.pop("endTime", None),
            duration_minutes=minutes,
            **form,
        )
        return Response({"message": "Session completed successfully"})


class MineView(APIView):
    @extend_schema(parameters=[MySessionsQuery], responses=SessionOut(many=True))
    def get(self, request: Request) -> Response:
        """One's own sessions, newest first."""
        found = selectors.sessions_of(caller(request), **read_query(request, MySessionsQuery))
        return Response(SessionOut.all_of(found.rows, request))


class SessionFeedView(APIView):
    @extend_schema(parameters=[SessionFeedQuery], responses=FeedSessionOut(many=True))
    def get(self, request: Request) -> Response:
        """Everybody's public sessions, newest first."""
        query = {"style": None, "location": None, **read_query(request, SessionFeedQuery)}
        found = selectors.public_sessions(**query)
        return Response(FeedSessionOut.all_of(found, request))


class SessionView(APIView):
    @extend_schema(responses=SessionOut)
    def get(self, request: Request, session_id: str) -> Response:
        """A session: one's own, or a public one."""
        session = selectors.session_seen_by(session_id, caller(request))
        return Response(SessionOut.of(session, request))

    @extend_schema(responses={200: Done})
    def delete(self, request: Request, session_id: str) -> Response:
        """Delete one's own session."""
        sessions.delete(caller(request), session_id)
        return Response({"message": "Session deleted successfully"})


def _without_nulls(form: dict[str, Any]) -> dict[str, Any]:
    """What was given; null means "not given"."""
    return {name: value for name, value in form.items() if value is not None}
