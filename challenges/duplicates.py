"""Submissions that show the same video: posted by two people, or changed and posted again.

The engine tells copies from dancers who do the same steps; this finds whose they are and keeps the fact.
"""

from __future__ import annotations

from dataclasses import dataclass

from analysis import fingerprints
from analysis.models import Analysis
from challenges.models import Duplicate, Submission
from challenges.signals import duplicate_found


@dataclass(frozen=True, slots=True)
class Match:
    """A submission that shows the same video as another one.

    ``kind`` is `copy` or `mirrored`. ``offset`` is the time in ``submission`` at which the other one begins,
    negative when it begins earlier, and ``speed`` how much faster the other one plays.
    """

    submission: Submission
    kind: str
    distance: float  # of the movement, 0 (the same) to 1
    picture: float | None  # share of the pictures' bits that differ; None: not compared
    offset: float  # s
    speed: float


def similar_to(submission: Submission) -> list[Match]:
    """Submissions of anybody that show the same video as this one, the most alike first.

    Empty before it is analysed. Takes the same time however many submissions there are. Each comes with its
    dancer, challenge and video.
    """
    if submission.analysis_id is None:
        return []
    found = {match.analysis_id: match for match in fingerprints.similar(submission.analysis_id)}
    others = (
        Submission.objects.filter(analysis_id__in=list(found))
        .exclude(pk=submission.pk)
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


def record(submission: Submission, analysis: Analysis) -> list[Duplicate]:
    """Keep which submissions show the same video as this one, which was just analysed; returns what is new.

    The later submission is the duplicate, whichever was analysed first.
    """
    submission.analysis = analysis
    kept = []
    for match in similar_to(submission):
        later, earlier = submission, match.submission
        offset, speed = match.offset, match.speed
        if later.pk < earlier.pk:
            later, earlier = earlier, later
            offset, speed = -offset * speed, 1.0 / speed
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
        if is_new:
            kept.append(duplicate)
            duplicate_found.send(sender=Duplicate, duplicate=duplicate)
    return kept
