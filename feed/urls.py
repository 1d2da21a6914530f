"""The paths of sessions, activities, statistics and the feed."""

from __future__ import annotations

from django.urls import URLPattern, path

from feed import selectors
from feed.api.activities import ActivitiesView
from feed.api.feed import FeedView
from feed.api.sessions import CompleteView, MineView, SessionFeedView, SessionView, StartView
from feed.api.stats import HeatmapView, StatsView
from idance.social.api import CommentsView, CommentView, LikeView

_find = selectors.session_seen_by
_session = "api/sessions/<oid:session_id>"

urlpatterns: list[URLPattern] = [
    path("api/sessions/start", StartView.as_view()),
    path("api/sessions/complete", CompleteView.as_view()),
    path("api/sessions/me", MineView.as_view()),
    path("api/sessions/feed", SessionFeedView.as_view()),
    path(_session, SessionView.as_view()),
    path(f"{_session}/like", LikeView.as_view(find=_find)),
    path(f"{_session}/comments", CommentsView.as_view(find=_find)),
    path(f"{_session}/comments/<oid:comment_id>", CommentView.as_view(find=_find)),
    path("api/activities/me", ActivitiesView.as_view()),
    path("api/stats/me", StatsView.as_view()),
    path("api/stats/heatmap", HeatmapView.as_view()),
    path("api/feed", FeedView.as_view()),
]
