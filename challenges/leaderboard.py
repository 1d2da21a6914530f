"""The board of a challenge: who stands where, and how ties are broken.

Each dancer stands with their best visible score. Equal scores share a rank and the next rank is left out
("1224"); among equals the earlier submission is listed first.

A rank is one more than the number of dancers with a higher score. `ScoreTally` counts the dancers at each of
the 101 possible scores, so ranks, the total, the average and the best score never need the whole board.

Every change of a board first takes the challenge's row (`hold`), so changes of one board wait for each other
and what is read in between is right; changes of different boards do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db.models import F, Max, Q, QuerySet

from accounts.people import SHOWN, Person, shown
from challenges.models import (
    DIMENSIONS,
    Challenge,
    LeaderboardEntry,
    Moderation,
    ScoreTally,
    Submission,
    SubmissionStatus,
)
from idance.lib.problems import Missing
from idance.prepared import Prepared, PreparedList

if TYPE_CHECKING:
    from accounts.models import User


#: What others see: public, analysed, not taken down. `Submission.is_visible` says the same of one.
VISIBLE = Q(is_public=True, status=SubmissionStatus.COMPLETED, moderation_status=Moderation.VISIBLE)


class Ranked(NamedTuple):
    """One line of the board."""

    rank: int
    dancer: Person
    score: int
    breakdown: dict[str, int | None]
    submitted_at: datetime
    submission_id: str


@dataclass(frozen=True, slots=True)
class Board:
    """One page of a board."""

    lines: list[Ranked]
    total: int
    user_rank: int | None  # None for who is not on it


def read(challenge: Challenge, user: User, *, page: int, limit: int) -> Board:
    """One page of the board, and where ``user`` stands."""
    tally = tally_of(challenge)
    total = sum(tally.values())
    my_score = _MINE.first(challenge=challenge.pk, dancer=user.pk)  # no row or no score: not on the board
    start = (page - 1) * limit
    return Board(
        lines=_lines(challenge, tally, start, limit) if start < total else [],
        total=total,
        user_rank=None if my_score is None else _rank(tally, my_score),
    )


def tally_of(challenge: Challenge) -> dict[int, int]:
    """How many dancers stand at each score: {score: dancers}."""
    return dict(_TALLY(challenge=challenge.pk))


def _lines(challenge: Challenge, tally: dict[int, int], start: int, limit: int) -> list[Ranked]:
    """Lines of the board in its order, which is a walk over one index."""
    ranks: dict[int, int] = {}
    lines = []
    for _, score, submitted_at, submission_id, *rest in _LINES.slice(start, limit, challenge=challenge.pk):
        if score not in ranks:
            ranks[score] = _rank(tally, score)
        person, points = rest[: len(SHOWN)], rest[len(SHOWN) :]
        breakdown = dict(zip(DIMENSIONS, points, strict=True))
        lines.append(Ranked(ranks[score], Person(*person), score, breakdown, submitted_at, submission_id))
    return lines


#: What is shown of an entry: values, for objects of three models cost several times as much.
_COLUMNS: Final = (
    *("pk", "score", "submitted_at", "submission_id", *shown("dancer")),
    *(f"submission__{name}" for name in DIMENSIONS),
)
_LINES: Final = PreparedList(
    lambda challenge: LeaderboardEntry.objects.filter(challenge=challenge, score__isnull=False).order_by(
        "-score", "submitted_at", "id"
    ),
    show=lambda entries: entries.values_list(*_COLUMNS, named=True),
)
_TALLY: Final = Prepared(
    lambda challenge: ScoreTally.objects.filter(challenge=challenge, dancers__gt=0).values_list(
        "score", "dancers"
    )
)
_MINE: Final = Prepared(
    lambda challenge, dancer: LeaderboardEntry.objects.filter(challenge=challenge, dancer=dancer).values_list(
        "score", flat=True
    )
)


def _rank(tally: dict[int, int], score: int) -> int:
    return 1 + sum(dancers for other, dancers in tally.items() if other > score)


# --- Changes: always inside a transaction -----------------------------------------------------------------
def hold(challenge_id: str) -> None:
    """Take the challenge's row until the transaction ends. ``Missing`` when it is gone."""
    if not Challenge.objects.filter(pk=challenge_id).update(board_changes=F("board_changes") + 1):
        raise Missing("There is no such challenge.")


def enter(challenge_id: str, dancer_id: str) -> None:
    """Count a submission that was made. Call `hold` first."""
    entries = LeaderboardEntry.objects.filter(challenge_id=challenge_id, dancer_id=dancer_id)
    known = entries.update(submissions=F("submissions") + 1)
    if not known:
        LeaderboardEntry.objects.create(challenge_id=challenge_id, dancer_id=dancer_id, submissions=1)
    Challenge.objects.filter(pk=challenge_id).update(
        total_submissions=F("total_submissions") + 1,
        participant_count=F("participant_count") + (0 if known else 1),
    )


def leave(challenge_id: str, dancer_id: str) -> None:
    """Count a submission that was taken back, after it is gone. Call `hold` first."""
    place(challenge_id, dancer_id)
    entries = LeaderboardEntry.objects.filter(challenge_id=challenge_id, dancer_id=dancer_id)
    entries.update(submissions=F("submissions") - 1)
    gone, _ = entries.filter(submissions=0).delete()
    Challenge.objects.filter(pk=challenge_id).update(
        total_submissions=F("total_submissions") - 1,
        participant_count=F("participant_count") - (1 if gone else 0),
    )


def place(challenge_id: str, dancer_id: str) -> None:
    """Bring a dancer's line in accord with their visible submissions, and the counters with it.

    Call `hold` first; calling it once too often changes nothing.
    """
    best = _best_visible(challenge_id, dancer_id)
    entry = LeaderboardEntry.objects.get(challenge_id=challenge_id, dancer_id=dancer_id)
    before, after = entry.score, None if best is None else best.score
    LeaderboardEntry.objects.filter(pk=entry.pk).update(
        submission=best, score=after, submitted_at=None if best is None else best.created_at
    )
    if before == after:
        return
    if before is not None:
        _count(challenge_id, before, -1)
    if after is not None:
        _count(challenge_id, after, 1)
    top = ScoreTally.objects.filter(challenge_id=challenge_id, dancers__gt=0).aggregate(top=Max("score"))
    Challenge.objects.filter(pk=challenge_id).update(
        scored_count=F("scored_count") + int(after is not None) - int(before is not None),
        score_sum=F("score_sum") + (after or 0) - (before or 0),
        top_score=top["top"],
    )


def _best_visible(challenge_id: str, dancer_id: str) -> Submission | None:
    shown = visible(Submission.objects.filter(challenge_id=challenge_id, dancer_id=dancer_id))
    return shown.order_by("-score", "created_at", "id").first()


def visible(submissions: QuerySet[Submission]) -> QuerySet[Submission]:
    """Those that others see."""
    return submissions.filter(VISIBLE)


def _count(challenge_id: str, score: int, change: int) -> None:
    tally = ScoreTally.objects.filter(challenge_id=challenge_id, score=score)
    if not tally.update(dancers=F("dancers") + change):
        ScoreTally.objects.create(challenge_id=challenge_id, score=score, dancers=change)
