"""Jobs: every step in the life of one, and the only place that takes it.

A job's row is the truth; the queue carries its id and may lose or repeat it at will. Each step is one
conditional UPDATE whose count says whether it was taken, so any number of workers and machines may try at
once. Whoever works holds the attempt number: every write of an attempt asks that the row still carries it,
and an attempt that was given up for lost can therefore neither report, complete nor fail any more.

``queued -> processing -> completed | failed | cancelled``; back to ``queued`` when an attempt is lost, handed
back by a stopping worker, or retried. `docs/jobs.md` tells the whole story.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from analysis.models import UNDER_WAY, WITHOUT_RESULT, Job, State, Worker
from idance.lib.problems import NotNow

if TYPE_CHECKING:
    from accounts.models import User

log = logging.getLogger(__name__)

#: What people read when the fault is ours; refusals bring their own sentence.
SENTENCES = {
    "internal_error": "Something went wrong on our side. Please try again.",
    "worker_lost": "The work was interrupted too often. Please try again later.",
    "timeout": "This took too long and was stopped.",
}
#: Failed jobs that are queued again at once.
BATCH = 200
#: A worker idle for so long would have been given any message that is still in the queue.
QUIET = timedelta(seconds=3)
#: Rows of workers silent for so long are removed.
FORGET_WORKERS = timedelta(hours=1)


class Cancelled(Exception):
    """The job was cancelled, or another attempt has taken it over: stop, nothing you write counts."""


# --- Kinds ------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Outcome:
    """What a handler hands over: the result to keep, and the change that makes it real.

    ``effect`` runs in the transaction that completes the job, so it happens exactly once or not at all. Keep
    it short: on SQLite nobody else can write meanwhile. ``undo`` is called instead when the job turns out to
    be no longer this attempt's: remove there what was stored for the effect.
    """

    result: dict[str, Any] = field(default_factory=dict)
    effect: Callable[[], None] | None = None
    undo: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a handler is given."""

    job: Job
    folder: Path  # of its own, removed afterwards
    progress: Callable[[str, float], None]  # (stage, share done 0..1); raises to stop the work

    def set_size(self, seconds: float) -> None:
        """Say how long the video is, once known, for the estimate of when the job will be done."""
        if _held(self.job).update(size=seconds):
            self.job.size = seconds


Handler: TypeAlias = Callable[[JobContext], Outcome]
Ended: TypeAlias = Callable[[Job], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of job is done."""

    handler: Handler
    ended: Ended | None = None
    about: str = ""


KINDS: dict[str, Kind] = {}


def register(kind: str, handler: Handler, *, ended: Ended | None = None, about: str = "") -> None:
    """Say how a kind of job is done; called from ``AppConfig.ready`` of the app that owns the kind.

    Parameters
    ----------
    handler : does the work and returns its ``Outcome``. May run again after a crash: whatever must happen
        once belongs into the outcome's effect. ``analysis.engine.errors.Refusal`` fails the job with its code
        and sentence; any other exception is our fault, and is tried again while attempts remain.
    ended : called in the transaction in which a job of this kind fails or is cancelled.
    about : what the subjects are, as `app_label.model_name`, where the console has pages of them.
    """
    if kind in KINDS:
        raise ValueError(f"Two handlers for the job kind {kind!r}.")
    KINDS[kind] = Kind(handler, ended, about)


# --- Into the queue ---------------------------------------------------------------------------------------
def enqueue(
    kind: str,
    subject_id: str,
    owner: User,
    options: dict[str, Any] | None = None,
    *,
    size: float | None = None,
) -> Job:
    """A job for this subject: the one that is not finished yet if there is one, else a new one.

    Parameters
    ----------
    options : plain JSON for the handler. They count only for a new job: compare when it matters.
    size : seconds of video, when known, for the estimate of when it will be done.

    The queue hears of it when the transaction commits, and never if it does not.
    """
    if kind not in KINDS:
        raise LookupError(f"Nobody handles the job kind {kind!r}.")
    for last_try in (False, True):
        under_way = unfinished(kind, subject_id)
        if under_way is not None:
            return under_way
        now = timezone.now()
        job = Job(
            kind=kind,
            subject_id=subject_id,
            owner=owner,
            active_key=_active_key(kind, subject_id),
            attempts_allowed=settings.JOB_MAX_ATTEMPTS,
            options=options or {},
            size=size,
            created_at=now,
            queued_at=now,
            sent_at=now,
        )
        try:
            with transaction.atomic():
                job.save(force_insert=True)
        except IntegrityError:
            if last_try:
                raise
            continue  # Somebody else was first, and theirs is the one.
        _send_on_commit(job.id)
        return job
    raise AssertionError("unreachable")


def unfinished(kind: str, subject_id: str) -> Job | None:
    """The job of a kind that is queued or running for a subject, if there is one."""
    return Job.objects.filter(active_key=_active_key(kind, subject_id)).first()


def _active_key(kind: str, subject_id: str) -> str:
    return f"{kind}:{subject_id}"


def _send_on_commit(job_id: str) -> None:
    def tell_queue() -> None:
        send(job_id)

    # Robust: when the broker is down the row is still queued, and the reaper sends it once it is back.
    transaction.on_commit(tell_queue, robust=True)


def send(job_id: str) -> None:
    """Hand the id to the queue. Sending twice is harmless: one claim wins, the others find nothing."""
    # Not saved by the queue: the job row says all there is to say.
    async_task("analysis.tasks.run_job", job_id, q_options={"save": False, "task_name": job_id})


# --- Steps of an attempt ----------------------------------------------------------------------------------
def _held(job: Job) -> QuerySet[Job]:
    """The job's row as long as it is still this attempt's."""
    return Job.objects.filter(pk=job.pk, state=State.PROCESSING, attempts=job.attempts)


def claim(job_id: str, worker: str) -> Job | None:
    """Start an attempt, counted before any work; None when there is nothing to do any more."""
    job = Job.objects.filter(pk=job_id, state=State.QUEUED).first()
    if job is None:
        return None
    now = timezone.now()
    taken = Job.objects.filter(pk=job_id, state=State.QUEUED, attempts=job.attempts).update(
        state=State.PROCESSING,
        attempts=job.attempts + 1,
        worker=worker,
        stage="",
        started_at=now,
        heartbeat_at=now,
        wait_seconds=(now - job.queued_at).total_seconds(),
    )
    if not taken:
        return None
    job.refresh_from_db()
    return job


def beat(job: Job) -> bool:
    """A sign of life of this attempt. False when the job is no longer its own."""
    return _held(job).update(heartbeat_at=timezone.now()) == 1


def advance(job: Job, stage: str, progress: float) -> None:
    """Say how far this attempt is. Progress never goes back, not even when a new attempt starts over.

    Raises ``Cancelled`` when the job was cancelled or is another attempt's by now.
    """
    job.progress = max(job.progress, min(progress, 1.0))
    job.stage = stage
    if not _held(job).update(stage=stage, progress=job.progress, heartbeat_at=timezone.now()):
        raise Cancelled(job.id)


def complete(job: Job, result: dict[str, Any], effect: Callable[[], None] | None = None) -> None:
    """Finish this attempt's job, together with its effect: both happen, once, or neither.

    Doing it again changes nothing, so it may be tried again when a lost connection leaves the first try in
    doubt. Raises ``Cancelled`` when the job was cancelled or is another attempt's by now.
    """
    now = timezone.now()
    with transaction.atomic():
        ours = _held(job).update(
            state=State.COMPLETED,
            active_key=None,
            stage="",
            progress=1.0,
            result=result,
            error_code="",
            error_message="",
            error_trace="",
            finished_at=now,
            run_seconds=_seconds_since(job.started_at, now),
        )
        if ours:
            if effect is not None:
                effect()
        elif not Job.objects.filter(pk=job.pk, state=State.COMPLETED, attempts=job.attempts).exists():
            raise Cancelled(job.id)


def fail(job: Job, code: str, message: str, trace: str = "", *, again: bool = False) -> None:
    """End this attempt without a result; with ``again``, start another while attempts remain.

    Does nothing when the job is no longer this attempt's.
    """
    if again and job.attempts < job.attempts_allowed:
        _requeue(_held(job), job.id, error_trace=trace)
        return
    now = timezone.now()
    _end(
        _held(job),
        job.id,
        State.FAILED,
        error_code=code,
        error_message=message,
        error_trace=trace,
        run_seconds=_seconds_since(job.started_at, now),
    )


def release(job: Job) -> None:
    """Hand this attempt's job back because the worker stops; the attempt does not count."""
    _requeue(_held(job), job.id, attempts_allowed=F("attempts_allowed") + 1)


def _seconds_since(start: datetime | None, now: datetime) -> float | None:
    return None if start is None else (now - start).total_seconds()


def _requeue(rows: QuerySet[Job], job_id: str, **changes: Any) -> bool:
    """Put the row back into the queue, if it still is as ``rows`` says."""
    now = timezone.now()
    with transaction.atomic():
        ours = rows.update(state=State.QUEUED, worker="", stage="", queued_at=now, sent_at=now, **changes)
        if ours:
            _send_on_commit(job_id)
    return bool(ours)


def _end(rows: QuerySet[Job], job_id: str, state: State, **changes: Any) -> bool:
    """End the row without a result, if it still is as ``rows`` says, and tell the owner of its kind."""
    with transaction.atomic():
        ours = rows.update(state=state, active_key=None, stage="", finished_at=timezone.now(), **changes)
        if ours:
            job = Job.objects.get(pk=job_id)
            kind = KINDS.get(job.kind)
            if kind is not None and kind.ended is not None:
                kind.ended(job)
    return bool(ours)


# --- From outside -----------------------------------------------------------------------------------------
def cancel(job: Job) -> None:
    """Stop a job at once: a queued one never starts, a running one finds out at its next report.

    Cancelling again changes nothing. Raises ``NotNow`` when it has ended otherwise.
    """
    unfinished = Job.objects.filter(pk=job.pk, state__in=UNDER_WAY)
    if not _end(unfinished, job.pk, State.CANCELLED):
        job.refresh_from_db()
        if job.state != State.CANCELLED:
            raise NotNow("This job has already ended.")
    job.refresh_from_db()


def retry(job: Job) -> None:
    """Queue a failed or cancelled job once more, with all its attempts. ``NotNow`` when that cannot be."""
    ended = Job.objects.filter(pk=job.pk, state__in=WITHOUT_RESULT)
    try:
        again = _requeue(
            ended,
            job.pk,
            active_key=_active_key(job.kind, job.subject_id),
            attempts_allowed=F("attempts") + settings.JOB_MAX_ATTEMPTS,
            progress=0.0,
            error_code="",
            error_message="",
            error_trace="",
            finished_at=None,
            run_seconds=None,
        )
    except IntegrityError:
        raise NotNow("Another job for the same object is under way.") from None
    if not again:
        raise NotNow("Only a failed or cancelled job can be retried.")
    job.refresh_from_db()


@dataclass(frozen=True, slots=True)
class Requeued:
    """What became of failed jobs: queued again, or left alone since others do their work; are there more?"""

    queued: int
    skipped: int
    more: bool


def retry_failed(code: str, *, most: int = BATCH) -> Requeued:
    """Queue failed jobs with this code once more, the oldest first, and no more than the workers can bear."""
    failed = Job.objects.filter(state=State.FAILED, error_code=code).order_by("id")
    queued = skipped = 0
    rows = list(failed.defer("options", "result", "error_trace")[: most + 1])
    for job in rows[:most]:
        try:
            retry(job)
            queued += 1
        except NotNow:
            skipped += 1
    return Requeued(queued, skipped, len(rows) > most)


# --- Lost workers and lost messages -----------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Reaped:
    """What the reaper found: jobs started over, given up, and sent once more."""

    requeued: int = 0
    failed: int = 0
    resent: int = 0


def reap() -> Reaped:
    """Take jobs from dead workers and repeat lost messages. Harmless to run anywhere, at any time, at once.

    A running job whose heartbeat stopped is queued again while attempts remain, else fails (`worker_lost`,
    or `timeout` when its time was up). A queued one is sent again when a worker has been idle for a while
    since it was sent, which proves that its message is not in the queue, and in any case now and then.
    """
    now = timezone.now()
    dead = now - timedelta(seconds=settings.JOB_HEARTBEAT_TIMEOUT)
    lost = Job.objects.filter(state=State.PROCESSING, heartbeat_at__lt=dead).order_by()
    requeued, failed = _give_up(lost)
    someone_idle = live_workers().filter(idle_since__lt=now - QUIET).exists()
    patience = QUIET if someone_idle else timedelta(seconds=settings.JOB_TIMEOUT)
    unheard = Job.objects.filter(state=State.QUEUED, queued_at__lt=now - QUIET, sent_at__lt=now - patience)
    resent = sum(_resend(job) for job in unheard.order_by("queued_at")[:100])
    if requeued or failed or resent:
        log.warning("Reaper: %d started over, %d given up, %d sent again.", requeued, failed, resent)
    return Reaped(requeued, failed, resent)


def worker_died(name: str) -> None:
    """Take over at once the jobs of a worker that is known to be dead, without waiting for its heartbeat."""
    _give_up(Job.objects.filter(state=State.PROCESSING, worker=name).order_by())
    Worker.objects.filter(name=name).delete()


def _give_up(lost: QuerySet[Job]) -> tuple[int, int]:
    """Start lost attempts over or fail them. Returns how many of each."""
    requeued = failed = 0
    for job in lost.defer("options", "result", "error_trace"):
        # Only if it has not beaten since we looked.
        rows = _held(job).filter(heartbeat_at=job.heartbeat_at)
        ran = _seconds_since(job.started_at, timezone.now()) or 0.0
        overdue = ran >= settings.JOB_TIMEOUT
        if not overdue and job.attempts < job.attempts_allowed:
            requeued += _requeue(rows, job.id)
        else:
            code = "timeout" if overdue else "worker_lost"
            message = SENTENCES[code]
            failed += _end(
                rows, job.id, State.FAILED, error_code=code, error_message=message, run_seconds=ran
            )
    return requeued, failed


def _resend(job: Job) -> bool:
    """Send a queued job's id again, unless another reaper does."""
    fresh = Job.objects.filter(pk=job.pk, state=State.QUEUED, sent_at=job.sent_at)
    if not fresh.update(sent_at=timezone.now()):
        return False
    _send_on_commit(job.pk)
    return True


def resend(job_id: str) -> None:
    """Give a message back that a stopping worker was handed."""
    if Job.objects.filter(pk=job_id, state=State.QUEUED).update(sent_at=timezone.now()):
        _send_on_commit(job_id)


def live_workers() -> QuerySet[Worker]:
    """Workers that gave a sign of life within the heartbeat's time; ``ready_at`` says which are warm."""
    dead = timezone.now() - timedelta(seconds=settings.JOB_HEARTBEAT_TIMEOUT)
    return Worker.objects.filter(heartbeat_at__gte=dead)
