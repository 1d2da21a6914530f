"""How a challenge goes, in numbers: for the console's page of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from challenges.models import Challenge, ScoreTally

#: Scores of one bar.
WIDTH: Final = 10


@dataclass(frozen=True)
class Bar:
    """How many dancers stand between two scores, both included."""

    low: int
    high: int
    dancers: int
    #: Of the drawing, whose highest bar is 15 high and stands on 18.
    height: float

    @property
    def top(self) -> float:
        return 18 - self.height


def histogram(challenge: Challenge) -> list[Bar]:
    """The board's scores in bars of ten, 100 with the last; empty while the board is."""
    counts = [0] * (100 // WIDTH)
    for score, dancers in ScoreTally.objects.filter(challenge=challenge).values_list("score", "dancers"):
        counts[min(score // WIDTH, len(counts) - 1)] += dancers
    if not any(counts):
        return []
    last = len(counts) - 1
    return [
        Bar(
            place * WIDTH,
            100 if place == last else (place + 1) * WIDTH - 1,
            count,
            round(15 * count / max(counts), 1),
        )
        for place, count in enumerate(counts)
    ]
