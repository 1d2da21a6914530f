"""Challenges: what admins do and everybody sees."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from challenges.models import Challenge, ChallengeState
from tests.api_client import ApiClient
from tests.challenges import make

FRIDAY = {
    "title": "Freestyle Friday",
    "description": "Show your freestyle moves!",
    "type": "freestyle",
    "difficulty": "intermediate",
    "startTime": "2025-01-25T00:00:00Z",
    "endTime": "2025-01-26T23:59:59Z",
    "demoVideoURL": "https://example.com/demo.mp4",
    "points": 100,
    "badgeName": "Freestyle Master",
    "badgeIconURL": "https://example.com/badge.png",
    "categories": ["hip hop", "trendy"],
    "tags": ["freestyle", "challenge"],
}
PATH = "/api/challenges"


def create(admin: ApiClient, **fields: Any) -> Any:
    return admin.post(PATH, {**FRIDAY, **fields})


def test_the_documented_request_creates_it(admin: ApiClient, dancer: ApiClient) -> None:
    answer = create(admin)
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert found == {"message": "Challenge created successfully", "challenge_id": Challenge.objects.get().id}
    shown = dancer.get(f"{PATH}/{found['challenge_id']}").json()
    assert {name: shown[name] for name in FRIDAY} == FRIDAY
    assert shown["scoringCriteria"] == {"balance": 25, "rhythm": 30, "smoothness": 25, "creativity": 20}
    assert (shown["isActive"], shown["totalSubmissions"], shown["averageScore"]) == (False, 0, None)


def test_only_admins_write(admin: ApiClient, dancer: ApiClient, outsider: ApiClient) -> None:
    one = f"{PATH}/{make.challenge().id}"
    for client, status in ((dancer, 403), (outsider, 401)):
        assert client.post(PATH, FRIDAY).status_code == status
        assert client.put(one, {"points": 5}).status_code == status
        assert client.delete(one).status_code == status
    assert outsider.get(PATH).status_code == 401
    assert admin.put(one, {"points": 5}).status_code == 200


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"type": "waltz"}, "type"),
        ({"difficulty": "easy"}, "difficulty"),
        ({"startTime": "yesterday"}, "startTime"),
        ({"endTime": "2025-01-25T00:00:00Z"}, "endTime"),
        ({"points": 0}, "points"),
        ({"points": 10_001}, "points"),
        ({"categories": ["polka"]}, "categories"),
        ({"categories": "jazz"}, "categories"),
        ({"tags": ["t"] * 21}, "tags"),
        ({"demoVideoURL": "ftp://example.com/x"}, "demoVideoURL"),
        ({"demoVideoURL": "javascript:alert(1)"}, "demoVideoURL"),
        (
            {"scoringCriteria": {"balance": 25, "rhythm": 30, "smoothness": 25, "creativity": 21}},
            "scoringCriteria",
        ),
        ({"scoringCriteria": {"balance": 100}}, "scoringCriteria"),
        (
            {"scoringCriteria": {"balance": 130, "rhythm": -30, "smoothness": 0, "creativity": 0}},
            "scoringCriteria",
        ),
    ],
)
def test_a_wrong_field_is_named(admin: ApiClient, fields: dict[str, Any], where: str) -> None:
    answer = create(admin, **fields)
    assert answer.status_code == 422, answer.content
    assert answer.json()["errors"][0]["loc"][1] == where
    assert not Challenge.objects.exists()


def test_missing_fields_are_named(admin: ApiClient) -> None:
    errors = admin.post(PATH, {}).json()["errors"]
    required = {"title", "description", "type", "difficulty", "startTime", "endTime", "points"}
    assert {error["loc"][1] for error in errors} == required
    assert {error["type"] for error in errors} == {"missing"}


def test_a_demo_video_of_ones_own_is_shown_by_a_fresh_link(
    admin: ApiClient, dancer: ApiClient, other: ApiClient
) -> None:
    mine, theirs = make.video(admin.user), make.video(other.user)
    answer = create(admin, demoVideoFileKey=mine.key, demoVideoURL="https://example.com/loses.mp4")
    shown = dancer.get(f"{PATH}/{answer.json()['challenge_id']}").json()
    assert f"/files/{mine.key}?" in shown["demoVideoURL"]
    assert f"/files/{mine.thumbnail_key}?" in shown["thumbnailURL"]
    assert admin.delete(f"/api/s3/delete/{mine.key}").status_code == 400, "it is shown"
    assert create(admin, demoVideoFileKey=theirs.key).status_code == 404
    # The link of an upload passes; the file it leads to is what is kept.
    link = create(admin, demoVideoURL=f"http://localhost:8000/files/{mine.key}?expires=1&signature=x")
    shown = dancer.get(f"{PATH}/{link.json()['challenge_id']}").json()
    assert f"/files/{mine.key}?" in shown["demoVideoURL"] and "expires=1&" not in shown["demoVideoURL"]
    # Nobody gets a link to somebody else's file signed in this way.
    stolen = f"http://localhost:8000/files/{theirs.key}?expires=1&signature=x"
    shown = dancer.get(f"{PATH}/{create(admin, demoVideoURL=stolen).json()['challenge_id']}").json()
    assert shown["demoVideoURL"] == stolen


def test_what_is_given_changes_and_the_rest_stays(admin: ApiClient, dancer: ApiClient) -> None:
    challenge_id = create(admin).json()["challenge_id"]
    one = f"{PATH}/{challenge_id}"
    answer = admin.put(one, {"title": "Saturday", "tags": ["late"], "endTime": "2025-02-01T00:00:00Z"})
    assert answer.json() == {"message": "Challenge updated successfully", "challengeId": challenge_id}
    shown = dancer.get(one).json()
    assert (shown["title"], shown["tags"], shown["categories"]) == (
        "Saturday",
        ["late"],
        ["hip hop", "trendy"],
    )
    assert admin.put(one, {"endTime": "2024-01-01T00:00:00Z"}).status_code == 422
    assert (
        admin.put(
            one, {"scoringCriteria": {"balance": 40, "rhythm": 30, "smoothness": 10, "creativity": 20}}
        ).status_code
        == 200
    )
    assert admin.put(f"{PATH}/{'0' * 24}", {}).status_code == 404


def test_criteria_are_fixed_once_there_are_submissions(admin: ApiClient) -> None:
    challenge = make.challenge()
    make.submission(challenge)
    one = f"{PATH}/{challenge.id}"
    even = {"balance": 25, "rhythm": 25, "smoothness": 25, "creativity": 25}
    assert admin.put(one, {"scoringCriteria": even}).status_code == 400
    assert admin.put(one, {"type": "static"}).status_code == 400
    assert admin.put(one, {"type": "freestyle", "points": 7}).status_code == 200


def test_one_with_submissions_is_archived(admin: ApiClient, dancer: ApiClient) -> None:
    empty, used = make.challenge(), make.challenge()
    make.submission(used, points=make.POINTS)
    for challenge in (empty, used):
        gone = admin.delete(f"{PATH}/{challenge.id}")
        assert gone.json() == {"message": "Challenge deleted successfully", "challengeId": challenge.id}
    assert dancer.get(f"{PATH}/{empty.id}").status_code == 404
    assert dancer.get(PATH).json()["total"] == 0
    assert dancer.get(f"{PATH}/{used.id}").json()["isActive"] is False
    assert dancer.get(f"{PATH}/{used.id}/leaderboard").json()["total"] == 1


def test_lists_show_what_is_running(dancer: ApiClient) -> None:
    now = timezone.now()
    over = make.challenge(start_time=now - timedelta(days=3), end_time=now - timedelta(days=2))
    running = make.challenge()
    coming = make.challenge(start_time=now + timedelta(days=2), end_time=now + timedelta(days=3))
    make.challenge(state=ChallengeState.ARCHIVED)

    found = dancer.get(PATH).json()
    assert [one["id"] for one in found["challenges"]] == [running.id]
    assert found["pagination"] == {"page": 1, "totalPages": 1, "totalCount": 1}
    everything = dancer.get(PATH, {"active_only": "false", "limit": 2}).json()
    assert [one["id"] for one in everything["challenges"]] == [coming.id, running.id]
    assert (everything["total"], everything["pagination"]["totalPages"]) == (3, 2)
    last = dancer.get(PATH, {"active_only": "false", "limit": 2, "page": 2}).json()
    assert [one["id"] for one in last["challenges"]] == [over.id]
    assert dancer.get(PATH, {"page": 9}).json() == {
        "challenges": [],
        "total": 1,
        "page": 9,
        "limit": 20,
        "pagination": {"page": 9, "totalPages": 1, "totalCount": 1},
    }
    for wrong in ({"page": 0}, {"limit": 101}, {"limit": "ten"}, {"active_only": "perhaps"}):
        assert dancer.get(PATH, wrong).status_code == 422, wrong


def test_today_is_what_ends_first(dancer: ApiClient) -> None:
    assert dancer.get(f"{PATH}/today").status_code == 404
    now = timezone.now()
    make.challenge(end_time=now + timedelta(days=9))
    first = make.challenge(end_time=now + timedelta(hours=49, minutes=5, seconds=30))
    found = dancer.get(f"{PATH}/today").json()
    assert found["id"] == first.id
    assert found["timeRemaining"] in ("49:05:29", "49:05:28")


def test_upcoming_starts_soon(dancer: ApiClient) -> None:
    now = timezone.now()
    make.challenge()
    far = make.challenge(start_time=now + timedelta(days=20), end_time=now + timedelta(days=21))
    later = make.challenge(start_time=now + timedelta(days=5), end_time=now + timedelta(days=21))
    next_one = make.challenge(start_time=now + timedelta(days=1), end_time=now + timedelta(days=21))
    assert [one["id"] for one in dancer.get(f"{PATH}/upcoming").json()] == [next_one.id, later.id]
    assert far.id in [one["id"] for one in dancer.get(f"{PATH}/upcoming", {"days": 30}).json()]
    assert dancer.get(f"{PATH}/upcoming", {"days": 0}).status_code == 422


def test_categories_and_tags(dancer: ApiClient) -> None:
    assert len(dancer.get(f"{PATH}/categories").json()) == 14
    assert dancer.get(f"{PATH}/categories").json()[0] == "hip hop"
    jazz = make.challenge(categories=("jazz", "k-pop"), tags=("slow", "blue"))
    make.challenge(categories=("party",), tags=("blue",))
    make.challenge(categories=("jazz",), tags=("old",), state=ChallengeState.ARCHIVED)
    found = dancer.get(f"{PATH}/category/jazz").json()
    assert set(found) == {"challenges", "total", "page", "limit"}
    assert [one["id"] for one in found["challenges"]] == [jazz.id]
    assert found["challenges"][0]["categories"] == ["jazz", "k-pop"]
    assert dancer.get(f"{PATH}/category/hip%20hop").json()["total"] == 0
    assert dancer.get(f"{PATH}/category/polka").status_code == 404
    assert dancer.get(f"{PATH}/tags").json() == ["blue", "slow"]


def test_search_finds_what_fits_everything(dancer: ApiClient) -> None:
    one = make.challenge(title="Spin city", type="spin", categories=("street",), tags=("dizzy",))
    two = make.challenge(
        title="Slow", description="No spin at all 100%", difficulty="beginner", tags=("calm",)
    )
    make.challenge(title="Spin of old", end_time=timezone.now() - timedelta(minutes=1))

    def search(**wanted: Any) -> list[str]:
        return [found["id"] for found in dancer.post(f"{PATH}/search", wanted).json()["challenges"]]

    assert search() == search(query="") == [two.id, one.id]
    assert search(query="SPIN") == [two.id, one.id]
    assert search(query="spin", type="spin") == [one.id]
    assert search(query="dizz") == [one.id]
    assert search(query="100%") == [two.id]
    assert search(query="%") == [two.id]
    assert search(difficulty="beginner") == [two.id]
    assert search(category="street", tags=["dizzy", "calm"]) == [one.id]
    assert search(tags=["dizzy", "calm"]) == [two.id, one.id]
    assert len(search(query="spin", active_only=False)) == 3
    assert dancer.post(f"{PATH}/search", {"limit": 0}).status_code == 422


def test_odd_ids_are_not_found(dancer: ApiClient) -> None:
    for odd in ("x", "0" * 23, "0" * 25, "G" * 24, "0" * 24, "..", "%00"):
        assert dancer.get(f"{PATH}/{odd}").status_code == 404
