"""The console's pages about jobs: they show, and take steps only by POST from those who may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import User
from analysis import jobs
from analysis.models import Analysis, Job, Worker
from idance.lib.ids import new_object_id
from tests import factories

pytestmark = pytest.mark.django_db
LIST = "/admin/analysis/job/"


@pytest.fixture(autouse=True)
def kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(jobs.KINDS, "work", jobs.Kind(lambda context: jobs.Outcome()))


@pytest.fixture
def owner() -> User:
    return factories.person(email="dancer@example.com")


@pytest.fixture
def console() -> Client:
    client = Client()
    client.force_login(factories.admin())
    return client


def queued(owner: User) -> Job:
    return jobs.enqueue("work", new_object_id(), owner, {"tempo": 120})


def failed(owner: User) -> Job:
    job = jobs.claim(queued(owner).id, "worker-1")
    assert job is not None
    jobs.advance(job, "pose", 0.4)
    jobs.fail(job, "internal_error", "Sorry.", "ZeroDivisionError: <division by zero>")
    return job


def test_the_list_shows_jobs_without_counting_or_repeating_queries(
    console: Client, owner: User, django_assert_num_queries: Any
) -> None:
    def queries() -> list[str]:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as captured:
            page = console.get(LIST)
        assert page.status_code == 200
        return [query["sql"] for query in captured]

    failed(owner)
    few = queries()
    for _ in range(5):
        failed(factories.person())
    many = queries()
    assert len(many) == len(few)
    assert not any("COUNT(" in sql for sql in many)
    assert not any("error_trace" in sql for sql in many)
    page = console.get(LIST).content.decode()
    assert "40%" in page
    assert "internal_error" in page and "dancer@example.com" in page


@pytest.mark.parametrize("query", ["?state__exact=failed", "?kind=work", "?q=dancer@example.com"])
def test_filters_find(console: Client, owner: User, query: str) -> None:
    job = failed(owner)
    assert job.id in console.get(LIST + query).content.decode()
    assert job.id not in console.get(LIST + "?state__exact=completed").content.decode()


def test_the_page_of_a_job_shows_its_trace_escaped(console: Client, owner: User) -> None:
    page = console.get(f"{LIST}{failed(owner).id}/change/").content.decode()
    assert "ZeroDivisionError: &lt;division by zero&gt;" in page
    assert "worker-1" in page and "tempo: 120" in page and "&quot;tempo" not in page


def test_cancel_and_retry_from_the_list(console: Client, owner: User) -> None:
    first, second = queued(owner), failed(owner)
    chosen = {"_selected_action": [first.id, second.id]}
    page = console.post(LIST, {"action": "cancel_jobs", **chosen}, follow=True).content.decode()
    assert "1 cancelled" in page and "already ended" in page
    assert Job.objects.get(pk=first.pk).state == "cancelled"
    console.post(LIST, {"action": "retry_jobs", **chosen})
    assert set(Job.objects.values_list("state", flat=True)) == {"queued"}


@pytest.mark.parametrize("step", ["cancel_job", "retry_job"])
def test_a_link_alone_changes_nothing(console: Client, owner: User, step: str) -> None:
    job = queued(owner) if step == "cancel_job" else failed(owner)
    before = Job.objects.get(pk=job.pk).state
    url = f"{LIST}{job.id}/{step}/"
    assert console.get(url).status_code == 200
    assert Job.objects.get(pk=job.pk).state == before
    # A form from elsewhere does not carry our token.
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(is_superuser=True))
    assert strict.post(url, {"_form_submitted": "on"}).status_code == 403
    assert Job.objects.get(pk=job.pk).state == before
    assert console.post(url, {"_form_submitted": "on"}).status_code == 302
    assert Job.objects.get(pk=job.pk).state != before


def test_only_steps_that_make_sense_are_offered(console: Client, owner: User) -> None:
    done = jobs.claim(queued(owner).id, "worker-1")
    assert done is not None
    jobs.complete(done, {})
    for job, steps in ((queued(owner), {"cancel"}), (failed(owner), {"retry"}), (done, set())):
        page = console.get(f"{LIST}{job.id}/change/").content.decode()
        assert {step for step in ("cancel", "retry") if f"/{step}_job/" in page} == steps


def test_a_form_from_elsewhere_is_refused_in_one_sentence(owner: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(factories.admin())
    answer = strict.post(LIST, {"action": "cancel_jobs"})
    page = answer.content.decode()
    assert answer.status_code == 403 and "reload it and send it again" in page
    assert "iDance console" in page and "CSRF" not in page


def test_the_button_for_lost_jobs(console: Client, owner: User) -> None:
    job = jobs.claim(queued(owner).id, "worker-1")
    Job.objects.update(heartbeat_at=timezone.now() - timedelta(hours=1))
    assert "Look for lost jobs" in console.get(LIST).content.decode()
    response = console.post(f"{LIST}reap/", {"_form_submitted": "on"}, headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"] == LIST
    assert "1 started over" in console.get(LIST).content.decode()
    assert job and Job.objects.get().state == "queued"


def test_who_may_look_may_not_act(owner: User) -> None:
    job = queued(owner)
    watcher = factories.person(is_staff=True)
    watcher.user_permissions.add(Permission.objects.get(codename="view_job"))
    client = Client()
    client.force_login(watcher)
    page = client.get(LIST).content.decode()
    assert job.id in page and "Look for lost jobs" not in page
    assert client.post(f"{LIST}{job.id}/cancel_job/", {"_form_submitted": "on"}).status_code == 403
    assert client.post(f"{LIST}reap/", {"_form_submitted": "on"}).status_code == 403
    client.post(LIST, {"action": "cancel_jobs", "_selected_action": [job.id]})
    assert Job.objects.get().state == "queued"
    assert client.post(f"{LIST}{job.id}/change/", {"state": "completed"}).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.get(f"{LIST}{job.id}/delete/").status_code == 403


def test_nobody_can_schedule_functions(console: Client) -> None:
    assert console.get("/admin/django_q/schedule/add/").status_code == 404
    assert "django_q" not in console.get("/admin/").content.decode()


#: A dimension as an analysis keeps it.
MEASURED = {
    "points": 12.5,
    "out_of": 25,
    "confidence": 0.9,
    "note": "It was dark.",
    "measures": [
        {"name": "slow_power", "value": 2.0712, "unit": "ln", "share": 0.6412, "weight": 1.0, "note": ""},
        {"name": "arc_length", "value": -1.95, "unit": "1", "share": None, "weight": 0.0, "note": "Told."},
        {"name": "holds", "value": None, "unit": "s", "share": None, "weight": 0.0, "note": "No hold."},
    ],
}


def test_workers_and_analyses_are_shown(console: Client, owner: User) -> None:
    now = timezone.now()
    Worker.objects.create(name="studio-7", cluster="c", started_at=now, heartbeat_at=now)
    assert "studio-7" in console.get("/admin/analysis/worker/").content.decode()
    analysis = Analysis.objects.create(
        owner=owner, job=failed(owner), video_key="v", challenge_type="freestyle", difficulty="beginner"
    )
    assert analysis.id in console.get("/admin/analysis/analysis/").content.decode()
    Analysis.objects.filter(pk=analysis.pk).update(
        total=67, confidence=0.98371, bpm=127.0033, measures={"balance": MEASURED}
    )
    shown = console.get(f"/admin/analysis/analysis/{analysis.id}/change/").content.decode()
    for word in ("67", "0.98", "127.0", f"/admin/analysis/job/{analysis.job_id}/change/"):
        assert word in shown
    for word in ("Balance: It was dark.", "slow power", "64%", "2.07 ln", "<td>-1.95</td>", "No hold."):
        assert word in shown
    assert "0.98371" not in console.get("/admin/analysis/analysis/").content.decode()
