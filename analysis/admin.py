"""The console's view of jobs, workers and analyses: all can be seen; a job can be cancelled or retried."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, cast

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget

from analysis import jobs, statistics
from analysis.models import ENDED, UNDER_WAY, WITHOUT_RESULT, Analysis, Job, State, Worker
from idance.counting import in_words
from idance.lib.problems import NotNow
from idance.lists import ReadOnlyAdmin, SinceFilter, start_of, told

_STATE_COLOURS = {
    State.QUEUED.value: "info",
    State.PROCESSING.value: "warning",
    State.COMPLETED.value: "success",
    State.FAILED.value: "danger",
}


#: In which states a job can take each step.
_STEPS = {
    "cancel_job": UNDER_WAY,
    "retry_job": WITHOUT_RESULT,
}


# The queue's own pages: a schedule made there can run any function, and jobs say all that matters.
# Which of them there are depends on what carries the queue.
for queue_model in (Schedule, Success, Failure, OrmQ):
    if admin.site.is_registered(queue_model):
        admin.site.unregister(queue_model)


def _dialog(
    title: str, description: str, submit: str, form: type[BaseDialogForm] | None = None
) -> dict[str, Any]:
    """A question before a step. It makes the step a POST: a mere link never changes anything."""
    return {"title": title, "description": description, "form_class": form, "form_submit_text": submit}


class KindFilter(admin.SimpleListFilter):
    """The kinds that are registered; asking the table for its distinct values would read all of it."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(kind, kind) for kind in sorted(jobs.KINDS)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class CodeFilter(admin.SimpleListFilter):
    """Why jobs failed: the codes that there are, without asking the table."""

    title = "error code"
    parameter_name = "code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(code, code) for code in statistics.error_codes()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        # A code of a kind that is no longer known is found as well: the first page may lead to one.
        code = self.value()
        return queryset.filter(state=State.FAILED, error_code=code) if code else queryset


class EndedFilter(admin.SimpleListFilter):
    """When jobs ended."""

    title = "ended"
    parameter_name = "ended"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [("day", "In the last 24 hours"), ("week", "In the last 7 days")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        start = start_of(self.value() or "")
        if start is None:
            return queryset
        # Naming the states lets the index on state and end be used.
        return queryset.filter(state__in=ENDED, finished_at__gte=start)


class RequeueForm(BaseDialogForm):
    """Which failed jobs shall have another go."""

    code = forms.ChoiceField(label="All that failed with", widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(code, f"{code}: {in_words(count)}") for code, count in statistics.failed_by_code()]
        field = cast("forms.ChoiceField", self.fields["code"])
        field.choices = choices
        if not choices:
            field.help_text = "No job has failed."


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Jobs: how far each is, why it failed, and the steps that can be taken with it."""

    list_display = ("named", "owner", "status", "bar", "error", "waited", "ran", "created_at")
    list_filter = ("state", KindFilter, CodeFilter, EndedFilter)
    list_filter_submit = True
    list_select_related = ("owner",)
    search_fields = ("=id", "=subject_id", "=owner__email")
    search_help_text = "A whole job id, subject id or email address."
    actions = ("cancel_jobs", "retry_jobs")
    actions_list = ("requeue_failed", "reap")
    actions_detail = ("cancel_job", "retry_job")
    fieldsets = (
        (None, {"fields": ("id", "kind", "subject", "owner", "status", "stage", "bar", "given")}),
        ("Work", {"fields": ("worker", "attempts", "attempts_allowed", "size", "waited", "ran")}),
        (
            "Times",
            {"fields": ("created_at", "queued_at", "sent_at", "started_at", "heartbeat_at", "finished_at")},
        ),
        ("Outcome", {"fields": ("outcome", "error_code", "error_message", "trace")}),
    )

    class Media:
        css: ClassVar[dict[str, tuple[str, ...]]] = {"all": ("idance/jobs.css",)}
        js = ("idance/jobs.js",)

    def has_operate_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """Whether this person may take steps of a job."""
        return request.user.has_perm("analysis.change_job")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only the steps that the job could take now. Somebody who was too slow is still told so in words."""
        offered = super().get_actions_detail(request, object_id)
        state = Job.objects.filter(pk=object_id).values_list("state", flat=True).first()
        return [one for one in offered if state in _STEPS[one.method.__name__]]

    def get_fieldsets(self, request: HttpRequest, obj: Job | None = None) -> Any:
        if self.has_operate_permission(request):
            return self.fieldsets
        # A trace tells how we are built: it is for those who can do something about it.
        return [
            (title, {**options, "fields": tuple(name for name in options["fields"] if name != "trace")})
            for title, options in self.fieldsets
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        # Long texts that no list shows.
        rows: QuerySet[Job] = super().get_queryset(request)
        return rows.defer("options", "result", "error_trace")

    # --- Columns ------------------------------------------------------------------------------------------
    @display(description="Job")
    def named(self, job: Job) -> SafeString:
        """As the first page calls it; the whole id is on the job's page."""
        return format_html('<span title="{}">{} {}</span>', job.pk, job.kind, job.pk[-6:])

    @display(description="State", label=_STATE_COLOURS)
    def status(self, job: Job) -> str:
        return job.state

    @display(description="Progress")
    def bar(self, job: Job) -> SafeString:
        return progress_bar(job)

    @display(description="For")
    def subject(self, job: Job) -> SafeString:
        """The subject, as a link where it has a page of its own."""
        kind = jobs.KINDS.get(job.kind)
        about = apps.get_model(kind.about) if kind and kind.about else None
        found = about._default_manager.filter(pk=job.subject_id).first() if about else None
        if about is None or found is None:
            return format_html("{}", job.subject_id)
        address = reverse(f"admin:{about._meta.label_lower.replace('.', '_')}_change", args=[job.subject_id])
        return format_html('<a href="{}">{}</a>', address, found)

    @display(description="Waited", empty_value="")
    def waited(self, job: Job) -> str | None:
        return _seconds(job.wait_seconds)

    @display(description="Ran", empty_value="")
    def ran(self, job: Job) -> str | None:
        return _seconds(job.run_seconds)

    @display(description="Error")
    def error(self, job: Job) -> SafeString:
        return format_html('<span title="{}">{}</span>', job.error_message, job.error_code)

    @display(description="Options")
    def given(self, job: Job) -> SafeString | None:
        return told(job.options)

    @display(description="Result")
    def outcome(self, job: Job) -> SafeString | None:
        return told(job.result or {})

    @display(description="Trace")
    def trace(self, job: Job) -> SafeString | None:
        if not job.error_trace:
            return None
        return format_html('<pre style="white-space: pre-wrap">{}</pre>', job.error_trace)

    # --- Live ---------------------------------------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        live = path("live/", self.admin_site.admin_view(self.live), name="analysis_job_live")
        return [live, *super().get_urls()]

    def live(self, request: HttpRequest) -> HttpResponse:
        """How far some jobs are, for the page that shows them: ``?id=job_...&id=job_...``."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = Job.objects.filter(pk__in=request.GET.getlist("id")[: self.list_per_page])
        found = rows.only("state", "stage", "progress", "attempts", "run_seconds", "wait_seconds")
        return JsonResponse(
            {
                job.pk: {
                    "state": job.state,
                    "share": round(job.progress, 3),
                    "words": _progress_in_words(job),
                    "ended": job.ended,
                }
                for job in found
            }
        )

    # --- Steps --------------------------------------------------------------------------------------------
    @admin.action(description="Cancel", permissions=["operate"])
    def cancel_jobs(self, request: HttpRequest, rows: QuerySet[Job]) -> None:
        self._take(request, rows, jobs.cancel, "cancelled")

    @admin.action(description="Retry", permissions=["operate"])
    def retry_jobs(self, request: HttpRequest, rows: QuerySet[Job]) -> None:
        self._take(request, rows, jobs.retry, "queued again")

    @action(
        description="Cancel",
        icon="cancel",
        permissions=["operate"],
        dialog=_dialog("Cancel this job?", "It stops at once; nothing it does after that counts.", "Stop it"),
    )
    def cancel_job(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        return self._take_one(request, object_id, jobs.cancel, "cancelled")

    @action(
        description="Retry",
        icon="replay",
        permissions=["operate"],
        dialog=_dialog("Retry this job?", "It is queued once more, with all its attempts.", "Retry"),
    )
    def retry_job(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        return self._take_one(request, object_id, jobs.retry, "queued again")

    @action(
        description="Look for lost jobs",
        icon="healing",
        variant=ActionVariant.PRIMARY,
        permissions=["operate"],
        dialog=_dialog(
            "Look for lost jobs?",
            "Jobs of dead workers start over, lost messages are sent again. Workers do this all the time.",
            "Look now",
        ),
    )
    def reap(self, request: HttpRequest, form: Form) -> HttpResponse:
        found = jobs.reap()
        messages.success(
            request,
            f"{found.requeued} started over, {found.failed} given up, {found.resent} sent again.",
        )
        return _go_to(request, reverse("admin:analysis_job_changelist"))

    @action(
        description="Requeue failed",
        icon="replay",
        permissions=["operate"],
        dialog=_dialog(
            "Requeue all that failed with one code?",
            f"They are queued once more with all their attempts, the oldest first, {jobs.BATCH} at a time. "
            "What the video itself is to blame for will fail again.",
            "Requeue",
            RequeueForm,
        ),
    )
    def requeue_failed(self, request: HttpRequest, form: Form) -> HttpResponse:
        code = form.cleaned_data["code"]
        done = jobs.retry_failed(code)
        messages.success(request, f"{done.queued} queued again that had failed with {code}.")
        if done.skipped:
            messages.warning(request, f"{done.skipped} left alone: other jobs do their work already.")
        if done.more:
            messages.info(request, "There are more of them. Requeue again when these are done.")
        return _go_to(request, f"{reverse('admin:analysis_job_changelist')}?state__exact=queued")

    def _take(
        self, request: HttpRequest, rows: Iterable[Job], step: Callable[[Job], None], done: str
    ) -> None:
        taken = 0
        for job in rows:
            try:
                step(job)
                taken += 1
            except NotNow as problem:
                messages.warning(request, f"{job.id}: {problem.sentence}")
        if taken:
            messages.success(request, f"{taken} {done}.")

    def _take_one(
        self, request: HttpRequest, object_id: str, step: Callable[[Job], None], done: str
    ) -> HttpResponse:
        self._take(request, [get_object_or_404(Job, pk=object_id)], step, done)
        return _go_to(request, reverse("admin:analysis_job_change", args=[object_id]))


@admin.register(Worker)
class WorkerAdmin(ReadOnlyAdmin):
    """Worker processes and their signs of life."""

    ordering = ("name",)
    list_display = ("name", "started_at", "ready_at", "heartbeat_at", "alive", "idle_since")

    @display(description="Alive", boolean=True)
    def alive(self, worker: Worker) -> bool:
        return worker.is_alive


@admin.register(Analysis)
class AnalysisAdmin(ReadOnlyAdmin):
    """Analyses with all that came of them."""

    list_display = (
        *("owner", "challenge_type", "difficulty", "state", "total", "sure", "tempo", "engine_version"),
        "created_at",
    )
    list_select_related = ("owner", "job")
    list_filter = (SinceFilter,)
    list_filter_submit = True
    search_fields = ("=id", "=owner__email", "=video_key")
    search_help_text = "A whole id, email address or video key."
    fieldsets = (
        (None, {"fields": ("id", "owner", "state", "its_job", "video_key", "length")}),
        ("Asked", {"fields": ("challenge_type", "difficulty", "target_bpm", "reference")}),
        (
            "Scores",
            {"fields": ("total", "balance", "rhythm", "smoothness", "creativity", "sure", "tempo")},
        ),
        ("Why", {"fields": ("rhythm_basis", "feedback", "its_flags", "its_measures")}),
        (
            "Files and times",
            {"fields": ("pose_key", "report_key", "engine_version", "created_at", "completed_at")},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Analysis]:
        # Long texts that no list shows.
        rows: QuerySet[Analysis] = super().get_queryset(request)
        return rows.defer(
            *("measures", "feedback", "job__options", "job__result", "job__error_trace", "job__error_message")
        )

    @display(description="State", label=_STATE_COLOURS)
    def state(self, analysis: Analysis) -> str:
        return analysis.status

    @display(description="Confidence")
    def sure(self, analysis: Analysis) -> str | None:
        return None if analysis.confidence is None else f"{analysis.confidence:.2f}"

    @display(description="Beats a minute")
    def tempo(self, analysis: Analysis) -> str | None:
        return None if analysis.bpm is None else f"{analysis.bpm:.1f}"

    @display(description="Duration")
    def length(self, analysis: Analysis) -> str | None:
        return _seconds(analysis.duration)

    @display(description="Job")
    def its_job(self, analysis: Analysis) -> SafeString | None:
        if analysis.job is None:
            return None
        address = reverse("admin:analysis_job_change", args=[analysis.job_id])
        return format_html('<a href="{}">{} {}</a>', address, analysis.job.kind, analysis.job_id[-6:])

    @display(description="Flags")
    def its_flags(self, analysis: Analysis) -> str | None:
        return ", ".join(map(str, analysis.flags)) or None

    @display(description="Measures")
    def its_measures(self, analysis: Analysis) -> SafeString | None:
        return format_html_join("", "{}", ((_table(*one),) for one in analysis.measures.items())) or None


def _table(dimension: str, score: dict[str, Any]) -> SafeString:
    """The measures behind one dimension, with what each earned and how much that counts."""
    rows = (
        (
            measure["name"].replace("_", " "),
            _percent(measure["share"]),
            _percent(measure["weight"]),
            _value(measure["value"], measure["unit"]),
            measure["note"],
        )
        for measure in score["measures"]
    )
    return format_html(
        '<table class="measures"><caption>{}{}</caption>'
        "<tr><th>Measure</th><th>Earns</th><th>Weighs</th><th>Value</th><th>Note</th></tr>{}</table>",
        dimension.capitalize(),
        f": {score['note']}" if score["note"] else "",
        format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>", rows),
    )


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


def _value(value: float | None, unit: str) -> str:
    """A number with its unit; `1` is none."""
    if value is None:
        return "not measured"
    return f"{value:.3g}" if unit == "1" else f"{value:.3g} {unit}"


def progress_bar(job: Job) -> SafeString:
    """How far a job is; `jobs.js` moves it while the job is not done."""
    return format_html(
        '<span class="job-progress" {}><progress max="1" value="{}" aria-label="Progress"></progress> '
        "<span>{}</span></span>",
        "" if job.ended else format_html('data-job="{}"', job.pk),
        f"{job.progress:.3f}",
        _progress_in_words(job),
    )


def _progress_in_words(job: Job) -> str:
    return f"{job.progress:.0%} {job.stage}".strip()


def _seconds(value: float | None) -> str | None:
    if value is None:
        return None
    # Tenths say nothing of what takes minutes.
    return f"{value:.1f}\N{NO-BREAK SPACE}s" if value < 120 else f"{value / 60:.0f}\N{NO-BREAK SPACE}min"


def _go_to(request: HttpRequest, url: str) -> HttpResponse:
    """After a dialog, whose form is sent by htmx: the page has to be told, not the form's frame."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponse(status=302, headers={"Location": url})
