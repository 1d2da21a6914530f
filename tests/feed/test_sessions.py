"""Practice sessions over the API: started, completed, listed, liked, deleted."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.models import User
from analysis.models import Job
from feed import activities, tasks
from feed.models import Activity, DancerStats, DanceSession, FeedItem, FeedTally, Kind
from idance.files import keys
from idance.lib.ids import new_object_id
from tests.api_client import ApiClient
from tests.challenges import make

START = {"style": "hip hop", "sessionType": "freestyle"}
SHARED = {**START, "isPublic": True, "sharedToFeed": True}
CROP = {
    "aspectRatio": "1:1",
    "videoDimensions": {"width": 720, "height": 1280},
    "cropTemplate": "square",
}


def started(client: ApiClient, **wishes: Any) -> str:
    response = client.post("/api/sessions/start", {**START, **wishes})
    assert response.status_code == 200
    return response.json()["sessionId"]


def completed(client: ApiClient, **wishes: Any) -> str:
    session_id = started(client, **wishes)
    body = {"sessionId": session_id, "durationMinutes": 15, "caloriesBurned": 120, "stars": 4, "rating": 4.5}
    assert client.post("/api/sessions/complete", body).json() == {"message": "Session completed successfully"}
    return session_id


def test_a_session_counts_once_it_is_completed(dancer: ApiClient) -> None:
    session_id = completed(dancer)

    (mine,) = dancer.get("/api/sessions/me").json()
    assert (mine["_id"], mine["status"], mine["durationMinutes"]) == (session_id, "completed", 15)
    assert mine["processingStatus"] == "not_required"
    profile = dancer.get("/api/users/profile").json()
    assert (profile["totalSessions"], profile["totalDuration"]) == (1, 900)
    assert User.objects.get(pk=dancer.user.pk).points == 10


def test_completing_twice_is_refused_and_counts_once(dancer: ApiClient) -> None:
    session_id = completed(dancer)

    again = dancer.post("/api/sessions/complete", {"sessionId": session_id, "durationMinutes": 1})

    assert again.status_code == 400
    assert DancerStats.objects.get(user=dancer.user).sessions == 1


@pytest.mark.parametrize("end", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"])
def test_a_wrong_clock_puts_nothing_out_of_its_time(dancer: ApiClient, other: ApiClient, end: str) -> None:
    for _ in range(2):
        body = {"sessionId": started(dancer, **SHARED), "durationMinutes": 1, "endTime": end}
        assert dancer.post("/api/sessions/complete", body).status_code == 200

    mine = dancer.get("/api/sessions/me").json()
    assert all(row["startTime"] <= row["endTime"] <= row["updatedAt"] for row in mine)
    last = completed(dancer, **SHARED)
    (first,) = other.get("/api/feed?limit=1").json()["items"]
    assert first["content"]["subject_id"] == last
    assert len(other.get("/api/feed?limit=1&page=2").json()["items"]) == 1


def test_a_forgotten_session_is_closed_by_the_next(dancer: ApiClient) -> None:
    first, second = started(dancer), started(dancer)

    statuses = {row["_id"]: row["status"] for row in dancer.get("/api/sessions/me").json()}
    assert statuses == {first: "abandoned", second: "active"}
    assert [row["_id"] for row in dancer.get("/api/sessions/me?status=active").json()] == [second]
    late = dancer.post("/api/sessions/complete", {"sessionId": first, "durationMinutes": 1})
    assert late.status_code == 400


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"sessionType": "freestyle"}, "style"),
        ({"style": "jazz", "sessionType": "sleeping"}, "sessionType"),
        ({**START, "tags": ["x"] * 21}, "tags"),
        ({**START, "inspirationSessionId": "abc"}, "inspirationSessionId"),
    ],
)
def test_a_wrong_start_names_its_field(dancer: ApiClient, body: dict[str, Any], field: str) -> None:
    response = dancer.post("/api/sessions/start", body)

    assert response.status_code == 422
    assert response.json()["errors"][0]["loc"] == ["body", field]


def test_somebody_elses_session_does_not_exist(dancer: ApiClient, other: ApiClient) -> None:
    private, public = completed(dancer), completed(dancer, isPublic=True)

    assert other.get(f"/api/sessions/{private}").status_code == 404
    assert other.get(f"/api/sessions/{public}").status_code == 200
    assert other.get(f"/api/sessions/{started(dancer, isPublic=True)}").status_code == 200
    assert other.delete(f"/api/sessions/{public}").status_code == 404
    assert other.post(f"/api/sessions/{private}/like").status_code == 404
    for unknown in (started(dancer), "no id", "0" * 65):
        body = {"sessionId": unknown, "durationMinutes": 1}
        assert other.post("/api/sessions/complete", body).status_code == 404


def test_everybody_needs_a_token(outsider: ApiClient) -> None:
    for path in ("me", "feed"):
        assert outsider.get(f"/api/sessions/{path}").status_code == 401
    for path in ("/api/feed", "/api/activities/me", "/api/stats/me", "/api/stats/heatmap"):
        assert outsider.get(path).status_code == 401


def test_the_session_feed_shows_public_ones_by_style_and_place(dancer: ApiClient, other: ApiClient) -> None:
    completed(dancer)
    salsa = completed(dancer, isPublic=True, style="salsa", location="Lyon")
    completed(dancer, isPublic=True, style="jazz", location="Lyon")

    (found,) = other.get("/api/sessions/feed?style=salsa&location=Lyon").json()
    assert found["_id"] == salsa
    assert found["userProfile"] == {
        "displayName": "Dancer",
        "avatarUrl": "",
        "level": 1,
        "location": "Lyon",
    }
    assert len(other.get("/api/sessions/feed").json()) == 2
    assert other.get("/api/sessions/feed?skip=2").json() == []


def test_a_link_to_ones_own_upload_is_kept_by_its_key(dancer: ApiClient, other: ApiClient) -> None:
    mine, theirs = make.video(dancer.user), make.video(other.user)
    body = {"sessionId": started(dancer), "durationMinutes": 1, "cropData": CROP}
    link = "http://localhost:8000/files/{}?expires=1&signature=x"

    given = {"videoURL": link.format(mine.key), "thumbnailURL": link.format(theirs.thumbnail_key)}
    assert dancer.post("/api/sessions/complete", {**body, **given}).status_code == 200

    shown = dancer.get(f"/api/sessions/{body['sessionId']}").json()
    assert f"/files/{mine.key}?" in shown["videoURL"] and "expires=1&" not in shown["videoURL"]
    assert shown["thumbnailURL"] == given["thumbnailURL"]
    assert shown["processingStatus"] == "processing"


def test_a_file_stays_as_long_as_it_is_shown(dancer: ApiClient) -> None:
    video, picture = make.video(dancer.user), make.video(dancer.user)
    body = {"sessionId": started(dancer), "durationMinutes": 1, "videoFileKey": video.key}
    assert dancer.post("/api/sessions/complete", body).status_code == 200
    link = f"http://localhost:8000/files/{picture.key}"
    assert dancer.put("/api/users/profile", {"avatarUrl": link}).status_code == 200

    for key in (video.key, picture.key):
        assert dancer.delete(f"/api/s3/delete/{key}").status_code == 400

    dancer.delete(f"/api/sessions/{body['sessionId']}")
    dancer.put("/api/users/profile", {"avatarUrl": None})
    for key in (video.key, picture.key):
        assert dancer.delete(f"/api/s3/delete/{key}").status_code == 200


def test_shared_sessions_are_in_the_feed_until_they_are_deleted(dancer: ApiClient, other: ApiClient) -> None:
    completed(dancer, isPublic=True)
    session_id = completed(dancer, isPublic=True, sharedToFeed=True)

    page = other.get("/api/feed").json()
    assert page["pagination"] == {"page": 1, "limit": 20, "total": 1, "pages": 1}
    (item,) = page["items"]
    assert (item["type"], item["content"]["subject_id"]) == ("session", session_id)
    assert item["user"]["displayName"] == "Dancer"
    assert other.get("/api/feed?type=breakdown").json()["pagination"]["total"] == 0

    assert dancer.delete(f"/api/sessions/{session_id}").status_code == 200
    assert other.get("/api/feed").json()["items"] == []
    assert FeedTally.objects.get(kind="session").items == 0
    assert dancer.get("/api/activities/me").json()["counts"]["sessions"] == 1
    assert User.objects.get(pk=dancer.user.pk).points == 10


def test_what_is_deleted_while_it_is_cropped_leaves_no_files(dancer: ApiClient) -> None:
    session_id, key = completed(dancer), f"sessions/{dancer.user.pk}/{new_object_id()}.mp4"
    for name in (key, keys.thumbnail_of(key)):
        default_storage.save(name, ContentFile(b"x"))
    dancer.delete(f"/api/sessions/{session_id}")

    tasks._keep(session_id, key)

    assert not any(default_storage.exists(name) for name in (key, keys.thumbnail_of(key)))


def test_likes_and_comments(dancer: ApiClient, other: ApiClient, admin: ApiClient) -> None:
    path = f"/api/sessions/{completed(dancer, isPublic=True)}"

    for _ in range(2):
        assert other.post(f"{path}/like").json() == {"liked": True, "likesCount": 1}
    assert dancer.post(f"{path}/like").json()["likesCount"] == 2
    for _ in range(2):
        assert other.delete(f"{path}/like").json() == {"liked": False, "likesCount": 1}

    said = other.post(f"{path}/comments", {"text": "  Great!  "}).json()
    assert (said["text"], said["userProfile"]["displayName"]) == ("Great!", "Other")
    dancer.post(f"{path}/comments", {"text": "Thanks"})
    page = dancer.get(f"{path}/comments?limit=1").json()
    assert (page["total"], [comment["text"] for comment in page["comments"]]) == (2, ["Thanks"])
    assert other.post(f"{path}/comments", {"text": "x" * 501}).status_code == 422

    assert dancer.delete(f"{path}/comments/{said['id']}").status_code == 403
    assert admin.delete(f"{path}/comments/{said['id']}").status_code == 200
    assert dancer.get(path).json()["commentsCount"] == 1


@pytest.mark.parametrize(
    ("minutes", "told"),
    [(1.4, "1 minute"), (0.999, "1 minute"), (10 / 60, "10 seconds"), (1 / 60, "1 second"), (0, "0 seconds")],
)
def test_a_short_dance_is_told_in_seconds(dancer: ApiClient, minutes: float, told: str) -> None:
    done = {"sessionId": started(dancer), "durationMinutes": minutes, "caloriesBurned": 120}
    assert dancer.post("/api/sessions/complete", done).status_code == 200
    (activity,) = dancer.get("/api/activities/me").json()["activities"]
    assert activity["description"] == f"{told} • 120 calories"


def test_activities_tell_of_sessions(dancer: ApiClient) -> None:
    session_id = completed(dancer)

    page = dancer.get("/api/activities/me?activity_type=sessions").json()

    (told,) = page["activities"]
    assert told["_id"] == session_id
    assert told["title"] == "Hip Hop Session"
    assert told["description"] == "15 minutes • 120 calories"
    assert page["counts"] == {"sessions": 1, "challenges": 0, "breakdowns": 0, "total": 1}
    for everything in ("None", ""):
        assert dancer.get(f"/api/activities/me?activity_type={everything}").json()["total"] == 1, everything
    empty = dancer.get("/api/activities/me?activity_type=challenges").json()
    assert (empty["activities"], empty["total"], empty["counts"]["total"]) == ([], 0, 1)
    assert dancer.get("/api/activities/me?activity_type=naps").status_code == 422


def test_statistics_add_up(dancer: ApiClient) -> None:
    completed(dancer)
    completed(dancer, style="salsa")
    completed(dancer, style="salsa")

    stats = dancer.get("/api/stats/me").json()

    assert (stats["totalSessions"], stats["totalKcal"], stats["totalTimeMinutes"]) == (3, 360, 45)
    assert (stats["starsEarned"], stats["rating"], stats["mostPlayedStyle"]) == (12, 4.5, "salsa")
    assert (stats["currentStreakDays"], stats["maxStreakDays"]) == (1, 1)
    assert [day["activitiesCount"] for day in stats["weeklyActivity"]] == [3, 0, 0, 0, 0, 0, 0]
    today, *before = dancer.get("/api/stats/heatmap?days=3").json()
    assert (today["isActive"], today["caloriesBurned"]) == (True, 360)
    assert [day["isActive"] for day in before] == [False, False]
    assert dancer.get("/api/stats/heatmap?days=367").status_code == 422


def test_statistics_of_a_newcomer_are_empty(dancer: ApiClient) -> None:
    stats = dancer.get("/api/stats/me").json()

    assert (stats["totalActivities"], stats["currentStreakDays"], stats["lastActiveDate"]) == (0, 0, None)
    assert (stats["rating"], stats["mostPlayedStyle"], stats["trophies"], stats["level"]) == (
        None,
        None,
        [],
        1,
    )


def test_a_streak_grows_by_days_in_a_row_and_breaks(dancer: ApiClient) -> None:
    from datetime import UTC, datetime, timedelta

    from idance.lib.ids import new_object_id

    today = datetime.now(UTC)
    for days_ago in (9, 5, 4, 4, 3, 1, 0):
        at = today - timedelta(days=days_ago)
        activities.record(dancer.user.pk, Kind.SESSION, new_object_id(), at=at, minutes=1)

    stats = dancer.get("/api/stats/me").json()
    assert (stats["currentStreakDays"], stats["maxStreakDays"]) == (2, 3)
    assert stats["totalSessions"] == 7


def test_the_same_thing_is_recorded_once(dancer: ApiClient) -> None:
    from django.utils import timezone

    facts = {"at": timezone.now(), "minutes": 2.0, "calories": 8}
    assert activities.record(dancer.user.pk, Kind.SUBMISSION, "a" * 24, **facts)
    assert not activities.record(dancer.user.pk, Kind.SUBMISSION, "a" * 24, **facts)
    activities.publish(dancer.user.pk, Kind.SUBMISSION, "a" * 24, at=timezone.now())
    activities.publish(dancer.user.pk, Kind.SUBMISSION, "a" * 24, at=timezone.now())

    assert (Activity.objects.count(), FeedItem.objects.count()) == (1, 1)
    assert FeedTally.objects.get(kind="submission").items == 1
    activities.erase("a" * 24)
    assert DancerStats.objects.get(user=dancer.user).calories == 0


@pytest.mark.django_db(transaction=True)
def test_many_likes_at_once_are_all_counted(dancer: ApiClient) -> None:
    from django.db import connection

    from idance.social import services
    from tests import factories

    session = DanceSession.objects.get(pk=completed(dancer, isPublic=True))
    people = [factories.person() for _ in range(6)]

    def like(person: User) -> None:
        try:
            services.like(session, person)
            services.like(session, person)
        finally:
            connection.close()

    threads = [threading.Thread(target=like, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    session.refresh_from_db()
    assert session.likes_count == 6
    assert Job.objects.count() == 0
