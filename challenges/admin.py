"""Submissions in the console; challenges are in `challenge_admin`, which registers itself from here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from challenges import challenge_admin  # noqa: F401 - registers its page
from challenges.models import Moderation, Submission, SubmissionStatus
from challenges.moderation.models import QueueItem
from challenges.moderation.selectors import may_look
from idance.lists import ReadOnlyAdmin, SinceFilter, pictured, player

if TYPE_CHECKING:
    from accounts.models import User

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


@admin.register(Submission)
class SubmissionAdmin(ReadOnlyAdmin):
    """Submissions with their scores and the video; nothing can be typed here."""

    list_display = ("dance", "judged", "score", "badge_awarded", "is_public", "moderated", "created_at")
    list_filter = ("status", "moderation_status", "is_public", SinceFilter)
    list_filter_submit = True
    list_select_related = ("dancer", "challenge", "video")
    search_fields = ("=id", "=dancer__email", "=challenge__id")
    search_help_text = "A whole submission id, challenge id or email address."
    fieldsets = (
        (None, {"fields": ("id", "dancer", "challenge", "judged", "error_code", "error_message", "watch")}),
        ("Scores", {"fields": ("score", "points_in", "badge_awarded", "points_awarded", "told", "analysis")}),
        (
            "Words",
            {"fields": ("caption", "highlight_text", "tagged", "location", "is_public", "shared_to_feed")},
        ),
        ("Moderation", {"fields": ("moderated", "moderation_reason", "review")}),
        ("Others", {"fields": ("likes_count", "comments_count", "shares_count")}),
        ("Times", {"fields": ("created_at", "processed_at", "analyzed_at")}),
    )

    @display(description="Dance")
    def dance(self, submission: Submission) -> SafeString:
        return pictured(submission.video.thumbnail_key, submission.challenge.title, submission.dancer.name)

    @display(description="Tags", empty_value="")
    def tagged(self, submission: Submission) -> str | None:
        return ", ".join(submission.tags) or None

    @display(description="Status", label=_STATUS_COLOURS)
    def judged(self, submission: Submission) -> str:
        return submission.status

    @display(description="Moderation", label=_MODERATION_COLOURS)
    def moderated(self, submission: Submission) -> str:
        return submission.moderation_status

    def get_fieldsets(self, request: HttpRequest, obj: Submission | None = None) -> Any:
        if may_look(cast("User", request.user)):
            return self.fieldsets
        moderation = ("Moderation", {"fields": ("moderated", "moderation_reason")})
        return [moderation if title == "Moderation" else (title, more) for title, more in self.fieldsets]

    @display(description="Review")
    def review(self, submission: Submission) -> str:
        """The way to its item in the queue, where decisions are made."""
        if not QueueItem.objects.filter(submission=submission).exists():
            return "No rule asked for a look."
        address = reverse("admin:moderation_review", args=[submission.pk])
        return format_html('<a class="underline" href="{}">Review this dance</a>', address)

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
        return player(submission.video.key, submission.video.thumbnail_key)
