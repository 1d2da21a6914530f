"""Submissions that show the same video: posted by two people, or changed and posted again.

The engine tells copies from dancers who do the same steps; this finds whose they are and keeps the fact.
"""

from __future__ import annotations

from dataclasses import dataclass

from analysis import fingerprints
from analysis.models import Analysis
from challenges import leaderboard
from challenges.models import Duplicate, Submission
from challenges.signals import duplicate_found


@dataclass(frozen=True, slots=True)
class Match:
    """A submission that shows the same video as another one.

    ``kind`` is `copy` or `mirrored`. The other's time is (own time - ``offset``) * ``speed``: ``offset`` is
    the moment at which the other one begins, negative when its beginning is left out, and ``speed`` how much
    faster the own video plays.
    """

    submission: Submission
    kind: str
    distance: float  # of the movement, 0 (the same) to 1
    picture: float  # share of the bits in which the pictures differ
    offset: float  # s
    speed: float


def similar_to(submission: Submission) -> list[Match]:
    """Submissions of anybody that show the same video as this one, the most alike first.

    Empty before it is analysed. Takes the same time however many submissions there are. Each comes with its
    dancer, challenge and video.
    """
    return [] if submission.analysis_id is None else _matches(submission.pk, submission.analysis_id)


def _matches(
    submission_id: str, analysis_id: str, compared: fingerprints.Compared | None = None
) -> list[Match]:
    found = {match.analysis_id: match for match in fingerprints.similar(analysis_id, compared)}
    others = (
        Submission.objects.filter(analysis_id__in=list(found))
        .exclude(pk=submission_id)
        .select_related("dancer", "challenge", "video")
    )
    matches = []
    for other in others:
        alike = found[other.analysis_id or ""].likeness
        matches.append(
            Match(
                submission=other,
                kind="mirrored" if alike.mirrored else "copy",
                distance=alike.distance,
                picture=alike.picture,
                offset=alike.offset,
                speed=alike.speed,
            )
        )
    return sorted(matches, key=lambda match: match.distance)


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
    new = []
    for match in _matches(submission_id, analysis.pk, compared):
        duplicate = _keep(submission, match)
        if duplicate is not None:
            new.append(duplicate)
            duplicate_found.send(sender=Duplicate, duplicate=duplicate)
    return new


def _keep(submission: Submission, match: Match) -> Duplicate | None:
    """One fact; None when it is there already."""
    later, earlier, offset, speed = submission, match.submission, match.offset, match.speed
    if later.pk < earlier.pk:
        later, earlier, offset, speed = earlier, later, -offset * speed, 1 / speed
    duplicate, is_new = Duplicate.objects.get_or_create(
        submission=later,
        original=earlier,
        defaults={
            "same_dancer": later.dancer_id == earlier.dancer_id,
            "mirrored": match.kind == "mirrored",
            "distance": match.distance,
            "offset": offset,
            "speed": speed,
        },
    )
    return duplicate if is_new else None
