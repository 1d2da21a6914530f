"""Breakdowns in the console: all can be seen, nothing typed. Their jobs have pages of their own."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import display

from breakdowns.models import Breakdown, Status
from idance.files import links
from idance.files.storage import url_for
from idance.lists import ReadOnlyAdmin

_COLOURS = {
    Status.PROCESSING.value: "info",
    Status.COMPLETED.value: "success",
    Status.FAILED.value: "danger",
}
_PLAYER = '<video controls preload="none" style="max-height: 24rem" poster="{}" src="{}"></video>'


@admin.register(Breakdown)
class BreakdownAdmin(ReadOnlyAdmin):
    """Breakdowns with their video, outline and steps."""

    list_display = (
        *("id", "owner", "name", "made", "mode", "target_difficulty", "total_steps", "bpm"),
        *("description_source", "error_code", "is_public", "created_at"),
    )
    list_filter = ("status", "mode", "target_difficulty", "description_source", "is_public")
    list_filter_submit = True
    list_select_related = ("owner", "footage")
    search_fields = ("=id", "=owner__email", "=footage__key")
    search_help_text = "A whole id, email address or video, as youtube:dQw4w9WgXcQ."
    ordering = ("-id",)
    fieldsets = (
        (None, {"fields": ("id", "owner", "made", "error_code", "error_message", "source", "work")}),
        ("Video", {"fields": ("title", "watch", "outline")}),
        ("Asked for", {"fields": ("mode", "target_difficulty")}),
        ("Measured", {"fields": ("duration", "bpm", "difficulty_level", "total_steps")}),
        ("Words", {"fields": ("description_source", "words_note", "told")}),
        ("Who sees it", {"fields": ("is_public", "shared_to_feed", "has_link")}),
        ("Times", {"fields": ("created_at", "completed_at", "stages")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Breakdown]:
        # Long texts that no list shows.
        rows: QuerySet[Breakdown] = super().get_queryset(request)
        return rows.defer("steps", "routine_analysis", "beats")

    @display(description="Title")
    def name(self, breakdown: Breakdown) -> str:
        return str(breakdown.footage)

    @display(description="Status", label=_COLOURS)
    def made(self, breakdown: Breakdown) -> str:
        return breakdown.status

    @display(description="Source")
    def source(self, breakdown: Breakdown) -> SafeString:
        address = links.show(breakdown.video, None) or ""
        return format_html('<a href="{}" rel="noreferrer">{}</a>', address, breakdown.footage.key)

    @display(description="Job", empty_value="")
    def work(self, breakdown: Breakdown) -> SafeString | None:
        if breakdown.job_id is None:
            return None
        page = reverse("admin:analysis_job_change", args=[breakdown.job_id])
        return format_html('<a href="{}">{}</a>', page, breakdown.job_id)

    @display(description="Video", empty_value="")
    def watch(self, breakdown: Breakdown) -> SafeString | None:
        footage = breakdown.footage
        return _player(footage.thumbnail_key, footage.video_key)

    @display(description="Outline", empty_value="")
    def outline(self, breakdown: Breakdown) -> SafeString | None:
        return _player("", breakdown.outline_key)

    @display(description="Steps", empty_value="")
    def told(self, breakdown: Breakdown) -> SafeString:
        rows = (
            (step["start_timestamp"], step["step_name"], step["global_description"])
            for step in breakdown.steps
        )
        return format_html_join("", "<p>{} <b>{}</b><br>{}</p>", rows)

    @display(description="Share link", boolean=True)
    def has_link(self, breakdown: Breakdown) -> bool:
        return bool(breakdown.share_nonce)

    @display(description="Seconds of each stage", empty_value="")
    def stages(self, breakdown: Breakdown) -> str | None:
        return ", ".join(f"{name} {seconds} s" for name, seconds in breakdown.timings.items()) or None


def _player(picture_key: str, video_key: str) -> SafeString | None:
    if not video_key:
        return None
    return format_html(_PLAYER, url_for(picture_key) if picture_key else "", url_for(video_key))
