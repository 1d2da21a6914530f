"""Reading the queue, and all that a moderator wants to know about a submission."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet

from accounts.models import User
from challenges.models import Duplicate, Submission
from challenges.moderation.actions import ACTIONS, MODERATE, Action
from challenges.moderation.models import Decision, ItemState, QueueItem, ReasonTemplate, free_for
from idance.lib.problems import Missing
from idance.social.models import Report

#: Who may look at the queue without deciding.
LOOK: Final = "moderation.view_queueitem"
#: How much of a dancer's past the review shows.
MOST_PAST: Final = 8
MOST_REPORTS: Final = 50
MOST_SIMILAR: Final = 4
_RELATED = ("submission__dancer", "submission__challenge", "submission__video", "claimed_by")
ORDER: Final = ("-urgency", "waiting_since", "id")


def may_look(user: User) -> bool:
    """Whether this person may see the queue: who decides, and who may only look."""
    return user.is_active and (user.has_perm(MODERATE) or user.has_perm(LOOK))


# --- The queue --------------------------------------------------------------------------------------------
def queue(state: str = ItemState.OPEN) -> QuerySet[QueueItem]:
    """What is in this state, most urgent first, then who waits longest: a walk over one index."""
    return QueueItem.objects.filter(state=state).order_by(*ORDER).select_related(*_RELATED)


def item_of(submission_id: str) -> QueueItem:
    """The item of a submission with all that is around it; ``Missing`` when it never needed a look."""
    related = QueueItem.objects.select_related(*_RELATED, "submission__analysis__job")
    found = related.filter(submission_id=submission_id).first()
    if found is None:
        raise Missing("This submission is not in the queue.")
    return found


def neighbour(item: QueueItem, moderator: User, *, back: bool = False) -> str | None:
    """The submission that comes after this one in its part of the queue (or before it), unless claimed."""
    state = item.state if item.state == ItemState.HELD else ItemState.OPEN
    rows = QueueItem.objects.filter(free_for(moderator), state=state).exclude(pk=item.pk)
    after, before = ("lt", "gt") if not back else ("gt", "lt")
    # The first condition lets the database begin in the middle of the index.
    rows = rows.filter(
        Q(**{f"urgency__{after}e": item.urgency}),
        Q(**{f"urgency__{after}": item.urgency})
        | Q(urgency=item.urgency, **{f"waiting_since__{before}": item.waiting_since})
        | Q(urgency=item.urgency, waiting_since=item.waiting_since, **{f"id__{before}": item.pk}),
    )
    order = ("urgency", "-waiting_since", "-id") if back else ORDER
    return rows.order_by(*order).values_list("submission_id", flat=True).first()


def first_free(moderator: User, but: str = "") -> str | None:
    """The most urgent submission that nobody else has in front of them."""
    rows = queue().filter(free_for(moderator)).exclude(submission_id=but)
    return rows.values_list("submission_id", flat=True).first()


@dataclass(frozen=True, slots=True)
class Offer:
    """An action as it is offered: available, or why not."""

    action: Action
    why_not: str


def offers(moderator: User, submission: Submission) -> list[Offer]:
    """Every action that this person may take, with those that cannot be taken now and why."""
    return [
        Offer(action, action.why_not(moderator, submission))
        for action in ACTIONS.values()
        if action.allowed(moderator)
    ]


def templates() -> QuerySet[ReasonTemplate]:
    """The reasons to choose from."""
    return ReasonTemplate.objects.filter(enabled=True)


# --- Around a submission ----------------------------------------------------------------------------------
def decisions_about(submission_id: str) -> QuerySet[Decision]:
    """Everything that was decided about a submission, newest first; the log outlives the submission.

    ``Missing`` when there never was such a submission, as far as anybody knows.
    """
    made = Decision.objects.filter(subject_id=submission_id).select_related("moderator")
    if not made.exists() and not Submission.objects.filter(pk=submission_id).exists():
        raise Missing("There is no such submission.")
    return made


def reports_about(submission_id: str) -> list[Report]:
    """Who reported it and with which words, newest first."""
    rows = Report.objects.filter(subject_id=submission_id).select_related("user")
    return list(rows.order_by("-id")[:MOST_REPORTS])


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of a dancer beside the submission in question."""

    submissions: list[Submission]
    decisions: list[Decision]
    since: datetime

    @property
    def taken_down(self) -> int:
        return sum(
            decision.action in ("reject", "hide", "suspend") and decision.undone_at is None
            for decision in self.decisions
        )


def past_of(submission: Submission) -> Past:
    """A dancer's newest other submissions and the newest decisions about any of theirs."""
    others = Submission.objects.filter(dancer_id=submission.dancer_id).exclude(pk=submission.pk)
    decided = Decision.objects.filter(dancer_id=submission.dancer_id).exclude(subject_id=submission.pk)
    return Past(
        submissions=list(others.select_related("challenge", "video").order_by("-id")[:MOST_PAST]),
        decisions=list(decided.select_related("moderator").order_by("-id")[:MOST_PAST]),
        since=submission.dancer.created_at,
    )


@dataclass(frozen=True, slots=True)
class Similar:
    """Another submission that shows the same video, and where in it this one begins."""

    submission: Submission
    earlier: bool  # whether the other one was sent in before
    mirrored: bool
    offset: float  # s in the other one at which this one begins


def similar_to(submission: Submission) -> list[Similar]:
    """Submissions that show the same video, as was found when they were analysed; earlier ones first."""
    related = "{0}__dancer", "{0}__challenge", "{0}__video"
    originals = Duplicate.objects.filter(submission=submission)
    copies = Duplicate.objects.filter(original=submission)
    found = [
        Similar(row.original, True, row.mirrored, row.offset)
        for row in originals.select_related(*_of(related, "original")).order_by("distance")[:MOST_SIMILAR]
    ]
    found += [
        Similar(row.submission, False, row.mirrored, -row.offset * row.speed)
        for row in copies.select_related(*_of(related, "submission")).order_by("distance")[:MOST_SIMILAR]
    ]
    return found[:MOST_SIMILAR]


def _of(names: Iterable[str], relation: str) -> list[str]:
    return [name.format(relation) for name in names]


def waiting_counts(most: int = 1000) -> dict[str, int]:
    """How many are in each part of the queue that somebody looks at, counted up to ``most``."""
    parts = (ItemState.OPEN, ItemState.HELD, ItemState.ANALYSING)
    return {state.value: QueueItem.objects.filter(state=state)[:most].count() for state in parts}
