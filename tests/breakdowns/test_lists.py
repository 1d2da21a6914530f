"""History, videos, sharing, activities, statistics and the feed."""

from __future__ import annotations

from pathlib import Path

import pytest

from breakdowns import selectors, services, sharing
from breakdowns.models import Breakdown
from idance.lib.problems import Missing
from tests.api_client import ApiClient
from tests.breakdowns.make import PATH, Engine, ask, upload, with_commits, work
from tests.breakdowns.site import VideoSite

pytestmark = pytest.mark.django_db
LINK = "https://www.youtube.com/watch?v=abcdefghijk"


@pytest.fixture
def breakdown(dancer: ApiClient, youtube: VideoSite, engine: Engine) -> Breakdown:
    ask(dancer, LINK)
    work()
    return Breakdown.objects.get()


def test_the_history_pages_by_skip(dancer: ApiClient, breakdown: Breakdown) -> None:
    ask(dancer, LINK, target_difficulty="advanced")
    page = dancer.get("/api/ai/dance-breakdowns?limit=1").json()
    assert page["total"] == 2
    assert page["pagination"] == {"limit": 1, "skip": 0, "has_more": True}
    assert page["breakdowns"][0]["status"] == "processing"
    last = dancer.get("/api/ai/dance-breakdowns?limit=1&skip=1").json()
    assert [row["_id"] for row in last["breakdowns"]] == [breakdown.pk]
    assert not last["pagination"]["has_more"]
    assert dancer.get("/api/ai/dance-breakdowns?skip=-1").status_code == 422


def test_others_see_a_breakdown_once_it_is_public(
    dancer: ApiClient, other: ApiClient, breakdown: Breakdown
) -> None:
    videos = "/api/ai/dance-breakdowns/videos"
    (row,) = dancer.get(videos).json()["breakdowns"]
    assert row["durationFormatted"] == "0:08"
    assert row["userProfile"]["displayName"] == "Dancer"
    assert other.get(videos).json()["total"] == 0
    assert other.put(f"{PATH}/{breakdown.pk}/sharing", {"isPublic": True}).status_code == 404
    dancer.put(f"{PATH}/{breakdown.pk}/sharing", {"isPublic": True})
    assert [row["id"] for row in other.get(videos).json()["breakdowns"]] == [breakdown.pk]


def test_a_public_breakdown_opens_for_others_without_what_is_its_owners(
    dancer: ApiClient, other: ApiClient, breakdown: Breakdown
) -> None:
    path = f"{PATH}/{breakdown.pk}"
    own = dancer.put(f"{path}/sharing", {"link": True}).json()
    assert other.get(path).status_code == 404
    dancer.put(f"{path}/sharing", {"isPublic": True})
    seen = other.get(path).json()
    assert seen["steps"] == own["steps"] and seen["isPublic"]
    # A link outlives being public, and a job is its owner's to cancel.
    assert own["shareUrl"] and own["jobId"]
    assert seen["shareUrl"] is None and seen["jobId"] is None
    assert other.delete(path).status_code == 404
    dancer.put(f"{path}/sharing", {"isPublic": False})
    assert other.get(path).status_code == 404


def test_only_what_is_public_and_shared_is_in_the_feed(
    dancer: ApiClient, other: ApiClient, breakdown: Breakdown
) -> None:
    def shown() -> list[str]:
        items = other.get("/api/feed?type=breakdown").json()["items"]
        return [item["content"]["title"] for item in items]

    sharing_path = f"{PATH}/{breakdown.pk}/sharing"
    assert shown() == []
    dancer.put(sharing_path, {"sharedToFeed": True})
    assert shown() == []
    dancer.put(sharing_path, {"isPublic": True})
    assert shown() == ["Salsa basics"]
    dancer.put(sharing_path, {"isPublic": False})
    assert shown() == []
    dancer.put(sharing_path, {"isPublic": True})
    dancer.delete(f"{PATH}/{breakdown.pk}")
    assert shown() == []


def test_it_is_an_activity_that_counts_until_it_is_deleted(dancer: ApiClient, breakdown: Breakdown) -> None:
    page = dancer.get("/api/activities/me?activity_type=breakdowns").json()
    (row,) = page["activities"]
    assert row["title"] == "Dance Breakdown"
    assert row["description"] == f"{breakdown.total_steps} steps • {breakdown.difficulty_level}"
    assert row["videoUrl"] == LINK
    assert row["totalSteps"] == breakdown.total_steps
    assert page["counts"]["breakdowns"] == 1
    stats = dancer.get("/api/stats/me").json()
    assert stats["totalBreakdowns"] == 1
    assert stats["totalSteps"] == breakdown.total_steps
    assert stats["totalKcal"] == 1, "eight seconds at 4 kcal a minute"
    dancer.delete(f"{PATH}/{breakdown.pk}")
    stats = dancer.get("/api/stats/me").json()
    assert (stats["totalBreakdowns"], stats["totalSteps"], stats["totalKcal"]) == (0, 0, 0)


def test_a_share_link_opens_one_breakdown_until_it_is_taken_back(
    dancer: ApiClient, breakdown: Breakdown
) -> None:
    path = f"{PATH}/{breakdown.pk}/sharing"
    assert dancer.get(f"{PATH}/{breakdown.pk}").json()["shareUrl"] is None
    first = dancer.put(path, {"link": True}).json()["shareUrl"]
    assert dancer.put(path, {"link": True}).json()["shareUrl"] == first
    signature = first.partition(f"{sharing.PARAMETER}=")[2]
    assert selectors.shared_breakdown(breakdown.pk, signature) == breakdown
    for wrong in ("", signature[:-1], "x"):
        with pytest.raises(Missing):
            selectors.shared_breakdown(breakdown.pk, wrong)
    assert dancer.put(path, {"link": False}).json()["shareUrl"] is None
    dancer.put(path, {"link": True})
    with pytest.raises(Missing):
        selectors.shared_breakdown(breakdown.pk, signature)


def test_sharing_what_is_deleted_at_the_same_moment_is_a_404(breakdown: Breakdown) -> None:
    found = selectors.own_breakdown(breakdown.owner, breakdown.pk)
    with_commits(lambda: services.remove(breakdown))
    with pytest.raises(Missing):
        services.share(found, {"is_public": True})


def test_a_video_uploaded_for_a_breakdown_alone_goes_with_it(
    dancer: ApiClient, clip: Path, engine: Engine
) -> None:
    from idance.files.models import Purpose, StoredFile

    key = upload(dancer, clip)
    StoredFile.objects.update(purpose=Purpose.BREAKDOWN)
    ask(dancer, key)
    work()
    with_commits(lambda: dancer.delete(f"{PATH}/{Breakdown.objects.get().pk}"))
    assert not StoredFile.objects.exists()
