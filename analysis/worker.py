"""The worker process: its name and folder, its sign of life, its readiness, and how it is told to stop."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

from django import db
from django.conf import settings
from django.utils import timezone

from analysis import jobs, workspace
from analysis.models import Job, Worker
from analysis.supervision import supervision
from idance.away import away
from idance.files import removals

log = logging.getLogger(__name__)

REAP_SECONDS = 5.0
#: How often a worker removes files whose removal did not work at once.
SWEEP_SECONDS = 60.0


class WorkerProcess:
    """This process as a worker. Made bare it can run jobs; ``begin`` makes it known and keeps it alive."""

    def __init__(self) -> None:
        self.name = f"{socket.gethostname()[:60]}-{os.getpid()}-{secrets.token_hex(4)}"
        self.job: Job | None = None
        self._started_at = timezone.now()
        self._idle_since: datetime | None = None
        self._ready_at: datetime | None = None
        self._parent = os.getppid()
        self._orphaned = False
        self._ending = False
        self._wake = threading.Event()
        self._workspace: workspace.Workspace | None = None
        self._reaped = 0.0

    @property
    def stopping(self) -> bool:
        """Whether work should be handed back instead of begun or gone on with."""
        return self._orphaned or supervision.stopping

    # --- Work ---------------------------------------------------------------------------------------------
    @contextmanager
    def working_on(self, job: Job) -> Iterator[Path]:
        """Beat for this job meanwhile; gives a folder that is removed afterwards, whatever happens."""
        home = self._workspace.folder if self._workspace else workspace.root() / self.name
        folder = home / f"{job.id}-{job.attempts}"
        folder.mkdir(parents=True)
        self.job, self._idle_since = job, None
        try:
            yield folder
        finally:
            self.job, self._idle_since = None, timezone.now()
            shutil.rmtree(folder if self._workspace else home, ignore_errors=True)

    # --- Life ---------------------------------------------------------------------------------------------
    def begin(self) -> None:
        """Become known as a worker, take over from dead ones, and load what the first job would wait for."""
        self._workspace = workspace.Workspace(self.name)
        self._idle_since = timezone.now()
        Finalize(None, self._end, exitpriority=100)
        threading.Thread(target=self._live, name="heartbeat", daemon=True).start()
        threading.Thread(target=self._tidy, name="tidy", daemon=True).start()
        start = time.monotonic()
        if settings.WORKER_WARM_UP:
            # Heavy imports: here, in the worker and after the fork, not in every process that enqueues.
            from analysis.engine.pipeline import warm_up

            try:
                warm_up()
            except Exception:
                log.exception("Worker %s cannot load the engine.", self.name)
                supervision.give_up()
                raise
        log.info("Worker %s is ready after %.1f s.", self.name, time.monotonic() - start)
        self._ready_at = timezone.now()
        self._wake.set()

    def _live(self) -> None:
        interval = min(5.0, settings.JOB_HEARTBEAT_TIMEOUT / 4)
        while True:
            try:
                self._beat()
                if time.monotonic() - self._reaped >= REAP_SECONDS:
                    self._reaped = time.monotonic()
                    workspace.sweep(_take_over)
                    jobs.reap()
            except (db.Error, OSError) as error:
                # Database or disk may come back; if not, others will see that we fell silent.
                log.warning("Worker %s could not give a sign of life: %s", self.name, error)
            finally:
                db.close_old_connections()
            self._wake.wait(interval)
            self._wake.clear()
            if self._ending:
                return
            self._leave_if_orphaned()

    def _tidy(self) -> None:
        """Not in the heartbeat's thread: a storage that hangs must not look like a dead worker."""
        while not self._ending:
            time.sleep(SWEEP_SECONDS)
            try:
                removals.sweep()
            except Exception as error:
                missing = away(error)
                log.log(
                    logging.WARNING if missing else logging.ERROR,
                    "Worker %s could not remove files: %s",
                    self.name,
                    error,
                    exc_info=missing is None,
                )
            finally:
                db.close_old_connections()

    def _beat(self) -> None:
        """Write that this worker lives and whether it is idle; the same for the attempt it works on."""
        now = timezone.now()
        life: dict[str, Any] = {
            "heartbeat_at": now,
            "ready_at": self._ready_at,
            "idle_since": self._idle_since if self._ready_at else None,
        }
        if not Worker.objects.filter(pk=self.name).update(**life):
            Worker.objects.create(
                name=self.name, cluster=supervision.cluster, started_at=self._started_at, **life
            )
            stale = now - jobs.FORGET_WORKERS
            Worker.objects.filter(heartbeat_at__lt=stale).delete()
        job = self.job
        if job is not None:
            jobs.beat(job)

    def _leave_if_orphaned(self) -> None:
        """A worker whose cluster died gets no work any more: hand back the job, then go."""
        if os.getppid() == self._parent:
            return
        self._orphaned = True
        if self.job is None:
            log.error("Worker %s leaves: its cluster has died.", self.name)
            self._end()
            os._exit(1)

    def _end(self) -> None:
        self._ending = True
        self._wake.set()
        if self._workspace is not None:
            self._workspace.close()
            self._workspace = None
        try:
            Worker.objects.filter(pk=self.name).delete()
        except db.Error as error:
            log.warning("Worker %s could not sign off: %s", self.name, error)
        finally:
            db.connections.close_all()


def _take_over(name: str) -> None:
    """A worker of this machine has died: its jobs start over."""
    if Worker.objects.filter(pk=name, cluster=supervision.cluster).exists():
        supervision.note_death()
    jobs.worker_died(name)


_current: WorkerProcess | None = None


def current() -> WorkerProcess:
    """This process as a worker."""
    global _current
    if _current is None:
        _current = WorkerProcess()
    return _current


def begin(**signal: Any) -> None:
    """django-q2 has forked this process to be a worker."""
    global _current
    _current = WorkerProcess()
    _current.begin()
