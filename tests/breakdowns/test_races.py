"""Many at the same moment, on PostgreSQL: one footage, one breakdown each, and no one's loss."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from analysis import jobs
from analysis.models import Job
from breakdowns import making, services
from breakdowns.models import Breakdown, Footage, KeptPrivate
from idance.lib.problems import NotNow
from tests import factories
from tests.breakdowns import practice
from tests.breakdowns.make import Engine
from tests.breakdowns.site import VideoSite
from tests.races import together

LINK = "https://youtu.be/abcdefghijk"


pytestmark = pytest.mark.usefixtures("on_postgresql")


def asking(person: User) -> Callable[[], Breakdown]:
    return lambda: services.ask(person, LINK, mode="manual", target_difficulty="beginner")


def making_it(breakdown: Breakdown, folder: Path) -> Callable[[], None]:
    """Doing its job as a worker does."""
    job = jobs.claim(str(breakdown.job_id), "test")
    assert job is not None
    home = folder / job.pk
    home.mkdir()

    def make() -> None:
        context = jobs.JobContext(job, home, lambda stage, share: jobs.advance(job, stage, share))
        outcome = making.make(context)
        jobs.complete(job, outcome.result, outcome.effect)
        jobs.complete(job, outcome.result, outcome.effect)  # In doubt, once more.

    return make


def test_whoever_asks_at_once_gets_one_breakdown_of_one_footage(youtube: VideoSite) -> None:
    people = [factories.person() for _ in range(4)]
    found = together([asking(person) for person in people for _ in range(2)])
    assert all(isinstance(one, Breakdown) for one in found), found
    assert Footage.objects.count() == 1
    assert Breakdown.objects.count() == Job.objects.filter(kind="breakdown").count() == 4


@pytest.mark.parametrize("failed", [False, True])
def test_who_asks_several_times_at_once_starts_once(
    youtube: VideoSite, settings: Any, *, failed: bool
) -> None:
    settings.LIMIT_ANALYSES = 2 if failed else 1
    person = factories.person()
    asking(person if failed else factories.person())()
    if failed:
        Breakdown.objects.update(status="failed", error_code="download_failed")
        Job.objects.update(state="failed", active_key=None)
    found = together([asking(person) for _ in range(4)])
    assert all(isinstance(one, Breakdown) for one in found), found
    assert Job.objects.count() == 2


def test_two_workers_fetch_and_measure_one_video_once(
    youtube: VideoSite, engine: Engine, tmp_path: Path
) -> None:
    made = [asking(factories.person())() for _ in range(2)]
    assert together([making_it(one, tmp_path) for one in made]) == [None, None]
    assert len(engine.watched) == 1
    assert youtube.asked.count("/abcdefghijk.mp4") == 1
    assert all(one.success for one in Breakdown.objects.all())
    assert list(User.objects.values_list("points", flat=True)) == [5, 5]


def test_a_moderator_is_not_overtaken_by_the_owner(youtube: VideoSite, clip: Path) -> None:
    for _ in range(10):
        owner = factories.person()
        mine = practice.finished(owner, clip, is_public=True)
        sibling = practice.started(owner, mine.footage, mode="auto")

        def ask_and_share(owner: User = owner, footage: Footage = mine.footage) -> None:
            made = practice.started(owner, footage, target_difficulty="advanced")
            services.share(made, {"is_public": True, "link": True})

        def share(breakdown: Breakdown) -> Callable[[], object]:
            return lambda: services.share(breakdown, {"is_public": True, "link": True})

        def decide(reason: str, breakdown: Breakdown = mine) -> Callable[[], object]:
            return lambda: services.make_private(breakdown, reason)

        found = together([decide("one"), share(mine), decide("two"), share(sibling), ask_and_share])
        late = [isinstance(found[place], NotNow) for place in (0, 2)]
        assert sorted(late) == [False, True], found
        assert KeptPrivate.objects.get(owner=owner).reason == ("two" if late[0] else "one")
        seen = Breakdown.objects.filter(owner=owner)
        assert seen.count() == 3
        assert not seen.filter(is_public=True).exists() and not seen.exclude(share_nonce="").exists()


def test_the_last_one_deletes_while_another_asks(youtube: VideoSite, engine: Engine, tmp_path: Path) -> None:
    for _ in range(5):
        mine = asking(factories.person())()
        making_it(mine, tmp_path)()
        newcomer = factories.person()
        gone, found = together([lambda mine=mine: services.remove(mine), asking(newcomer)])  # type: ignore[misc]
        assert gone is None
        assert isinstance(found, Breakdown), found
        theirs = Breakdown.objects.get(owner=newcomer)
        assert Footage.objects.get() == theirs.footage
        services.remove(theirs)
        assert not Footage.objects.exists()
