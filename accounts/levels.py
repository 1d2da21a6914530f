"""Levels: level n needs 100 * n * (n - 1) / 2 points, so level 1 starts at none."""

from __future__ import annotations

from math import isqrt


def level_of(points: int) -> int:
    """The level somebody with so many points has reached."""
    # The positive root of 50 n (n - 1) = points, in whole numbers so that no rounding moves a border.
    return (1 + isqrt(1 + 4 * (max(points, 0) // 50))) // 2
