"""Real workers, really killed: whatever dies, each job is done once and nothing is left behind."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.analysis.site import Site
from tests.ops.processes import is_running, wait_until

pytestmark = pytest.mark.slow


def half_done(site: Site) -> list[Path]:
    """Partial files of unfinished attempts."""
    # Not `rglob`: a worker may take its folder away while it is being looked into.
    walked = os.walk(site.folder / "var" / "tmp")
    return [Path(folder, name) for folder, _, names in walked for name in names if name == "half-done"]


def nothing_half_done(site: Site) -> None:
    # A job's end is written before its folder goes, so that nobody waits for a disk.
    wait_until(lambda: half_done(site) == [], "partial files are gone", seconds=5)


def start_nap(site: Site, seconds: float = 60, **options: bool) -> tuple[str, Path]:
    """Queue a nap and wait until it is being napped; its id and its diary of attempts."""
    diary = site.folder / "diary"
    job_id = site.tell("enqueue", seconds=seconds, diary=str(diary), **options)[0]
    site.wait(lambda seen: seen["jobs"][job_id]["state"] == "processing" and diary.exists(), "the nap began")
    return job_id, diary


def test_many_jobs_on_two_workers_are_each_done_once(make_site: Callable[..., Site]) -> None:
    site = make_site(WORKERS="2")
    site.worker()
    site.tell("enqueue", count=30, seconds=0.02)
    seen = site.wait_for_states(*["completed"] * 30)
    assert seen["points"] == 30
    assert {job["attempts"] for job in seen["jobs"].values()} == {1}
    assert len({job["worker"] for job in seen["jobs"].values()}) == 2
    assert "locked" not in site.log.read_text()


def test_a_killed_worker_process_is_replaced_and_its_job_taken_over_at_once(site: Site) -> None:
    site.worker()
    job_id, diary = start_nap(site, seconds=2)
    start = time.monotonic()
    os.kill(int(diary.read_text()), signal.SIGKILL)
    site.wait(lambda seen: seen["jobs"][job_id]["attempts"] == 2, "the job was taken over")
    assert time.monotonic() - start < 5
    seen = site.wait_for_states("completed")
    assert seen["points"] == 1
    assert len(diary.read_text().split()) == 2
    nothing_half_done(site)


def test_after_a_power_cut_the_job_is_done_once_by_the_next_worker(site: Site) -> None:
    cluster = site.worker()
    job_id, diary = start_nap(site, seconds=2)
    worker = int(diary.read_text())
    cluster.kill()
    cluster.wait()
    wait_until(lambda: not is_running(worker), "the worker died with its cluster")
    # What the app sees meanwhile, and what lies around.
    assert site.tell("show")["jobs"][job_id]["state"] == "processing"
    assert len(half_done(site)) == 1
    site.worker()
    seen = site.wait_for_states("completed")
    assert (seen["jobs"][job_id]["attempts"], seen["points"]) == (2, 1)
    nothing_half_done(site)


def test_a_job_that_kills_its_workers_is_given_up(site: Site) -> None:
    site.worker()
    job_id, diary = start_nap(site, seconds=30)
    for attempt in (1, 2):
        wait_until(lambda: len(diary.read_text().split()) == attempt, f"attempt {attempt} began")  # noqa: B023
        os.kill(int(diary.read_text().split()[-1]), signal.SIGKILL)
    seen = site.wait_for_states("failed")
    assert (seen["jobs"][job_id]["error_code"], seen["jobs"][job_id]["attempts"]) == ("worker_lost", 2)
    assert seen["points"] == 0


def test_a_worker_of_another_machine_is_missed_by_its_heartbeat(
    site: Site, another_machine: Callable[[Site], Site]
) -> None:
    site.worker()
    job_id, diary = start_nap(site, seconds=2)
    first = int(diary.read_text())
    os.kill(first, signal.SIGSTOP)  # Alive for the kernel, so its lock holds; but it beats no more.
    other = another_machine(site)
    cluster = other.worker()
    # The first machine still fetches messages for its frozen worker; the second must bear with that.
    seen = site.wait_for_states("completed", seconds=40)
    assert cluster.poll() is None, other.log.read_text()
    assert (seen["jobs"][job_id]["attempts"], seen["points"]) == (2, 1)
    # It wakes up in mid-work and is told that the job is no longer its own.
    os.kill(first, signal.SIGCONT)
    site.wait(lambda seen: "no longer ours" in site.log.read_text(), "the first attempt gave up")
    assert site.tell("show")["points"] == 1


def test_sigterm_hands_the_job_back_and_stops_quickly(site: Site) -> None:
    cluster = site.worker()
    job_id, _ = start_nap(site, seconds=3)
    site.tell("enqueue", count=3, seconds=0)
    cluster.terminate()
    assert cluster.wait(timeout=8) == 0
    seen = site.tell("show")
    assert {job["state"] for job in seen["jobs"].values()} == {"queued"}
    assert seen["jobs"][job_id]["attempts"] == 1 and seen["rows"] == 0
    assert half_done(site) == [] and site.worker_pids_left() == []
    # The next one goes on, and nothing was lost on the way.
    site.worker()
    assert site.wait_for_states(*["completed"] * 4)["points"] == 4


def test_a_signal_to_the_whole_group_ends_all_of_it(site: Site) -> None:
    cluster = site.worker()
    workers = site.worker_pids()
    os.killpg(cluster.pid, signal.SIGTERM)
    cluster.wait(timeout=8)
    wait_until(lambda: not any(map(is_running, workers)), "the workers are gone")


def test_ctrl_c_hands_the_job_back(site: Site) -> None:
    cluster = site.worker()
    job_id, _ = start_nap(site)
    os.killpg(cluster.pid, signal.SIGINT)
    assert cluster.wait(timeout=8) == 0
    assert site.tell("show")["jobs"][job_id]["state"] == "queued"


def test_a_killed_sentinel_ends_the_cluster_so_that_it_is_started_anew(site: Site) -> None:
    cluster = site.worker()
    job_id, diary = start_nap(site)
    worker = int(diary.read_text())
    os.kill(_parent(worker), signal.SIGKILL)
    assert cluster.wait(timeout=8) == 1
    wait_until(lambda: not is_running(worker), "the worker died with its sentinel")


def test_a_cluster_that_hangs_ends_so_that_it_is_started_anew(site: Site) -> None:
    cluster = site.worker()
    # An idle worker holds the lock of the task queue, which now nobody will ever release.
    os.kill(site.worker_pids()[0], signal.SIGKILL)
    site.tell("enqueue", seconds=0)
    assert cluster.wait(timeout=30) == 1
    assert "jobs wait while every one of them is idle" in site.log.read_text()
    site.worker()
    assert site.wait_for_states("completed")["points"] == 1


def test_plain_qcluster_works_too(site: Site) -> None:
    cluster = site.worker("manage.py", "qcluster")
    site.tell("enqueue", count=2, seconds=0.1)
    assert site.wait_for_states("completed", "completed")["points"] == 2
    cluster.terminate()
    cluster.wait(timeout=8)


def test_a_cancelled_job_frees_its_worker_within_a_second(site: Site) -> None:
    site.worker()
    job_id, _ = start_nap(site)
    start = time.monotonic()
    site.tell("cancel", job_id=job_id)
    assert site.tell("show")["jobs"][job_id]["state"] == "cancelled"
    site.tell("enqueue", seconds=0)
    site.wait_for_states("cancelled", "completed")
    assert time.monotonic() - start < 3
    assert site.tell("show")["points"] == 1


@pytest.mark.parametrize("deaf", [False, True])
def test_a_job_over_its_time_fails_with_timeout(make_site: Callable[..., Site], deaf: bool) -> None:
    site = make_site(NAP_TIMEOUT="2")
    site.worker()
    start_nap(site, seconds=60, deaf=deaf)
    seen = site.wait_for_states("failed")
    (job,) = seen["jobs"].values()
    assert (job["error_code"], job["attempts"], seen["points"]) == ("timeout", 1, 0)
    nothing_half_done(site)
    # The replaced worker works on.
    site.tell("enqueue", seconds=0)
    site.wait_for_states("failed", "completed")


def test_a_lost_message_is_sent_again(site: Site) -> None:
    site.worker()
    site.tell("enqueue", count=3, send=False, seconds=0)
    seen = site.wait_for_states("completed", "completed", "completed", seconds=30)
    assert seen["points"] == 3


def test_a_worker_is_ready_once_the_engine_is_warm(make_site: Callable[..., Site]) -> None:
    site = make_site(WORKER_WARM_UP="1")
    site.worker(seconds=60)
    assert "is ready after" in site.log.read_text()


def test_workers_that_cannot_load_the_engine_say_so_and_end(make_site: Callable[..., Site]) -> None:
    site = make_site(WORKER_WARM_UP="1")
    (site.folder / "mediapipe.py").write_text(
        'raise ImportError("libGL.so.1: cannot open shared object file")'
    )
    site.environment["PYTHONPATH"] = str(site.folder)
    cluster = site.start("manage.py", "worker")
    assert cluster.wait(timeout=60) == 1
    log = site.log.read_text()
    assert "cannot load the engine" in log and "libGL" in log
    assert not any(map(is_running, site.worker_pids_left()))


def test_a_rolled_back_transaction_sends_nothing(site: Site) -> None:
    assert site.tell("roll_back") == 0
    assert site.tell("show")["jobs"] == {}


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
