"""The schema of the API and the pages that show it."""

from __future__ import annotations

from django.urls import URLPattern, path

from idance.api.docs import DocsView, RedocView, SchemaView

urlpatterns: list[URLPattern] = [
    path("api/schema", SchemaView.as_view(), name="schema"),
    path("api/docs", DocsView.as_view(), name="docs"),
    path("api/redoc", RedocView.as_view(), name="redoc"),
]
