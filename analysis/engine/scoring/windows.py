"""A measure in windows of a clip, so that a clip is the mean of its moments.

What is averaged over a whole clip and then turned into a share makes one fall cost a long clip as much as a
short one, since the curve of the share is steep at first and flat later. So a measure is read in windows of
equal length, each window earns its share, and the clip earns their mean: who dances twice as long without
another fault loses half as much by the one there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from analysis.engine.types import FloatArray


class Window(NamedTuple):
    """A stretch of a clip, and for how many of its rows it speaks."""

    rows: slice
    weight: float


def windows_of(takes: Iterable[slice], size: int) -> list[Window]:
    """Windows of ``size`` rows, spread evenly from end to end of every take, half overlap at least.

    A shorter take is one window. Those of a take speak together for as many rows as it has, so that neither
    cuts nor the rest of a division matter.
    """
    found = []
    for take in takes:
        rows = take.stop - take.start
        length = min(size, rows)
        count = int(np.ceil((rows - length) / max(1.0, size / 2) - 1e-9)) + 1
        for start in np.round(np.linspace(take.start, take.stop - length, count)).astype(int).tolist():
            found.append(Window(slice(start, start + length), rows / count))
    return found


class Windowed(NamedTuple):
    """What one measure is in each window. [shape=(k,)] each"""

    values: FloatArray  # in the unit of the measure; of no meaning where there is no evidence
    evidence: FloatArray  # 0..1, how much the window speaks about the measure
    weights: FloatArray  # rows that the window speaks for

    @classmethod
    def read(cls, windows: Iterable[Window], look: Callable[[slice], tuple[float, float]]) -> Windowed:
        """``look`` gives the value in some rows, and its evidence."""
        found = [(*look(window.rows), window.weight) for window in windows]
        values, evidence, weights = np.array(found, dtype=float).reshape(-1, 3).T
        return cls(values, evidence, weights)

    @property
    def told(self) -> float:
        """How much of the clip speaks about the measure, 0..1."""
        total = float(self.weights.sum())
        return float(self.evidence @ self.weights) / total if total > 0.0 else 0.0

    def mean(self, earned: Callable[[float], float] = float) -> float | None:
        """Mean over the clip of the value, or of what it earns; None where nothing tells of it."""
        weights = self.evidence * self.weights
        known = weights > 0.0
        if not known.any():
            return None
        earnings = [earned(float(value)) for value in self.values[known]]
        return float(np.array(earnings) @ weights[known] / weights[known].sum())
