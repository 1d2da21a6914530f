"""The console's list of reports: what people said, open or settled, each with the way to the dance."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from challenges.models import Submission
from challenges.moderation import pages
from challenges.moderation.models import QueueItem
from idance.lists import ReadOnlyAdmin
from idance.social.models import Report


class OpenFilter(admin.SimpleListFilter):
    """Whether somebody has decided upon it."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [("open", "Open"), ("settled", "Settled")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Report]) -> QuerySet[Report]:
        if self.value() == "open":
            return queryset.filter(settled_by="")
        # Not "is not empty", for which no index helps.
        return queryset.filter(settled_by__gt="") if self.value() == "settled" else queryset


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    """What people ask moderators to look at, newest first."""

    list_display = ("created_at", "state", "subject", "of_whom", "reason", "details", "reporter")
    list_display_links = None
    list_filter = (OpenFilter, "reason")
    list_filter_submit = True
    list_select_related = ("user",)
    search_fields = ("=id", "=subject_id", "=user__email")
    search_help_text = "A whole id, or the email address of who reported."
    fields = ("id", "created_at", "state", "subject", "of_whom", "reason", "details", "reporter")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        rows: QuerySet[Report] = super().get_queryset(request)
        reported = Submission.objects.filter(pk=OuterRef("subject_id"))
        return rows.annotate(
            dancer_name=Subquery(reported.values("dancer__display_name")[:1]),
            challenge_title=Subquery(reported.values("challenge__title")[:1]),
            queued=Exists(QueueItem.objects.filter(submission_id=OuterRef("subject_id"))),
        )

    @display(description="State", label={"open": "warning", "settled": "success"})
    def state(self, report: Report) -> str:
        return "settled" if report.settled_by else "open"

    @display(description="Reported")
    def subject(self, report: Any) -> SafeString | str:
        """To its item in the queue; to its page when no rule ever put it there."""
        if report.challenge_title is None:
            return "deleted since"
        page = reverse("admin:challenges_submission_change", args=[report.subject_id])
        address = pages.review_url(report.subject_id) if report.queued else page
        return format_html('<a href="{}">{}</a>', address, report.challenge_title)

    @display(description="Reported by")
    def reporter(self, report: Report) -> str:
        return report.user.email

    @display(description="Whose", empty_value="")
    def of_whom(self, report: Any) -> str | None:
        return report.dancer_name or None
