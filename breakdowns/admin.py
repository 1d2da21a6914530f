"""Breakdowns in the console: all can be seen, nothing typed. Their jobs have pages of their own."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextareaWidget

from breakdowns import selectors, services
from breakdowns.models import Breakdown, KeptPrivate, Status
from idance.console import page
from idance.files import links, signing
from idance.lib.problems import NotNow
from idance.lists import ReadOnlyAdmin, pictured, player

_COLOURS = {
    Status.PROCESSING.value: "info",
    Status.COMPLETED.value: "success",
    Status.FAILED.value: "danger",
}


class _ReasonForm(forms.Form):
    """Why a breakdown is made private."""

    reason = forms.CharField(
        max_length=500,
        widget=UnfoldAdminTextareaWidget,
        help_text="The owner reads it on the page of the breakdown and in the app.",
    )


@admin.register(Breakdown)
class BreakdownAdmin(ReadOnlyAdmin):
    """Breakdowns with their video, outline and steps. Moderators decide whether others may see them."""

    actions_detail: ClassVar[list[Any]] = ["make_private", "allow_sharing"]
    logs = True

    list_display = (
        *("name", "made", "mode", "target_difficulty", "total_steps", "description_source", "error_code"),
        *("is_public", "created_at"),
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
        ("Who sees it", {"fields": ("is_public", "shared_to_feed", "has_link", "kept_private")}),
        ("Times", {"fields": ("created_at", "completed_at", "stages")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Breakdown]:
        # Long texts that no list shows.
        rows: QuerySet[Breakdown] = super().get_queryset(request)
        return rows.defer("steps", "routine_analysis", "beats")

    @display(description="Title")
    def name(self, breakdown: Breakdown) -> SafeString:
        return pictured(breakdown.footage.thumbnail_key, str(breakdown.footage), breakdown.owner.name)

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
        return format_html('<a href="{}">breakdown {}</a>', page, breakdown.job_id[-6:])

    @display(description="Video", empty_value="")
    def watch(self, breakdown: Breakdown) -> SafeString | None:
        footage = breakdown.footage
        return player(footage.video_key, footage.thumbnail_key) if footage.video_key else None

    @display(description="Outline", empty_value="")
    def outline(self, breakdown: Breakdown) -> SafeString | None:
        return player(breakdown.outline_key) if breakdown.outline_key else None

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

    @display(description="Kept private", empty_value="")
    def kept_private(self, breakdown: Breakdown) -> str | None:
        return selectors.private_reason(breakdown) or None

    @display(description="Seconds of each stage", empty_value="")
    def stages(self, breakdown: Breakdown) -> str | None:
        return ", ".join(f"{name} {seconds} s" for name, seconds in breakdown.timings.items()) or None

    # --- Who may see it -----------------------------------------------------------------------------------
    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[UnfoldAction]:
        """Of the two steps the one that would change something; whoever is late is told by the step."""
        steps: list[UnfoldAction] = super().get_actions_detail(request, object_id)
        breakdown = Breakdown.objects.select_related("footage").filter(pk=object_id).first()
        if breakdown is None:
            return []
        late = "make_private" if selectors.private_reason(breakdown) else "allow_sharing"
        return [step for step in steps if not step.action_name.endswith(late)]

    @action(description="Make private", url_path="private/", icon="visibility_off", permissions=["moderate"])
    def make_private(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Asks for the reason first."""
        breakdown = get_object_or_404(Breakdown, pk=object_id)
        form = _ReasonForm(request.POST or None)
        minutes = ceil(signing.most_seconds() / 60)
        if not form.is_valid():
            return self._ask(request, "make_private", "Make private", breakdown, form=form, minutes=minutes)
        reason = form.cleaned_data["reason"]
        return self._decide(
            request,
            object_id,
            lambda: services.make_private(breakdown, reason),
            logged=f"Was made private: {reason}",
            told=(
                "Nobody but its owner finds it now. Links to its media that were handed out before go on "
                f"working until they expire, up to {minutes} minutes."
            ),
        )

    @action(
        description="Allow sharing again", url_path="shareable/", icon="visibility", permissions=["moderate"]
    )
    def allow_sharing(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Asks first, as a link in a mail would otherwise do it."""
        breakdown = get_object_or_404(Breakdown, pk=object_id)
        if request.method != "POST":
            reason = selectors.private_reason(breakdown)
            title = "Allow sharing again"
            return self._ask(request, "allow_sharing", title, breakdown, reason=reason, tone="primary")
        return self._decide(
            request,
            object_id,
            lambda: services.allow_sharing(breakdown),
            logged="May be shared again.",
            told="Its owner may share it again.",
        )

    def has_moderate_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("breakdowns.moderate_breakdown")

    def _ask(
        self, request: HttpRequest, name: str, title: str, breakdown: Breakdown, **more: Any
    ) -> HttpResponse:
        back = reverse("admin:breakdowns_breakdown_change", args=[breakdown.pk])
        return page(request, f"breakdowns/{name}.html", title, breakdown=breakdown, back=back, **more)

    def _decide(
        self,
        request: HttpRequest,
        object_id: str,
        step: Callable[[], list[Breakdown]],
        *,
        logged: str,
        told: str,
    ) -> HttpResponse:
        """Take the step and put it into the history of each breakdown it is about, both or neither."""
        try:
            with transaction.atomic():
                for breakdown in step():
                    self.log_change(request, breakdown, logged)
        except NotNow as problem:
            messages.warning(request, problem.sentence)
        else:
            messages.success(request, told)
        return redirect("admin:breakdowns_breakdown_change", object_id)


@admin.register(KeptPrivate)
class KeptPrivateAdmin(ReadOnlyAdmin):
    """What moderators keep private, with or without a breakdown of it. Deleting it allows sharing again."""

    list_display = ("footage_key", "owner", "reason", "created_at")
    list_select_related = ("owner",)
    search_fields = ("=id", "=owner__email", "=footage_key")
    search_help_text = "A whole id, email address or video, as youtube:dQw4w9WgXcQ."
    fields = ("footage_key", "owner", "reason", "created_at")

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("breakdowns.moderate_breakdown")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_view_permission(request)
