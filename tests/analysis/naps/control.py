"""A process of a real site that does what a test tells it, one JSON line each: `python -m ...naps.control`.

In: `{"do": "jobs", ...arguments}`. Out: the JSON result, or `{"error": ...}`.
"""

from __future__ import annotations

import json
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from django_q.brokers import get_broker  # noqa: E402

from accounts.models import User  # noqa: E402
from analysis import jobs  # noqa: E402
from analysis.models import Job, Worker  # noqa: E402
from idance.lib.ids import new_object_id  # noqa: E402


def _owner() -> User:
    return User.objects.get_or_create(email="napper@example.com")[0]


def enqueue(count: int = 1, send: bool = True, **options: Any) -> list[str]:
    """Queue naps; without ``send`` as if the broker had lost every message."""
    if not send:
        jobs.send, sender = lambda job_id: None, jobs.send
    made = [jobs.enqueue("nap", new_object_id(), _owner(), options).id for _ in range(count)]
    if not send:
        jobs.send = sender
    return made


def show() -> dict[str, Any]:
    """Everything a test may want to know."""
    fields = (
        "id",
        "state",
        "stage",
        "progress",
        "attempts",
        "worker",
        "error_code",
        "error_trace",
        "wait_seconds",
    )
    return {
        "jobs": {job["id"]: job for job in Job.objects.values(*fields)},
        "points": _owner().points,
        "workers": [
            {"name": worker.name, "ready": worker.ready_at is not None, "idle": worker.idle_since is not None}
            for worker in jobs.live_workers()
        ],
        "rows": Worker.objects.count(),
    }


def cancel(job_id: str) -> None:
    jobs.cancel(Job.objects.get(pk=job_id))


def lose_messages() -> int:
    """Throw away what the broker holds."""
    broker = get_broker()
    lost = broker.queue_size()
    broker.purge_queue()
    return int(lost)


def race(count: int, step: str) -> list[Any]:
    """Let threads take the same step of one job at the same moment; what each got."""
    job_id = enqueue(send=False)[0]
    job = Job.objects.get(pk=job_id)
    if step in ("complete", "reap"):
        claimed = jobs.claim(job_id, "first")
        assert claimed is not None
        job = claimed
    if step == "reap":
        # This job alone is lost, however slow the machine: earlier ones were claimed and left.
        hour = timezone.timedelta(hours=1)
        Job.objects.exclude(pk=job_id).update(heartbeat_at=timezone.now() + hour)
        Job.objects.filter(pk=job_id).update(heartbeat_at=timezone.now() - hour)
    subject = new_object_id()
    owner = _owner()
    steps: dict[str, Callable[[int], Any]] = {
        "claim": lambda n: jobs.claim(job_id, f"worker {n}") is not None,
        "complete": lambda n: _finish(job),
        "reap": lambda n: jobs.reap().requeued,
        "enqueue": lambda n: jobs.enqueue("nap", subject, owner).id,
    }
    return together(count, steps[step])


def _finish(job: Job) -> bool:
    def effect() -> None:
        User.objects.filter(pk=job.owner_id).update(points=User.objects.get(pk=job.owner_id).points + 1)

    try:
        jobs.complete(job, {}, effect)
    except jobs.Cancelled:
        return False
    return True


def together(count: int, step: Callable[[int], Any]) -> list[Any]:
    """What ``count`` threads got that started at once, each with a connection of its own."""
    start = threading.Barrier(count)
    got: list[Any] = [None] * count

    def one(number: int) -> None:
        try:
            connection.ensure_connection()
            start.wait()
            got[number] = step(number)
        except Exception as error:  # noqa: BLE001  shown to the test, which expects none
            got[number] = f"{type(error).__name__}: {error}"
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def roll_back() -> int:
    """Queue a nap in a transaction that fails; how many messages the broker then holds."""
    try:
        with transaction.atomic():
            enqueue()
            raise InterruptedError
    except InterruptedError:
        return int(get_broker().queue_size())


COMMANDS = {
    function.__name__: function for function in (enqueue, show, cancel, lose_messages, race, roll_back)
}


def main() -> None:
    for line in sys.stdin:
        told = json.loads(line)
        try:
            answer = {"result": COMMANDS[told.pop("do")](**told)}
        except Exception:  # noqa: BLE001  the test shows it
            answer = {"error": traceback.format_exc()}
        sys.stdout.write(json.dumps(answer, default=str) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
