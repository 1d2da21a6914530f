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

from django.db.models import F, Max, Q, QuerySet, Subquery

from accounts.people import Person, shown
from challenges.models import (
    DIMENSIONS,
    Challenge,
    ChallengeState,
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


NO_CHALLENGE: Final = "There is no such challenge."
#: What others see: public, analysed, not taken down. `Submission.is_visible` says the same of one.
VISIBLE = Q(is_public=True, status=SubmissionStatus.COMPLETED, moderation_status=Moderation.VISIBLE)


class Entry(NamedTuple):
    """A dancer on the board: of their entry what is shown, and the points of its submission."""

    id: str
    score: int
    submitted_at: datetime
    submission_id: str
    balance: int | None
    rhythm: int | None
    smoothness: int | None
    creativity: int | None
    dancer: Person


class Ranked(NamedTuple):
    """One line of the board."""

    rank: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class Board:
    """One page of a board."""

    title: str  # of the challenge
    lines: list[Ranked]
    total: int
    user_rank: int | None  # None for who is not on it


def read(challenge_id: str, user: User, *, page: int, limit: int) -> Board:
    """One page of the board, and where ``user`` stands; ``Missing`` when there is no such challenge.

    Drafts have no board.
    """
    standing = _STANDING(challenge=challenge_id, dancer=user.pk)
    if not standing:
        raise Missing(NO_CHALLENGE)
    title, my_score = standing[0][:2]  # no entry or no score: not on the board
    tally = {score: dancers for *_, score, dancers in standing if score is not None and dancers}
    total, start = sum(tally.values()), (page - 1) * limit
    entries = _ENTRIES.slice(start, limit, total, challenge=challenge_id) if start < total else []
    ranks = {score: _rank(tally, score) for score in {entry.score for entry in entries}}
    return Board(
        title=title,
        lines=[Ranked(ranks[entry.score], entry) for entry in entries],
        total=total,
        user_rank=None if my_score is None else _rank(tally, my_score),
    )


def tally_of(challenge: Challenge) -> dict[int, int]:
    """How many dancers stand at each score: {score: dancers}."""
    found = ScoreTally.objects.filter(challenge=challenge, dancers__gt=0)
    return dict(found.values_list("score", "dancers"))


#: One row for each score of the tally: the challenge's title, the score of a dancer, the tally. In one query,
#: since each costs as much as all that it reads here.
_STANDING: Final[Prepared[tuple[str, int | None, int | None, int | None]]] = Prepared(
    lambda challenge, dancer: (
        Challenge.objects.exclude(state=ChallengeState.DRAFT)
        .filter(pk=challenge)
        .values_list(
            "title",
            Subquery(LeaderboardEntry.objects.filter(challenge=challenge, dancer=dancer).values("score")),
            "tally__score",
            "tally__dancers",
        )
    )
)
_SHOWN: Final = (
    "id",
    "score",
    "submitted_at",
    "submission_id",
    *(f"submission__{name}" for name in DIMENSIONS),
)
_ENTRIES: Final = PreparedList(
    lambda challenge: LeaderboardEntry.objects.filter(challenge=challenge, score__isnull=False).order_by(
        "-score", "submitted_at", "id"
    ),
    show=lambda entries: entries.values_list(*_SHOWN, *shown("dancer")),
    row=lambda values: Entry._make((*values[: len(_SHOWN)], Person._make(values[len(_SHOWN) :]))),
)


def _rank(tally: dict[int, int], score: int) -> int:
    return 1 + sum(dancers for other, dancers in tally.items() if other > score)


# --- Changes: always inside a transaction -----------------------------------------------------------------
def hold(challenge_id: str) -> None:
    """Take the challenge's row until the transaction ends. ``Missing`` when it is gone."""
    if not Challenge.objects.filter(pk=challenge_id).update(board_changes=F("board_changes") + 1):
        raise Missing(NO_CHALLENGE)


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
