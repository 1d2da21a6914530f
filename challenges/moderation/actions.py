"""What a moderator may do with a submission: one table, for the console and the API alike.

Each action says what it is called, what it does, its key, who may take it, when it cannot be taken and why,
what it changes, and how that is taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.utils import timezone

from accounts.models import FOR_GOOD, User
from analysis import jobs
from analysis.models import Job
from challenges import submitting
from challenges.models import ANALYSE, Moderation, Submission, SubmissionStatus
from challenges.moderation.models import ItemState
from idance.lib.problems import NotNow

if TYPE_CHECKING:
    from challenges.moderation.models import Decision

MODERATE: Final = "challenges.moderate_submission"
SUSPEND: Final = "accounts.suspend_user"
#: For how many days somebody can be suspended; 0 is for good.
SUSPENSIONS: Final = {1: "1 day", 7: "7 days", 30: "30 days", 0: "for good"}
CHANGED = "This dance has changed in the meantime. Please look again."


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked for: the reason that the dancer reads, and for how long somebody is kept out."""

    reason: str = ""
    days: int = 7


class Action:
    """Gives the submission a moderation status; the subclasses do more, or something else."""

    name: ClassVar[str]
    label: ClassVar[str]
    done: ClassVar[str]
    explanation: ClassVar[str]
    key: ClassVar[str]
    icon: ClassVar[str]
    tone: ClassVar[str] = "plain"
    needs_reason: ClassVar[bool] = False
    permissions: ClassVar[tuple[str, ...]] = (MODERATE,)
    status: ClassVar[Moderation]
    leads_to: ClassVar[ItemState] = ItemState.DECIDED

    def allowed(self, moderator: User) -> bool:
        """Whether this person may take it at all."""
        return all(moderator.has_perm(permission) for permission in self.permissions)

    def why_not(self, moderator: User, submission: Submission) -> str:
        """Why it cannot be taken with this submission now; empty when it can."""
        if submission.dancer_id == moderator.pk:
            return "This is your own dance; somebody else has to decide about it."
        if submission.status != SubmissionStatus.COMPLETED:
            return "It has no score yet, so nobody else sees it."
        return ""

    def take(self, submission: Submission, ask: Ask) -> tuple[dict[str, Any], dict[str, Any]]:
        """Do it. What was before, and what is after."""
        before = {"status": submission.moderation_status, "reason": submission.moderation_reason}
        after = {"status": self.status.value, "reason": self.told(ask)}
        _set_status(submission, before, after)
        return before, after

    def take_back(self, submission: Submission, decision: Decision) -> None:
        """Undo what the decision did, unless something has changed since."""
        _set_status(submission, decision.after, decision.before)

    def told(self, ask: Ask) -> str:
        """What the dancer reads."""
        return ask.reason


def _set_status(submission: Submission, before: dict[str, Any], after: dict[str, Any]) -> None:
    as_known = Submission.objects.filter(
        pk=submission.pk, moderation_status=before["status"], moderation_reason=before["reason"]
    )
    if not as_known.update(
        moderation_status=after["status"], moderation_reason=after["reason"], updated_at=timezone.now()
    ):
        raise NotNow(CHANGED)


class Approve(Action):
    name, label, done, key, icon, tone = "approve", "Approve", "Approved", "a", "check", "good"
    explanation = "Others see the dance, and it counts on the board."
    status = Moderation.VISIBLE

    def told(self, ask: Ask) -> str:
        return ""  # there is nothing to explain to the dancer; the log keeps the words


class Reject(Action):
    name, label, done, key, icon, tone = "reject", "Reject", "Rejected", "r", "block", "bad"
    explanation = "The entry does not count: it leaves the board and the feed, and the dancer reads why."
    status = Moderation.REJECTED
    needs_reason = True


class Hold(Action):
    name, label, done, key, icon = "hold", "Hold", "On hold", "h", "pause"
    explanation = "Nobody else sees it until somebody decides; it moves to “On hold”."
    status = Moderation.HELD
    leads_to = ItemState.HELD

    def told(self, ask: Ask) -> str:
        return ask.reason or "A moderator is taking a closer look at this dance."


class Hide(Action):
    name, label, done, key, icon, tone = "hide", "Hide", "Hidden", "x", "visibility_off", "bad"
    explanation = "Takes a dance that others should not see out of sight; the dancer reads why."
    status = Moderation.HIDDEN
    needs_reason = True


class Reanalyse(Action):
    name, label, done, key, icon = "reanalyse", "Analyse again", "Being analysed again", "e", "refresh"
    explanation = "Looks at the video once more; the dance comes back to the queue with its new score."
    leads_to = ItemState.ANALYSING

    def why_not(self, moderator: User, submission: Submission) -> str:
        reason = super().why_not(moderator, submission)
        if not reason and jobs.unfinished(ANALYSE, submission.pk):
            return "It is being analysed already."
        return reason

    def take(self, submission: Submission, ask: Ask) -> tuple[dict[str, Any], dict[str, Any]]:
        analysis = submitting.analyse_anew(submission)
        return {"score": submission.score}, {"job": analysis.job_id}

    def take_back(self, submission: Submission, decision: Decision) -> None:
        job = Job.objects.filter(pk=decision.after["job"]).first()
        if job is not None:
            jobs.cancel(job)


class Suspend(Action):
    name, label, done, key, icon = "suspend", "Suspend", "Suspended", "s", "person_off"
    tone = "bad"
    explanation = "Hides the dance and keeps the dancer out for a while; when they sign in they read why."
    status = Moderation.HIDDEN
    needs_reason = True
    permissions = (MODERATE, SUSPEND)

    def why_not(self, moderator: User, submission: Submission) -> str:
        if submission.dancer.is_staff:
            return "This is one of the staff; an admin has to do that."
        return super().why_not(moderator, submission)

    def take(self, submission: Submission, ask: Ask) -> tuple[dict[str, Any], dict[str, Any]]:
        before, after = super().take(submission, ask)
        dancer = submission.dancer
        until = timezone.now() + timedelta(days=ask.days) if ask.days else FOR_GOOD
        before |= {
            "suspended_until": _text(dancer.suspended_until),
            "suspended_for": dancer.suspension_reason,
        }
        after |= {"suspended_until": _text(until), "suspended_for": ask.reason}
        _set_suspension(dancer, before, after)
        return before, after

    def take_back(self, submission: Submission, decision: Decision) -> None:
        super().take_back(submission, decision)
        _set_suspension(submission.dancer, decision.after, decision.before)


def _set_suspension(dancer: User, before: dict[str, Any], after: dict[str, Any]) -> None:
    as_known = User.objects.filter(
        pk=dancer.pk,
        suspended_until=_time(before["suspended_until"]),
        suspension_reason=before["suspended_for"],
    )
    if not as_known.update(
        suspended_until=_time(after["suspended_until"]),
        suspension_reason=after["suspended_for"],
        updated_at=timezone.now(),
    ):
        raise NotNow("The dancer's account has changed in the meantime. Please look again.")


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


#: Every action by its name, in the order in which they are offered.
ACTIONS: Final[dict[str, Action]] = {
    action.name: action for action in (Approve(), Reject(), Hold(), Hide(), Reanalyse(), Suspend())
}
