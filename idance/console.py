"""The console's frame: the sidebar with what is there for this person to see, and pages of our own in it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

#: group -> (title, symbol of Google's Material Symbols, model as app_label.model_name)
_GROUPS: dict[str, list[tuple[str, str, str]]] = {
    "Dance": [
        ("Challenges", "emoji_events", "challenges.challenge"),
        ("Submissions", "videocam", "challenges.submission"),
        ("Breakdowns", "format_list_numbered", "breakdowns.breakdown"),
    ],
    "Moderation": [
        ("Queue", "visibility", "moderation.queueitem"),
        ("Reports", "flag", "social.report"),
        ("Decisions", "gavel", "moderation.decision"),
        ("Kept private", "lock", "breakdowns.keptprivate"),
        ("Rules", "rule", "moderation.rule"),
        ("Reasons", "format_quote", "moderation.reasontemplate"),
    ],
    "Engine": [
        ("Jobs", "bolt", "analysis.job"),
        ("Analyses", "query_stats", "analysis.analysis"),
        ("Workers", "memory", "analysis.worker"),
        ("Files", "folder", "files.storedfile"),
    ],
    "People": [
        ("People", "person", "accounts.user"),
        ("Roles", "groups", "auth.group"),
    ],
}


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that was not sent from a page of ours, or from one that was open for too long."""
    return page(request, "403_csrf.html", "Please try again", status=HTTPStatus.FORBIDDEN)


def page(
    request: HttpRequest, template: str, title: str, *, status: int = HTTPStatus.OK, **more: Any
) -> HttpResponse:
    """A page of our own within the console.

    `admin/question.html` is for templates that ask before a step: it wants ``back``, where to go instead,
    takes a ``form``, and ``tone="primary"`` for what does no harm.
    """
    context = {**admin.site.each_context(request), "title": title, **more}
    return render(request, template, context, status=status)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups for unfold's sidebar; nothing that is not this person's to see."""
    pages = {
        f"{model._meta.app_label}.{model._meta.model_name}": page
        for model, page in admin.site._registry.items()
    }
    groups: list[dict[str, Any]] = []
    for title, entries in _GROUPS.items():
        items = [
            {
                "title": name,
                "icon": icon,
                "link": reverse(f"admin:{label.replace('.', '_')}_changelist"),
            }
            for name, icon, label in entries
            if pages[label].has_view_permission(request)
        ]
        if items:
            groups.append({"title": title, "separator": bool(groups), "items": items})
    start = {"title": "Overview", "icon": "home", "link": reverse("admin:index")}
    return [{"items": [start]}, *groups]
