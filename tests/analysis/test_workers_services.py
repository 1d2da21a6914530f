"""Real workers on PostgreSQL, with the queue in Redis, which forgets what it has handed out."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tests.analysis.site import Site

pytestmark = [pytest.mark.slow, pytest.mark.services]


@pytest.fixture(params=["database queue", "redis queue"])
def site(request: pytest.FixtureRequest, make_site: Callable[..., Site], postgres: str, redis: str) -> Site:
    queue = {"REDIS_URL": redis} if request.param == "redis queue" else {}
    return make_site(DATABASE_URL=postgres, WORKERS="2", **queue)


def test_jobs_are_done_once_although_workers_are_killed(site: Site) -> None:
    cluster = site.worker()
    site.tell("enqueue", count=12, seconds=0.3)
    site.wait(lambda seen: seen["points"] >= 2, "some are done")
    # Everything the queue had handed out is gone with the processes; on Redis also from the queue.
    cluster.kill()
    cluster.wait()
    site.worker()
    seen = site.wait_for_states(*["completed"] * 12, seconds=30)
    assert seen["points"] == 12
    assert sum(job["attempts"] for job in seen["jobs"].values()) <= 14


def test_severed_connections_cost_nothing(site: Site, postgres: str) -> None:
    site.worker()
    diary = site.folder / "diary"
    (job_id,) = site.tell("enqueue", seconds=6, diary=str(diary))
    site.wait(lambda seen: diary.exists(), "the nap began")
    with psycopg.connect(postgres, autocommit=True) as server:
        for _ in range(4):
            # Those of the workers; the test's own would only hide what happened.
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND query LIKE '%analysis_%' AND query NOT LIKE '%napper%'"
            )
            time.sleep(0.7)
    seen = _wait_through(site, job_id)
    assert (seen["jobs"][job_id]["attempts"], seen["points"]) == (1, 1)


def _wait_through(site: Site, job_id: str) -> dict[str, Any]:
    """Wait for the job with a fresh control process, since the old one's connection may be gone."""
    site.restart_control()
    return site.wait(lambda seen: seen["jobs"][job_id]["state"] == "completed", "the nap is over")


def test_lost_messages_are_sent_again(site: Site) -> None:
    site.tell("enqueue", count=5, seconds=0)
    assert site.tell("lose_messages") == 5
    site.worker()
    assert site.wait_for_states(*["completed"] * 5)["points"] == 5


def test_a_killed_worker_process_is_replaced(site: Site) -> None:
    site.worker()
    diary = site.folder / "diary"
    (job_id,) = site.tell("enqueue", seconds=1, diary=str(diary))
    site.wait(lambda seen: diary.exists(), "the nap began")
    os.kill(int(diary.read_text()), signal.SIGKILL)
    seen = site.wait_for_states("completed")
    assert (seen["jobs"][job_id]["attempts"], seen["points"]) == (2, 1)
