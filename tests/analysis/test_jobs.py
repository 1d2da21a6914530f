"""The steps of a job, each alone: who may take it, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from analysis import jobs
from analysis.models import Job, State, Worker
from idance.lib.ids import new_object_id
from idance.lib.problems import NotNow
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return factories.person()


@pytest.fixture
def ended() -> list[str]:
    """The states in which the kind `work` was told that a job has ended."""
    return []


@pytest.fixture(autouse=True)
def kind(monkeypatch: pytest.MonkeyPatch, ended: list[str]) -> None:
    """A kind of job that is never run here."""

    def handler(context: jobs.JobContext) -> jobs.Outcome:
        raise AssertionError("not run in these tests")

    monkeypatch.setitem(jobs.KINDS, "work", jobs.Kind(handler, lambda job: ended.append(job.state)))


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids that were handed to the queue."""
    ids: list[str] = []
    monkeypatch.setattr(jobs, "send", ids.append)
    return ids


@pytest.fixture
def commit(django_capture_on_commit_callbacks: Callable[..., Any]) -> Iterator[None]:
    """Runs what waits for the commit that a test never makes."""
    with django_capture_on_commit_callbacks(execute=True):
        yield


def queued(owner: User, **options: Any) -> Job:
    return jobs.enqueue("work", new_object_id(), owner, options)


def running(owner: User) -> Job:
    job = jobs.claim(queued(owner).id, "worker-1")
    assert job is not None
    return job


def now_in(job: Job) -> str:
    return Job.objects.get(pk=job.pk).state


# --- Into the queue ---------------------------------------------------------------------------------------
def test_a_new_job_is_queued_and_sent_on_commit(
    owner: User, sent: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = queued(owner, tempo=120)
        assert sent == []
    assert sent == [job.id]
    stored = Job.objects.get()
    assert stored.id.startswith("job_") and len(stored.id) == 28
    assert (stored.state, stored.attempts, stored.options) == ("queued", 0, {"tempo": 120})


def test_one_unfinished_job_per_subject(owner: User) -> None:
    subject = new_object_id()
    first = jobs.enqueue("work", subject, owner)
    assert jobs.enqueue("work", subject, owner).id == first.id
    claimed = jobs.claim(first.id, "worker-1")
    assert claimed is not None
    assert jobs.enqueue("work", subject, owner).id == first.id
    jobs.complete(claimed, {})
    assert jobs.enqueue("work", subject, owner).id != first.id


def test_an_unknown_kind_is_a_fault(owner: User) -> None:
    with pytest.raises(LookupError):
        jobs.enqueue("nonsense", new_object_id(), owner)


def test_a_kind_has_one_handler() -> None:
    with pytest.raises(ValueError, match="work"):
        jobs.register("work", jobs.KINDS["work"].handler)


def test_a_broker_that_does_not_answer_leaves_the_job_queued(
    owner: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def refuse(job_id: str) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr(jobs, "send", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        job = queued(owner)
    assert now_in(job) == "queued"


# --- Claiming ---------------------------------------------------------------------------------------------
def test_a_claim_counts_the_attempt_before_any_work(owner: User) -> None:
    job = jobs.claim(queued(owner).id, "worker-1")
    assert job is not None
    assert (job.state, job.attempts, job.worker) == ("processing", 1, "worker-1")
    assert job.started_at and job.heartbeat_at and job.wait_seconds is not None


def test_a_second_message_finds_nothing_to_do(owner: User) -> None:
    job = queued(owner)
    assert jobs.claim(job.id, "worker-1") is not None
    assert jobs.claim(job.id, "worker-2") is None
    assert jobs.claim("job_" + "0" * 24, "worker-2") is None


@pytest.mark.parametrize("end", [jobs.cancel, lambda job: jobs.complete(job, {})])
def test_an_ended_job_cannot_be_claimed(owner: User, end: Callable[[Job], None]) -> None:
    job = running(owner)
    end(job)
    assert jobs.claim(job.id, "worker-2") is None


# --- Progress ---------------------------------------------------------------------------------------------
def test_progress_never_goes_back(owner: User) -> None:
    job = running(owner)
    jobs.advance(job, "pose", 0.6)
    jobs.advance(job, "music", 0.4)
    stored = Job.objects.get()
    assert (stored.stage, stored.progress) == ("music", 0.6)
    jobs.release(job)
    again = jobs.claim(job.id, "worker-2")
    assert again is not None
    jobs.advance(again, "pose", 0.1)
    assert Job.objects.get().progress == 0.6


def test_progress_is_at_most_one(owner: User) -> None:
    job = running(owner)
    jobs.advance(job, "storing", 1.2)
    assert Job.objects.get().progress == 1.0


# --- Completing -------------------------------------------------------------------------------------------
def test_the_result_and_its_effect_come_together(owner: User) -> None:
    job = running(owner)
    jobs.complete(job, {"total": 71}, lambda: owner.__class__.objects.filter(pk=owner.pk).update(points=5))
    stored = Job.objects.get()
    owner.refresh_from_db()
    assert (stored.state, stored.result, stored.progress, owner.points) == (
        "completed",
        {"total": 71},
        1.0,
        5,
    )
    assert stored.active_key is None and stored.finished_at and stored.run_seconds is not None


def test_a_failing_effect_leaves_the_job_running(owner: User) -> None:
    job = running(owner)

    def fail() -> None:
        User.objects.filter(pk=owner.pk).update(points=5)
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        jobs.complete(job, {}, fail)
    owner.refresh_from_db()
    assert now_in(job) == "processing" and owner.points == 0


def test_completing_twice_has_one_effect(owner: User) -> None:
    job = running(owner)
    effects: list[int] = []
    jobs.complete(job, {}, lambda: effects.append(1))
    jobs.complete(job, {}, lambda: effects.append(2))
    assert effects == [1]


# --- Fencing ----------------------------------------------------------------------------------------------
def test_a_slow_old_attempt_can_do_nothing_after_a_takeover(owner: User, ended: list[str]) -> None:
    old = running(owner)
    Job.objects.update(heartbeat_at=timezone.now() - timedelta(hours=1))
    assert jobs.reap().requeued == 1
    effects: list[str] = []
    for number in range(2):
        # Before the takeover's claim, and after it.
        assert jobs.beat(old) is False
        with pytest.raises(jobs.Cancelled):
            jobs.advance(old, "pose", 0.9)
        with pytest.raises(jobs.Cancelled):
            jobs.complete(old, {}, lambda: effects.append("old"))
        jobs.fail(old, "internal_error", "")
        jobs.release(old)
        if number == 0:
            new = jobs.claim(old.id, "worker-2")
    assert new is not None and now_in(new) == "processing"
    assert ended == []
    jobs.complete(new, {}, lambda: effects.append("new"))
    with pytest.raises(jobs.Cancelled):
        jobs.complete(old, {}, lambda: effects.append("old"))
    assert effects == ["new"]


# --- Failing ----------------------------------------------------------------------------------------------
def test_a_refusal_is_final(owner: User, ended: list[str]) -> None:
    job = running(owner)
    jobs.fail(job, "no_person", "No dancer can be seen.", "3 of 90 frames")
    stored = Job.objects.get()
    assert (stored.state, stored.error_code, stored.error_message) == (
        "failed",
        "no_person",
        "No dancer can be seen.",
    )
    assert (stored.error_trace, stored.active_key, ended) == ("3 of 90 frames", None, ["failed"])


def test_a_fault_is_tried_again_until_the_attempts_are_used_up(
    owner: User, settings: Any, ended: list[str]
) -> None:
    settings.JOB_MAX_ATTEMPTS = 3
    job = queued(owner)
    for attempt in (1, 2, 3):
        claimed = jobs.claim(job.id, "worker-1")
        assert claimed is not None and claimed.attempts == attempt
        jobs.fail(claimed, "internal_error", "Sorry.", f"trace {attempt}", again=True)
    stored = Job.objects.get()
    assert (stored.state, stored.attempts, stored.error_trace) == ("failed", 3, "trace 3")
    assert ended == ["failed"]


def test_a_failed_attempt_keeps_its_trace_for_staff(owner: User) -> None:
    job = running(owner)
    jobs.fail(job, "internal_error", "Sorry.", "the trace", again=True)
    stored = Job.objects.get()
    assert (stored.state, stored.error_code, stored.error_trace) == ("queued", "", "the trace")


@pytest.mark.usefixtures("commit")
def test_handing_back_does_not_use_up_an_attempt(owner: User, settings: Any, sent: list[str]) -> None:
    settings.JOB_MAX_ATTEMPTS = 1
    job = queued(owner)
    for _ in range(3):
        claimed = jobs.claim(job.id, "worker-1")
        assert claimed is not None
        jobs.release(claimed)
    assert now_in(job) == "queued"
    last = jobs.claim(job.id, "worker-1")
    assert last is not None
    jobs.fail(last, "internal_error", "Sorry.", again=True)
    assert now_in(job) == "failed"


# --- Cancelling and retrying ------------------------------------------------------------------------------
def test_a_queued_job_is_cancelled(owner: User, ended: list[str]) -> None:
    job = queued(owner)
    jobs.cancel(job)
    assert job.state == "cancelled" and job.active_key is None and job.finished_at
    jobs.cancel(job)
    assert ended == ["cancelled"]


def test_a_running_job_is_cancelled_at_once_and_finds_out(owner: User) -> None:
    job = running(owner)
    jobs.cancel(Job.objects.get())
    assert now_in(job) == "cancelled"
    assert jobs.beat(job) is False
    with pytest.raises(jobs.Cancelled):
        jobs.advance(job, "pose", 0.5)
    with pytest.raises(jobs.Cancelled):
        jobs.complete(job, {})
    assert now_in(job) == "cancelled"


@pytest.mark.parametrize(
    "end", [lambda job: jobs.complete(job, {}), lambda job: jobs.fail(job, "timeout", "")]
)
def test_an_ended_job_cannot_be_cancelled(owner: User, end: Callable[[Job], None]) -> None:
    job = running(owner)
    end(job)
    state = now_in(job)
    with pytest.raises(NotNow):
        jobs.cancel(job)
    assert now_in(job) == state in ("completed", "failed")


@pytest.mark.parametrize("end", [jobs.cancel, lambda job: jobs.fail(job, "worker_lost", "Lost.", "trace")])
def test_retrying_gives_all_attempts_again(owner: User, settings: Any, end: Callable[[Job], None]) -> None:
    job = running(owner)
    jobs.advance(job, "pose", 0.5)
    end(job)
    jobs.retry(job)
    assert (job.state, job.progress, job.error_code, job.error_trace, job.finished_at) == (
        "queued",
        0.0,
        "",
        "",
        None,
    )
    assert job.attempts_allowed - job.attempts == settings.JOB_MAX_ATTEMPTS
    # The attempt that was cancelled may still be running somewhere: it stays fenced off.
    old = Job(pk=job.pk, attempts=1)
    claimed = jobs.claim(job.id, "worker-2")
    assert claimed is not None and claimed.attempts == 2
    assert jobs.beat(old) is False and jobs.beat(claimed) is True


def test_only_a_failed_or_cancelled_job_can_be_retried(owner: User) -> None:
    job = queued(owner)
    with pytest.raises(NotNow):
        jobs.retry(job)
    claimed = jobs.claim(job.id, "worker-1")
    assert claimed is not None
    with pytest.raises(NotNow):
        jobs.retry(claimed)
    jobs.complete(claimed, {})
    with pytest.raises(NotNow):
        jobs.retry(claimed)


def test_no_retry_beside_another_job_for_the_same_subject(owner: User) -> None:
    subject = new_object_id()
    first = jobs.enqueue("work", subject, owner)
    jobs.cancel(first)
    jobs.enqueue("work", subject, owner)
    with pytest.raises(NotNow), transaction.atomic():
        jobs.retry(first)
    assert now_in(first) == "cancelled"


# --- The reaper -------------------------------------------------------------------------------------------
def silence(job: Job, seconds: float) -> None:
    Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - timedelta(seconds=seconds))


def test_a_beating_job_is_left_alone(owner: User, settings: Any) -> None:
    job = running(owner)
    silence(job, settings.JOB_HEARTBEAT_TIMEOUT - 2)
    assert jobs.reap() == jobs.Reaped()
    assert now_in(job) == "processing"


@pytest.mark.usefixtures("commit")
def test_a_silent_job_starts_over_then_fails(owner: User, settings: Any, ended: list[str]) -> None:
    job = queued(owner)
    for _ in range(settings.JOB_MAX_ATTEMPTS):
        assert now_in(job) == "queued"
        claimed = jobs.claim(job.id, "worker-1")
        assert claimed is not None
        silence(job, settings.JOB_HEARTBEAT_TIMEOUT + 1)
        jobs.reap()
    stored = Job.objects.get()
    assert (stored.state, stored.error_code) == ("failed", "worker_lost")
    assert stored.error_message and ended == ["failed"]


def test_a_silent_job_whose_time_is_up_has_timed_out(owner: User, settings: Any) -> None:
    job = running(owner)
    silence(job, settings.JOB_HEARTBEAT_TIMEOUT + 1)
    Job.objects.update(started_at=timezone.now() - timedelta(seconds=settings.JOB_TIMEOUT + 1))
    assert jobs.reap() == jobs.Reaped(failed=1)
    assert Job.objects.get().error_code == "timeout"


def test_a_beat_between_looking_and_taking_saves_the_job(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = running(owner)
    silence(job, 3600)
    seconds_since = jobs._seconds_since

    def beat_meanwhile(*times: Any) -> float | None:
        jobs.beat(job)
        return seconds_since(*times)

    monkeypatch.setattr(jobs, "_seconds_since", beat_meanwhile)
    assert jobs.reap() == jobs.Reaped()
    assert now_in(job) == "processing"


def test_a_dead_workers_job_is_taken_without_waiting(owner: User) -> None:
    mine, others = running(owner), running(owner)
    Job.objects.filter(pk=others.pk).update(worker="worker-2")
    jobs.worker_died("worker-1")
    assert (now_in(mine), now_in(others)) == ("queued", "processing")


def worker(name: str, *, beat_ago: float = 0, idle_for: float | None = None) -> None:
    now = timezone.now()
    Worker.objects.create(
        name=name,
        cluster="c",
        started_at=now,
        ready_at=now,
        heartbeat_at=now - timedelta(seconds=beat_ago),
        idle_since=None if idle_for is None else now - timedelta(seconds=idle_for),
    )


def waiting(owner: User, seconds: float) -> Job:
    job = queued(owner)
    then = timezone.now() - timedelta(seconds=seconds)
    Job.objects.filter(pk=job.pk).update(queued_at=then, sent_at=then)
    return job


@pytest.mark.usefixtures("commit")
def test_a_lost_message_is_sent_again_once_a_worker_has_been_idle(owner: User, sent: list[str]) -> None:
    job = waiting(owner, 15)
    sent.clear()
    assert jobs.reap().resent == 0, "no worker is alive: the message may well be in the queue"
    worker("busy")
    worker("dead", beat_ago=3600, idle_for=3600)
    worker("just idle", idle_for=1)
    assert jobs.reap().resent == 0
    worker("idle", idle_for=jobs.QUIET.total_seconds() + 1)
    assert jobs.reap().resent == 1
    assert jobs.reap().resent == 0, "it has just been sent"
    assert now_in(job) == "queued"


def test_a_message_is_sent_again_now_and_then_even_if_nobody_is_idle(owner: User, settings: Any) -> None:
    waiting(owner, settings.JOB_TIMEOUT + 1)
    assert jobs.reap().resent == 1
    assert jobs.reap().resent == 0


def test_live_workers_are_those_that_beat(settings: Any) -> None:
    worker("alive", beat_ago=settings.JOB_HEARTBEAT_TIMEOUT - 2)
    worker("dead", beat_ago=settings.JOB_HEARTBEAT_TIMEOUT + 2)
    assert [one.name for one in jobs.live_workers()] == ["alive"]
    assert {one.name: one.is_alive for one in Worker.objects.all()} == {"alive": True, "dead": False}


def test_ended_is_what_nothing_follows() -> None:
    assert {state for state in State if Job(state=state).ended} == {
        State.COMPLETED,
        State.FAILED,
        State.CANCELLED,
    }
