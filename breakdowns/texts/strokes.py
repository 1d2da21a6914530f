"""Cut the way of a point into strokes: it leaves one place, arrives at another and stays, or turns round.

A stroke's moment is its *arrival*, since that is where dancers put the count.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.signal import find_peaks

from analysis.engine.types import FloatArray

#: Of the way of a stroke: nearer to its end than this is having arrived.
_ARRIVED = 0.12
#: Rows after the rest that ends a stroke in which it may be carried on a little.
_CARRIED = 5


class Stroke(NamedTuple):
    """One movement from place to place, as rows of the clip."""

    start: int
    arrival: int  # nearly there: what is heard as the count
    there: int  # as far as it goes
    stop: int  # the end of staying there: the next stroke begins
    way: FloatArray  # from start to there, same unit as the points

    @property
    def moment(self) -> int:
        """The row to count on: where it turns round at once its end, where it stays the arrival."""
        return self.there if self.stop - self.there <= 2 else self.arrival


def find_strokes(points: FloatArray, *, least: float) -> list[Stroke]:
    """Strokes of at least ``least`` (unit of the points), in order.

    Parameters
    ----------
    points : [shape=(n, d)] places along time; ``nan`` where not seen, where every stroke ends.
    """
    found: list[Stroke] = []
    for begin, end in _runs(np.isfinite(points).all(axis=1)):
        if end - begin >= 4:
            found += _of_run(points[begin:end], begin, least)
    return found


def _of_run(points: FloatArray, offset: int, least: float) -> list[Stroke]:
    speed = np.linalg.norm(np.gradient(points, axis=0), axis=1)
    rests, _ = find_peaks(-speed, prominence=0.1 * float(np.percentile(speed, 95)) + 1e-9)
    kept = [0]
    for rest in [*(int(r) for r in rests), len(points) - 1]:
        if np.linalg.norm(points[rest] - points[kept[-1]]) >= least:
            kept.append(rest)
    found = []
    for k, (start, end) in enumerate(pairwise(kept)):
        following = kept[k + 2] if k + 2 < len(kept) else len(points) - 1
        stop = max(end, _leaving(points, end, following, least))
        arrival, there = _arrival(points, start, min(end + _CARRIED, stop))
        found.append(
            Stroke(
                offset + _leaving(points, start, arrival, least),
                offset + arrival,
                offset + there,
                offset + stop,
                points[there] - points[start],
            )
        )
    return found


def _arrival(points: FloatArray, start: int, end: int) -> tuple[int, int]:
    """The first rows at which nearly all, and all of the way is done that is made along the stroke."""
    way = points[end] - points[start]
    done = (points[start : end + 1] - points[start]) @ (way / max(float(np.linalg.norm(way)), 1e-9))
    nearly = int(np.flatnonzero(done >= (1.0 - _ARRIVED) * done.max())[0])
    return start + nearly, start + int(np.argmax(done))


def _leaving(points: FloatArray, start: int, arrival: int, least: float) -> int:
    """The last row before ``arrival`` at which the point is still where it was at ``start``."""
    gone = np.linalg.norm(points[start : arrival + 1] - points[start], axis=1) < 0.25 * least
    return start + int(np.flatnonzero(gone)[-1])


def _runs(seen: FloatArray) -> Iterator[tuple[int, int]]:
    """Spans of rows that are all seen."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(seen, dtype=int), [0]])))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
