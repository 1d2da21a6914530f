from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.test import Client

from breakdowns import services, sharing
from breakdowns.models import Breakdown
from tests import factories
from tests.api_client import ApiClient
from tests.breakdowns import practice
from tests.breakdowns.make import PATH, Engine, ask, work
from tests.breakdowns.site import VideoSite

pytestmark = pytest.mark.django_db
PAGE = "/admin/breakdowns/breakdown/"


def test_the_console_shows_breakdowns_and_their_jobs(
    dancer: ApiClient, youtube: VideoSite, engine: Engine
) -> None:
    ask(dancer, "https://youtu.be/abcdefghijk")
    ask(dancer, "https://youtu.be/gone-away-0")
    work()
    done, failed = Breakdown.objects.order_by("id")
    console = Client()
    console.force_login(factories.admin())
    listed = console.get(PAGE).content.decode()
    assert "Salsa basics" in listed and "removed" in listed
    assert console.get(f"{PAGE}?q=youtube:abcdefghijk").content.decode().count("Salsa basics") >= 1
    shown = console.get(f"{PAGE}{done.pk}/change/").content.decode()
    assert done.steps[0]["step_name"] in shown
    assert f"/admin/analysis/job/{done.job_id}/" in shown
    assert "outline.mp4" in shown
    assert "not there any more" in console.get(f"{PAGE}{failed.pk}/change/").content.decode()


@pytest.fixture
def shown(dancer: ApiClient, clip: Path) -> Breakdown:
    """A breakdown that everybody sees, in three ways."""
    made = practice.finished(dancer.user, clip)
    return services.share(made, {"is_public": True, "shared_to_feed": True, "link": True})


def of_role(name: str) -> Client:
    person = factories.person(is_staff=True)
    person.groups.add(Group.objects.get(name=name))
    console = Client()
    console.force_login(person)
    return console


def seen_by(person: ApiClient, breakdown: Breakdown) -> list[Any]:
    videos = person.get(f"{PATH}s/videos").json()["breakdowns"]
    return [video["id"] for video in videos if video["id"] == breakdown.pk]


def test_a_moderator_makes_one_private_until_it_may_be_shared_again(
    shown: Breakdown, dancer: ApiClient, other: ApiClient
) -> None:
    shared, console = sharing.path_of(shown, shared=True), of_role("Moderator")
    assert seen_by(other, shown) and Client().get(shared).status_code == 200
    page = f"{PAGE}{shown.pk}/private/"
    assert "This field is required" in console.post(page, {"reason": " "}).content.decode()
    assert seen_by(other, shown)
    told = console.post(page, {"reason": "It shows a child."}, follow=True).content.decode()
    assert "Nobody but its owner sees it now" in told and "It shows a child." in told
    assert not seen_by(other, shown) and Client().get(shared).status_code == 404
    (entry,) = LogEntry.objects.filter(object_id=shown.pk)
    assert entry.get_change_message() == "Was made private: It shows a child."

    sentence = "A moderator made this breakdown private: It shows a child."
    for wish in ("isPublic", "sharedToFeed", "link"):
        refused = dancer.put(f"{PATH}/{shown.pk}/sharing", {wish: True})
        assert (refused.status_code, refused.json()) == (403, {"detail": sentence})
    assert dancer.put(f"{PATH}/{shown.pk}/sharing", {"isPublic": False}).status_code == 200
    owner = Client()
    owner.force_login(dancer.user)
    assert sentence in owner.get(f"/breakdowns/{shown.pk}").content.decode()
    assert owner.post(f"/breakdowns/{shown.pk}/share").json() == {"detail": sentence}
    assert dancer.get(f"{PATH}/{shown.pk}").json()["privateReason"] == "It shows a child."

    again = f"{PAGE}{shown.pk}/shareable/"
    assert "It shows a child." in console.get(again).content.decode()
    console.post(again)
    assert not seen_by(other, shown)
    assert dancer.put(f"{PATH}/{shown.pk}/sharing", {"isPublic": True}).json()["privateReason"] is None
    assert seen_by(other, shown)
    assert LogEntry.objects.filter(object_id=shown.pk).count() == 2


def test_support_looks_and_changes_nothing(shown: Breakdown) -> None:
    console = of_role("Support")
    page = console.get(f"{PAGE}{shown.pk}/change/")
    assert page.status_code == 200 and "Make private" not in page.content.decode()
    assert console.post(f"{PAGE}{shown.pk}/private/", {"reason": "No."}).status_code == 403
    shown.refresh_from_db()
    assert shown.is_public
