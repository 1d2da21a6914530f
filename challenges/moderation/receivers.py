"""What makes a submission need a look: it was scored, reported, found to be a copy, or analysed in vain."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from challenges.models import Duplicate, Submission
from challenges.moderation import weighing
from challenges.signals import analysis_failed, duplicate_found, submission_scored
from idance.social.models import Report
from idance.social.signals import reported


def connect() -> None:
    """Listen to what happens to submissions."""
    submission_scored.connect(_scored, dispatch_uid="moderation")
    reported.connect(_reported, dispatch_uid="moderation")
    duplicate_found.connect(_duplicate_found, dispatch_uid="moderation")
    analysis_failed.connect(_analysis_failed, dispatch_uid="moderation")


def _scored(submission: Submission, **more: Any) -> None:
    # The board is taken already, and hears of the submission only after this.
    weighing.weigh(submission, analysed=True)


def _reported(report: Report, **more: Any) -> None:
    if report.kind == "submission":
        weighing.weigh_again(report.subject_id)


def _duplicate_found(duplicate: Duplicate, **more: Any) -> None:
    # In a transaction of its own: taking a second board within one could wait for ever.
    transaction.on_commit(lambda: weighing.weigh_again(duplicate.submission_id))


def _analysis_failed(submission_id: str, **more: Any) -> None:
    transaction.on_commit(lambda: weighing.weigh_again(submission_id, analysed=True))
