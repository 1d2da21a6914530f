"""The whole way with the real engine: upload, submit, analyse, score again, report."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.models import Analysis, Job
from challenges.models import Submission
from idance.files import storage
from tests.api_client import ApiClient
from tests.challenges import make

CLIP = Path(__file__).resolve().parents[2] / "demo" / "jesse_dance_front.mp4"


@pytest.mark.slow
def test_from_the_upload_to_the_report(dancer: ApiClient, other: ApiClient) -> None:
    with CLIP.open("rb") as stream:
        upload = dancer.post("/api/s3/upload", {"file": stream}, format="multipart").json()
    challenge = make.challenge()
    path = f"/api/challenges/{challenge.id}/submit-unified"
    submitted = dancer.post(path, {"video_file": upload["file_key"], "metadata": {"caption": "First"}}).json()
    make.do(Job.objects.get(kind="submission"))

    state = dancer.get(f"/api/ai/analysis-status/{submitted['id']}").json()
    assert state["status"] == "completed", state
    assert state["total_score"] == sum(points or 0 for points in state["score_breakdown"].values())
    assert state["score_breakdown"]["rhythm"] > 15, "it dances to its own music"
    assert 0.3 < state["confidence"] <= 1 and len(state["feedback"]) > 40
    pose_data = other.get(state["pose_data_url"].removeprefix("http://testserver"))
    assert pose_data.status_code == 200, "the link is the key"

    report = dancer.get(f"/api/ai/submissions/{submitted['id']}/report").json()
    analysis = Analysis.objects.get()
    assert analysis.engine_version in str(report)
    board = other.get(f"/api/challenges/{challenge.id}/leaderboard").json()
    assert [line["score"] for line in board["entries"]] == [state["total_score"]]

    # The same movement scored again gives the same, without the video.
    storage.delete(upload["file_key"])
    asked = {"submission_id": submitted["id"]}
    again = dancer.post("/api/ai/score-submission", asked, headers={"Prefer": "respond-async"})
    assert again.json()["status"] == "queued"
    make.do(Job.objects.get(kind="rescore"))
    submission = Submission.objects.get()
    assert submission.breakdown == state["score_breakdown"]
    dancer.user.refresh_from_db()
    assert dancer.user.points == state["total_score"]
