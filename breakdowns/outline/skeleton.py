"""Where the dancer is at any moment, and how that is drawn.

Left and right differ in colour by a pair that is told apart with every common colour blindness (Okabe and Ito
2008, Color Universal Design): orange and sky blue. The trunk is white.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np

from analysis.engine.body import Landmark as L
from analysis.engine.types import FloatArray, RawPose
from breakdowns.outline.canvas import Canvas, Colour, Points, Run, colour

LEFT: Final = colour(255, 170, 20)
RIGHT: Final = colour(86, 190, 255)
TRUNK: Final = colour(245, 245, 250)
_SHADE: Final = colour(8, 6, 14)

#: Lines over several joints, by colour.
_CHAINS: Final[tuple[tuple[Colour, tuple[tuple[L, ...], ...]], ...]] = (
    (TRUNK, ((L.LEFT_SHOULDER, L.RIGHT_SHOULDER, L.RIGHT_HIP, L.LEFT_HIP, L.LEFT_SHOULDER),)),
    (
        RIGHT,
        (
            (L.RIGHT_SHOULDER, L.RIGHT_ELBOW, L.RIGHT_WRIST, L.RIGHT_INDEX),
            (L.RIGHT_HIP, L.RIGHT_KNEE, L.RIGHT_ANKLE, L.RIGHT_HEEL, L.RIGHT_FOOT_INDEX),
        ),
    ),
    (
        LEFT,
        (
            (L.LEFT_SHOULDER, L.LEFT_ELBOW, L.LEFT_WRIST, L.LEFT_INDEX),
            (L.LEFT_HIP, L.LEFT_KNEE, L.LEFT_ANKLE, L.LEFT_HEEL, L.LEFT_FOOT_INDEX),
        ),
    ),
)
_JOINTS: Final = (L.LEFT_ELBOW, L.RIGHT_ELBOW, L.LEFT_WRIST, L.RIGHT_WRIST, L.LEFT_KNEE, L.RIGHT_KNEE,
                  L.LEFT_ANKLE, L.RIGHT_ANKLE)  # fmt: skip
#: Both ends of the neck, which are no landmarks and follow them.
_NECK: Final = np.array([len(L), len(L) + 1])
#: Drawn when all of these are seen well.
_HEAD: Final = (L.NOSE, L.LEFT_EAR, L.RIGHT_EAR, L.LEFT_SHOULDER, L.RIGHT_SHOULDER)
_FACE: Final = np.array(_HEAD[:3])
_SHOULDERS: Final = np.array(_HEAD[3:])
_HIPS: Final = np.array([L.LEFT_HIP, L.RIGHT_HIP])

#: Visibility at and below which a bone is not drawn, and from which on it is drawn in full.
_HIDDEN, _CLEAR = 0.1, 0.6
#: Shares of strength in which bones are drawn.
_LEVELS = 5


class Skeleton:
    """The landmarks of a clip between the moments at which they were measured."""

    def __init__(self, pose: RawPose) -> None:
        self._pose = pose
        self._rate = 1.0 / float(np.median(np.diff(pose.t))) if len(pose.t) > 1 else 1.0

    def at(self, t: float) -> tuple[FloatArray, FloatArray]:
        """Landmarks in frame heights [shape=(33, 2)] and how visible they are [shape=(33,)].

        A cubic through four neighbours, so that a hand swings in a curve and not in corners; a straight line
        where one of them is missing. Nothing is drawn across a cut or a stretch without a dancer.
        """
        pose = self._pose
        place = (t - float(pose.t[0])) * self._rate
        last = len(pose.t) - 1
        i = min(max(int(place), 0), last)
        share = min(max(place - i, 0.0), 1.0)
        after = min(i + 1, last)
        if self._cut_between(i, after) or not (pose.detected[i] and pose.detected[after]):
            near = self._nearest(i, after, t)
            return pose.xy[near], pose.visibility[near]
        visibility = (1 - share) * pose.visibility[i] + share * pose.visibility[after]
        straight = (1 - share) * pose.xy[i] + share * pose.xy[after]
        before, beyond = max(i - 1, 0), min(i + 2, last)
        if self._cut_between(before, i) or self._cut_between(after, beyond):
            return straight, visibility
        curved = _cubic(pose.xy[before], pose.xy[i], pose.xy[after], pose.xy[beyond], share)
        return np.where(np.isfinite(curved), curved, straight), visibility

    def _cut_between(self, i: int, j: int) -> bool:
        return any(self._pose.t[i] < cut <= self._pose.t[j] for cut in self._pose.cuts)

    def _nearest(self, i: int, after: int, t: float) -> int:
        """The measured moment that belongs to the shot and lies nearest."""
        for cut in self._pose.cuts:
            if self._pose.t[i] < cut <= self._pose.t[after]:
                return i if t < cut else after
        return i if t - self._pose.t[i] <= self._pose.t[after] - t else after


class Figure:
    """A body at one moment, reckoned once and drawn on several canvases of one size.

    What is not seen well is faint, what is not seen is left out.
    """

    def __init__(self, xy: FloatArray, visibility: FloatArray, width: int, height: int) -> None:
        strength = np.clip((visibility - _HIDDEN) / (_CLEAR - _HIDDEN), 0, 1)
        strength = np.ceil(strength * _LEVELS).astype(int)
        strength[~np.isfinite(xy).all(axis=1)] = 0
        plan = _plan(tuple(strength.tolist()))
        places = np.nan_to_num(xy * height)
        chest, hips = places[_SHOULDERS].mean(axis=0), places[_HIPS].mean(axis=0)
        self._width = _thickness(np.hypot(*(chest - hips)) / height) * max(width, height)
        self._ring = None
        if plan.head:
            centre = places[_FACE].mean(axis=0)
            reach = chest - centre
            self._ring = (float(centre[0]), float(centre[1])), 0.5 * float(np.hypot(*reach))
            places = np.concatenate([places, [centre + 0.5 * reach, chest]])
        points = Points(places)
        self._limbs = [(of, share, points.lines(runs)) for of, share, runs in plan.limbs]
        self._joints = points.lines(plan.joints)

    def draw(self, canvas: Canvas, *, shaded: bool) -> None:
        """The body, upon a dark shade where it needs one to stand out."""
        if shaded:
            wide = 1.9 * self._width
            for _, share, lines in self._limbs:
                canvas.lines(lines, _SHADE, wide, share)
            if self._ring is not None:
                canvas.ring(*self._ring, _SHADE, wide)
        for of, share, lines in self._limbs:
            canvas.lines(lines, of, self._width, share)
        if self._ring is not None:
            canvas.ring(*self._ring, TRUNK, self._width)
        canvas.lines(self._joints, TRUNK, 1.6 * self._width)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is drawn of a body that is seen so well: runs over its landmarks, and how strongly."""

    head: bool
    limbs: list[tuple[Colour, float, list[Run]]]
    joints: list[Run]


@lru_cache(maxsize=256)
def _plan(strength: tuple[int, ...]) -> _Plan:
    """Few long lines are drawn faster than bones; most pictures of a clip share one plan.

    Parameters
    ----------
    strength : of each landmark, 0 to ``_LEVELS``.
    """
    head = min(strength[i] for i in _HEAD) == _LEVELS
    limbs = [(of, _runs(chains, strength)) for of, chains in _CHAINS]
    if head:
        limbs.append((TRUNK, {_LEVELS: [_NECK]}))
    return _Plan(
        head,
        [(of, level / _LEVELS, of_level) for of, runs in limbs for level, of_level in runs.items()],
        [np.array([joint, joint]) for joint in _JOINTS if strength[joint] == _LEVELS],
    )


def _runs(chains: tuple[tuple[L, ...], ...], strength: tuple[int, ...]) -> dict[int, list[Run]]:
    """Chains cut where their strength changes, by strength."""
    found: dict[int, list[list[int]]] = {}
    for chain in chains:
        before = 0
        for a, b in pairwise(chain):
            level = min(strength[a], strength[b])
            if level > 0:
                runs = found.setdefault(level, [])
                if level != before:
                    runs.append([a])
                runs[-1].append(b)
            before = level
    return {level: [np.array(run) for run in runs] for level, runs in found.items()}


def _thickness(trunk: float) -> float:
    """Width of a bone as a share of the picture: by the size of the body, within what a phone shows well.

    Parameters
    ----------
    trunk : its length in frame heights.
    """
    return min(max(0.045 * trunk, 0.0045), 0.011)


def _cubic(p0: FloatArray, p1: FloatArray, p2: FloatArray, p3: FloatArray, u: float) -> FloatArray:
    """Catmull-Rom between ``p1`` and ``p2``."""
    curve: FloatArray = 2 * p0 - 5 * p1 + 4 * p2 - p3 + u * (3 * (p1 - p2) + p3 - p0)
    curve = p1 + 0.5 * u * (p2 - p0 + u * curve)
    return curve
