"""Reading jobs and analyses."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from analysis import jobs
from analysis.engine.errors import SENTENCES
from analysis.models import Analysis, Job, State
from idance.lib.problems import Missing

if TYPE_CHECKING:
    from accounts.models import User

log = logging.getLogger(__name__)

#: Refusals that would be the same again, since they depend on nothing but the video.
FINAL_REFUSALS = frozenset(SENTENCES) - {"timeout", "download_failed"}
#: How many finished jobs the mean speed is taken from, and for how many seconds it is remembered.
SPEED_JOBS = 20
SPEED_SECONDS = 30


def job_of(owner: User, job_id: str) -> Job:
    """This person's job; ``Missing`` when it is somebody else's or does not exist."""
    job = Job.objects.filter(pk=job_id, owner=owner).first()
    if job is None:
        raise Missing("There is no such job.")
    return job


def finished(*, kind: str, subject_id: str, **asked: Any) -> Analysis | None:
    """The newest analysis with these settings that has ended in a result or a lasting refusal."""
    ended = Q(completed_at__isnull=False) | Q(job__state=State.FAILED, job__error_code__in=FINAL_REFUSALS)
    same = Analysis.objects.filter(ended, job__kind=kind, job__subject_id=subject_id, **asked)
    return same.select_related("job").order_by("-id").first()


def report(analysis: Analysis) -> dict[str, Any]:
    """The stored report; ``Missing`` when there is none yet, or no longer."""
    if not analysis.report_key:
        raise Missing("There is no report yet.")
    try:
        with default_storage.open(analysis.report_key) as stored:
            found: dict[str, Any] = json.loads(stored.read())
    except FileNotFoundError:
        log.error("The report of %s is lost: nothing is stored as %s.", analysis, analysis.report_key)
        raise Missing("This report is lost. Scoring the dance again makes a new one.") from None
    return found


def timing(analysis: Analysis) -> dict[str, Any] | None:
    """What others on the same music can be compared with; None without a clear pulse to music."""
    found: dict[str, Any] | None = report(analysis)["curves"].get("rhythm", {}).get("reference")
    return found


def movement(analysis: Analysis) -> dict[str, Any] | None:
    """The stored landmarks (`pose` in docs/pose-data.md); None when there are none, or no longer."""
    if not analysis.pose_key or not default_storage.exists(analysis.pose_key):
        return None
    with default_storage.open(analysis.pose_key) as stored:
        found: dict[str, Any] = json.loads(stored.read())["pose"]
    return found


def speaks_of(ids: Collection[str]) -> Iterable[str]:
    """The stored files of analyses with these ids."""
    found = Analysis.objects.filter(pk__in=ids)
    return chain.from_iterable(found.values_list("pose_key", "report_key", "thumbnail_key"))


# --- When will it be done? --------------------------------------------------------------------------------
def estimated_completion(job: Job) -> datetime | None:
    """When an unfinished job will probably be done, from how fast its kind went before; None when unknown."""
    if job.ended or job.state == State.QUEUED and not jobs.live_workers().exists():
        return None
    seconds = _expected_seconds(job)
    if seconds is None:
        return None
    now = timezone.now()
    if job.state == State.QUEUED:
        ahead = _seconds_ahead(job)
        return None if ahead is None else now + timedelta(seconds=ahead + seconds)
    if job.started_at is None:
        return None
    done = job.started_at + timedelta(seconds=seconds)
    # Slower than its kind: what was expected has been refuted, and nothing better is known.
    return done if done > now else None


def estimated_seconds(job: Job) -> int | None:
    """Whole seconds from now until the job will probably be done; None when unknown."""
    done = estimated_completion(job)
    return None if done is None else max(1, round((done - timezone.now()).total_seconds()))


def _expected_seconds(job: Job) -> float | None:
    """How long an attempt of this job probably takes."""
    per_job, per_second = _speed(job.kind)
    return per_job if job.size is None or per_second is None else per_second * job.size


def _speed(kind: str) -> tuple[float | None, float | None]:
    """Mean run seconds of the last finished jobs of a kind: per job, and per second of video."""
    key = f"job-speed:{kind}"
    known: tuple[float | None, float | None] | None = cache.get(key)
    if known is None:
        done = Job.objects.filter(kind=kind, state=State.COMPLETED, run_seconds__isnull=False)
        recent = list(done.order_by("-finished_at").values_list("run_seconds", "size")[:SPEED_JOBS])
        sized = [(run, size) for run, size in recent if run is not None and size]
        known = (
            sum(run or 0.0 for run, _ in recent) / len(recent) if recent else None,
            sum(run for run, _ in sized) / sum(size for _, size in sized) if sized else None,
        )
        cache.set(key, known, SPEED_SECONDS)
    return known


def _seconds_ahead(job: Job) -> float | None:
    """How long a queued job probably waits: the work before it, shared among the workers alive."""
    before = Q(state=State.PROCESSING) | Q(state=State.QUEUED, queued_at__lt=job.queued_at)
    kinds = (
        Job.objects.filter(before)
        .order_by()
        .values("kind")
        .annotate(
            video=Sum(F("size") * (1.0 - F("progress"))),
            unsized=Count("id", filter=Q(size=None)),
            jobs=Count("id"),
        )
    )
    seconds = 0.0
    for row in kinds:
        per_job, per_second = _speed(row["kind"])
        if per_job is None:
            return None
        if per_second is None:
            seconds += per_job * row["jobs"]
        else:
            seconds += per_second * (row["video"] or 0.0) + per_job * row["unsized"]
    return seconds / max(1, jobs.live_workers().count())
