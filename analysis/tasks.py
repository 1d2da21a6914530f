"""The one entry point of the queue: `run_job`."""

from __future__ import annotations

import logging
import time
import traceback

from django import db
from django_q.exceptions import TimeoutException

from analysis import jobs, worker
from analysis.engine.errors import Refusal
from analysis.models import Job
from idance.away import away

log = logging.getLogger(__name__)

#: Seconds to wait before each further try to write a result that was hard work, when the database is away.
PATIENCE = (1, 5, 15)
#: Seconds before a job goes back into the queue because something that it needs does not answer.
PAUSE = 10.0
#: The database is away, or the connection to it is gone.
AWAY = (db.OperationalError, db.InterfaceError)


class Stopping(Exception):
    """The worker is told to stop: the job goes back into the queue."""


def run_job(job_id: str) -> None:
    """Do one job, from claim to end. Called by django-q2 with what `jobs.send` sent."""
    process = worker.current()
    if process.stopping:
        jobs.resend(job_id)
        return
    job = jobs.claim(job_id, process.name)
    if job is None:
        return  # Done, cancelled, or somebody else was quicker.
    log.info("%s: attempt %d after %.1f s in the queue.", job, job.attempts, job.wait_seconds or 0.0)
    began = time.monotonic()
    with process.working_on(job) as folder:
        context = jobs.JobContext(job, folder, Reporter(job, process))
        try:
            _finish(job, jobs.KINDS[job.kind].handler(context))
            log.info("%s: completed after %.1f s.", job, time.monotonic() - began)
        except jobs.Cancelled:
            log.info("%s: stopped, no longer ours.", job)
        except Stopping:
            jobs.release(job)
            log.info("%s: handed back.", job)
        except Refusal as refusal:
            jobs.fail(job, refusal.code, refusal.sentence, refusal.detail)
            log.info("%s: refused, %s", job, refusal)
        except TimeoutException:
            # Struck anywhere, perhaps in the middle of a query: start over with a fresh connection.
            _drop_connections()
            jobs.fail(job, "timeout", jobs.SENTENCES["timeout"], traceback.format_exc())
            raise  # django-q2 replaces this process.
        except Exception as error:
            _drop_connections()
            if missing := away(error):
                log.warning("%s: goes back into the queue. %s: %s", job, missing, error)
                _pause(process)
                jobs.release(job)
                return
            log.exception("%s: attempt %d failed.", job, job.attempts)
            code = "internal_error"
            jobs.fail(job, code, jobs.SENTENCES[code], traceback.format_exc(), again=True)


def _pause(process: worker.WorkerProcess) -> None:
    """Let what does not answer come back: else the whole queue would run through here in vain."""
    until = time.monotonic() + PAUSE
    while time.monotonic() < until and not process.stopping:
        time.sleep(0.2)


class Reporter:
    """Progress as handlers and the engine report it: at most one write a second, and the moment to stop."""

    def __init__(self, job: Job, process: worker.WorkerProcess) -> None:
        self._job = job
        self._process = process
        self._next = 0.0

    def __call__(self, stage: str, share: float) -> None:
        if self._process.stopping:
            raise Stopping
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + 1.0
        try:
            jobs.advance(self._job, stage, share)
        except AWAY as error:
            # A report that cannot be written is no reason to lose the work.
            log.warning("%s: progress not written: %s", self._job, error)
            _drop_connections()


def _finish(job: Job, outcome: jobs.Outcome) -> None:
    for pause in (*PATIENCE, None):
        try:
            jobs.complete(job, outcome.result, outcome.effect)
            return
        except jobs.Cancelled:
            if outcome.undo is not None:
                outcome.undo()
            raise
        except AWAY as error:
            if pause is None:
                raise
            log.warning("%s: result not written, trying again: %s", job, error)
            _drop_connections()
            time.sleep(pause)


def _drop_connections() -> None:
    """Forget a connection that may be broken, unless an outer transaction (of a test) holds it."""
    for connection in db.connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()
