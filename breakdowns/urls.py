"""The paths of breakdowns."""

from __future__ import annotations

from django.urls import URLPattern, path

from breakdowns.api.views import (
    BreakdownView,
    HistoryView,
    MakeView,
    RegenerateView,
    SharingView,
    VideosView,
)
from breakdowns.pages import practice, practice_data, practice_share

_BREAKDOWN = "api/ai/dance-breakdown/<oid:breakdown_id>"

urlpatterns: list[URLPattern] = [
    path("breakdowns/<oid:breakdown_id>", practice, name="practice"),
    path("breakdowns/<oid:breakdown_id>/data", practice_data, name="practice-data"),
    path("breakdowns/<oid:breakdown_id>/share", practice_share, name="practice-share"),
    path("api/ai/dance-breakdown", MakeView.as_view()),
    path(_BREAKDOWN, BreakdownView.as_view()),
    path(f"{_BREAKDOWN}/sharing", SharingView.as_view()),
    path("api/ai/dance-breakdowns", HistoryView.as_view()),
    path("api/ai/dance-breakdowns/videos", VideosView.as_view()),
    path("api/ai/dance-breakdowns/regenerate-thumbnails", RegenerateView.as_view()),
]
