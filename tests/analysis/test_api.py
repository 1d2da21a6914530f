"""`/api/background/jobs/{job_id}`: one's own alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from analysis import jobs
from analysis.models import Job, Worker
from idance.lib.ids import new_object_id
from tests.api_client import ApiClient

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(jobs.KINDS, "work", jobs.Kind(lambda context: jobs.Outcome()))


def queued(owner: User, size: float | None = None) -> Job:
    return jobs.enqueue("work", new_object_id(), owner, size=size)


def running(owner: User, size: float | None = None) -> Job:
    job = jobs.claim(queued(owner, size).id, "worker-1")
    assert job is not None
    return job


def path(job: Job) -> str:
    return f"/api/background/jobs/{job.id}"


def test_a_queued_job(dancer: ApiClient) -> None:
    job = queued(dancer.user)
    response = dancer.get(path(job))
    assert response.status_code == 200
    assert response.json() == {
        "job_id": job.id,
        "status": "queued",
        "progress": 0.0,
        "stage": None,
        "estimated_completion": None,
        "error_code": None,
        "error_message": None,
    }


def test_a_running_job(dancer: ApiClient) -> None:
    job = running(dancer.user)
    jobs.advance(job, "pose", 0.75)
    body = dancer.get(path(job)).json()
    assert (body["status"], body["stage"], body["progress"]) == ("processing", "pose", 0.75)


def test_a_failed_job_says_why(dancer: ApiClient) -> None:
    job = running(dancer.user)
    jobs.fail(job, "no_person", "No dancer can be seen.", "a trace for staff")
    response = dancer.get(path(job))
    body = response.json()
    assert (body["status"], body["error_code"]) == ("failed", "no_person")
    assert body["error_message"] == "No dancer can be seen."
    assert "trace" not in response.content.decode()


@pytest.mark.parametrize("method", ["get", "delete"])
def test_whose_it_is(dancer: ApiClient, other: ApiClient, outsider: ApiClient, method: str) -> None:
    job = queued(dancer.user)
    assert getattr(outsider, method)(path(job)).status_code == 401
    assert getattr(other, method)(path(job)).status_code == 404
    for unknown in ("job_" + "0" * 24, "job_123456", "0" * 24):
        assert getattr(dancer, method)(f"/api/background/jobs/{unknown}").status_code == 404
    assert Job.objects.get().state == "queued"
    assert getattr(dancer, method)(path(job)).status_code == 200


def test_cancelling(dancer: ApiClient) -> None:
    job = running(dancer.user)
    for _ in range(2):
        response = dancer.delete(path(job))
        assert (response.status_code, response.json()["status"]) == (200, "cancelled")
    assert Job.objects.get().state == "cancelled"


def test_what_has_ended_cannot_be_cancelled(dancer: ApiClient) -> None:
    job = running(dancer.user)
    jobs.complete(job, {})
    assert dancer.delete(path(job)).status_code == 400
    assert dancer.get(path(job)).json()["status"] == "completed"


def test_polling_is_cheap(dancer: ApiClient, django_assert_max_num_queries: Any) -> None:
    job = running(dancer.user)
    dancer.get(path(job))
    with django_assert_max_num_queries(2):  # the person and the job; the speed is remembered
        dancer.get(path(job))


# --- When it will be done ---------------------------------------------------------------------------------
def finished(owner: User, *, run: float, size: float | None = None) -> None:
    job = running(owner, size)
    jobs.complete(job, {})
    Job.objects.filter(pk=job.pk).update(run_seconds=run)


def alive_workers(count: int) -> None:
    now = timezone.now()
    Worker.objects.all().delete()
    for number in range(count):
        Worker.objects.create(name=f"w{number}", cluster="c", started_at=now, heartbeat_at=now)


def seconds_until_done(client: ApiClient, job: Job) -> float | None:
    told = client.get(path(job)).json()["estimated_completion"]
    return None if told is None else (datetime.fromisoformat(told) - timezone.now()).total_seconds()


def test_nothing_is_told_before_anything_was_measured(dancer: ApiClient) -> None:
    alive_workers(1)
    assert seconds_until_done(dancer, running(dancer.user, size=60)) is None
    assert seconds_until_done(dancer, queued(dancer.user, size=60)) is None


def test_a_running_job_is_judged_by_the_speed_of_earlier_ones(dancer: ApiClient) -> None:
    finished(dancer.user, run=10, size=20)
    finished(dancer.user, run=20, size=40)
    job = running(dancer.user, size=60)
    assert seconds_until_done(dancer, job) == pytest.approx(30, abs=2)
    unsized = running(dancer.user)
    assert seconds_until_done(dancer, unsized) == pytest.approx(15, abs=2)


def test_a_job_slower_than_expected_promises_nothing(dancer: ApiClient) -> None:
    finished(dancer.user, run=10, size=20)
    job = running(dancer.user, size=20)
    Job.objects.filter(pk=job.pk).update(started_at=timezone.now() - timedelta(seconds=11))
    assert seconds_until_done(dancer, job) is None


def test_a_queued_job_waits_for_those_before_it(dancer: ApiClient) -> None:
    finished(dancer.user, run=10, size=20)
    half = running(dancer.user, size=40)
    jobs.advance(half, "pose", 0.5)
    queued(dancer.user, size=80)
    job = queued(dancer.user, size=20)
    queued(dancer.user, size=1000)
    assert seconds_until_done(dancer, job) is None, "nobody is there to do it"
    alive_workers(1)
    # Half of 20 s, 40 s and its own 10 s.
    assert seconds_until_done(dancer, job) == pytest.approx(60, abs=2)
    alive_workers(2)
    assert seconds_until_done(dancer, job) == pytest.approx(35, abs=2)


def test_an_ended_job_promises_nothing(dancer: ApiClient) -> None:
    finished(dancer.user, run=10, size=20)
    assert seconds_until_done(dancer, Job.objects.get()) is None
