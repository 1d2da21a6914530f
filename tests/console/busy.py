"""A service in full swing, made of rows: jobs in every state, workers, files, submissions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from analysis.models import Job, State, Worker
from idance.lib.ids import new_object_id


def job(owner: User, *, ended: datetime | None = None, state: str = State.COMPLETED, **fields: Any) -> Job:
    """A job as it is after its life so far; ``ended``: when it ended, for those that did."""
    now = timezone.now()
    subject = new_object_id()
    unfinished = state in (State.QUEUED, State.PROCESSING)
    fields = {
        "kind": "submission",
        "subject_id": subject,
        "active_key": f"submission:{subject}" if unfinished else None,
        "attempts": 0 if state == State.QUEUED else 1,
        "attempts_allowed": 2,
        "created_at": now,
        "queued_at": now,
        "sent_at": now,
        "progress": 1.0 if state == State.COMPLETED else 0.0,
        "finished_at": ended,
        "size": 15.0,
        "run_seconds": None if unfinished else 7.5,
        "wait_seconds": None if state == State.QUEUED else 0.4,
        **fields,
    }
    return Job.objects.create(owner=owner, state=state, **fields)


def worker(name: str, *, silent: float = 1.0, **fields: Any) -> Worker:
    """A worker whose last sign of life is so many seconds old."""
    now = timezone.now()
    fields = {"started_at": now - timedelta(hours=3), "ready_at": now - timedelta(hours=3), **fields}
    return Worker.objects.create(
        name=name, cluster="studio", heartbeat_at=now - timedelta(seconds=silent), **fields
    )


def in_full_swing(owner: User) -> Job:
    """Three days of work, some failures, three workers of which one is silent. Returns the running job."""
    now = timezone.now()
    for back in range(60):
        for more in range(1 + (back * 7) % 9):
            job(owner, ended=now - timedelta(hours=back, minutes=3 + more), run_seconds=5.0 + back % 7 + more)
    for back, code in enumerate(["no_person", "internal_error", "no_person", "too_short", "no_person"]):
        job(
            owner,
            ended=now - timedelta(hours=1 + 2 * back),
            state=State.FAILED,
            error_code=code,
            error_message="It did not work out.",
            error_trace="Traceback (most recent call last):\n  ZeroDivisionError",
        )
    for waiting in range(4):
        job(owner, state=State.QUEUED, queued_at=now - timedelta(minutes=waiting))
    worker("studio-1.4021")
    worker("studio-2.977", idle_since=now - timedelta(minutes=2))
    worker("attic.310", silent=600)
    return job(
        owner,
        state=State.PROCESSING,
        worker="studio-1.4021",
        stage="pose",
        progress=0.42,
        started_at=now,
        heartbeat_at=now,
    )
