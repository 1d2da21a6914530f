"""Putting submissions into the queue: which rules apply, what they weigh together, and whether one holds.

Done when something happens to a submission. Doing it again changes nothing. Call within a transaction that
has taken the challenge's board (`leaderboard.hold`): then nobody scores, decides or weighs meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils import timezone

from analysis import jobs
from analysis.jobs import JobContext, Outcome
from challenges import leaderboard, scoring
from challenges.models import Moderation, Submission, SubmissionStatus
from challenges.moderation.facts import MEASURES, Situation
from challenges.moderation.models import Decision, Fact, ItemState, QueueItem, Rule

if TYPE_CHECKING:
    from accounts.models import User
    from analysis.models import Job

#: The kind of job that weighs what waits once more.
WEIGH: Final = "weigh"
#: What the dancer reads while a rule holds their dance back.
FOR_APPROVAL = "A moderator looks at every dance of this challenge before others see it."
FOR_A_LOOK = "A moderator takes a look at this dance before others see it."


@dataclass(frozen=True, slots=True)
class Verdict:
    """The rules that apply, heaviest first."""

    applied: list[tuple[Rule, str]]

    @property
    def urgency(self) -> int:
        return sum(rule.weight for rule, _ in self.applied)

    @property
    def holding(self) -> list[Rule]:
        return [rule for rule, _ in self.applied if rule.holds]

    @property
    def reasons(self) -> list[dict[str, Any]]:
        return [
            {"rule": rule.pk, "label": rule.label, "detail": detail, "weight": rule.weight}
            for rule, detail in self.applied
        ]


def judge(situation: Situation) -> Verdict:
    """Ask every rule about a submission."""
    applied = []
    for rule in Rule.objects.filter(enabled=True):
        fact = MEASURES[rule.fact]
        value = fact.measure(situation)
        if value is None:
            continue
        if value <= rule.threshold if fact.up_to else value >= rule.threshold:
            applied.append((rule, fact.told(value)))
    return Verdict(applied)


def weigh(submission: Submission, *, analysed: bool = False) -> bool:
    """Bring a submission's item in accord with the rules. Whether it is held back now and was not before.

    Parameters
    ----------
    analysed : its analysis has just ended, which a moderator may have been waiting for.
    """
    if submission.status != SubmissionStatus.COMPLETED:
        return False
    item = QueueItem.objects.filter(submission=submission).first()
    again = analysed and item is not None and item.state == ItemState.ANALYSING
    since = item.decided_at if item is not None and not again else None
    verdict = judge(Situation(submission, since, again))
    if not verdict.applied:
        # Nothing speaks for a look (any more); what was decided stays as it is.
        waiting = (ItemState.OPEN, ItemState.ANALYSING) if again else (ItemState.OPEN,)
        rows = QueueItem.objects.filter(submission=submission, state__in=waiting)
        rows.update(state=ItemState.DECIDED, urgency=0, reasons=[], updated_at=timezone.now())
        return False
    _enqueue(submission, item, verdict, again=again)
    if not verdict.holding or submission.moderation_status != Moderation.VISIBLE:
        return False
    _hold_back(submission, verdict)
    return True


def _enqueue(submission: Submission, item: QueueItem | None, verdict: Verdict, *, again: bool) -> None:
    now = timezone.now()
    if item is None:
        item = QueueItem(submission=submission, waiting_since=now)
    elif again or item.state == ItemState.DECIDED:
        item.state, item.waiting_since = ItemState.OPEN, now
        if again:
            item.decided_at = None
    item.urgency, item.reasons = verdict.urgency, verdict.reasons
    if item._state.adding:
        item.save(force_insert=True)
    else:
        # Not the claim, which changes without the board.
        item.save(update_fields=["state", "waiting_since", "decided_at", "urgency", "reasons", "updated_at"])


def _hold_back(submission: Submission, verdict: Verdict) -> None:
    """A rule holds the submission back: logged as what nobody decided."""
    for_approval = all(rule.fact == Fact.APPROVAL for rule in verdict.holding)
    reason = FOR_APPROVAL if for_approval else FOR_A_LOOK
    before = {"status": submission.moderation_status, "reason": submission.moderation_reason}
    after = {"status": Moderation.HELD.value, "reason": reason}
    made = Decision.objects.create(
        subject_id=submission.pk,
        challenge_id=submission.challenge_id,
        dancer_id=submission.dancer_id,
        action="hold",
        reason=", ".join(rule.label for rule in verdict.holding),
        before=before,
        after=after,
    )
    QueueItem.objects.filter(submission=submission).update(decision_id=made.pk)
    Submission.objects.filter(pk=submission.pk).update(
        moderation_status=after["status"], moderation_reason=reason, updated_at=timezone.now()
    )


def weigh_again(submission_id: str, *, analysed: bool = False) -> None:
    """Weigh a submission about which something became known, and tell everybody when that holds it back."""
    challenge_id = Submission.objects.filter(pk=submission_id).values_list("challenge_id", flat=True).first()
    if challenge_id is None:
        return
    with transaction.atomic():
        leaderboard.hold(challenge_id)
        related = Submission.objects.select_related("challenge", "dancer", "analysis")
        submission = related.filter(pk=submission_id).first()
        if submission is not None and weigh(submission, analysed=analysed):
            leaderboard.place(submission.challenge_id, submission.dancer_id)
            scoring.announce(submission.pk)


def queue_weighing(by: User) -> Job:
    """Weigh everything that waits, after the rules were changed: a job, the one under way if there is one."""
    return jobs.enqueue(WEIGH, "queue", by)


def weigh_all(job: JobContext) -> Outcome:
    """Weigh everything that waits. Running it twice, or stopping on the way, harms nothing."""
    waiting = QueueItem.objects.filter(state=ItemState.OPEN).order_by("id")
    # Read at once: what is weighed leaves the query, and a long one would hold its connection.
    ids = list(waiting.values_list("submission_id", flat=True))
    for number, submission_id in enumerate(ids):
        job.progress("weigh", number / len(ids))
        weigh_again(submission_id)
    return Outcome(result={"weighed": len(ids)})
