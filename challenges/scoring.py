"""Giving a submission its score: breakdown, badge, points and place on the board, all in one transaction."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import progress
from analysis.models import Analysis
from challenges import leaderboard, scores
from challenges.models import BADGE_SCORE, Submission, SubmissionStatus, active_key
from challenges.signals import submission_changed, submission_scored


def give(submission_id: str, analysis: Analysis) -> None:
    """Score a submission by a finished analysis. Doing it again with the same analysis changes nothing.

    A failed submission whose place was taken by another one in the meantime stays as it is.
    """
    submission = Submission.objects.filter(pk=submission_id).first()
    if submission is None:
        return
    with transaction.atomic():
        leaderboard.hold(submission.challenge_id)
        # From here on nobody else scores, moderates or removes in this challenge.
        submission = Submission.objects.select_related("challenge").filter(pk=submission_id).first()
        if submission is None or not _is_in_its_place(submission):
            return
        challenge = submission.challenge
        breakdown = scores.by_criteria(analysis.breakdown, challenge.criteria)
        score = scores.total(breakdown)
        earned = scores.reward(challenge.points, score)
        now = timezone.now()
        Submission.objects.filter(pk=submission_id).update(
            **breakdown,
            score=score,
            badge_awarded=challenge.badge_name if score >= BADGE_SCORE else "",
            points_awarded=earned,
            analysis=analysis,
            status=SubmissionStatus.COMPLETED,
            error_code="",
            error_message="",
            processed_at=now,
            analyzed_at=now,
            updated_at=now,
        )
        # Only what is new: a score given again, better or worse, never counts twice.
        progress.earn(submission.dancer_id, points=earned - submission.points_awarded)
        submission_scored.send(sender=Submission, submission=_as_it_is(submission_id))
        leaderboard.place(submission.challenge_id, submission.dancer_id)
        announce(submission_id)


def _is_in_its_place(submission: Submission) -> bool:
    """Whether it is the dancer's one submission; a failed one that is scored after all becomes it again."""
    if submission.active_key is not None:
        return True
    key = active_key(submission.challenge_id, submission.dancer_id)
    try:
        with transaction.atomic():
            return Submission.objects.filter(pk=submission.pk).update(active_key=key) == 1
    except IntegrityError:
        return False


def fail(submission_id: str, analysis_id: str, code: str, message: str) -> None:
    """Say that a submission could not be scored, and make room for another one.

    Only while it waits for this very analysis: a score that was given already stays.
    """
    waiting = Submission.objects.filter(
        pk=submission_id, analysis_id=analysis_id, status=SubmissionStatus.PENDING
    )
    now = timezone.now()
    if waiting.update(
        status=SubmissionStatus.FAILED,
        active_key=None,
        error_code=code,
        error_message=message,
        processed_at=now,
        updated_at=now,
    ):
        announce(submission_id)


def take_back(submission: Submission) -> None:
    """Take back what a submission earned, when it is removed. Call `leaderboard.hold` first."""
    progress.earn(submission.dancer_id, points=-submission.points_awarded)


def announce(submission_id: str) -> None:
    """Tell whoever listens what the submission is like now."""
    submission_changed.send(sender=Submission, submission=_as_it_is(submission_id))


def _as_it_is(submission_id: str) -> Submission:
    related = Submission.objects.select_related("challenge", "dancer", "video", "analysis")
    return related.defer("analysis__measures").get(pk=submission_id)
