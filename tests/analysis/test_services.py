"""Starting analyses, never the same one twice, and removing them with all they left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import User
from analysis import jobs, selectors, services
from analysis.engine.config import ENGINE_VERSION
from analysis.models import Analysis, Job
from idance.lib.ids import new_object_id
from idance.lib.problems import Missing, NotNow
from tests import factories

pytestmark = pytest.mark.django_db
SUBJECT = new_object_id()


@pytest.fixture(autouse=True)
def kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(jobs.KINDS, "work", jobs.Kind(lambda context: jobs.Outcome()))


@pytest.fixture
def owner() -> User:
    return factories.person()


def start(owner: User, **changes: Any) -> Analysis:
    asked: dict[str, Any] = {
        "video_key": "challenges/a.mp4",
        "challenge_type": "freestyle",
        "kind": "work",
        "subject_id": SUBJECT,
        **changes,
    }
    return services.start(owner=owner, **asked)


def claimed(analysis: Analysis) -> Job:
    assert analysis.job is not None
    job = jobs.claim(analysis.job.id, "worker-1")
    assert job is not None
    return job


def complete(analysis: Analysis, **columns: Any) -> Analysis:
    results = services.Results(columns={"total": 71, **columns}, files=())
    jobs.complete(claimed(analysis), {}, lambda: services.save(analysis, results))
    return Analysis.objects.get(pk=analysis.pk)


def test_a_new_analysis_is_queued(owner: User) -> None:
    analysis = start(owner, target_bpm=120, duration=12.5)
    assert analysis.job is not None and analysis.job.size == 12.5
    assert services.of_job(analysis.job) == analysis
    stored = Analysis.objects.get()
    assert (stored.status, stored.progress, stored.target_bpm, stored.total) == ("queued", 0.0, 120, None)
    assert stored.engine_version == ENGINE_VERSION


def test_its_status_follows_the_job(owner: User) -> None:
    analysis = start(owner)
    job = claimed(analysis)
    jobs.advance(job, "pose", 0.3)
    stored = Analysis.objects.get()
    assert (stored.status, stored.progress) == ("processing", 0.3)
    jobs.fail(job, "no_person", "No dancer can be seen.")
    stored = Analysis.objects.get()
    assert (stored.status, stored.error_code, stored.error_message) == (
        "failed",
        "no_person",
        "No dancer can be seen.",
    )


def test_a_completed_one_stays_so_whatever_becomes_of_its_job(owner: User) -> None:
    analysis = complete(start(owner))
    assert (analysis.status, analysis.progress, analysis.total) == ("completed", 1.0, 71)
    Job.objects.all().delete()
    assert Analysis.objects.get().status == "completed"


def test_one_without_a_job_will_never_be_done(owner: User) -> None:
    start(owner)
    Job.objects.all().delete()
    assert Analysis.objects.get().status == "cancelled"


@pytest.mark.parametrize(
    "end",
    [
        None,
        complete,
        lambda analysis: jobs.fail(claimed(analysis), "no_movement", "Hardly moves."),
    ],
    ids=["running", "completed", "refused for good"],
)
def test_asking_again_gives_the_same_and_runs_nothing(
    owner: User, end: Callable[[Analysis], Any] | None
) -> None:
    analysis = start(owner, target_bpm=120)
    if end is not None:
        end(analysis)
    assert start(owner, target_bpm=120) == analysis
    assert Job.objects.count() == Analysis.objects.count() == 1


@pytest.mark.parametrize("code", ["internal_error", "worker_lost", "timeout", "download_failed"])
def test_a_failure_that_may_pass_is_tried_again(owner: User, code: str) -> None:
    analysis = start(owner)
    jobs.fail(claimed(analysis), code, "Sorry.")
    assert start(owner) != analysis


def test_a_cancelled_one_can_be_started_again(owner: User) -> None:
    analysis = start(owner)
    assert analysis.job is not None
    jobs.cancel(analysis.job)
    assert start(owner) != analysis


@pytest.mark.parametrize(
    "change",
    [
        {"target_bpm": 121},
        {"challenge_type": "static"},
        {"video_key": "challenges/b.mp4"},
        {"difficulty": "beginner"},
        {"subject_id": new_object_id()},
    ],
)
def test_other_settings_are_another_analysis(owner: User, change: dict[str, Any]) -> None:
    analysis = complete(start(owner, target_bpm=120))
    assert start(owner, **{"target_bpm": 120, **change}) != analysis


def test_another_engine_version_is_another_analysis(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    analysis = complete(start(owner))
    monkeypatch.setattr(services, "ENGINE_VERSION", "99.0")
    assert start(owner) != analysis


def test_other_settings_have_to_wait_while_one_runs(owner: User) -> None:
    start(owner)
    with pytest.raises(NotNow):
        start(owner, target_bpm=90)
    assert Analysis.objects.count() == 1


def test_no_report_before_there_is_one(owner: User) -> None:
    with pytest.raises(Missing):
        selectors.report(start(owner))
    with pytest.raises(NotNow):
        services.rescore(Analysis.objects.get())


def test_removing_one_stops_its_job_and_removes_every_file(
    owner: User, django_capture_on_commit_callbacks: Any
) -> None:
    analysis, kept = start(owner), start(owner, subject_id=new_object_id())
    folder = f"analyses/{owner.id}/{analysis.id}"
    names = [f"{folder}/{new_object_id()}/{name}" for name in ("pose_data.json", "report.json")]
    # One of a run that was lost, whose name no row knows.
    names.append(f"{folder}/{new_object_id()}/thumbnail.jpg")
    other = f"analyses/{owner.id}/{kept.id}/{new_object_id()}/report.json"
    for name in (*names, other):
        default_storage.save(name, ContentFile(b"{}"))
    job = claimed(analysis)
    with django_capture_on_commit_callbacks(execute=True):
        services.delete(analysis)
    assert not any(default_storage.exists(name) for name in (*names, folder))
    assert default_storage.exists(other)
    assert Job.objects.get(pk=job.pk).state == "cancelled"
    with pytest.raises(jobs.Cancelled):
        jobs.advance(job, "pose", 0.5)
    assert [one.pk for one in Analysis.objects.all()] == [kept.pk]


def test_discarding_removes_what_a_run_stored(django_capture_on_commit_callbacks: Callable[..., Any]) -> None:
    key = default_storage.save(f"analyses/{new_object_id()}/report.json", ContentFile(b"{}"))
    with django_capture_on_commit_callbacks(execute=True):
        services.discard(services.Results(columns={}, files=(key,)))
    assert not default_storage.exists(key)


def test_a_completed_analysis_counts_from_when_it_was_done(owner: User) -> None:
    before = timezone.now()
    completed_at = complete(start(owner)).completed_at
    assert completed_at is not None and before <= completed_at <= timezone.now()


def test_a_demo_whose_report_is_lost_is_scored_again_before_others_are_compared(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = complete(start(owner), report_key=f"analyses/{owner.pk}/{new_object_id()}/report.json")
    with pytest.raises(Missing, match="This report is lost"):
        selectors.report(demo)

    def again(analysis: Analysis) -> Analysis:
        default_storage.save(analysis.report_key, ContentFile(b'{"curves": {}}'))
        return analysis

    monkeypatch.setattr(services, "rescore", again)
    assert services._timing_of(demo) is None
    assert default_storage.exists(demo.report_key)
