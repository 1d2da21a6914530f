"""What other apps announce and this one lists. They do not know the feed; it knows them."""

from __future__ import annotations

from typing import Any, Final

from django.db.models.signals import pre_delete

from accounts.models import User
from breakdowns import selectors as breakdowns
from breakdowns.models import Breakdown
from breakdowns.signals import breakdown_changed, breakdown_deleted
from challenges import selectors as challenges
from challenges.models import ChallengeType, Submission
from challenges.signals import submission_changed, submission_deleted
from feed import activities, selectors, sessions
from feed.models import DanceSession, Kind

#: Calories of a minute, where nobody measured them.
KCAL_PER_MINUTE: Final = {ChallengeType.FREESTYLE: 5, ChallengeType.STATIC: 3}
KCAL_PER_MINUTE_ELSE: Final = 4


def connect() -> None:
    """Listen to the apps whose objects are listed."""
    selectors.register(Kind.SUBMISSION, challenges.find_submissions)
    submission_changed.connect(_submission_changed, dispatch_uid="feed")
    submission_deleted.connect(_submission_deleted, dispatch_uid="feed")
    selectors.register(Kind.BREAKDOWN, breakdowns.find_breakdowns)
    breakdown_changed.connect(_breakdown_changed, dispatch_uid="feed")
    breakdown_deleted.connect(_breakdown_deleted, dispatch_uid="feed")
    pre_delete.connect(_person_deleted, sender=User, dispatch_uid="feed")


def effort(submission: Submission) -> tuple[float, int]:
    """Minutes danced, and the calories they are reckoned at."""
    minutes = (submission.video.duration or 0.0) / 60
    rate = KCAL_PER_MINUTE.get(ChallengeType(submission.challenge.type), KCAL_PER_MINUTE_ELSE)
    return minutes, round(minutes * rate)


def _submission_changed(submission: Submission, **more: Any) -> None:
    minutes, calories = effort(submission)
    activities.record(
        submission.dancer_id,
        Kind.SUBMISSION,
        submission.pk,
        at=submission.created_at,
        minutes=minutes,
        calories=calories,
    )
    if submission.is_visible and submission.shared_to_feed:
        at = submission.analyzed_at or submission.created_at
        activities.publish(submission.dancer_id, Kind.SUBMISSION, submission.pk, at=at)
    else:
        activities.withdraw(submission.pk)


def _submission_deleted(submission: Submission, **more: Any) -> None:
    activities.erase(submission.pk)
    activities.withdraw(submission.pk)


def _breakdown_changed(breakdown: Breakdown, **more: Any) -> None:
    at = breakdown.completed_at or breakdown.created_at
    minutes = (breakdown.duration or 0.0) / 60
    activities.record(
        breakdown.owner_id,
        Kind.BREAKDOWN,
        breakdown.pk,
        at=at,
        minutes=minutes,
        calories=round(minutes * KCAL_PER_MINUTE_ELSE),
        steps=breakdown.total_steps or 0,
    )
    if breakdown.is_visible and breakdown.shared_to_feed:
        activities.publish(breakdown.owner_id, Kind.BREAKDOWN, breakdown.pk, at=at)
    else:
        activities.withdraw(breakdown.pk)


def _breakdown_deleted(breakdown: Breakdown, **more: Any) -> None:
    activities.erase(breakdown.pk)
    activities.withdraw(breakdown.pk)


def _person_deleted(instance: User, **more: Any) -> None:
    # One by one: each has its place in the feed's tally. Who has videos or submissions is never deleted.
    for session_id in list(DanceSession.objects.filter(user=instance).values_list("pk", flat=True)):
        sessions.delete(instance, session_id)
