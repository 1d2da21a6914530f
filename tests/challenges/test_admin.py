"""The console's pages about challenges, submissions and files."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.models import User
from challenges import export
from challenges.models import Challenge, ChallengeState, LabelKind
from idance.files import links
from idance.files.models import StoredFile
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
    assert challenge.state == ChallengeState.DRAFT
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
    for word in ("scheduled", "ended", "archived", "live"):
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
    assert submission.video.key.rpartition("/")[2] in console.get("/admin/files/storedfile/").content.decode()
    assert console.post(file, {"key": "x"}).status_code == 403


def press(console: Client, challenge: Challenge, button: str, **fields: Any) -> Any:
    """Save the form of a challenge with one of its own buttons."""
    page = f"{CHALLENGES}{challenge.pk}/change/"
    return console.post(page, form(**{f"challenges_challenge_{button}": "", **fields}), follow=True)


def test_the_buttons_of_the_form(console: Client) -> None:
    console.post(f"{CHALLENGES}add/", form())
    challenge = Challenge.objects.get()
    for button, state in (
        ("save_and_publish", "published"),
        ("save_as_draft", "draft"),
        ("save_and_archive", "archived"),
    ):
        press(console, challenge, button, title=button)
        challenge.refresh_from_db()
        assert (challenge.state, challenge.title) == (state, button)
    press(console, challenge, "save_and_copy", tags="new")
    copy = Challenge.objects.exclude(pk=challenge.pk).get()
    assert copy.state == "draft" and copy.labels_of(LabelKind.TAG) == ["new"]
    log = [entry.get_change_message() for entry in LogEntry.objects.order_by("id")]
    assert "Is published." in log and f"A copy of {challenge.pk}." in log


def test_saving_leaves_the_counters_alone(console: Client) -> None:
    """They may move between the reading of the row and its writing."""
    challenge = make.challenge(demo_video="")
    queries: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        queries.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        press(console, challenge, "nothing")
    written = [sql for sql in queries if sql.startswith('UPDATE "challenges_challenge"')]
    assert written and not any("score_sum" in sql or "total_submissions" in sql for sql in written)


def test_the_filter_by_what_they_are_now(console: Client) -> None:
    make.challenge(title="Draft one", state=ChallengeState.DRAFT)
    make.challenge(title="Live one")
    page = console.get(f"{CHALLENGES}?now=draft").content.decode()
    assert "Draft one" in page and "Live one" not in page


def test_uploads_are_stored_and_played_in_place(console: Client, boss: User) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(picture, "PNG")
    sent = form(thumbnail_file=SimpleUploadedFile("x.png", picture.getvalue()))
    assert console.post(f"{CHALLENGES}add/", sent).status_code == 302
    challenge = Challenge.objects.get()
    key = links.key_of(challenge.thumbnail)
    assert key is not None and key.startswith(f"uploads/{boss.pk}/")
    page = f"{CHALLENGES}{challenge.pk}/change/"
    shown = console.get(page).content.decode()
    assert f"/files/{key}?" in shown and challenge.thumbnail not in shown
    assert console.post(page, form()).status_code == 302
    assert Challenge.objects.get().thumbnail == challenge.thumbnail
    assert console.post(page, form(thumbnail_remove="on", demo_video="")).status_code == 302
    challenge.refresh_from_db()
    assert (challenge.thumbnail, challenge.demo_video) == ("", "")
    assert not StoredFile.objects.filter(key=key).exists(), "nobody shows it any more"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"demo_video_file": b"\x89PNG\r\n\x1a\n" + bytes(64)}, "This is not a video."),
        ({"thumbnail_file": b"no picture at all"}, "Please send a video"),
    ],
)
def test_a_wrong_file_is_said(console: Client, fields: dict[str, bytes], sentence: str) -> None:
    sent = {name: SimpleUploadedFile("x", content) for name, content in fields.items()}
    assert sentence in console.post(f"{CHALLENGES}add/", form(**sent)).content.decode()
    assert not StoredFile.objects.exists()


def test_a_file_is_stored_only_when_all_else_is_right(console: Client) -> None:
    sent = form(points="0", thumbnail_file=SimpleUploadedFile("x.png", b"x"))
    assert "choose this file again" in console.post(f"{CHALLENGES}add/", sent).content.decode()


def test_numbers_and_their_histogram(console: Client) -> None:
    challenge = make.challenge()
    make.submission(challenge, points=make.POINTS)
    shown = console.get(f"{CHALLENGES}{challenge.pk}/change/").content.decode()
    assert "Dancers by score. 80 to 89: 1." in shown
    assert "Fixed, and so is the type" in shown


def test_submissions_as_csv(console: Client) -> None:
    challenge = make.challenge()
    dancer = factories.person(display_name=' =HYPERLINK("http://x")')
    make.submission(challenge, dancer, points=make.POINTS)
    answer = console.get(f"{CHALLENGES}{challenge.pk}/submissions/")
    assert answer.streaming and "attachment" in answer["Content-Disposition"]
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["score"] == "85" and row["name"] == '\' =HYPERLINK("http://x")'


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n1", "  =1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert export.safe(text) == f"'{text}"
    assert export.safe("ok = fine") == "ok = fine"


def test_who_may_not_see_submissions_gets_no_file() -> None:
    person = factories.person(is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_challenge"))
    client = Client()
    client.force_login(person)
    path = f"{CHALLENGES}{make.challenge().pk}"
    assert client.get(f"{path}/change/").status_code == 200
    assert client.get(f"{path}/submissions/").status_code == 403
    assert client.get(f"{path}/repeat/").status_code == 403


def test_a_series_is_shown_before_it_is_made(console: Client) -> None:
    challenge = make.challenge()
    page = f"{CHALLENGES}{challenge.pk}/repeat/"
    asked = {"first_0": "2027-01-01", "first_1": "18:00:00", "days": "7", "count": "3", "publish": "on"}
    shown = console.post(page, {**asked, "preview": ""}).content.decode()
    assert "Friday, 15 January 2027, 18:00 UTC" in shown and Challenge.objects.count() == 1
    assert console.post(page, {**asked, "make": ""}).status_code == 302
    assert Challenge.objects.filter(state="published").count() == 4
    assert "less than or equal to 52" in console.post(page, {**asked, "count": "53"}).content.decode()
