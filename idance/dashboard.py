"""The console's first page: how the service does, in numbers that each lead to their list.

Everybody sees only the numbers of what they may look at. None is counted over a whole table: what could be
many is counted up to 10,000, and what needs a sum over everything is remembered for a while.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib import admin
from django.core.cache import cache
from django.db.models import Count, Model, Sum
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince

from analysis import statistics
from analysis.models import Job, Worker
from analysis.statistics import Stretch
from challenges.models import Submission
from challenges.moderation.models import ItemState, QueueItem
from idance.counting import count_up_to, in_words
from idance.files.models import Purpose, StoredFile
from idance.lib.ids import first_id_of

#: How long the sum of all files is remembered: it is the one number that needs every row.
STORAGE_SECONDS: Final = 3600
#: Size of a chart in units of its own.
_WIDTH, _HEIGHT, _GAP = 480.0, 120.0, 0.25


@dataclass(frozen=True, slots=True)
class Number:
    """One figure on a card."""

    title: str
    value: str
    note: str
    link: str
    icon: str
    tone: str = "calm"  # calm, good, warn, bad


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart: what is completed, and what failed on top of it."""

    label: str
    completed: int
    failed: int
    x: float
    width: float
    y: float
    height: float
    failed_y: float
    failed_height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars side by side, with the same numbers as a table for who cannot see them."""

    title: str
    bars: list[Bar]
    total: int
    failed: int
    most: int
    each: str  # what a bar stands for
    first: str
    last: str
    link: str
    failed_link: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list with a bar that shows its share."""

    name: str
    value: str
    share: float  # percent of the longest
    link: str


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the template of the first page shows; called by the console for each view."""
    numbers: list[Number] = []
    if _may_see(request, Submission):
        numbers.append(_submissions())
    if _may_see(request, QueueItem):
        numbers.append(_moderation())
    if _may_see(request, Job):
        numbers += _jobs()
        context["charts"] = [
            _chart("Last 24 hours", statistics.last_hours(), "%H:00", "day"),
            _chart("Last 7 days", statistics.last_days(), "%a %d", "week"),
        ]
        context["failures"] = _failures()
        context["slowest"] = [(job, _job_page(job)) for job in statistics.slowest()]
    if _may_see(request, Worker):
        context["workers"] = statistics.workers()
        context["may_see_jobs"] = _may_see(request, Job)
        numbers.append(_workers(context["workers"]))
    if _may_see(request, StoredFile):
        context["storage"], context["stored"] = _storage()
        # Uploads pass through the data folder also where they are kept elsewhere.
        context["free"] = filesizeformat(shutil.disk_usage(settings.DATA_DIR).free)
    context["title"] = "Overview"
    context["numbers"] = numbers
    context["looked_at"] = timezone.localtime()
    return context


def _may_see(request: HttpRequest, model: type[Model]) -> bool:
    page = admin.site._registry.get(model)
    return page is not None and page.has_view_permission(request)


def _list(model: type[Model], query: str = "") -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") + query


def _job_page(job: Job) -> str:
    return reverse("admin:analysis_job_change", args=[job.pk])


# --- Numbers ----------------------------------------------------------------------------------------------
def _submissions() -> Number:
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    today = count_up_to(Submission.objects.filter(pk__gte=first_id_of(midnight)))
    return Number(
        "Submitted today", in_words(today), "since midnight", _list(Submission, "?since=today"), "videocam"
    )


def _moderation() -> Number:
    waiting = QueueItem.objects.filter(state=ItemState.OPEN)
    oldest = waiting.order_by("waiting_since").values_list("waiting_since", flat=True).first()
    return Number(
        "Needs a look",
        in_words(count_up_to(waiting)),
        _since("the oldest waits for", oldest) or "nobody waits",
        _list(QueueItem),
        "gavel",
        "warn" if oldest is not None and oldest < timezone.now() - timedelta(days=1) else "calm",
    )


def _jobs() -> list[Number]:
    queued, first = statistics.waiting()
    running = statistics.running()
    failed = sum(count for _, count in statistics.failures())
    late = first is not None and first < timezone.now() - timedelta(minutes=10)
    return [
        Number(
            "Jobs waiting",
            in_words(queued),
            _since("the first waits for", first) or "the queue is empty",
            _list(Job, "?state__exact=queued"),
            "hourglass_empty",
            "warn" if late else "calm",
        ),
        Number(
            "Jobs running",
            in_words(running),
            "being worked on now",
            _list(Job, "?state__exact=processing"),
            "bolt",
        ),
        Number(
            "Jobs failed",
            f"{failed:,}",
            "in the last 24 hours",
            _list(Job, "?state__exact=failed&ended=day"),
            "error",
            "bad" if failed else "good",
        ),
    ]


def _workers(found: list[statistics.Busy]) -> Number:
    alive = sum(one.worker.is_alive for one in found)
    silent = len(found) - alive
    note = f"{silent} silent" if silent else "none is silent"
    tone = "bad" if not alive else "warn" if silent else "good"
    if not alive:
        note = "nothing is analysed until one starts"
    return Number("Workers alive", str(alive), note, _list(Worker), "memory", tone)


def _since(words: str, moment: datetime | None) -> str:
    if moment is None:
        return ""
    young = timezone.now() - moment < timedelta(minutes=1)
    return f"{words} {'less than a minute' if young else timesince(moment, depth=1)}"


# --- Charts and lists -------------------------------------------------------------------------------------
def _chart(title: str, stretches: list[Stretch], form: str, period: str) -> Chart:
    most = max((one.completed + one.failed for one in stretches), default=0)
    step = _WIDTH / max(1, len(stretches))
    scale = _HEIGHT / max(1, most)
    bars = []
    for place, one in enumerate(stretches):
        done, failed = one.completed * scale, one.failed * scale
        bars.append(
            Bar(
                label=timezone.localtime(one.start).strftime(form),
                completed=one.completed,
                failed=one.failed,
                x=round((place + _GAP / 2) * step, 2),
                width=round((1 - _GAP) * step, 2),
                y=round(_HEIGHT - done, 2),
                height=round(done, 2),
                failed_y=round(_HEIGHT - done - failed, 2),
                failed_height=round(failed, 2),
            )
        )
    return Chart(
        title=title,
        bars=bars,
        total=sum(one.completed + one.failed for one in stretches),
        failed=sum(one.failed for one in stretches),
        most=most,
        each="an hour" if period == "day" else "a day",
        first=bars[0].label,
        last=bars[-1].label,
        link=_list(Job, f"?ended={period}"),
        failed_link=_list(Job, f"?state__exact=failed&ended={period}"),
    )


def _failures() -> list[Line]:
    found = statistics.failures()
    address = _list(Job, "?state__exact=failed&ended=day&code=")
    return _lines([(code, count, f"{count:,}", address + code) for code, count in found])


def _storage() -> tuple[list[Line], str]:
    """Bytes by purpose, and all together."""
    known: dict[str, tuple[int, int]] | None = cache.get("storage-used")
    if known is None:
        rows = StoredFile.objects.order_by().values("purpose").annotate(size=Sum("size"), files=Count("id"))
        known = {row["purpose"]: (row["size"] or 0, row["files"]) for row in rows}
        cache.set("storage-used", known, STORAGE_SECONDS)
    lines = [
        (
            _PURPOSES.get(purpose, purpose),
            size,
            f"{filesizeformat(size)} in {files:,} file{'' if files == 1 else 's'}",
            _list(StoredFile, f"?purpose__exact={purpose}"),
        )
        for purpose, (size, files) in sorted(known.items(), key=lambda item: -item[1][0])
    ]
    return _lines(lines), filesizeformat(sum(size for size, _ in known.values()))


_PURPOSES: Final[dict[str, str]] = {
    Purpose.UPLOAD.value: "Uploads",
    Purpose.CHALLENGE.value: "Submissions",
    Purpose.BREAKDOWN.value: "Breakdowns",
    Purpose.SESSION.value: "Sessions",
}


def _lines(found: list[tuple[str, int, str, str]]) -> list[Line]:
    longest = max((amount for _, amount, _, _ in found), default=0) or 1
    return [
        Line(name=name, value=value, share=round(100 * amount / longest, 1), link=link)
        for name, amount, value, link in found
    ]
