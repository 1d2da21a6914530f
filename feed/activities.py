"""Writing what happened: the row of an activity, the day it counts for, the streak, the feed item.

Everything here is called in the transaction of the change itself and may be called again for the same
subject: the second time changes nothing. Transactions take the rows in one order, so that no two wait for
each other: the person, their day, their statistics, and last the tally of the feed, which everybody shares.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Greatest

from feed.models import Activity, DancerStats, Day, FeedItem, FeedTally, Kind

#: The counter of each kind in `DancerStats`.
COUNTERS = {Kind.SESSION: "sessions", Kind.SUBMISSION: "submissions", Kind.BREAKDOWN: "breakdowns"}


def record(
    user_id: str,
    kind: Kind,
    subject_id: str,
    *,
    at: datetime,
    minutes: float = 0.0,
    calories: int = 0,
    steps: int = 0,
) -> bool:
    """Somebody did something. False when it is recorded already."""
    if Activity.objects.filter(subject_id=subject_id).exists():
        return False
    day = at.astimezone(UTC).date()
    try:
        with transaction.atomic():
            activity = Activity.objects.create(
                user_id=user_id,
                kind=kind,
                subject_id=subject_id,
                at=at,
                minutes=minutes,
                calories=calories,
                steps=steps,
            )
            _count(activity, 1)
            _lengthen_streak(user_id, day)
    except IntegrityError:
        return False
    return True


def erase(subject_id: str) -> None:
    """It is gone: its row and what it counted for. A streak, once danced, stays."""
    activity = Activity.objects.filter(subject_id=subject_id).first()
    if activity is None:
        return
    with transaction.atomic():
        deleted, _ = Activity.objects.filter(pk=activity.pk).delete()
        if deleted:
            _count(activity, -1)


def _count(activity: Activity, sign: int) -> None:
    """Add an activity to the counters of its day and person, or take it away (``sign`` -1)."""
    user_id, day = activity.user_id, activity.at.astimezone(UTC).date()
    _make_sure(user_id, day)
    calories = sign * activity.calories
    Day.objects.filter(user_id=user_id, date=day).update(
        activities=Greatest(F("activities") + sign, 0), calories=Greatest(F("calories") + calories, 0)
    )
    counter = COUNTERS[Kind(activity.kind)]
    DancerStats.objects.filter(user_id=user_id).update(
        **{counter: Greatest(F(counter) + sign, 0)},
        calories=Greatest(F("calories") + calories, 0),
        minutes=Greatest(F("minutes") + sign * activity.minutes, 0.0),
        steps=Greatest(F("steps") + sign * activity.steps, 0),
    )


def _make_sure(user_id: str, day: date) -> None:
    """The rows that are counted in exist; who comes second finds them."""
    if not DancerStats.objects.filter(user_id=user_id).exists():
        _create_once(DancerStats(user_id=user_id))
    if not Day.objects.filter(user_id=user_id, date=day).exists():
        _create_once(Day(user_id=user_id, date=day))


def _create_once(row: DancerStats | Day | FeedItem | FeedTally) -> bool:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def _lengthen_streak(user_id: str, day: date) -> None:
    """Count days in a row. Each update asks for the day it starts from, so two at once count one day once."""
    mine = DancerStats.objects.filter(user_id=user_id)
    if mine.filter(last_active=day - timedelta(days=1)).update(
        last_active=day, streak_days=F("streak_days") + 1
    ):
        mine.filter(longest_streak_days__lt=F("streak_days")).update(longest_streak_days=F("streak_days"))
        return
    broken = mine.filter(last_active__lt=day) | mine.filter(last_active=None)
    broken.update(last_active=day, streak_days=1, longest_streak_days=Greatest(F("longest_streak_days"), 1))


def publish(user_id: str, kind: Kind, subject_id: str, *, at: datetime) -> None:
    """Show it in everybody's feed."""
    if FeedItem.objects.filter(subject_id=subject_id).exists():
        return
    with transaction.atomic():
        if _create_once(FeedItem(user_id=user_id, kind=kind, subject_id=subject_id, at=at)):
            day = at.astimezone(UTC).date()
            if not FeedTally.objects.filter(date=day, kind=kind).exists():
                _create_once(FeedTally(date=day, kind=kind))
            FeedTally.objects.filter(date=day, kind=kind).update(items=F("items") + 1)


def withdraw(subject_id: str) -> None:
    """Show it no longer."""
    item = FeedItem.objects.filter(subject_id=subject_id).first()
    if item is None:
        return
    with transaction.atomic():
        deleted, _ = FeedItem.objects.filter(pk=item.pk).delete()
        if deleted:
            tally = FeedTally.objects.filter(date=item.at.astimezone(UTC).date(), kind=item.kind)
            tally.update(items=Greatest(F("items") - 1, 0))
