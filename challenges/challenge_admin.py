"""Challenges in the console: what the form cannot make wrong, when they are on, and how they go."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from challenges import demo, demo_shown, export, numbers, selectors, series, services
from challenges.forms import MEDIA, ChallengeForm, SeriesForm
from challenges.models import Challenge, ChallengeState, LabelKind, Phase
from idance.console import page
from idance.lib.problems import NotNow
from idance.lists import QuickAdmin

if TYPE_CHECKING:
    from accounts.models import User

_PHASE_COLOURS = {
    Phase.DRAFT.value: "default",
    Phase.SCHEDULED.value: "info",
    Phase.LIVE.value: "success",
    Phase.ENDED.value: "warning",
    Phase.ARCHIVED.value: "danger",
}


class PhaseFilter(admin.SimpleListFilter):
    """By what they are at the moment."""

    title = "now"
    parameter_name = "now"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return Phase.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        phase = self.value()
        return selectors.in_phase(queryset, phase) if phase in Phase.values else queryset


@admin.register(Challenge)
class ChallengeAdmin(QuickAdmin):
    """Challenges. All that changes them is in `services` and `series`."""

    form = ChallengeForm
    list_display = (
        "title",
        "now",
        "type",
        "difficulty",
        "start_time",
        "end_time",
        "points",
        "dancers",
        "average",
        "top_score",
    )
    list_filter = (PhaseFilter, "type", "difficulty")
    list_filter_submit = True
    search_fields = ("^title", "=id")
    search_help_text = "The beginning of a title, or a whole id."
    actions = ("publish", "back_to_draft", "archive", "duplicate")
    actions_detail: ClassVar[list[Any]] = ["repeat", "export_csv"]
    actions_submit_line: ClassVar[list[Any]] = [
        "save_and_publish",
        "save_as_draft",
        "save_and_archive",
        "save_and_copy",
    ]
    readonly_fields = ("id", "now", "so_far", "demo_itself")
    fieldsets = (
        (None, {"fields": ("title", "description", ("type", "difficulty"), "categories", "tags")}),
        ("When", {"fields": ("start_time", "end_time")}),
        ("Moderation", {"fields": ("approve_first",)}),
        ("Media", {"fields": ("demo_video", "thumbnail", "target_bpm")}),
        ("What is won", {"fields": ("points", "badge_name", "badge_icon")}),
        (
            "Most points of each dimension, together 100",
            {"fields": (("balance", "rhythm"), ("smoothness", "creativity")), "classes": ("criteria",)},
        ),
    )

    class Media:
        css: ClassVar[dict[str, tuple[str, ...]]] = {"all": ("challenges/form.css",)}
        js = ("challenges/form.js",)

    # --- What is shown --------------------------------------------------------------------------------
    @display(description="Now", label=_PHASE_COLOURS)
    def now(self, challenge: Challenge) -> str:
        return challenge.phase.value

    @display(description="Dancers")
    def dancers(self, challenge: Challenge) -> int:
        return challenge.participant_count

    @display(description="Average")
    def average(self, challenge: Challenge) -> float | None:
        return challenge.average_score

    @display(description="Numbers")
    def so_far(self, challenge: Challenge) -> SafeString:
        bars = numbers.histogram(challenge)
        return render_to_string("challenges/numbers.html", {"challenge": challenge, "bars": bars})

    @display(description="The demo itself")
    def demo_itself(self, challenge: Challenge) -> SafeString:
        context = {"challenge": challenge, "shown": demo_shown.of(challenge)}
        return render_to_string("challenges/demo.html", context)

    def get_fieldsets(self, request: HttpRequest, obj: Challenge | None = None) -> Any:
        if obj is None:
            return self.fieldsets
        shown: list[Any] = [("So far", {"fields": ("now", "so_far", "id")}), *self.fieldsets]
        place = next(n for n, (title, _) in enumerate(shown) if title == "Media")
        shown[place] = ("Media", {"fields": ("demo_video", "demo_itself", *shown[place][1]["fields"][1:])})
        if obj.total_submissions:
            why = "Fixed, and so is the type: there are submissions already, and all are judged alike."
            shown[-1] = (shown[-1][0], {**shown[-1][1], "description": why})
        return shown

    def get_readonly_fields(self, request: HttpRequest, obj: Challenge | None = None) -> tuple[str, ...]:
        # All submissions are judged alike: what decides about scores is fixed by the first one.
        fixed = services.JUDGING if obj is not None and obj.total_submissions else ()
        return (*self.readonly_fields, *fixed)

    def get_form(
        self, request: HttpRequest, obj: Challenge | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm[Challenge]]:
        form = super().get_form(request, obj, change, **kwargs)
        form.request = request
        return cast("type[ModelForm[Challenge]]", form)

    def has_delete_permission(self, request: HttpRequest, obj: Challenge | None = None) -> bool:
        allowed = bool(super().has_delete_permission(request, obj))
        return allowed and (obj is None or not obj.total_submissions)

    def delete_model(self, request: HttpRequest, obj: Challenge) -> None:
        services.remove_challenge(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Challenge]) -> None:
        for challenge in queryset:
            services.remove_challenge(challenge)

    # unfold looks rights with a dot up in the database, at every start, also before there are tables.
    def has_copy_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.has_add_permission(request))

    def has_export_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("challenges.view_submission")

    # --- Saving ---------------------------------------------------------------------------------------
    def save_model(
        self, request: HttpRequest, obj: Challenge, form: ModelForm[Challenge], change: bool
    ) -> None:
        if change:
            # The counters of the row may have moved since it was read: they are not written.
            names = [name for name in form.cleaned_data if name not in ("categories", "tags")]
            obj.save(update_fields=[*names, "updated_at"])
        else:
            obj.state = ChallengeState.DRAFT
            obj.save(force_insert=True)
            messages.info(request, "It is a draft: publish it when all is right.")
        labels = {
            LabelKind.CATEGORY: form.cleaned_data["categories"],
            LabelKind.TAG: form.cleaned_data["tags"],
        }
        services.set_labels(obj, labels)
        if not change or demo.DECIDES.intersection(form.changed_data):
            demo.look(obj, cast("User", request.user))
        services.remove_unshown(form.initial.get(name, "") for name in MEDIA if name in form.changed_data)
        for sentence in services.warnings_of(obj):
            messages.warning(request, sentence)
        for one in self.get_actions_submit_line(request, obj.pk):
            if one.action_name in request.POST:
                one.method(request, obj)

    def response_add(
        self, request: HttpRequest, obj: Challenge, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Stay on what was made, where it can be published."""
        if "_addanother" in request.POST or "_popup" in request.POST:
            return cast(HttpResponse, super().response_add(request, obj, post_url_continue))
        return redirect(self._page(obj))

    # --- Buttons of the form: it is saved first -------------------------------------------------------
    def get_actions_submit_line(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only those that would change something."""
        offered = super().get_actions_submit_line(request, object_id)
        challenge = Challenge.objects.filter(pk=object_id).first()
        if challenge is None:
            return []
        useless = {
            ChallengeState.DRAFT.value: {"save_as_draft"},
            ChallengeState.PUBLISHED.value: {"save_and_publish"},
            ChallengeState.ARCHIVED.value: {"save_and_archive"},
        }[challenge.state]
        if challenge.total_submissions:
            useless = useless | {"save_as_draft"}
        return [one for one in offered if one.method.__name__ not in useless]

    @action(description="Save and publish", permissions=["change"])
    def save_and_publish(self, request: HttpRequest, obj: Challenge) -> None:
        self._do(request, [obj], services.publish, "published")

    @action(description="Save, back to draft", permissions=["change"])
    def save_as_draft(self, request: HttpRequest, obj: Challenge) -> None:
        self._do(request, [obj], services.back_to_draft, "a draft again")

    @action(description="Save and archive", permissions=["change"])
    def save_and_archive(self, request: HttpRequest, obj: Challenge) -> None:
        self._do(request, [obj], services.archive, "archived")

    @action(description="Save and duplicate", permissions=["copy"])
    def save_and_copy(self, request: HttpRequest, obj: Challenge) -> None:
        self._copy(request, obj)

    # --- Of the list ----------------------------------------------------------------------------------
    @admin.action(description="Publish", permissions=["change"])
    def publish(self, request: HttpRequest, rows: QuerySet[Challenge]) -> None:
        self._do(request, rows, services.publish, "published")

    @admin.action(description="Back to draft", permissions=["change"])
    def back_to_draft(self, request: HttpRequest, rows: QuerySet[Challenge]) -> None:
        self._do(request, rows, services.back_to_draft, "a draft again")

    @admin.action(description="Archive: list it no more", permissions=["change"])
    def archive(self, request: HttpRequest, rows: QuerySet[Challenge]) -> None:
        self._do(request, rows, services.archive, "archived")

    @admin.action(description="Duplicate", permissions=["add"])
    def duplicate(self, request: HttpRequest, rows: QuerySet[Challenge]) -> None:
        for challenge in rows:
            self._copy(request, challenge)

    def _do(
        self,
        request: HttpRequest,
        rows: Iterable[Challenge],
        change: Callable[[Challenge], None],
        done: str,
    ) -> None:
        for challenge in rows:
            try:
                change(challenge)
            except NotNow as problem:
                messages.error(request, f"{challenge}: {problem.sentence}")
            else:
                self.log_change(request, challenge, f"Is {done}.")
                messages.success(request, f"{challenge} is {done}.")

    def _copy(self, request: HttpRequest, challenge: Challenge) -> None:
        copy = services.duplicate(challenge)
        self.log_addition(request, copy, f"A copy of {challenge.pk}.")
        link = format_html('<a class="underline" href="{}">A copy of {}</a>', self._page(copy), challenge)
        messages.success(request, format_html("{} is a draft: give it a time of its own.", link))

    # --- Pages of their own ---------------------------------------------------------------------------
    @action(
        description="Repeat",
        url_path="repeat/",
        icon="event_repeat",
        permissions=["copy"],
    )
    def repeat(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A series: its dates are shown before they are made."""
        like = self._one(request, object_id)
        form = SeriesForm(request.POST or None, like=like, initial={"first": like.start_time})
        moments = form.times() if form.is_valid() else []
        if moments and "make" in request.POST:
            made = series.schedule(like, moments, publish=form.cleaned_data["publish"])
            for one in made:
                self.log_addition(request, one, f"In a series like {like.pk}.")
            kind = "published" if form.cleaned_data["publish"] else "drafts"
            messages.success(request, f"{len(made)} challenges like {like} are made. They are {kind}.")
            return redirect(reverse("admin:challenges_challenge_changelist"))
        return page(
            request,
            "challenges/repeat.html",
            f"Repeat {like}",
            opts=self.opts,
            original=like,
            form=form,
            moments=moments,
            back=self._page(like),
            media=form.media,
        )

    @action(
        description="Submissions as CSV",
        url_path="submissions/",
        icon="download",
        permissions=["export"],
    )
    def export_csv(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        challenge = self._one(request, object_id)
        response = StreamingHttpResponse(export.lines(challenge), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="submissions-{challenge.pk}.csv"'
        return response

    def _one(self, request: HttpRequest, object_id: str) -> Challenge:
        if not self.has_view_permission(request):
            raise PermissionDenied
        challenge = Challenge.objects.filter(pk=object_id).first()
        if challenge is None:
            raise Http404
        return challenge

    @staticmethod
    def _page(challenge: Challenge) -> str:
        return reverse("admin:challenges_challenge_change", args=[challenge.pk])
