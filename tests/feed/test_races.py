"""What counts somebody's dancing, changed by many at the same moment, on PostgreSQL."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum

from accounts import progress
from accounts.levels import level_of
from accounts.models import User
from feed import activities, sessions
from feed.models import Activity, DancerStats, DanceSession, Day, FeedItem, FeedTally, Kind
from idance.lib.ids import new_object_id
from idance.lib.problems import NotNow
from tests import factories
from tests.races import THREADS, together

pytestmark = pytest.mark.usefixtures("on_postgresql")


@pytest.fixture
def person() -> User:
    return factories.person()


def a_session(user: User) -> DanceSession:
    return sessions.start(user, style="jazz", session_type="freestyle", is_public=True, shared_to_feed=True)


def complete(session: DanceSession) -> DanceSession:
    return sessions.complete(
        session.user, session.pk, end_time=None, duration_minutes=10.0, calories_burned=50
    )


def agrees(user: User) -> None:
    """Every counter of somebody says what their rows say, and those of the feed what it shows."""
    rows = Activity.objects.filter(user=user)
    stats = DancerStats.objects.filter(user=user).first() or DancerStats(user=user)
    by_kind = Counter(rows.values_list("kind", flat=True))
    assert [stats.sessions, stats.submissions, stats.breakdowns] == [by_kind[kind] for kind in Kind.values]
    sums = rows.aggregate(calories=Sum("calories"), minutes=Sum("minutes"))
    assert stats.calories == (sums["calories"] or 0)
    assert stats.minutes == pytest.approx(sums["minutes"] or 0)
    days = Counter(at.astimezone(UTC).date() for at in rows.values_list("at", flat=True))
    kept = Day.objects.filter(user=user, activities__gt=0).values_list("date", "activities")
    assert dict(kept) == days
    shown = Counter((row.at.astimezone(UTC).date(), row.kind) for row in FeedItem.objects.all())
    tallies = FeedTally.objects.filter(items__gt=0)
    assert {(one.date, one.kind): one.items for one in tallies} == shown


def test_one_session_is_active_however_many_are_started(person: User) -> None:
    found = together([lambda: a_session(person)] * THREADS)
    assert {type(one) for one in found} <= {DanceSession, NotNow}
    assert DanceSession.objects.filter(user=person, status="active").count() == 1


def test_a_session_is_completed_once(person: User) -> None:
    session = a_session(person)
    found = together([lambda: complete(session)] * THREADS)
    assert Counter(type(one) for one in found) == {DanceSession: 1, NotNow: THREADS - 1}
    person.refresh_from_db()
    assert (person.points, person.total_sessions, person.total_seconds) == (10, 1, 600)
    agrees(person)


def test_what_is_deleted_while_it_is_completed_leaves_nothing(person: User) -> None:
    for _ in range(10):
        session = a_session(person)
        together([lambda one=session: complete(one), lambda one=session: sessions.delete(person, one.pk)])  # type: ignore[misc]
        assert not DanceSession.objects.exists()
        agrees(person)
    person.refresh_from_db()
    assert (person.points, person.total_sessions, person.total_seconds) == (0, 0, 0)


def test_completing_one_and_deleting_others(person: User) -> None:
    for _ in range(10):
        old = [complete(a_session(person)) for _ in range(3)]
        fresh = a_session(person)
        steps: list[Callable[[], Any]] = [lambda fresh=fresh: complete(fresh)]  # type: ignore[misc]
        for one in old:
            steps += [lambda one=one: sessions.delete(person, one.pk)] * 2  # type: ignore[misc]
        together(steps)
        agrees(person)
    person.refresh_from_db()
    assert (person.total_sessions, person.total_seconds) == (10, 6000)


def test_points_and_levels_add_up(person: User) -> None:
    gains = [30, 70, 100, -50, 5, 45, 200, 100]
    progress.earn(person.pk, points=50)
    together([lambda gain=gain: progress.earn(person.pk, points=gain) for gain in gains])  # type: ignore[misc]
    person.refresh_from_db()
    assert (person.points, level_of(person.points)) == (550, 3)


def test_one_thing_is_recorded_once_and_many_things_all(person: User) -> None:
    at, one = datetime.now(UTC), new_object_id()
    same = together([lambda: activities.record(person.pk, Kind.SUBMISSION, one, at=at, minutes=1)] * THREADS)
    assert sorted(same) == [False] * (THREADS - 1) + [True]
    agrees(person)
    together(
        [
            lambda kind=kind: activities.record(  # type: ignore[misc]
                person.pk, kind, new_object_id(), at=at, minutes=2, calories=8
            )
            for kind in (*Kind, *Kind)
        ]
    )
    agrees(person)
    together([lambda: activities.erase(one)] * THREADS)
    agrees(person)


def test_a_day_lengthens_a_streak_once(person: User) -> None:
    today = datetime.now(UTC)
    for days_ago, streak in ((2, 1), (1, 2), (0, 3)):
        at = today - timedelta(days=days_ago)
        together(
            [
                lambda at=at: activities.record(person.pk, Kind.SESSION, new_object_id(), at=at)  # type: ignore[misc]
            ]
            * THREADS
        )
        stats = DancerStats.objects.get(user=person)
        assert (stats.streak_days, stats.longest_streak_days) == (streak, streak)
    agrees(person)


def test_the_feed_is_counted_right_by_day_and_kind(person: User) -> None:
    chance, today = random.Random(4), datetime.now(UTC)  # noqa: S311 - an order, no secret
    things = [(kind, new_object_id(), today - timedelta(days=n % 3)) for n, kind in enumerate((*Kind, *Kind))]

    def publish(kind: Kind, subject: str, at: datetime) -> None:
        with transaction.atomic():
            activities.publish(person.pk, kind, subject, at=at)

    for _ in range(5):
        steps: list[Callable[[], Any]] = []
        for thing in things:
            steps += [lambda thing=thing: publish(*thing)] * 2  # type: ignore[misc]
            steps.append(lambda thing=thing: activities.withdraw(thing[1]))  # type: ignore[misc]
        chance.shuffle(steps)
        together(steps)
        agrees(person)
