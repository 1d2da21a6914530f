"""A session's video, cropped by a job when the app asks for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from analysis import jobs, tasks
from analysis.models import Job
from feed.models import CROP, DanceSession
from idance.files import services as files
from idance.files import storage
from idance.files.ffmpeg import FFmpegFailed
from idance.files.intake import Intake
from idance.files.kinds import MP4
from idance.files.probe import probe
from tests.api_client import ApiClient
from tests.files import clips


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clips.make(tmp_path_factory.mktemp("sessions") / "clip.mp4", seconds=0.3)


def asked_for(client: ApiClient, clip: Path, template: str = "square") -> Job:
    """The job of a completed session whose video is to be cropped."""
    arrived = Intake()
    arrived.write(clip.read_bytes())
    arrived.finish()
    video = files.receive(client.user, arrived)
    session_id = client.post("/api/sessions/start", {"style": "jazz", "sessionType": "freestyle"}).json()
    crop = {"aspectRatio": "1:1", "videoDimensions": {"width": 320, "height": 240}, "cropTemplate": template}
    body = {**session_id, "durationMinutes": 1, "videoFileKey": video.key, "cropData": crop}
    assert client.post("/api/sessions/complete", body).status_code == 200
    return Job.objects.get(kind=CROP)


def shown(client: ApiClient, job: Job) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/sessions/{job.subject_id}").json()
    return found


@pytest.mark.parametrize(
    ("template", "size"), [("square", (240, 240)), ("portrait", (134, 240)), ("landscape", (320, 180))]
)
def test_it_becomes_the_largest_picture_of_that_shape(
    dancer: ApiClient, clip: Path, template: str, size: tuple[int, int]
) -> None:
    job = asked_for(dancer, clip, template)
    assert shown(dancer, job)["processingStatus"] == "processing"

    tasks.run_job(job.pk)

    session = shown(dancer, job)
    assert session["processingStatus"] == "completed"
    assert session["processedVideoURL"] not in (None, session["videoURL"])
    with storage.open_local(DanceSession.objects.get().processed_key) as path:
        facts = probe(path, MP4)
    assert (facts.width, facts.height) == size
    assert facts.audio_codec == "aac"


def test_what_cannot_be_cropped_is_shown_as_it_was_sent(
    dancer: ApiClient, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise FFmpegFailed("no")

    job = asked_for(dancer, clip)
    monkeypatch.setattr("feed.tasks.ffmpeg.run", fail)
    for _ in range(job.attempts_allowed):
        tasks.run_job(job.pk)

    session = shown(dancer, job)
    assert (session["processingStatus"], session["processedVideoURL"]) == ("failed", None)
    assert session["videoURL"]


def test_a_session_that_is_deleted_meanwhile_leaves_nothing(dancer: ApiClient, clip: Path) -> None:
    job = asked_for(dancer, clip)
    handler = jobs.KINDS[CROP].handler

    def deleted_meanwhile(context: jobs.JobContext) -> jobs.Outcome:
        outcome = handler(context)
        assert dancer.delete(f"/api/sessions/{job.subject_id}").status_code == 200
        return outcome

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(jobs.KINDS, CROP, jobs.Kind(deleted_meanwhile))
        tasks.run_job(job.pk)

    job.refresh_from_db()
    assert job.state == "cancelled"
    assert default_storage.listdir(f"sessions/{dancer.user.pk}") == ([], [])
