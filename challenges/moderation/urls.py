"""The paths of moderation."""

from __future__ import annotations

from django.urls import URLPattern, path

from challenges.moderation.api import ClaimView, DecisionsView, QueueView, UndoView

_SUBMISSION = "api/moderation/submissions/<oid:submission_id>"

urlpatterns: list[URLPattern] = [
    path("api/moderation/queue", QueueView.as_view()),
    path(f"{_SUBMISSION}/claim", ClaimView.as_view()),
    path(f"{_SUBMISSION}/decisions", DecisionsView.as_view()),
    path("api/moderation/decisions/<oid:decision_id>/undo", UndoView.as_view()),
]
