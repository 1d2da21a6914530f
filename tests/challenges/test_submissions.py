"""Submissions: who sees which, and what their owners do with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from analysis.models import Analysis, Job
from challenges import leaderboard, submitting
from challenges.models import Moderation, Submission
from challenges.signals import submission_changed, submission_deleted
from idance.files.models import StoredFile
from idance.lib.problems import Missing
from tests import factories
from tests.api_client import ApiClient
from tests.challenges import make
from tests.files import clips

WORDS: dict[str, Any] = {
    "caption": "Mine",
    "tags": ["a"],
    "location": "Pune",
    "shared_to_feed": True,
    "highlight_text": "Wow",
}


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [one["id"] for one in answer.json()["submissions"]]


def test_the_public_list_as_documented(dancer: ApiClient, other: ApiClient) -> None:
    challenge = make.challenge()
    mine = make.submission(challenge, dancer.user, points=make.POINTS, **WORDS)
    other.post(f"/api/submissions/{mine.id}/like")
    other.post(f"/api/submissions/{mine.id}/comments", {"text": "Amazing moves!"})
    other.post(f"/api/submissions/{mine.id}/share")
    found = other.get(f"/api/challenges/{challenge.id}/public-submissions").json()
    assert (found["challengeId"], found["challengeTitle"]) == (challenge.id, challenge.title)
    assert (found["total"], found["page"], found["limit"]) == (1, 1, 20)
    (one,) = found["submissions"]
    assert one["userProfile"] == {"displayName": "Dancer", "avatarUrl": "", "level": 1}
    assert one["video"]["size_mb"] == 1.5 and one["video"]["url"].startswith("http")
    assert one["analysis"]["status"] == "completed" and one["analysis"]["score"] == 85
    assert one["analysis"]["breakdown"] == make.POINTS
    assert (one["analysis"]["feedback"], one["analysis"]["confidence"]) == ("Great rhythm and balance!", 0.92)
    assert one["analysis"]["pose_data_url"] is None, "the movement is its dancer's"
    assert one["metadata"] == {
        "caption": "Mine",
        "tags": ["a"],
        "location": "Pune",
        "isPublic": True,
        "sharedToFeed": True,
        "highlightText": "Wow",
    }
    assert (one["likes"], one["shares"]) == ([other.user.id], 1)
    assert one["comments"][0]["text"] == "Amazing moves!" and one["comments"][0]["userId"] == other.user.id


def test_who_sees_what(dancer: ApiClient, other: ApiClient, admin: ApiClient, outsider: ApiClient) -> None:
    challenge = make.challenge()
    shown = make.submission(challenge, points=make.POINTS)
    pending = make.submission(challenge, dancer.user)
    elsewhere = make.submission(make.challenge(), dancer.user, points=make.POINTS, is_public=False)
    held = make.submission(challenge, points=make.POINTS)
    Submission.objects.filter(pk=held.pk).update(moderation_status=Moderation.HELD, moderation_reason="Music")

    public = f"/api/challenges/{challenge.id}/public-submissions"
    listed = f"/api/challenges/{challenge.id}/submissions"
    assert shown.id in ids(other.get(public)) and pending.id not in ids(dancer.get(public))
    assert held.id not in ids(dancer.get(public))
    assert ids(dancer.get(listed)) == [pending.id, shown.id]
    assert ids(other.get(listed)) == [shown.id]
    assert ids(dancer.get(f"/api/users/{dancer.user.id}/submissions")) == [elsewhere.id, pending.id]
    assert ids(other.get(f"/api/users/{dancer.user.id}/submissions")) == []
    assert ids(other.get(f"/api/users/{shown.dancer_id}/submissions")) == [shown.id]
    assert other.get(f"/api/users/{'0' * 24}/submissions").status_code == 404

    for hidden in (pending, elsewhere, held):
        one = f"/api/submissions/{hidden.id}"
        assert other.get(one).status_code == 404
        for path in ("like", "share"):
            assert other.post(f"{one}/{path}").status_code == 404
        assert other.get(f"{one}/comments").status_code == 404
        assert admin.get(one).status_code == 200
    assert outsider.get(f"/api/submissions/{shown.id}").status_code == 401
    assert dancer.get(f"/api/submissions/{shown.id}").json()["moderation"] is None
    assert admin.get(f"/api/submissions/{held.id}").json()["moderation"] == {
        "status": "held",
        "reason": "Music",
    }


def test_one_in_detail(dancer: ApiClient, other: ApiClient) -> None:
    challenge = make.challenge()
    made = make.submission(challenge, dancer.user, points=make.POINTS, session_id="a" * 24)
    mine = dancer.get(f"/api/submissions/{made.id}").json()
    assert (mine["id"], mine["userId"], mine["challengeId"]) == (made.id, dancer.user.id, challenge.id)
    assert (mine["sessionId"], mine["totalScore"], mine["scoreBreakdown"]) == ("a" * 24, 85, make.POINTS)
    assert (mine["badgeAwarded"], mine["analysisComplete"]) == ("Freestyle Master", True)
    assert mine["moderation"] == {"status": "visible", "reason": ""}
    assert "/files/analyses/" in mine["poseDataURL"]
    theirs = other.get(f"/api/submissions/{made.id}").json()
    assert theirs["moderation"] is None and theirs["poseDataURL"] is None
    assert theirs["processedAt"] == mine["processedAt"] is not None


def test_editing_ones_own(dancer: ApiClient, other: ApiClient) -> None:
    made = make.submission(make.challenge(), dancer.user, points=make.POINTS, **WORDS)
    path = f"/api/submissions/{made.id}/metadata"
    answer = dancer.put(path, {"caption": "Second thoughts", "isPublic": False})
    assert answer.json() == {
        "submissionId": made.id,
        "message": "Submission updated successfully",
        "status": "completed",
    }
    shown = dancer.get(f"/api/submissions/{made.id}").json()["metadata"]
    assert shown == {
        "caption": "Second thoughts",
        "tags": ["a"],
        "location": "Pune",
        "isPublic": False,
        "sharedToFeed": True,
        "highlightText": "Wow",
    }
    assert other.put(path, {"caption": "x"}).status_code == 404
    assert dancer.put(path, {"tags": "a"}).status_code == 422
    assert dancer.put(path, {}).status_code == 200


def test_what_is_taken_back_at_the_same_moment_is_a_404_and_leaves_nothing(
    dancer: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make.submission(make.challenge(), dancer.user, points=make.POINTS)
    hold = leaderboard.hold

    def analysed_meanwhile(challenge_id: str) -> None:
        submitting.analyse(made, target_bpm=99)
        hold(challenge_id)

    monkeypatch.setattr(leaderboard, "hold", analysed_meanwhile)
    submitting.remove(made)
    monkeypatch.undo()
    assert not Analysis.objects.exists()
    assert not Job.objects.filter(state="queued").exists()

    for late in (lambda: submitting.edit(made, {"caption": "x"}), lambda: submitting.analyse(made)):
        with pytest.raises(Missing):
            late()
    assert not Analysis.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_was_sent_for_it_alone_goes_with_it(dancer: ApiClient, other: ApiClient, tmp_path: Path) -> None:
    clip = clips.make(tmp_path / "clip.mp4", seconds=1)
    challenge = make.challenge()
    path = f"/api/challenges/{challenge.id}/submit-unified"
    with clip.open("rb") as stream:
        sent = dancer.post(path, {"video_file": stream}, format="multipart").json()
    stored = Path(django_settings.MEDIA_ROOT) / sent["video"]["file_key"]
    assert stored.exists()
    other.post(f"/api/submissions/{sent['id']}/like")
    gone = dancer.delete(f"/api/submissions/{sent['id']}")
    assert gone.json() == {"submissionId": sent["id"], "message": "Submission deleted successfully"}
    assert not stored.exists() and not StoredFile.objects.exists()
    assert dancer.get(f"/api/submissions/{sent['id']}").status_code == 404
    # An upload of its own stays for other uses.
    upload = make.video(dancer.user)
    again = dancer.post(path, {"video_file": upload.key}).json()
    assert other.delete(f"/api/submissions/{again['id']}").status_code == 404
    assert dancer.delete(f"/api/submissions/{again['id']}").status_code == 200
    assert StoredFile.objects.filter(pk=upload.pk).exists()


def test_changes_are_announced(dancer: ApiClient) -> None:
    heard: list[tuple[str, str, bool]] = []

    def changed(submission: Submission, **kwargs: Any) -> None:
        heard.append(("changed", submission.status, submission.is_visible))

    def deleted(submission: Submission, **kwargs: Any) -> None:
        heard.append(("deleted", submission.status, submission.is_visible))

    submission_changed.connect(changed)
    submission_deleted.connect(deleted)
    try:
        made = make.submission(make.challenge(), dancer.user, points=make.POINTS)
        dancer.put(f"/api/submissions/{made.id}/metadata", {"isPublic": False})
        dancer.delete(f"/api/submissions/{made.id}")
    finally:
        submission_changed.disconnect(changed)
        submission_deleted.disconnect(deleted)
    assert heard == [
        ("changed", "pending", False),
        ("changed", "completed", True),
        ("changed", "completed", False),
        ("deleted", "completed", False),
    ]


LISTS = [
    "/api/challenges/{c}/public-submissions",
    "/api/challenges/{c}/submissions",
    "/api/users/{u}/submissions",
]


@pytest.mark.parametrize("path", LISTS)
def test_a_longer_list_takes_no_more_queries(
    dancer: ApiClient, other: ApiClient, path: str, settings: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    settings.LIMIT_ANALYSES = 100
    challenge = make.challenge()
    address = path.format(c=challenge.id, u=dancer.user.id)

    def fill(count: int) -> None:
        for _ in range(count):
            made = make.submission(challenge, factories.person(), points=make.POINTS)
            mine = make.submission(make.challenge(), dancer.user, points=make.POINTS)
            for one in (made, mine):
                other.post(f"/api/submissions/{one.id}/like")
                other.post(f"/api/submissions/{one.id}/comments", {"text": "Nice"})

    def queries() -> tuple[int, int]:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            found = len(ids(dancer.get(address)))
        return found, len(captured)

    fill(1)
    few, for_few = queries()
    fill(6)
    many, for_many = queries()
    assert many == few + 6
    assert for_many == for_few <= 9


def test_likes_and_comments_are_taken_back(dancer: ApiClient, other: ApiClient) -> None:
    submission = make.submission(make.challenge(), dancer.user, points=make.POINTS)
    path = f"/api/submissions/{submission.pk}"
    assert other.post(f"{path}/like").json() == {"liked": True, "likesCount": 1}
    for _ in range(2):  # a phone asks again
        assert other.delete(f"{path}/like").json() == {"liked": False, "likesCount": 0}
    said = other.post(f"{path}/comments", {"text": "Wow"}).json()
    assert dancer.delete(f"{path}/comments/{said['id']}").status_code == 403
    assert other.delete(f"{path}/comments/{said['id']}").status_code == 200
    assert other.get(f"{path}/comments").json()["total"] == 0
