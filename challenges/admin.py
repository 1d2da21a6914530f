"""Challenges and submissions in the console."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from challenges import services
from challenges.forms import ChallengeForm
from challenges.models import Challenge, ChallengeState, LabelKind, Moderation, Submission, SubmissionStatus
from idance.files.storage import url_for
from idance.lists import QuickAdmin, ReadOnlyAdmin, SinceFilter

_TIME_COLOURS = {"running": "success", "coming": "info", "over": "warning", "archived": "danger"}
_STATUS_COLOURS = {
    SubmissionStatus.PENDING.value: "info",
    SubmissionStatus.COMPLETED.value: "success",
    SubmissionStatus.FAILED.value: "danger",
}
_MODERATION_COLOURS = {
    Moderation.VISIBLE.value: "success",
    Moderation.HELD.value: "warning",
    Moderation.REJECTED.value: "danger",
    Moderation.HIDDEN.value: "danger",
}


@admin.register(Challenge)
class ChallengeAdmin(QuickAdmin):
    """Challenges: what the form cannot make wrong, and how many dance."""

    form = ChallengeForm
    list_display = (
        "title",
        "now",
        "type",
        "difficulty",
        "start_time",
        "end_time",
        "points",
        "participant_count",
        "average",
        "top_score",
    )
    list_filter = ("state", "type", "difficulty")
    list_filter_submit = True
    search_fields = ("^title", "=id")
    actions = ("archive", "publish")
    readonly_fields = ("id", "total_submissions", "participant_count", "scored_count", "average", "top_score")
    fieldsets = (
        (None, {"fields": ("title", "description", "type", "difficulty", "categories", "tags")}),
        ("When", {"fields": ("start_time", "end_time", "state")}),
        ("Moderation", {"fields": ("approve_first",)}),
        ("Media", {"fields": ("demo_video", "thumbnail")}),
        ("What is won", {"fields": ("points", "badge_name", "badge_icon")}),
        (
            "Most points of each dimension, together 100",
            {"fields": ("balance", "rhythm", "smoothness", "creativity")},
        ),
        (
            "So far",
            {
                "fields": (
                    *("id", "total_submissions", "participant_count", "scored_count", "average", "top_score"),
                )
            },
        ),
    )

    @display(description="Now", label=_TIME_COLOURS)
    def now(self, challenge: Challenge) -> str:
        if challenge.state == ChallengeState.ARCHIVED:
            return "archived"
        now = timezone.now()
        if now < challenge.start_time:
            return "coming"
        return "running" if now < challenge.end_time else "over"

    @display(description="Average score", empty_value="")
    def average(self, challenge: Challenge) -> float | None:
        return challenge.average_score

    def get_readonly_fields(self, request: HttpRequest, obj: Challenge | None = None) -> tuple[str, ...]:
        # All submissions are judged alike: what decides about scores is fixed by the first one.
        fixed = services.JUDGING if obj is not None and obj.total_submissions else ()
        return (*self.readonly_fields, *fixed)

    def has_delete_permission(self, request: HttpRequest, obj: Challenge | None = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not obj.total_submissions)

    def save_model(
        self, request: HttpRequest, obj: Challenge, form: ModelForm[Challenge], change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        services.set_labels(
            obj,
            {
                LabelKind.CATEGORY: form.cleaned_data["categories"],
                LabelKind.TAG: form.cleaned_data["tags"],
            },
        )

    @admin.action(description="Archive: list it no more", permissions=["change"])
    def archive(self, request: HttpRequest, rows: QuerySet[Challenge]) -> None:
        count = rows.update(state=ChallengeState.ARCHIVED)
        messages.success(request, f"{count} archived. Their submissions and boards stay.")

    @admin.action(description="Publish", permissions=["change"])
    def publish(self, request: HttpRequest, rows: QuerySet[Challenge]) -> None:
        messages.success(request, f"{rows.update(state=ChallengeState.PUBLISHED)} published.")


@admin.register(Submission)
class SubmissionAdmin(ReadOnlyAdmin):
    """Submissions with their scores and the video; nothing can be typed here."""

    list_display = (
        "id",
        "dancer",
        "challenge",
        "judged",
        "score",
        "badge_awarded",
        "is_public",
        "moderated",
        "created_at",
    )
    list_filter = ("status", "moderation_status", "is_public", SinceFilter)
    list_filter_submit = True
    list_select_related = ("dancer", "challenge")
    search_fields = ("=id", "=dancer__email", "=challenge__id")
    search_help_text = "A whole submission id, challenge id or email address."
    fieldsets = (
        (None, {"fields": ("id", "dancer", "challenge", "judged", "error_code", "error_message", "watch")}),
        ("Scores", {"fields": ("score", "points_in", "badge_awarded", "points_awarded", "told", "analysis")}),
        (
            "Words",
            {"fields": ("caption", "highlight_text", "tags", "location", "is_public", "shared_to_feed")},
        ),
        ("Moderation", {"fields": ("moderated", "moderation_reason")}),
        ("Others", {"fields": ("likes_count", "comments_count", "shares_count")}),
        ("Times", {"fields": ("created_at", "processed_at", "analyzed_at")}),
    )

    @display(description="Status", label=_STATUS_COLOURS)
    def judged(self, submission: Submission) -> str:
        return submission.status

    @display(description="Moderation", label=_MODERATION_COLOURS)
    def moderated(self, submission: Submission) -> str:
        return submission.moderation_status

    @display(description="Breakdown", empty_value="")
    def points_in(self, submission: Submission) -> str | None:
        criteria = submission.challenge.criteria
        breakdown: dict[str, Any] = submission.breakdown or {}
        parts = [
            f"{name} {'not measured' if points is None else f'{points} of {criteria[name]}'}"
            for name, points in breakdown.items()
        ]
        return ", ".join(parts) or None

    @display(description="Feedback", empty_value="")
    def told(self, submission: Submission) -> str | None:
        return submission.analysis.feedback if submission.analysis else None

    @display(description="Video")
    def watch(self, submission: Submission) -> SafeString:
        return format_html(
            '<video controls preload="none" style="max-height: 24rem" poster="{}" src="{}"></video>',
            url_for(submission.video.thumbnail_key),
            url_for(submission.video.key),
        )
