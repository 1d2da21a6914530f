from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import User
from breakdowns import selectors, services, sharing
from breakdowns.admin import BreakdownAdmin
from breakdowns.models import Breakdown, Footage, KeptPrivate
from tests import factories
from tests.api_client import ApiClient
from tests.breakdowns import practice
from tests.breakdowns.make import PATH, Engine, ask, with_commits, work
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


def completed(owner: User, footage: Footage, **fields: Any) -> Breakdown:
    row = {"status": "completed", "title": "Salsa", "duration": 8.0, "total_steps": 0}
    return practice.started(owner, footage, difficulty_level="Beginner", **row, **fields)


def of_role(name: str) -> Client:
    person = factories.person(is_staff=True)
    person.groups.add(Group.objects.get(name=name))
    console = Client()
    console.force_login(person)
    return console


def in_the_feed(person: ApiClient) -> int:
    return len(person.get("/api/feed").json()["items"])


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
    for sentence in ("Nobody but its owner finds it now", "up to 90 minutes", "It shows a child."):
        assert sentence in told
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


def test_what_is_asked_for_again_stays_private(
    dancer: ApiClient, other: ApiClient, youtube: VideoSite, engine: Engine
) -> None:
    link, longer = "https://youtu.be/abcdefghijk", "https://www.youtube.com/watch?v=abcdefghijk&t=3"
    first = Breakdown.objects.get(pk=ask(dancer, link)["breakdown_id"])
    services.make_private(first, "It shows a child.")
    with_commits(lambda: dancer.delete(f"{PATH}/{first.pk}"))
    assert not Footage.objects.exists()

    again = ask(dancer, longer)["breakdown_id"]
    sibling = ask(dancer, link, target_difficulty="advanced")["breakdown_id"]
    work()
    for made in (again, sibling):
        for wish in ("isPublic", "sharedToFeed", "link"):
            assert dancer.put(f"{PATH}/{made}/sharing", {wish: True}).status_code == 403
        assert dancer.get(f"{PATH}/{made}").json()["privateReason"] == "It shows a child."
    theirs = ask(other, link)["breakdown_id"]
    work()
    shared = other.put(f"{PATH}/{theirs}/sharing", {"isPublic": True})
    assert (shared.status_code, shared.json()["privateReason"]) == (200, None)

    services.allow_sharing(Breakdown.objects.get(pk=sibling))
    for made in (again, sibling):
        assert dancer.put(f"{PATH}/{made}/sharing", {"isPublic": True}).status_code == 200


def test_what_is_kept_private_is_listed_when_no_breakdown_of_it_is_left(
    dancer: ApiClient, youtube: VideoSite, engine: Engine
) -> None:
    link, kept = "https://youtu.be/abcdefghijk", "/admin/breakdowns/keptprivate/"
    first = Breakdown.objects.get(pk=ask(dancer, link)["breakdown_id"])
    services.make_private(first, "It shows a child.")
    with_commits(lambda: dancer.delete(f"{PATH}/{first.pk}"))
    console = of_role("Moderator")
    assert "It shows a child." in console.get(f"{kept}?q=youtube:abcdefghijk").content.decode()
    assert of_role("Support").get(kept).status_code == 403
    console.post(f"{kept}{KeptPrivate.objects.get().pk}/delete/", {"post": "yes"})
    again = ask(dancer, link)["breakdown_id"]
    work()
    assert dancer.put(f"{PATH}/{again}/sharing", {"isPublic": True}).status_code == 200


def test_all_that_the_owner_has_of_the_video_is_made_private(
    shown: Breakdown, other: ApiClient, clip: Path
) -> None:
    assert shown.owner is not None
    sibling = completed(shown.owner, shown.footage, mode="auto")
    waiting = practice.started(shown.owner, shown.footage, target_difficulty="advanced", is_public=True)
    theirs = completed(factories.person(), shown.footage, is_public=True)
    another = practice.finished(shown.owner, clip, is_public=True)
    services.share(sibling, {"is_public": True, "shared_to_feed": True, "link": True})
    link = sharing.path_of(sibling, shared=True)
    assert in_the_feed(other) == 2

    page = f"{PAGE}{shown.pk}/private/"
    of_role("Moderator").post(page, {"reason": "It shows a child."})
    assert in_the_feed(other) == 0 and Client().get(link).status_code == 404
    public = Breakdown.objects.filter(is_public=True)
    assert set(public.values_list("pk", flat=True)) == {theirs.pk, another.pk}
    logged = LogEntry.objects.values_list("object_id", flat=True)
    assert set(logged) == {shown.pk, sibling.pk, waiting.pk}


def test_the_second_moderator_is_told_that_it_is_done(shown: Breakdown) -> None:
    console, page = of_role("Moderator"), f"{PAGE}{shown.pk}/"
    console.post(f"{page}private/", {"reason": "It shows a child."})
    late = console.post(f"{page}private/", {"reason": "Too loud."}, follow=True)
    assert late.status_code == 200 and "made private in the meantime" in late.content.decode()
    assert selectors.private_reason(shown) == "It shows a child."
    console.post(f"{page}shareable/")
    assert "Nobody keeps it private" in console.get(f"{page}shareable/").content.decode()
    late = console.post(f"{page}shareable/", follow=True)
    assert late.status_code == 200 and "allowed in the meantime" in late.content.decode()
    assert LogEntry.objects.filter(object_id=shown.pk).count() == 2


def test_what_cannot_be_put_into_the_history_is_not_done(
    shown: Breakdown, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: Any) -> None:
        raise RuntimeError("The history is full.")

    monkeypatch.setattr(BreakdownAdmin, "log_change", broken)
    with pytest.raises(RuntimeError):
        of_role("Moderator").post(f"{PAGE}{shown.pk}/private/", {"reason": "It shows a child."})
    shown.refresh_from_db()
    assert shown.is_public and not selectors.private_reason(shown)


def test_support_looks_and_changes_nothing(shown: Breakdown) -> None:
    console = of_role("Support")
    page = console.get(f"{PAGE}{shown.pk}/change/")
    assert page.status_code == 200 and "Make private" not in page.content.decode()
    assert console.post(f"{PAGE}{shown.pk}/private/", {"reason": "No."}).status_code == 403
    shown.refresh_from_db()
    assert shown.is_public
