"""`run_job`: what each way a handler can end makes of its job."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from django.db import OperationalError
from django_q.exceptions import TimeoutException

from accounts.models import User
from analysis import jobs, tasks, worker, workspace
from analysis.engine.errors import SENTENCES, Refusal
from analysis.models import Job
from idance.lib.ids import new_object_id
from tests import factories

pytestmark = pytest.mark.django_db


class Kind:
    """A kind whose handler does what the test wants."""

    def __init__(self) -> None:
        self.folders: list[Path] = []
        self.undone = 0
        self.effects = 0

    def do(self, context: jobs.JobContext) -> None:
        """Replaced by tests."""

    def handler(self, context: jobs.JobContext) -> jobs.Outcome:
        self.folders.append(context.folder)
        assert context.folder.is_dir()
        (context.folder / "half").write_text("partial")
        self.do(context)
        return jobs.Outcome({"answer": 42}, effect=self.effect, undo=self.undo)

    def effect(self) -> None:
        self.effects += 1

    def undo(self) -> None:
        self.undone += 1


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> Kind:
    made = Kind()
    monkeypatch.setitem(jobs.KINDS, "work", jobs.Kind(made.handler))
    return made


@pytest.fixture
def owner() -> User:
    return factories.person()


def run(owner: User) -> Job:
    job = jobs.enqueue("work", new_object_id(), owner)
    tasks.run_job(job.id)
    return Job.objects.get(pk=job.id)


def test_a_job_runs_and_leaves_no_files(owner: User, kind: Kind) -> None:
    job = run(owner)
    assert (job.state, job.result, kind.effects, kind.undone) == ("completed", {"answer": 42}, 1, 0)
    assert not kind.folders[0].exists() and not kind.folders[0].parent.exists()


def test_a_repeated_message_runs_nothing(owner: User, kind: Kind) -> None:
    job = run(owner)
    tasks.run_job(job.id)
    assert len(kind.folders) == kind.effects == 1


def test_a_refusal_fails_with_its_sentence_and_is_not_retried(
    owner: User, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(context: jobs.JobContext) -> None:
        raise Refusal("no_person", "3 of 90 frames")

    monkeypatch.setattr(kind, "do", refuse)
    job = run(owner)
    assert (job.state, job.error_code, job.error_message) == ("failed", "no_person", SENTENCES["no_person"])
    assert job.error_trace == "3 of 90 frames"
    assert not kind.folders[0].exists()


def test_a_fault_is_logged_and_retried_once(
    owner: User, kind: Kind, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def divide(context: jobs.JobContext) -> None:
        1 / 0  # noqa: B018

    monkeypatch.setattr(kind, "do", divide)
    job = run(owner)
    assert (job.state, job.attempts) == ("queued", 1)
    assert "ZeroDivisionError" in job.error_trace
    tasks.run_job(job.id)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.error_code) == ("failed", 2, "internal_error")
    # The person reads a sentence, staff read the trace.
    assert "ZeroDivisionError" in job.error_trace and "ZeroDivision" not in job.error_message
    assert [record.levelno for record in caplog.records if record.exc_info] == [logging.ERROR] * 2


def test_a_kind_that_this_version_does_not_know_is_a_fault(owner: User, kind: Kind) -> None:
    job = jobs.enqueue("work", new_object_id(), owner)
    Job.objects.update(kind="of another version")
    tasks.run_job(job.id)
    assert Job.objects.get().error_trace.strip().endswith("KeyError: 'of another version'")


def test_a_timeout_fails_and_lets_the_queue_replace_the_process(
    owner: User, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    def time_out(context: jobs.JobContext) -> None:
        raise TimeoutException("Task exceeded maximum timeout value (900 seconds)")

    monkeypatch.setattr(kind, "do", time_out)
    job = jobs.enqueue("work", new_object_id(), owner)
    with pytest.raises(TimeoutException):
        tasks.run_job(job.id)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.error_code) == ("failed", 1, "timeout")
    assert not kind.folders[0].exists()


def test_a_job_cancelled_meanwhile_stops_at_its_next_report(
    owner: User, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached: list[str] = []

    def cancelled(context: jobs.JobContext) -> None:
        jobs.cancel(Job.objects.get(pk=context.job.pk))
        context.progress("pose", 0.1)
        reached.append("after the report")

    monkeypatch.setattr(kind, "do", cancelled)
    assert run(owner).state == "cancelled"
    assert reached == [] and kind.effects == 0


def test_a_result_that_comes_too_late_is_undone(
    owner: User, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kind, "do", lambda context: jobs.cancel(Job.objects.get(pk=context.job.pk)))
    assert run(owner).state == "cancelled"
    assert (kind.effects, kind.undone) == (0, 1)


def test_a_stopping_worker_begins_nothing_and_hands_back(
    owner: User, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = worker.WorkerProcess()
    monkeypatch.setattr(worker, "current", lambda: process)

    def stop(context: jobs.JobContext) -> None:
        process._orphaned = True
        context.progress("pose", 0.5)

    monkeypatch.setattr(kind, "do", stop)
    job = run(owner)
    assert (job.state, job.attempts, len(kind.folders)) == ("queued", 1, 1)
    assert job.attempts_allowed == 3
    tasks.run_job(job.id)
    job.refresh_from_db()
    assert (job.state, job.attempts, len(kind.folders)) == ("queued", 1, 1)


def test_progress_is_written_at_most_once_a_second(
    owner: User, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    written: list[tuple[float, str, float]] = []
    monkeypatch.setattr(tasks.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(jobs, "advance", lambda job, stage, share: written.append((clock[0], stage, share)))

    def report_often(context: jobs.JobContext) -> None:
        for step in range(300):
            clock[0] = 1000.0 + step / 100
            context.progress("pose", step / 300)

    monkeypatch.setattr(kind, "do", report_often)
    run(owner)
    assert written == [(1000.0, "pose", 0.0), (1001.0, "pose", 100 / 300), (1002.0, "pose", 200 / 300)]


def test_a_report_that_cannot_be_written_does_not_stop_the_work(
    owner: User, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(jobs, "advance", refuse)
    monkeypatch.setattr(kind, "do", lambda context: context.progress("pose", 0.5))
    assert run(owner).state == "completed"


def test_a_result_waits_for_a_database_that_is_away(
    owner: User, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete = jobs.complete
    waits: list[float] = []
    monkeypatch.setattr(tasks.time, "sleep", waits.append)

    def away_at_first(*args: Any) -> None:
        if len(waits) == 1:
            # Written, but the answer got lost on the way: nobody knows until it is tried again.
            complete(*args)
        if len(waits) < 2:
            raise OperationalError("server closed the connection unexpectedly")
        complete(*args)

    monkeypatch.setattr(jobs, "complete", away_at_first)
    assert run(owner).state == "completed"
    assert (kind.effects, kind.undone, len(waits)) == (1, 0, 2)


def test_a_job_waits_for_a_storage_that_is_away(
    owner: User, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(tasks.time, "sleep", waits.append)
    monkeypatch.setattr(tasks, "PAUSE", 0.01)

    def ask_storage(context: jobs.JobContext) -> None:
        raise EndpointConnectionError(endpoint_url="http://s3")

    monkeypatch.setattr(kind, "do", ask_storage)
    job = run(owner)
    for _ in range(5):
        tasks.run_job(job.pk)
    job.refresh_from_db()
    # However often: an outage is nothing that a dancer's video could help.
    assert (job.state, job.attempts, job.attempts_allowed - job.attempts) == ("queued", 6, 2)
    assert len(waits) >= 6

    monkeypatch.setattr(kind, "do", lambda context: None)
    tasks.run_job(job.pk)
    job.refresh_from_db()
    assert job.state == "completed"


def test_the_size_becomes_known(owner: User, kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kind, "do", lambda context: context.set_size(12.5))
    assert run(owner).size == 12.5


# --- Folders and locks ------------------------------------------------------------------------------------
def test_a_sweep_takes_dead_workers_alone(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    living, dying = workspace.Workspace("living"), workspace.Workspace("dying")
    (living.folder / "job").mkdir()
    (dying.folder / "job").mkdir()
    dead: list[str] = []
    workspace.sweep(dead.append)
    assert dead == []
    # What the kernel does when the process ends.
    os.close(dying._handle)
    workspace.sweep(dead.append)
    assert dead == ["dying"]
    assert living.folder.is_dir() and not dying.folder.exists()
    workspace.sweep(dead.append)
    assert dead == ["dying"]
    living.close()
    assert list(workspace.root().iterdir()) == []


def test_a_sweep_that_fails_is_done_again(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    dying = workspace.Workspace("dying")
    os.close(dying._handle)

    def database_away(name: str) -> None:
        raise OperationalError("away")

    with pytest.raises(OperationalError):
        workspace.sweep(database_away)
    dead: list[str] = []
    workspace.sweep(dead.append)
    assert dead == ["dying"]
