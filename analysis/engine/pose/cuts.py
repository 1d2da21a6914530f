"""Scene cuts: where the picture changes to another shot from one grid point to the next."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from analysis.engine.config import DEFAULT, EngineConfig
from analysis.engine.types import FloatArray

_SAMPLES = 64  # per side; what is compared does not depend on the size of the picture
_CELLS = 16  # the coarse picture is 16 x 16
_LEVELS = 16  # per colour


class CutFinder:
    """Compares each picture with the one before.

    At a cut three things happen at once: the coarse picture changes much, its pattern changes (a flash or a
    lamp changes the brightness, not the pattern), and its colours change (a body that fills the picture and
    leaps changes the pattern, not the colours). Cross-fades and cuts within the same scene are not found.
    """

    def __init__(self, *, config: EngineConfig = DEFAULT) -> None:
        self._rules = config.pose
        self._before: tuple[FloatArray, NDArray[np.uint8]] | None = None

    def is_cut(self, samples: NDArray[np.uint8]) -> bool:
        """Does a new shot begin with this picture? It is given ``subsampled``. [shape=(64, 64, 3)]"""
        now, before = (_coarse(samples), samples), self._before
        self._before = now
        if before is None:
            return False
        rules = self._rules
        return (
            float(np.abs(now[0] - before[0]).mean()) > rules.cut_difference
            and _unlikeness(now[0], before[0]) > rules.cut_unlikeness
            and float(np.abs(_colours(now[1]) - _colours(before[1])).sum()) / 2 > rules.cut_colours
        )


def subsampled(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """64 x 64 pixels spread evenly over a picture of any size. [shape=(64, 64, 3)]"""
    height, width = picture.shape[:2]
    return picture.take(_spread(height), axis=0).take(_spread(width), axis=1)


@lru_cache(maxsize=16)
def _spread(length: int) -> NDArray[np.intp]:
    """64 places spread evenly over a length."""
    return np.linspace(0, length - 1, _SAMPLES).astype(np.intp)


def _coarse(samples: NDArray[np.uint8]) -> FloatArray:
    """Means over a grid of cells. [shape=(16, 16, 3)]"""
    side = _SAMPLES // _CELLS
    # One axis after the other: five times as fast as the mean over both, and exact in whole numbers.
    rows = samples.reshape(_CELLS, side, _SAMPLES * 3).sum(axis=1, dtype=np.uint16)
    means: FloatArray = rows.reshape(_CELLS, _CELLS, side, 3).sum(axis=2, dtype=np.uint16) / side**2
    return means


def _colours(samples: NDArray[np.uint8]) -> FloatArray:
    """Share of the pixels in each level of each colour, sum 1. [shape=(3 * 16,)]"""
    levels = samples.reshape(-1, 3) // (256 // _LEVELS) + np.arange(3, dtype=np.uint8) * _LEVELS
    counts = np.bincount(levels.ravel(), minlength=3 * _LEVELS)
    shares: FloatArray = counts / counts.sum()
    return shares


def _unlikeness(one: FloatArray, other: FloatArray) -> float:
    """1 - correlation; 0 when both are of one colour."""
    one, other = one.ravel() - one.mean(), other.ravel() - other.mean()
    size = float(np.linalg.norm(one) * np.linalg.norm(other))
    return 1.0 - float(one @ other) / size if size else 0.0
