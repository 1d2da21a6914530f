"""The console's pages about challenges, submissions and files."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from challenges.models import Challenge, ChallengeState, LabelKind
from idance.files import links
from tests import factories
from tests.challenges import make

pytestmark = pytest.mark.django_db
CHALLENGES = "/admin/challenges/challenge/"


@pytest.fixture
def boss() -> User:
    return factories.admin()


@pytest.fixture
def console(boss: User) -> Client:
    client = Client()
    client.force_login(boss)
    return client


def form(**fields: Any) -> dict[str, Any]:
    return {
        "title": "Freestyle Friday",
        "description": "Show your moves",
        "type": "freestyle",
        "difficulty": "beginner",
        "start_time_0": "2026-01-01",
        "start_time_1": "10:00:00",
        "end_time_0": "2026-01-02",
        "end_time_1": "10:00:00",
        "state": "published",
        "points": "100",
        "badge_name": "Master",
        "badge_icon": "",
        "demo_video": "https://example.com/demo.mp4",
        "thumbnail": "",
        "balance": "25",
        "rhythm": "30",
        "smoothness": "25",
        "creativity": "20",
        "categories": ["jazz", "k-pop"],
        "tags": " slow ,blue,, slow",
        **fields,
    }


def test_a_challenge_is_made_and_changed(console: Client) -> None:
    assert console.get(f"{CHALLENGES}add/").status_code == 200
    assert console.post(f"{CHALLENGES}add/", form()).status_code == 302
    challenge = Challenge.objects.get()
    assert challenge.labels_of(LabelKind.CATEGORY) == ["jazz", "k-pop"]
    assert challenge.labels_of(LabelKind.TAG) == ["slow", "blue"]
    page = f"{CHALLENGES}{challenge.id}/change/"
    assert b"slow, blue" in console.get(page).content
    assert console.post(page, form(title="Saturday", categories=[], tags="x")).status_code == 302
    challenge = Challenge.objects.get()
    assert challenge.title == "Saturday"
    assert [label.name for label in challenge.labels.all()] == ["x"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"end_time_0": "2025-12-31"}, "The challenge must end after it starts."),
        ({"balance": "26"}, "The criteria must add up to 100."),
        ({"balance": "125", "rhythm": "-70"}, "less than or equal to 100"),
        ({"points": "0"}, "greater than or equal to 1"),
        ({"tags": ",".join(str(n) for n in range(21))}, "At most 20 tags."),
        ({"tags": "x" * 41}, "A tag has at most 40 characters."),
        ({"categories": ["polka"]}, "Select a valid choice"),
        ({"demo_video": "javascript:alert(1)"}, "Enter a valid http(s) address."),
        ({"thumbnail": f"stored:uploads/{'0' * 24}/{'0' * 24}.mp4"}, "Enter a valid http(s) address."),
    ],
)
def test_what_cannot_be_is_said(console: Client, fields: dict[str, Any], sentence: str) -> None:
    answer = console.post(f"{CHALLENGES}add/", form(**fields))
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert not Challenge.objects.exists()


def test_the_list_says_what_is_on(console: Client) -> None:
    now = timezone.now()
    make.challenge(title="Later", start_time=now + timedelta(hours=1))
    make.challenge(title="Gone", end_time=now - timedelta(minutes=1))
    make.challenge(title="Hidden", state=ChallengeState.ARCHIVED)
    make.challenge(title="Today")
    page = console.get(CHALLENGES).content.decode()
    for word in ("coming", "over", "archived", "running"):
        assert word in page


def test_archiving_and_publishing(console: Client) -> None:
    challenge = make.challenge()
    for action, state in (("archive", "archived"), ("publish", "published")):
        console.post(CHALLENGES, {"action": action, "_selected_action": [challenge.pk]})
        challenge.refresh_from_db()
        assert challenge.state == state


def test_with_submissions_the_criteria_are_fixed(console: Client, boss: User) -> None:
    video = make.video(boss)
    challenge = make.challenge(demo_video=links.of_key(video.key))
    make.submission(challenge, points=make.POINTS)
    page = f"{CHALLENGES}{challenge.pk}/change/"
    sent = form(balance="100", rhythm="0", smoothness="0", creativity="0", type="spin")
    assert console.post(page, {**sent, "demo_video": challenge.demo_video}).status_code == 302
    challenge.refresh_from_db()
    assert (challenge.balance, challenge.type, challenge.difficulty) == (25, "freestyle", "beginner")
    assert challenge.demo_video == links.of_key(video.key)
    assert console.post(f"{CHALLENGES}{challenge.pk}/delete/", {"post": "yes"}).status_code == 403


def test_submissions_can_be_looked_at_and_not_changed(console: Client) -> None:
    submission = make.submission(make.challenge(), points={**make.POINTS, "rhythm": None})
    listed = console.get("/admin/challenges/submission/").content.decode()
    assert submission.id in listed and "Freestyle Friday" in listed
    page = f"/admin/challenges/submission/{submission.id}/change/"
    shown = console.get(page).content.decode()
    assert "balance 20 of 25, rhythm not measured, smoothness 22 of 25" in shown
    assert "Great rhythm and balance!" in shown and f"/files/{submission.video.key}?" in shown
    assert console.post(page, {"score": "100"}).status_code == 403
    assert console.post(f"/admin/challenges/submission/{submission.id}/delete/").status_code == 403
    file = f"/admin/files/storedfile/{submission.video.id}/change/"
    assert submission.video.key in console.get(file).content.decode()
    assert submission.video.key in console.get("/admin/files/storedfile/").content.decode()
    assert console.post(file, {"key": "x"}).status_code == 403
