"""Numbers about jobs and workers for the console. Each is quick however many jobs there have been.

What waits and runs is counted live, over an index and not beyond 10,000. What has ended is summed up by hour
for the last week and remembered for a minute.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.core.cache import cache
from django.db.models import Count
from django.db.models.functions import TruncHour
from django.utils import timezone

from analysis import jobs
from analysis.engine.errors import SENTENCES as REFUSALS
from analysis.models import ENDED, Job, State, Worker
from idance.counting import count_up_to

REMEMBERED: Final = 60  # s
HOURS: Final = 24
DAYS: Final = 7
SLOWEST: Final = 5


@dataclass(frozen=True, slots=True)
class Stretch:
    """An hour or a day and how many jobs ended in it."""

    start: datetime
    completed: int
    failed: int


@dataclass(frozen=True, slots=True)
class Busy:
    """A worker, and the job it is at."""

    worker: Worker
    job: Job | None


def waiting() -> tuple[int, datetime | None]:
    """How many jobs wait, and since when the first of them does."""
    queued = Job.objects.filter(state=State.QUEUED)
    first = queued.order_by("queued_at").values_list("queued_at", flat=True).first()
    return count_up_to(queued), first


def running() -> int:
    """How many jobs are being worked on."""
    return count_up_to(Job.objects.filter(state=State.PROCESSING))


def workers() -> list[Busy]:
    """Every worker that was heard of in the last hour, with what it does."""
    at_work = {job.worker: job for job in Job.objects.filter(state=State.PROCESSING).defer(*_LONG)[:200]}
    return [Busy(worker, at_work.get(worker.name)) for worker in Worker.objects.order_by("name")[:100]]


def last_hours() -> list[Stretch]:
    """The last 24 hours, the present one last."""
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    return _stretches([now - timedelta(hours=back) for back in reversed(range(HOURS))], timedelta(hours=1))


def last_days() -> list[Stretch]:
    """The last seven days in the server's zone, today last."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return _stretches([today - timedelta(days=back) for back in reversed(range(DAYS))], timedelta(days=1))


def failures() -> list[tuple[str, int]]:
    """Failures of the last 24 hours by code, the most frequent first."""
    since = timezone.now() - timedelta(hours=HOURS)
    found: list[tuple[str, int]] | None = cache.get("job-failures")
    if found is None:
        failed = Job.objects.filter(state=State.FAILED, finished_at__gte=since).order_by()
        rows = failed.values("error_code").annotate(jobs=Count("id"))
        found = sorted(((row["error_code"], row["jobs"]) for row in rows), key=lambda pair: -pair[1])
        cache.set("job-failures", found, REMEMBERED)
    return found


def error_codes() -> list[str]:
    """Codes that jobs are known to fail with."""
    return sorted({*REFUSALS, *jobs.SENTENCES})


def failed_by_code() -> list[tuple[str, int]]:
    """How many jobs have failed with each code, the most frequent first."""
    failed = Job.objects.filter(state=State.FAILED)
    codes = {*error_codes(), *(code for code, _ in failures())}
    counts = [(code, count_up_to(failed.filter(error_code=code))) for code in codes]
    return sorted((pair for pair in counts if pair[1]), key=lambda pair: -pair[1])


def slowest() -> list[Job]:
    """The jobs of the last 24 hours that took longest."""
    found: list[Job] | None = cache.get("job-slowest")
    if found is None:
        since = timezone.now() - timedelta(hours=HOURS)
        done = Job.objects.filter(state=State.COMPLETED, finished_at__gte=since, run_seconds__isnull=False)
        found = list(done.defer(*_LONG).order_by("-run_seconds")[:SLOWEST])
        cache.set("job-slowest", found, REMEMBERED)
    return found


#: Columns that may be large and that no overview shows.
_LONG: Final = ("options", "result", "error_trace")


def _stretches(starts: list[datetime], length: timedelta) -> list[Stretch]:
    by_hour = _ended_by_hour()
    found = []
    for start in starts:
        counts: Counter[str] = Counter()
        for hour, states in by_hour.items():
            if start <= hour < start + length:
                counts.update(states)
        found.append(Stretch(start, counts[State.COMPLETED], counts[State.FAILED]))
    return found


def _ended_by_hour() -> dict[datetime, dict[str, int]]:
    """How many jobs ended in each hour of the last week, by state."""
    found: dict[datetime, dict[str, int]] | None = cache.get("job-hours")
    if found is None:
        since = timezone.now() - timedelta(days=DAYS)
        ended = Job.objects.filter(state__in=ENDED, finished_at__gte=since).order_by()
        rows = (
            ended.annotate(hour=TruncHour("finished_at")).values("hour", "state").annotate(jobs=Count("id"))
        )
        found = {}
        for row in rows:
            found.setdefault(row["hour"], {})[row["state"]] = row["jobs"]
        cache.set("job-hours", found, REMEMBERED)
    return found
