"""What rules look at: how each fact is measured, and how it is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import timezone

from challenges.models import Duplicate, Moderation, Submission
from challenges.moderation.models import Decision, Fact
from idance.social.models import Report


@dataclass(frozen=True, slots=True)
class Situation:
    """A submission as the rules see it.

    ``since``: when a moderator decided about it last. From then on only what is new counts, or an approved
    dance would come back for the reasons that were weighed already.
    """

    submission: Submission
    since: datetime | None = None
    analysed_again: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """How a fact is measured and told."""

    measure: Callable[[Situation], float | None]
    told: Callable[[float], str] = lambda value: ""
    # Whether a rule applies up to its threshold, rather than from it on.
    up_to: bool = False


def _reports(situation: Situation) -> float:
    rows = Report.objects.filter(subject_id=situation.submission.pk)
    return (rows.filter(created_at__gt=situation.since) if situation.since else rows).count()


def _copies(situation: Situation, *, own: bool) -> float:
    rows = Duplicate.objects.filter(submission=situation.submission, same_dancer=own)
    return (rows.filter(created_at__gt=situation.since) if situation.since else rows).count()


def _once(measure: Callable[[Submission], float | None]) -> Callable[[Situation], float | None]:
    """A fact that a decision settles for good."""
    return lambda situation: None if situation.since else measure(situation.submission)


def _confidence(submission: Submission) -> float | None:
    return submission.analysis.confidence if submission.analysis else None


def _people(submission: Submission) -> float:
    return float(submission.analysis is not None and "several_people" in submission.analysis.flags)


def _account_days(submission: Submission) -> float:
    return (timezone.now() - submission.dancer.created_at).total_seconds() / 86_400


def _earlier(submission: Submission) -> float:
    # Ids tell the time: one step over an index, however many there are.
    before = Submission.objects.filter(dancer_id=submission.dancer_id, pk__lt=submission.pk)
    return len(before.values_list("pk", flat=True)[:20])


def _taken_down(submission: Submission) -> float:
    """Entries that the dancer deleted rather than wait for, or live with, a moderator's word."""
    theirs = Decision.objects.filter(dancer_id=submission.dancer_id, challenge_id=submission.challenge_id)
    others = theirs.filter(undone_at=None).exclude(subject_id=submission.pk).order_by("id")
    last: dict[str, str] = {}
    for subject_id, after in others.values_list("subject_id", "after"):
        last[subject_id] = after.get("status") or last.get(subject_id, Moderation.VISIBLE)
    return sum(status != Moderation.VISIBLE for status in last.values())


def _counted(singular: str, plural: str) -> Callable[[float], str]:
    return lambda value: f"{value:.0f} {singular if value == 1 else plural}"


MEASURES: Final[dict[str, Measured]] = {
    Fact.REPORTS: Measured(_reports, _counted("person", "people")),
    Fact.COPIES: Measured(lambda it: _copies(it, own=False), _counted("video", "videos")),
    Fact.OWN_COPIES: Measured(lambda it: _copies(it, own=True), _counted("video", "videos")),
    Fact.CONFIDENCE: Measured(_once(_confidence), lambda value: f"{value:.0%}", up_to=True),
    Fact.PEOPLE: Measured(_once(_people)),
    Fact.ACCOUNT_DAYS: Measured(_once(_account_days), lambda value: _age(value), up_to=True),
    Fact.EARLIER: Measured(_once(_earlier), up_to=True),
    Fact.APPROVAL: Measured(_once(lambda submission: float(submission.challenge.approve_first))),
    Fact.ANALYSED_AGAIN: Measured(lambda it: float(it.analysed_again)),
    Fact.TAKEN_DOWN: Measured(_once(_taken_down), _counted("entry", "entries")),
}


def _age(days: float) -> str:
    if days < 1:
        return "under a day old"
    return "1 day old" if days < 2 else f"{int(days)} days old"
