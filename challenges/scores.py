"""From the engine's points to a challenge's: each dimension out of what the challenge gives for it."""

from __future__ import annotations

from collections.abc import Mapping

from challenges.models import DIMENSIONS


def by_criteria(points: Mapping[str, int | None], criteria: Mapping[str, int]) -> dict[str, int | None]:
    """The points of each dimension, rounded to whole ones (halves up); what was not measured stays None.

    Parameters
    ----------
    points : the engine's, out of 25, 30, 25 and 20.
    criteria : the most points of each dimension in the challenge.
    """
    return {
        name: None if points[name] is None else _rounded(points[name] or 0, criteria[name], most)
        for name, most in DIMENSIONS.items()
    }


def _rounded(points: int, criterion: int, most: int) -> int:
    # In whole numbers: no binary fraction decides on which side a half falls.
    return (2 * points * criterion + most) // (2 * most)


def total(breakdown: Mapping[str, int | None]) -> int:
    """The score: what the dimensions add up to."""
    return sum(points for points in breakdown.values() if points is not None)


def reward(challenge_points: int, score: int) -> int:
    """What a score earns of a challenge's points, rounded to whole ones (halves up)."""
    return (2 * challenge_points * score + 100) // 200
