"""`POST /api/challenges/{id}/submit-unified`: a video into a challenge."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from analysis.models import Job
from challenges.models import Challenge, ChallengeState, Submission
from idance.files import storage
from idance.files.models import StoredFile
from tests.api_client import ApiClient
from tests.challenges import make
from tests.files import clips

METADATA = {
    "caption": "My freestyle challenge attempt!",
    "tags": ["freestyle", "challenge"],
    "location": "Mumbai, India",
    "isPublic": True,
    "sharedToFeed": True,
    "highlightText": "Check out my moves!",
}


def path(challenge: Challenge) -> str:
    return f"/api/challenges/{challenge.id}/submit-unified"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clips.make(tmp_path_factory.mktemp("clips") / "clip.mp4", seconds=1)


def test_an_upload_is_submitted_by_its_key(dancer: ApiClient) -> None:
    challenge, video = make.challenge(), make.video(dancer.user)
    answer = dancer.post(path(challenge), {"video_file": video.key, "metadata": METADATA})
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert found["challengeId"] == challenge.id and found["userId"] == dancer.user.id
    assert found["video"]["file_key"] == video.key and f"/files/{video.key}?" in found["video"]["url"]
    assert (found["video"]["duration"], found["video"]["size_mb"]) == (12.5, 1.5)
    assert found["analysis"]["status"] == "pending"
    unknown = ("score", "breakdown", "feedback", "pose_data_url", "confidence")
    assert {found["analysis"][name] for name in unknown} == {None}
    assert found["metadata"] == METADATA
    assert found["userProfile"] == {"displayName": "Dancer", "avatarUrl": "", "level": 1}
    assert found["timestamps"]["submittedAt"] and found["timestamps"]["analyzedAt"] is None
    assert (found["likes"], found["comments"], found["shares"]) == ([], [], 0)
    job = Job.objects.get()
    assert (job.kind, job.subject_id, job.state, job.size) == ("submission", found["id"], "queued", 12.5)
    challenge.refresh_from_db()
    assert (challenge.total_submissions, challenge.participant_count) == (1, 1)


def test_an_upload_is_submitted_by_a_link_to_it(dancer: ApiClient, other: ApiClient) -> None:
    challenge, video = make.challenge(), make.video(dancer.user)
    link = storage.url_for(video.key)
    assert other.post(path(challenge), {"video_file": link}).status_code == 404
    answer = dancer.post(path(challenge), {"video_file": link})
    assert answer.status_code == 200, answer.content
    assert answer.json()["video"]["file_key"] == video.key
    foreign = other.post(path(challenge), {"video_file": "https://example.com/dance.mp4"})
    assert foreign.status_code == 422
    assert foreign.json()["detail"] == (
        "video_file: Please send a video, in base64 or as a file part, or the key of an upload of yours."
    )


def test_metadata_that_was_left_empty(dancer: ApiClient, clip: Path) -> None:
    empty = dict.fromkeys(METADATA)
    key = make.video(dancer.user).key
    for metadata in (empty, None):
        answer = dancer.post(path(make.challenge()), {"video_file": key, "metadata": metadata})
        assert answer.status_code == 200, answer.content
        assert (answer.json()["metadata"]["caption"], answer.json()["metadata"]["isPublic"]) == ("", True)
    part = SimpleUploadedFile("x.mp4", clip.read_bytes(), "video/mp4")
    body = {"video_file": part, "metadata": json.dumps(empty)}
    answer = dancer.post(path(make.challenge()), body, format="multipart")
    assert answer.status_code == 200, answer.content


def test_a_file_part_with_metadata_as_json(dancer: ApiClient, clip: Path) -> None:
    challenge = make.challenge()
    part = SimpleUploadedFile("x.mp4", clip.read_bytes(), "video/mp4")
    body = {"video_file": part, "metadata": json.dumps(METADATA)}
    answer = dancer.post(path(challenge), body, format="multipart")
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert found["metadata"] == METADATA
    assert found["video"]["file_key"].startswith(f"challenges/{dancer.user.id}/{challenge.id}/")
    assert found["video"]["duration"] == pytest.approx(1.0, abs=0.05)


def test_metadata_that_comes_as_a_file_as_blobs_do(dancer: ApiClient, clip: Path) -> None:
    """What browsers make of `form.append("metadata", new Blob([json], {type: "application/json"}))`."""
    private = {**METADATA, "isPublic": False}
    blob = SimpleUploadedFile("blob", json.dumps(private).encode(), "application/json")
    body = {"metadata": blob, "video_file": SimpleUploadedFile("x.mp4", clip.read_bytes(), "video/mp4")}
    answer = dancer.post(path(make.challenge()), body, format="multipart")
    assert answer.status_code == 200, answer.content
    assert answer.json()["metadata"] == private
    for wrong in (b"{", b"\xff"):
        blob = SimpleUploadedFile("blob", wrong, "application/json")
        body = {"metadata": blob, "video_file": make.video(dancer.user).key}
        refused = dancer.post(path(make.challenge()), body, format="multipart")
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["loc"] == ["body", "metadata"]
    body["metadata"] = SimpleUploadedFile("blob", b" " * 1_000_001, "application/json")
    assert dancer.post(path(make.challenge()), body, format="multipart").status_code == 413


def test_a_video_in_base64(dancer: ApiClient, clip: Path) -> None:
    text = base64.b64encode(clip.read_bytes()).decode()
    answer = dancer.post(path(make.challenge()), {"video_file": text})
    assert answer.status_code == 200, answer.content
    assert answer.json()["metadata"] == {
        "caption": "",
        "tags": [],
        "location": "",
        "isPublic": True,
        "sharedToFeed": False,
        "highlightText": "",
    }


def test_once_only(dancer: ApiClient, other: ApiClient, clip: Path) -> None:
    challenge = make.challenge()
    key = make.video(dancer.user).key
    assert dancer.post(path(challenge), {"video_file": key}).status_code == 200
    again = dancer.post(path(challenge), {"video_file": key})
    assert again.status_code == 400
    assert again.json()["detail"] == "You have already submitted to this challenge."
    part = SimpleUploadedFile("x.mp4", clip.read_bytes())
    assert dancer.post(path(challenge), {"video_file": part}, format="multipart").status_code == 400
    assert StoredFile.objects.count() == 1, "a refused video leaves nothing"
    assert other.post(path(challenge), {"video_file": make.video(other.user).key}).status_code == 200
    assert dancer.post(path(make.challenge()), {"video_file": key}).status_code == 200
    challenge.refresh_from_db()
    assert (challenge.total_submissions, challenge.participant_count) == (2, 2)


def test_only_while_it_runs(dancer: ApiClient) -> None:
    now = timezone.now()
    key = make.video(dancer.user).key
    closed = [
        make.challenge(start_time=now - timedelta(days=2), end_time=now),
        make.challenge(start_time=now + timedelta(minutes=1)),
        make.challenge(state=ChallengeState.ARCHIVED),
    ]
    for challenge in closed:
        answer = dancer.post(path(challenge), {"video_file": key})
        assert (answer.status_code, answer.json()["detail"]) == (400, "This challenge is not running.")
    assert dancer.post(f"/api/challenges/{'0' * 24}/submit-unified", {"video_file": key}).status_code == 404


def test_what_is_no_video_of_ones_own(dancer: ApiClient, other: ApiClient, settings: Any) -> None:
    settings.LIMIT_UPLOADS = 100
    challenge = make.challenge()
    theirs = make.video(other.user)
    nothing = theirs.key.replace(theirs.id, "0" * 24).replace(other.user.id, dancer.user.id)
    picture = make.video(dancer.user)
    StoredFile.objects.filter(pk=picture.pk).update(kind="picture")
    for body, status in (
        ({"video_file": theirs.key}, 404),
        ({"video_file": nothing}, 404),
        ({"video_file": picture.key}, 415),
        ({"video_file": base64.b64encode(b"GIF89a" + bytes(99)).decode()}, 415),
        ({"video_file": "https://example.com/video.mp4"}, 422),
        ({"video_file": f"uploads/{dancer.user.id}/../{theirs.key}"}, 422),
        ({}, 422),
        ({"video_file": make.video(dancer.user).key, "metadata": {"caption": "x" * 501}}, 422),
        ({"video_file": make.video(dancer.user).key, "metadata": "{broken"}, 422),
        ({"video_file": make.video(dancer.user).key, "metadata": [1]}, 422),
        ({"video_file": make.video(dancer.user).key, "metadata": {"tags": ["x"] * 21}}, 422),
        ({"video_file": make.video(dancer.user).key, "metadata": {"isPublic": "maybe"}}, 422),
    ):
        assert dancer.post(path(challenge), body).status_code == status, body
    assert not Submission.objects.exists() and not Job.objects.exists()
    challenge.refresh_from_db()
    assert (challenge.total_submissions, challenge.participant_count) == (0, 0)


def test_a_phone_that_lost_the_answer_asks_again(dancer: ApiClient) -> None:
    challenge, key = make.challenge(), make.video(dancer.user).key
    first, second = (
        dancer.post(path(challenge), {"video_file": key}, headers={"Idempotency-Key": "a1"}) for _ in range(2)
    )
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert Submission.objects.count() == 1


@pytest.mark.parametrize("form", ["multipart", "json"])
def test_a_phone_that_lost_the_answer_sends_the_video_again(dancer: ApiClient, clip: Path, form: Any) -> None:
    where, video = path(make.challenge()), clip.read_bytes()

    def send(content: bytes) -> Any:
        file = (
            SimpleUploadedFile("a.mp4", content)
            if form == "multipart"
            else base64.b64encode(content).decode()
        )
        return dancer.post(where, {"video_file": file}, format=form, headers={"Idempotency-Key": "a1"})

    first, second, other = send(video), send(video), send(video + b"\0")
    assert (first.status_code, second.status_code, other.status_code) == (200, 200, 422), other.content
    assert first.json() == second.json()
    assert Submission.objects.count() == 1


def test_a_failed_one_may_be_replaced(dancer: ApiClient) -> None:
    challenge = make.challenge()
    first = make.submission(challenge, dancer.user)
    make.do(Job.objects.get(), engine=make.Engine(refusal="no_person"))
    shown = dancer.get(f"/api/submissions/{first.id}").json()
    assert (shown["status"], shown["analysis"]["status"]) == ("failed", "failed")
    assert shown["analysis"]["error_code"] == "no_person"
    assert shown["analysis"]["error_message"].startswith("No dancer can be seen")

    second = dancer.post(path(challenge), {"video_file": make.video(dancer.user).key})
    assert second.status_code == 200, second.content
    challenge.refresh_from_db()
    assert (challenge.total_submissions, challenge.participant_count) == (2, 1)
    # The first one has lost its place for good.
    asked = dancer.post("/api/ai/analyze-pose", {"submission_id": first.id, "target_bpm": 100})
    assert asked.status_code == 400


def test_starting_analyses_has_a_limit(dancer: ApiClient, settings: Any) -> None:
    settings.LIMIT_ANALYSES = 1
    challenge, body = make.challenge(), {"video_file": make.video(dancer.user).key}
    assert dancer.post(path(challenge), {}).status_code == 422
    first, replayed = (
        dancer.post(path(challenge), body, headers={"Idempotency-Key": "once"}) for _ in range(2)
    )
    assert (first.status_code, replayed.status_code) == (200, 200)
    assert dancer.post(path(challenge), body).status_code == 400
    refused = dancer.post(path(make.challenge()), body)
    assert refused.status_code == 429 and int(refused["Retry-After"]) >= 1
    assert Submission.objects.count() == 1


def test_sending_files_with_a_submission_counts_as_uploading(dancer: ApiClient, settings: Any) -> None:
    settings.LIMIT_UPLOADS = 2
    sent = [dancer.post(path(make.challenge()), {}).status_code for _ in range(3)]
    assert sent == [422, 422, 429]
