"""Submissions that show the same video: posted by two people, or changed and posted again.

The engine tells copies from dancers who do the same steps; this finds whose they are and keeps the fact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis import fingerprints
from analysis.models import Analysis
from challenges import leaderboard
from challenges.models import Duplicate, Submission
from challenges.signals import duplicate_found

if TYPE_CHECKING:
    from analysis.engine.fingerprint import Likeness


def record(
    submission_id: str, analysis: Analysis, compared: fingerprints.Compared | None = None
) -> list[Duplicate]:
    """Keep which submissions show the same video as this one, just analysed. Returns what was not known.

    The later submission is the duplicate, whichever was analysed first.

    Parameters
    ----------
    compared : what was compared before the transaction began, so that it need not last as long.
    """
    submission = Submission.objects.filter(pk=submission_id).first()
    if submission is None:
        return []
    # Of two copies that are analysed at once in one challenge, the second to come here sees the first.
    leaderboard.hold(submission.challenge_id)
    alike = {found.analysis_id: found.likeness for found in fingerprints.similar(analysis.pk, compared)}
    new = []
    others = Submission.objects.filter(analysis_id__in=list(alike)).exclude(pk=submission_id)
    for other in others.order_by("pk"):
        duplicate = _keep(submission, other, alike[other.analysis_id or ""])
        if duplicate is not None:
            new.append(duplicate)
            duplicate_found.send(sender=Duplicate, duplicate=duplicate)
    return new


def _keep(submission: Submission, other: Submission, alike: Likeness) -> Duplicate | None:
    """One fact; None when it is there already."""
    later, earlier, offset, speed = submission, other, alike.offset, alike.speed
    if later.pk < earlier.pk:
        later, earlier, offset, speed = earlier, later, -offset * speed, 1 / speed
    duplicate, is_new = Duplicate.objects.get_or_create(
        submission=later,
        original=earlier,
        defaults={
            "same_dancer": later.dancer_id == earlier.dancer_id,
            "mirrored": alike.mirrored,
            "distance": alike.distance,
            "offset": offset,
            "speed": speed,
        },
    )
    return duplicate if is_new else None
