"""Asking for breakdowns, what is reused, and what is left when they go."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from analysis import jobs, tasks
from analysis.engine.errors import Refusal
from analysis.models import Job
from breakdowns import services
from breakdowns.models import Breakdown, Footage, Source
from tests.api_client import ApiClient
from tests.breakdowns.make import AT_ONCE, PATH, Engine, ask, upload, with_commits, work
from tests.breakdowns.site import VideoSite

pytestmark = pytest.mark.django_db
LINK = "https://youtu.be/abcdefghijk?t=3"


def stored(folder: str = "") -> list[str]:
    """Every key under a folder."""
    root = Path(default_storage.path(folder))
    found = [path for path in root.rglob("*") if path.is_file()] if root.exists() else []
    return sorted(str(path.relative_to(default_storage.path(""))) for path in found)


@pytest.fixture(autouse=True)
def _no_files() -> None:
    for folder in ("footage", "outlines"):
        from idance.files import storage

        storage.delete_folder(folder)


def test_a_link_becomes_a_breakdown_with_everything(
    dancer: ApiClient, youtube: VideoSite, engine: Engine
) -> None:
    pending = dancer.post(PATH, {"video_url": LINK}, headers=AT_ONCE)
    assert pending.status_code == 202
    assert pending.json()["status"] == "processing"
    assert not pending.json()["success"]
    work()
    done = dancer.post(PATH, {"video_url": LINK})
    assert done.status_code == 200
    found = done.json()
    assert found["success"], found
    assert found["video_url"] == LINK
    assert found["title"] == "Salsa basics"
    assert found["bpm"] == 120.0
    assert found["duration"] == pytest.approx(8.0, abs=0.1)
    assert found["total_steps"] == len(found["steps"]) >= 2
    assert found["description_source"] == "movement", "no key of OpenAI here"
    assert found["mode"] == "auto"
    for step in found["steps"]:
        assert re.fullmatch(r"\d\d:\d\d\.\d{3}", step["start_timestamp"])
    for name in ("playable_video_url", "thumbnail_url", "outline_url"):
        assert dancer.get(found[name].removeprefix("http://testserver")).status_code == 200
    dancer.user.refresh_from_db()
    assert dancer.user.points == 5

    detail = dancer.get(f"{PATH}/{found['breakdown_id']}").json()
    assert detail["steps"] == found["steps"]
    black = dancer.get(f"{PATH}/{found['breakdown_id']}?style=black").json()
    assert "outline_black" in black["outlineUrl"] and "outline_black" not in detail["outlineUrl"]
    assert dancer.get(f"{PATH}/{found['breakdown_id']}?style=pink").status_code == 422


def test_a_link_without_its_https_is_shown_with_it(dancer: ApiClient, youtube: VideoSite) -> None:
    asked = dancer.post(PATH, {"video_url": LINK.removeprefix("https://")}, headers=AT_ONCE)
    assert dancer.get(f"{PATH}/{asked.json()['breakdown_id']}").json()["videoUrl"] == LINK


def test_the_stages_come_in_order_and_progress_never_goes_back(
    dancer: ApiClient, youtube: VideoSite, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, float]] = []
    monkeypatch.setattr(tasks.Reporter, "__call__", lambda self, stage, share: told.append((stage, share)))
    ask(dancer, LINK)
    work()
    stages = list(dict.fromkeys(stage for stage, _ in told))
    assert stages == ["resolve", "download", "encode", "watch", "describe", "draw", "store"]
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert set(Breakdown.objects.get().timings) == set(stages)


def test_the_same_video_is_fetched_and_watched_once_for_all(
    dancer: ApiClient, other: ApiClient, youtube: VideoSite, engine: Engine
) -> None:
    ask(dancer, LINK)
    work()
    ask(other, "https://www.youtube.com/shorts/abcdefghijk", target_difficulty="advanced")
    work()
    assert youtube.asked == ["/abcdefghijk.json", "/abcdefghijk.mp4"]
    assert engine.watched == ["beginner"]
    mine, theirs = Breakdown.objects.order_by("id")
    assert mine.footage_id == theirs.footage_id
    assert theirs.success
    assert mine.outline_key != theirs.outline_key
    # What one has is not the other's to see, nor to delete.
    for method in (other.get, other.delete):
        assert method(f"{PATH}/{mine.pk}").status_code == 404


def test_asking_again_gives_the_stored_result(dancer: ApiClient, youtube: VideoSite, engine: Engine) -> None:
    first = ask(dancer, LINK)
    assert ask(dancer, LINK)["job_id"] == first["job_id"], "while it runs"
    work()
    assert ask(dancer, "youtube.com/watch?v=abcdefghijk")["breakdown_id"] == first["breakdown_id"]
    assert Job.objects.filter(kind="breakdown").count() == 1
    ask(dancer, LINK, target_difficulty="advanced")
    assert Job.objects.filter(kind="breakdown").count() == 2


def test_an_upload_is_broken_down_where_it_lies_and_is_nobody_elses(
    dancer: ApiClient, other: ApiClient, clip: Path, engine: Engine
) -> None:
    key = upload(dancer, clip)
    refused = other.post(PATH, {"video_url": key})
    assert refused.status_code == 404
    ask(dancer, key)
    work()
    breakdown = Breakdown.objects.get()
    assert breakdown.success
    assert breakdown.footage.video_key == key
    url = dancer.get(f"{PATH}/{breakdown.pk}").json()["videoUrl"]
    assert ask(dancer, url)["breakdown_id"] == breakdown.pk, "its address means the same"
    assert dancer.delete(f"/api/s3/delete/{key}").status_code == 400, "it is in use"
    with_commits(lambda: dancer.delete(f"{PATH}/{breakdown.pk}"))
    assert dancer.delete(f"/api/s3/delete/{key}").status_code == 200


@pytest.mark.parametrize(
    "address",
    ["https://vimeo.com/1", "https://youtube.com/@dancer", "nonsense", "https://[/x", "http://[::1"],
)
def test_other_addresses_are_told_what_to_give(dancer: ApiClient, address: str) -> None:
    answer = dancer.post(PATH, {"video_url": address})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"] == ["body", "video_url"]
    assert not Breakdown.objects.exists()


def test_what_the_site_refuses_is_told_and_tried_again(
    dancer: ApiClient, youtube: VideoSite, engine: Engine
) -> None:
    page = youtube.pages["abcdefghijk"]
    youtube.pages["abcdefghijk"] = "Private video. Sign in if you've been granted access to this video"
    ask(dancer, LINK)
    work()
    detail = dancer.get(f"{PATH}/{Breakdown.objects.get().pk}").json()
    assert (detail["success"], detail["errorCode"]) == (False, "private")
    assert detail["errorMessage"] == "This video is private. You can upload the file instead."
    history = dancer.get("/api/ai/dance-breakdowns").json()
    assert [row["success"] for row in history["breakdowns"]] == [False]
    assert dancer.get("/api/ai/dance-breakdowns/videos").json()["total"] == 0
    youtube.pages["abcdefghijk"] = page
    assert ask(dancer, LINK)["status"] == "processing"
    work()
    assert dancer.post(PATH, {"video_url": LINK, "mode": "manual"}).json()["success"]


def test_a_site_that_blocks_us_is_left_alone_for_a_while(
    dancer: ApiClient, other: ApiClient, youtube: VideoSite, engine: Engine
) -> None:
    youtube.pages["abcdefghijk"] = "Sign in to confirm you’re not a bot"
    ask(dancer, LINK)
    work()
    assert Breakdown.objects.get().error_code == "source_blocked"
    answer = other.post(PATH, {"video_url": LINK})
    assert answer.status_code == 503
    assert "upload the file instead" in answer.json()["detail"]
    assert len(youtube.asked) == 1


def test_what_the_engine_refuses_once_it_refuses_for_all_without_looking_again(
    dancer: ApiClient, other: ApiClient, youtube: VideoSite, engine: Engine
) -> None:
    engine.fault = Refusal("no_person")
    ask(dancer, LINK)
    ask(other, LINK)
    work()
    assert len(engine.watched) == 1
    for person in (dancer, other):
        answer = person.post(PATH, {"video_url": LINK, "mode": "manual"})
        assert answer.status_code == 200
        assert (answer.json()["success"], answer.json()["error_code"]) == (False, "no_person")
    assert Job.objects.filter(kind="breakdown").count() == 2, "asking again does not try again"
    assert stored("footage") == stored("outlines") == []
    engine.fault = None
    Footage.objects.update(engine_version="0.0.1")
    ask(dancer, LINK)
    work()
    assert dancer.post(PATH, {"video_url": LINK, "mode": "manual"}).json()["success"], "a newer engine may"


def test_a_fault_of_ours_is_a_500_and_is_tried_again(
    dancer: ApiClient, youtube: VideoSite, engine: Engine
) -> None:
    engine.fault = RuntimeError("broken")
    ask(dancer, LINK)
    work()
    work()
    assert Breakdown.objects.get().error_code == "internal_error"
    detail = dancer.get(f"{PATH}/{Breakdown.objects.get().pk}").json()
    assert detail["errorCode"] == "internal_error" and "broken" not in str(detail)
    assert stored("footage") == []
    engine.fault = None
    ask(dancer, LINK)
    work()
    assert Breakdown.objects.get().success


def test_a_failure_of_ours_answers_500_to_whoever_waits(
    dancer: ApiClient, youtube: VideoSite, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.fault = RuntimeError("broken")

    def wait(done: object, request: object) -> bool:
        work()
        work()
        return True

    monkeypatch.setattr("breakdowns.api.views.wait_for", wait)
    answer = dancer.post(PATH, {"video_url": LINK})
    assert answer.status_code == 500
    assert answer.json() == {"detail": "Something went wrong on our side. Please try again."}


def test_cancelling_stops_it_and_leaves_nothing(
    dancer: ApiClient, youtube: VideoSite, engine: Engine
) -> None:
    job_id = ask(dancer, LINK)["job_id"]
    engine.meanwhile = lambda: dancer.delete(f"/api/background/jobs/{job_id}").json()
    work()
    breakdown = Breakdown.objects.get()
    assert (breakdown.status, breakdown.error_code) == ("failed", "cancelled")
    assert stored("outlines") == []
    dancer.user.refresh_from_db()
    assert dancer.user.points == 0
    # What was fetched and measured until then is not lost: the next one needs it.
    engine.meanwhile = lambda: None
    ask(dancer, LINK)
    work()
    assert Breakdown.objects.get().success


def test_deleting_removes_the_files_and_what_was_earned(
    dancer: ApiClient, other: ApiClient, youtube: VideoSite, engine: Engine
) -> None:
    for person in (dancer, other):
        ask(person, LINK)
    work()
    mine, theirs = Breakdown.objects.order_by("id")
    with_both = stored("footage")
    assert len(with_both) == 3
    assert len(stored("outlines")) == 4
    with_commits(lambda: dancer.delete(f"{PATH}/{mine.pk}"))
    dancer.user.refresh_from_db()
    assert dancer.user.points == 0
    assert stored("footage") == with_both, "others still need it"
    assert stored("outlines") == sorted([theirs.outline_key, theirs.outline_black_key])
    with_commits(lambda: other.delete(f"{PATH}/{theirs.pk}"))
    assert stored("footage") == stored("outlines") == []
    assert not Footage.objects.exists()
    assert dancer.delete(f"{PATH}/{mine.pk}").status_code == 404


def test_deleting_while_it_is_made_stops_the_work(
    dancer: ApiClient, youtube: VideoSite, engine: Engine
) -> None:
    breakdown_id = ask(dancer, LINK)["breakdown_id"]
    engine.meanwhile = lambda: with_commits(lambda: dancer.delete(f"{PATH}/{breakdown_id}"))
    work()
    assert Job.objects.get(kind="breakdown").state == "cancelled"
    assert not Breakdown.objects.exists() and not Footage.objects.exists()
    assert stored("footage") == stored("outlines") == []


def test_a_footage_that_somebody_measures_is_waited_for_and_a_dead_holder_is_not(
    dancer: ApiClient, youtube: VideoSite, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(dancer, LINK)
    footage = Footage.objects.get()
    somebody = jobs.enqueue("breakdown", footage.pk, dancer.user)
    assert jobs.claim(somebody.pk, "elsewhere") is not None
    Footage.objects.update(holder=f"{somebody.pk}:1")
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        # Other threads sleep too.
        waits.extend([seconds] if seconds == 0.5 else [])
        if len(waits) == 3:  # The other one dies.
            Job.objects.filter(pk=somebody.pk).update(state="failed")

    monkeypatch.setattr("breakdowns.footages.time.sleep", sleep)
    work()
    assert len(waits) == 3
    assert Breakdown.objects.get().success
    assert Footage.objects.get().holder == ""


def test_a_newer_engine_watches_again_without_fetching(
    dancer: ApiClient, other: ApiClient, youtube: VideoSite, engine: Engine
) -> None:
    ask(dancer, LINK)
    work()
    Footage.objects.update(engine_version="0.0.1")
    ask(other, LINK)
    work()
    assert len(engine.watched) == 2
    assert youtube.asked.count("/abcdefghijk.mp4") == 1
    assert len(stored("footage")) == 3, "the old files are gone"
    assert default_storage.exists(Footage.objects.get().video_key)


def test_starting_has_a_limit_and_asking_has_none(
    dancer: ApiClient, youtube: VideoSite, engine: Engine, settings: Any
) -> None:
    settings.LIMIT_ANALYSES = 1
    ask(dancer, LINK)
    work()
    assert [ask(dancer, LINK)["success"] for _ in range(3)] == [True, True, True]
    assert dancer.post(PATH, {"video_url": "https://example.com"}).status_code == 422
    assert dancer.post(PATH, {"video_url": LINK, "mode": "auto"}).status_code == 429
    assert Breakdown.objects.count() == 1


def test_staff_has_thumbnails_made_anew(
    dancer: ApiClient, admin: ApiClient, youtube: VideoSite, engine: Engine
) -> None:
    path = "/api/ai/dance-breakdowns/regenerate-thumbnails"
    assert dancer.post(path).status_code == 403
    ask(dancer, LINK)
    work()
    before = Footage.objects.get().thumbnail_key
    told = {"success": True, "queued": 1, "message": "1 thumbnail will be made anew"}
    assert admin.post(path).json() == told
    with_commits(work)
    after = Footage.objects.get().thumbnail_key
    assert after != before
    assert default_storage.exists(after) and not default_storage.exists(before)


@pytest.mark.django_db(transaction=True)
def test_thumbnails_are_queued_where_each_is_committed_at_once(admin: ApiClient) -> None:
    """As on a server; there the queue closes the connection after each."""
    for video in ("abcdefghijk", "ABCDEFGHIJK"):
        Footage.objects.create(
            key=f"youtube:{video}", source=Source.YOUTUBE, video_key=f"footage/{video}.mp4"
        )
    assert services.remake_pictures(admin.user) == 2
    assert Job.objects.count() == 2
