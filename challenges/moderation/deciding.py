"""Claiming a submission, deciding about it, and taking a decision back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from challenges import leaderboard, scoring
from challenges.models import Submission
from challenges.moderation.actions import ACTIONS, CHANGED, MODERATE, Action, Ask
from challenges.moderation.models import CLAIM, UNDO, Decision, ItemState, QueueItem, ReasonTemplate, free_for
from idance.lib.problems import Forbidden, Invalid, Missing, NotNow, Problem
from idance.social import services as social

if TYPE_CHECKING:
    from accounts.models import User


# --- Claims -----------------------------------------------------------------------------------------------
def claim(moderator: User, item: QueueItem) -> bool:
    """Have an item to oneself for a while. False when somebody else has it."""
    now = timezone.now()
    return bool(_free(item, moderator, now).update(claimed_by=moderator, claimed_until=now + CLAIM))


def release(moderator: User, item: QueueItem) -> None:
    """Give an item back, unless a decision about it can still be undone."""
    QueueItem.objects.filter(pk=item.pk, claimed_by=moderator).exclude(state=ItemState.DECIDED).update(
        claimed_by=None, claimed_until=None
    )


def _free(item: QueueItem, moderator: User, now: datetime) -> QuerySet[QueueItem]:
    """The item, if nobody else has it."""
    return QueueItem.objects.filter(free_for(moderator, now), pk=item.pk)


def claimed_by(item: QueueItem) -> str:
    """Who has the item, in words; until when, in the time zone of who reads it."""
    who = item.claimed_by.name if item.claimed_by else "Somebody"
    until = "" if item.claimed_until is None else f"{timezone.localtime(item.claimed_until):%H:%M %Z}"
    return f"{who} is looking at this, until {until}."


# --- Decisions --------------------------------------------------------------------------------------------
def decide(
    moderator: User,
    submission_id: str,
    action_name: str,
    *,
    ask: Ask | None = None,
    template_id: str = "",
    seen: str | None = None,
) -> Decision:
    """Decide about a submission.

    Parameters
    ----------
    ask : the reason that the dancer reads, which a template can give instead, and more of the action's.
    seen : the decision in force as the moderator knows it ("" for none); by default the present one.

    Raises ``Forbidden`` without the permission, ``Missing`` for no submission, ``Invalid`` without a reason
    that is needed, and ``NotNow`` when somebody else has it or was quicker, or it cannot be done now.
    """
    action = ACTIONS[action_name]
    if not action.allowed(moderator):
        raise Forbidden(f"You are not allowed to do this: {action.label.lower()}.")
    ask, template = _with_template(ask or Ask(), template_id)
    if action.needs_reason and not ask.reason:
        raise Invalid("reason", "Please give a reason; the dancer reads it.")
    # Read before the board is taken: of two at the same moment the second finds that this has changed.
    item = _item_of(submission_id)
    known = item.decision_id if seen is None else seen
    with transaction.atomic():
        leaderboard.hold(_find(submission_id).challenge_id)
        submission = _find(submission_id)
        reason = action.why_not(moderator, submission)
        if reason:
            raise NotNow(reason)
        return _take(moderator, action, submission, item, known, ask, template)


def _take(
    moderator: User,
    action: Action,
    submission: Submission,
    item: QueueItem,
    known: str,
    ask: Ask,
    template: ReasonTemplate | None,
) -> Decision:
    now = timezone.now()
    decision = Decision(
        subject_id=submission.pk,
        challenge_id=submission.challenge_id,
        dancer_id=submission.dancer_id,
        moderator=moderator,
        action=action.name,
        reason=ask.reason,
        template=template,
        undoable_until=now + UNDO,
    )
    item.refresh_from_db()
    settled = _free(item, moderator, now).filter(decision_id=known)
    # Until it can no longer be undone nobody else comes in between.
    if not settled.update(
        state=action.leads_to,
        decision_id=decision.pk,
        decided_at=now,
        claimed_by=moderator,
        claimed_until=decision.undoable_until,
    ):
        raise NotNow(claimed_by(item) if item.is_claimed_by_other(moderator, now) else CHANGED)
    if action.leads_to == ItemState.DECIDED:
        social.settle(submission.pk, decision.pk)
    before, after = action.take(submission, ask)
    decision.before, decision.after = {**before, "queue": _place_of(item)}, after
    decision.save(force_insert=True)
    _tell(submission)
    return decision


def undo(moderator: User, decision_id: str) -> Decision:
    """Take one's own decision back within ten seconds, unless something newer came on top of it."""
    decision = Decision.objects.filter(pk=decision_id).first()
    if decision is None:
        raise Missing("There is no such decision.")
    if decision.moderator_id != moderator.pk or not moderator.has_perm(MODERATE):
        raise Forbidden("Only who decided can take it back.")
    with transaction.atomic():
        leaderboard.hold(_find(decision.subject_id).challenge_id)
        submission = _find(decision.subject_id)
        now = timezone.now()
        in_time = Decision.objects.filter(pk=decision.pk, undone_at=None, undoable_until__gte=now)
        if not in_time.update(undone_at=now, undone_by=moderator, updated_at=now):
            raise NotNow("The ten seconds in which this could be undone are over.")
        items = QueueItem.objects.filter(submission=submission, decision_id=decision.pk)
        if not items.update(**decision.before["queue"], claimed_by=moderator, claimed_until=now + CLAIM):
            raise NotNow("Something newer was decided about this dance since.")
        ACTIONS[decision.action].take_back(submission, decision)
        social.reopen(submission.pk, decision.pk)
        _tell(submission)
    decision.refresh_from_db()
    return decision


@dataclass(frozen=True, slots=True)
class Several:
    """What became of several at once: the decisions that were taken (back), and why the others were not."""

    decisions: list[str]
    problems: list[str]


def decide_several(
    moderator: User, submission_ids: Iterable[str], action_name: str, *, ask: Ask, template_id: str = ""
) -> Several:
    """Decide about several alike. All that was decided can be taken back for as long, from the end on."""
    made, problems = list[Decision](), list[str]()
    for submission_id in submission_ids:
        try:
            made.append(decide(moderator, submission_id, action_name, ask=ask, template_id=template_id))
        except Problem as problem:
            problems.append(f"{submission_id}: {problem.sentence}")
    done, subjects = [one.pk for one in made], [one.subject_id for one in made]
    until = timezone.now() + UNDO
    with transaction.atomic():
        items = QueueItem.objects.filter(submission_id__in=subjects, decision_id__in=done)
        items.update(claimed_until=until)
        Decision.objects.filter(pk__in=done, undone_at=None).update(undoable_until=until)
    return Several(done, problems)


def undo_several(moderator: User, decision_ids: Sequence[str]) -> Several:
    """Take one's decisions back, the last one first: two may concern the same dancer."""
    done, problems = list[str](), list[str]()
    for decision_id in reversed(decision_ids):
        try:
            done.append(undo(moderator, decision_id).pk)
        except Problem as problem:
            problems.append(f"{decision_id}: {problem.sentence}")
    return Several(done, problems)


def _tell(submission: Submission) -> None:
    """The board, the feed and the counters follow."""
    leaderboard.place(submission.challenge_id, submission.dancer_id)
    scoring.announce(submission.pk)


def _place_of(item: QueueItem) -> dict[str, Any]:
    """Where the item is in the queue, as undoing puts it back."""
    decided = None if item.decided_at is None else item.decided_at.isoformat()
    return {"state": item.state, "decision_id": item.decision_id, "decided_at": decided}


def _with_template(ask: Ask, template_id: str) -> tuple[Ask, ReasonTemplate | None]:
    if not template_id:
        return ask, None
    template = ReasonTemplate.objects.filter(pk=template_id, enabled=True).first()
    if template is None:
        raise Invalid("template", "There is no such reason to choose.")
    return Ask(reason=ask.reason or template.text, days=ask.days), template


def _item_of(submission_id: str) -> QueueItem:
    """The submission's item; what nothing spoke against is decided, so to speak."""
    item = QueueItem.objects.filter(submission_id=submission_id).first()
    if item is not None:
        return item
    submission = _find(submission_id)
    try:
        with transaction.atomic():
            return QueueItem.objects.create(
                submission=submission, state=ItemState.DECIDED, waiting_since=submission.created_at
            )
    except IntegrityError:
        return QueueItem.objects.get(submission_id=submission_id)


def _find(submission_id: str) -> Submission:
    related = Submission.objects.select_related("challenge", "dancer", "video", "analysis")
    found = related.filter(pk=submission_id).first()
    if found is None:
        raise Missing("There is no such submission.")
    return found
