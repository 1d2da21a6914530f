"""A cluster of workers as one program that can be stopped quickly and does not fail silently.

django-q2's own cluster waits on SIGTERM until running *and* prefetched tasks are done, which for videos is
minutes. It also hangs for good when a process is killed while it holds the lock of the task queue, as every
idle worker does; and when its sentinel is killed the other processes stay behind. `manage.py worker` runs the
same cluster with these three holes closed.
"""

from __future__ import annotations

import ctypes
import logging
import mmap
import os
import secrets
import signal
import socket
import sys
import threading
import time
from datetime import timedelta

from django import db
from django.utils import timezone
from django_q.cluster import Cluster

log = logging.getLogger(__name__)

#: So long may jobs wait while every worker is idle, in seconds, before the cluster is declared stuck: after
#: one of its workers was killed, and otherwise. Clusters elsewhere may hold the messages of waiting jobs
#: for a while although they are busy, so waiting jobs alone say little.
STUCK_SECONDS = 40.0
STUCK_UNHURT_SECONDS = 600.0
_LOOK_SECONDS = 5.0
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class Supervision:
    """What a cluster's processes share: made before the forks, in memory all of them see."""

    def __init__(self) -> None:
        self._flags = mmap.mmap(-1, 3)
        self.cluster = f"{socket.gethostname()[:60]}-{os.getpid()}-{secrets.token_hex(4)}"

    @property
    def stopping(self) -> bool:
        """Whether the cluster is to stop."""
        return self._flags[0] != 0

    def stop(self) -> None:
        """Tell every worker to hand back what it does and to begin nothing. One byte, no lock."""
        self._flags[0] = 1

    @property
    def broken(self) -> bool:
        """Whether a worker has found that it cannot work here."""
        return self._flags[1] != 0

    def give_up(self) -> None:
        """Tell the command that workers cannot work here, instead of being started again and again."""
        self._flags[1] = 1

    @property
    def hurt(self) -> bool:
        """Whether a worker of the cluster was killed, perhaps while it held the lock of the task queue."""
        return self._flags[2] != 0

    def note_death(self) -> None:
        """Remember that a worker of the cluster was killed."""
        self._flags[2] = 1


#: This process's, and after a fork its children's too.
supervision = Supervision()


def run() -> int:
    """Run a cluster until a signal stops it (0), or until it is broken and should be started anew (1)."""
    if sys.platform == "linux":
        os.register_at_fork(after_in_child=_die_with_parent)
    db.connections.close_all()
    cluster = Cluster()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: supervision.stop())
    cluster.start()
    log.info("Workers are starting.")
    next_look = time.monotonic() + STUCK_SECONDS
    while not supervision.stopping:
        # Joined rather than slept through, to hear of its end at once.
        cluster.sentinel.join(timeout=0.5)
        look = time.monotonic() >= next_look
        if look:
            next_look = time.monotonic() + _LOOK_SECONDS
        fault = _fault(cluster, look=look)
        if fault and not supervision.stopping:
            log.critical("Ending the workers: %s.", fault)
            cluster.sentinel.kill()
            return 1
    # Setting the event waits for the sentinel to notice, for ever if it was killed meanwhile: not from here.
    threading.Thread(target=cluster.stop_event.set, daemon=True).start()
    cluster.sentinel.join()
    log.info("Workers have stopped.")
    return 0


def _fault(cluster: Cluster, *, look: bool) -> str:
    """What is wrong with the cluster; ``look`` also into the database."""
    if not cluster.sentinel.is_alive():
        return "their sentinel has died"
    if supervision.broken:
        return "they cannot work here, see above"
    if look and _is_stuck():
        return "jobs wait while every one of them is idle"
    return ""


def _is_stuck() -> bool:
    """Whether jobs have been waiting for long although every worker of this cluster is idle."""
    from analysis import jobs
    from analysis.models import Job, State

    patience = STUCK_SECONDS if supervision.hurt else STUCK_UNHURT_SECONDS
    long_ago = timezone.now() - timedelta(seconds=patience)
    try:
        ours = jobs.live_workers().filter(cluster=supervision.cluster)
        if not ours.exists() or ours.exclude(idle_since__lt=long_ago).exists():
            return False
        return Job.objects.filter(state=State.QUEUED, queued_at__lt=long_ago).exists()
    except db.Error as error:
        log.warning("The workers could not be looked after: %s", error)
        return False
    finally:
        db.connections.close_all()


def _die_with_parent() -> None:
    """Ask the kernel to end this process when its parent ends, so that a killed cluster leaves nothing."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
