"""The console's pages of moderation: the queue, the log of decisions, the rules and the reasons."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from accounts.models import normal_email
from challenges.models import Submission
from challenges.moderation import (
    bulk,
    pages,
    report_admin,  # noqa: F401 - registers its page
    selectors,
    weighing,
)
from challenges.moderation.actions import ACTIONS
from challenges.moderation.models import Decision, ItemState, QueueItem, ReasonTemplate, Rule
from idance.lists import QuickAdmin, ReadOnlyAdmin, pictured

_CHANGES_TONES = {"Approved": "success", "Rejected": "danger", "Hidden": "danger", "Suspended": "danger"}


class PartFilter(admin.SimpleListFilter):
    """Which part of the queue; chosen by the tabs above it, hence not shown among the filters."""

    title = "part"
    parameter_name = "part"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return ItemState.choices

    def has_output(self) -> bool:
        return False

    def queryset(self, request: HttpRequest, queryset: QuerySet[QueueItem]) -> QuerySet[QueueItem]:
        return queryset


@admin.register(QueueItem)
class QueueItemAdmin(ReadOnlyAdmin):
    """What needs a look, most urgent first."""

    list_display = ("dance", "why", "score", "waiting", "who")
    list_display_links = None
    list_filter = (PartFilter,)
    list_before_template = "moderation/tabs.html"
    search_fields = ("=submission__id",)
    search_help_text = "A whole submission id or email address."
    ordering = selectors.ORDER
    list_select_related = ("submission__dancer", "submission__challenge", "submission__video", "claimed_by")

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["moderation/queue.css"]}

    # --- Who sees it --------------------------------------------------------------------------------------
    def has_module_permission(self, request: HttpRequest) -> bool:
        return selectors.may_look(pages.person(request))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return selectors.may_look(pages.person(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[QueueItem], search_term: str
    ) -> tuple[QuerySet[QueueItem], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if "@" not in term:
            return queryset.filter(submission_id=term), False
        theirs = Submission.objects.filter(dancer__email=normal_email(term)).order_by("-id")
        return queryset.filter(submission_id__in=list(theirs.values_list("pk", flat=True)[:500])), False

    # --- The list -----------------------------------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> QuerySet[QueueItem]:
        rows: QuerySet[QueueItem] = super().get_queryset(request)
        part = request.GET.get("part", ItemState.OPEN.value)
        # A search looks everywhere.
        return rows if request.GET.get("q") else rows.filter(state=part)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        counts = selectors.waiting_counts()
        part = request.GET.get("part", ItemState.OPEN.value)
        tabs = [
            {
                "label": state.label,
                "count": counts.get(state.value),
                "link": f"?part={state.value}",
                "current": state.value == part and not request.GET.get("q"),
            }
            for state in ItemState
        ]
        first = selectors.first_free(pages.person(request))
        about = {
            "title": "What needs a look",
            "moderation_tabs": tabs,
            "moderation_part": part,
            "moderation_first": pages.review_url(first) if first else "",
            "moderation_undo": bulk.undoable(request),
        }
        return super().changelist_view(request, {**(extra_context or {}), **about})

    @display(description="Dance")
    def dance(self, item: QueueItem) -> SafeString:
        submission = item.submission
        return format_html(
            '<a href="{}">{}</a>',
            pages.review_url(item.submission_id),
            pictured(submission.video.thumbnail_key, submission.challenge.title, submission.dancer.name),
        )

    @display(description="Why, and how urgent")
    def why(self, item: QueueItem) -> SafeString:
        return format_html(
            '<span class="mod-why"><b class="mod-urgency" title="The sum of the weights">{}</b>{}</span>',
            item.urgency,
            format_html_join("", '<span class="mod-chip">{}{} <i>+{}</i></span>', _chips(item)),
        )

    @display(description="Score")
    def score(self, item: QueueItem) -> int | None:
        return item.submission.score

    @display(description="Came")
    def waiting(self, item: QueueItem) -> str:
        return pages.ago(item.waiting_since)

    @display(description="Looked at by", empty_value="")
    def who(self, item: QueueItem) -> str | None:
        if item.claimed_until is None or item.claimed_until <= timezone.now():
            return None
        until = timezone.localtime(item.claimed_until)
        return f"{item.claimed_by.name if item.claimed_by else ''}, until {until:%H:%M}"

    # --- Bulk actions -------------------------------------------------------------------------------------
    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return dict(bulk.offered(request))

    # --- The review ---------------------------------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        views = (
            ("review/<oid:submission_id>/", "review", pages.review),
            ("review/<oid:submission_id>/data/", "data", pages.data),
            ("review/<oid:submission_id>/claim/", "claim", pages.claim),
            ("review/<oid:submission_id>/release/", "release", pages.release),
            ("review/<oid:submission_id>/decide/", "decide", pages.decide),
            ("undo/<oid:decision_id>/", "undo", pages.undo),
            ("next/", "next", pages.next_one),
            ("undo/", "undo_several", bulk.undo),
        )
        own = [
            path(route, self.admin_site.admin_view(view), name=f"moderation_{name}")
            for route, name, view in views
        ]
        return own + list(super().get_urls())

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        item = get_object_or_404(QueueItem, pk=object_id)
        return HttpResponseRedirect(pages.review_url(item.submission_id))


def _chips(item: QueueItem) -> list[tuple[str, str, int]]:
    return [
        (reason["label"], f": {reason['detail']}" if reason["detail"] else "", reason["weight"])
        for reason in item.reasons
    ]


class ActionFilter(admin.SimpleListFilter):
    """What was decided: the actions that there are, without asking the table."""

    title = "decision"
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(name, action.done) for name, action in ACTIONS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Decision]) -> QuerySet[Decision]:
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    """Who decided what, when and why; nothing can be changed here."""

    list_display = ("created_at", "what", "dance", "dancer", "who", "reason", "undone_at")
    list_filter = (ActionFilter,)
    list_filter_submit = True
    list_select_related = ("dancer", "moderator")
    search_fields = ("=id", "=subject_id", "=dancer__email", "=moderator__email")
    search_help_text = "A whole id, or the email address of the dancer or the moderator."
    ordering = ("-id",)
    fields = (
        *("id", "created_at", "what", "dance", "dancer", "who", "reason", "template"),
        *("changed", "undone_at", "undone_by"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Decision]:
        rows: QuerySet[Decision] = super().get_queryset(request)
        decided = Submission.objects.filter(pk=OuterRef("subject_id"))
        return rows.annotate(challenge_title=Subquery(decided.values("challenge__title")[:1]))

    @display(description="Decision", label=_CHANGES_TONES)
    def what(self, decision: Decision) -> str:
        return ACTIONS[decision.action].done

    @display(description="Submission")
    def dance(self, decision: Any) -> SafeString | str:
        if decision.challenge_title is None:
            return "deleted since"
        address = reverse("admin:challenges_submission_change", args=[decision.subject_id])
        return format_html('<a href="{}">{}</a>', address, decision.challenge_title)

    @display(description="By")
    def who(self, decision: Decision) -> str:
        return decision.moderator.name if decision.moderator else "a rule"

    @display(description="Before and after")
    def changed(self, decision: Decision) -> str:
        return render_to_string("moderation/changed.html", {"decision": decision})


@admin.register(Rule)
class RuleAdmin(QuickAdmin):
    """Why a submission needs a look, and how urgently."""

    list_display = ("label", "fact", "threshold", "weight", "holds", "enabled")
    list_editable = ("threshold", "weight", "holds", "enabled")
    ordering = ("-weight", "id")
    actions_list = ("weigh_again",)

    def has_weigh_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return bool(self.has_change_permission(request))

    @action(
        description="Weigh what waits again",
        icon="balance",
        permissions=["weigh"],
        dialog={
            "title": "Weigh everything that waits again?",
            "description": "New submissions meet the rules as they are; this does it for the queue.",
            "form_class": None,
            "form_submit_text": "Weigh again",
        },
    )
    def weigh_again(self, request: HttpRequest, form: Any) -> HttpResponse:
        weighing.queue_weighing(pages.person(request))
        messages.success(request, "What waits is being weighed again, by a job.")
        url = reverse("admin:moderation_rule_changelist")
        if request.headers.get("HX-Request"):
            return HttpResponse(headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)


@admin.register(ReasonTemplate)
class ReasonTemplateAdmin(QuickAdmin):
    """Sentences for dancers, to choose from."""

    list_display = ("label", "text", "order", "enabled")
    list_editable = ("order", "enabled")
    ordering = ("order", "id")
