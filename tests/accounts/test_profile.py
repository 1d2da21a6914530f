"""One's own profile."""

from __future__ import annotations

import re
from typing import Any

import pytest

from accounts.levels import level_of
from accounts.models import User
from tests.api_client import ApiClient
from tests.challenges import make

PATH = "/api/users/profile"


def test_the_profile_is_ones_own(dancer: ApiClient, other: ApiClient) -> None:
    User.objects.filter(pk=dancer.user.pk).update(points=1000, total_sessions=25, total_seconds=3600)
    profile = dancer.get(PATH).json()
    created_at = profile.pop("createdAt")
    assert profile == {
        "id": dancer.user.id,
        "email": "dancer@example.com",
        "displayName": "Dancer",
        "avatarUrl": "",
        "level": 5,
        "totalSessions": 25,
        "totalDuration": 3600,
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", created_at)
    assert other.get(PATH).json()["id"] == other.user.id


def test_nobody_has_a_profile_without_an_account(outsider: ApiClient) -> None:
    assert outsider.get(PATH).status_code == 401
    assert outsider.put(PATH, {"displayName": "Nobody"}).status_code == 401


def test_both_fields_change(dancer: ApiClient) -> None:
    change = {"displayName": "New Dance Name", "avatarUrl": "https://example.com/new-avatar.jpg"}
    answer = dancer.put(PATH, change)
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "Profile updated successfully",
        "user": {"id": dancer.user.id, **change},
    }
    assert change.items() <= dancer.get(PATH).json().items()


def test_either_field_alone_leaves_the_other(dancer: ApiClient) -> None:
    dancer.put(PATH, {"displayName": "One", "avatarUrl": "https://example.com/1.jpg"})
    assert dancer.put(PATH, {"displayName": "Two"}).json()["user"]["avatarUrl"] == "https://example.com/1.jpg"
    assert dancer.put(PATH, {"avatarUrl": "http://example.com/2.jpg"}).json()["user"]["displayName"] == "Two"
    assert dancer.put(PATH, {}).json()["user"] == {
        "id": dancer.user.id,
        "displayName": "Two",
        "avatarUrl": "http://example.com/2.jpg",
    }


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_picture_can_be_taken_away(dancer: ApiClient, nothing: str | None) -> None:
    dancer.put(PATH, {"avatarUrl": "https://example.com/1.jpg"})
    assert dancer.put(PATH, {"avatarUrl": nothing}).json()["user"]["avatarUrl"] == ""


def test_an_upload_is_shown_by_fresh_links(dancer: ApiClient, other: ApiClient) -> None:
    """A signed link passes after an hour; the avatar does not."""
    key = make.video(dancer.user).key
    link = f"http://localhost:8000/files/{key}?expires=1&signature=x"

    shown = dancer.put(PATH, {"avatarUrl": link}).json()["user"]["avatarUrl"]
    assert f"/files/{key}?" in shown and "expires=1&" not in shown
    assert dancer.get(PATH).json()["avatarUrl"] == shown
    # To others too; and nobody has somebody else's file signed.
    session = dancer.post("/api/sessions/start", {"style": "x", "sessionType": "freestyle", "isPublic": True})
    dancer.post("/api/sessions/complete", {"sessionId": session.json()["sessionId"], "durationMinutes": 1})
    (seen,) = other.get("/api/sessions/feed").json()
    assert seen["userProfile"]["avatarUrl"] == shown
    assert other.put(PATH, {"avatarUrl": link}).json()["user"]["avatarUrl"] == link


def test_what_is_not_ones_own_to_change_is_ignored(dancer: ApiClient, other: ApiClient) -> None:
    wish = {
        "displayName": "Still me",
        "id": other.user.id,
        "email": "other@example.com",
        "level": 99,
        "points": 10**6,
        "is_staff": True,
        "is_superuser": True,
        "password": "changed",
        "unknown": [1],
    }
    assert dancer.put(PATH, wish).status_code == 200
    user = User.objects.get(pk=dancer.user.pk)
    assert (user.email, user.points, user.is_staff, user.is_superuser) == (
        "dancer@example.com",
        0,
        False,
        False,
    )
    assert user.password == dancer.user.password


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Twirl  ", "Twirl"),
        ("Two\nlines\tand  blanks", "Two lines and blanks"),
        ("Bell\x07 and nul\x00", "Bell and nul"),
        ("Reversed \u202eeman", "Reversed eman"),
        ("Zoë 💃🏽 ダンサー", "Zoë 💃🏽 ダンサー"),
        ("👩\u200d🎤", "👩\u200d🎤"),
        ("x" * 80, "x" * 80),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_names_are_cleaned(dancer: ApiClient, typed: str, kept: str) -> None:
    assert dancer.put(PATH, {"displayName": typed}).json()["user"]["displayName"] == kept
    assert dancer.get(PATH).json()["displayName"] == kept


@pytest.mark.parametrize(
    "change",
    [
        {"displayName": ""},
        {"displayName": "   "},
        {"displayName": "\u200d\u200d"},
        {"displayName": "\u202e"},
        {"displayName": "\x00"},
        {"displayName": "x" * 81},
        {"displayName": ["a"]},
        {"displayName": {"a": 1}},
        {"displayName": True},
        {"displayName": 7},
        {"avatarUrl": "javascript:alert(1)"},
        {"avatarUrl": "ftp://example.com/a.jpg"},
        {"avatarUrl": "data:image/png;base64,AAAA"},
        {"avatarUrl": "//example.com/a.jpg"},
        {"avatarUrl": "https://user:secret@example.com/a.jpg"},
        {"avatarUrl": "https://exa mple.com/"},
        {"avatarUrl": "https://[::1/"},
        {"avatarUrl": f"https://example.com/{'x' * 500}"},
        {"avatarUrl": "https://example.com/\x00"},
        {"avatarUrl": 7},
        {"avatarUrl": []},
    ],
)
def test_what_will_not_do_is_named(dancer: ApiClient, change: dict[str, Any]) -> None:
    answer = dancer.put(PATH, change)
    assert answer.status_code == 422
    assert {tuple(error["loc"]) for error in answer.json()["errors"]} == {("body", *change)}
    assert dancer.get(PATH).json()["displayName"] == "Dancer"


def test_a_level_begins_at_its_points() -> None:
    assert [level_of(points) for points in (0, 100, 300, 600, 1000)] == [1, 2, 3, 4, 5]
    for level in (1, 2, 3, 10, 99, 1000, 6553):
        begins, next_begins = 50 * level * (level - 1), 50 * (level + 1) * level
        assert level_of(begins) == level_of(next_begins - 1) == level
    assert level_of(-5) == 1


def test_a_profile_takes_one_query(dancer: ApiClient, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        dancer.get(PATH)
