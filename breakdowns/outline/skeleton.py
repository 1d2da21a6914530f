"""Where the dancer is at any moment, and how that is drawn.

Left and right differ in colour by a pair that is told apart with every common colour blindness (Okabe and Ito
2008, Color Universal Design): orange and sky blue. The trunk is white.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from analysis.engine.body import Landmark as L
from analysis.engine.types import FloatArray, RawPose
from breakdowns.outline.canvas import Canvas, Colour, Point, colour

LEFT: Final = colour(255, 170, 20)
RIGHT: Final = colour(86, 190, 255)
TRUNK: Final = colour(245, 245, 250)
_SHADE: Final = colour(8, 6, 14)

_BONES: Final[tuple[tuple[Colour, tuple[tuple[L, L], ...]], ...]] = (
    (
        TRUNK,
        (
            (L.LEFT_SHOULDER, L.RIGHT_SHOULDER),
            (L.LEFT_HIP, L.RIGHT_HIP),
            (L.LEFT_SHOULDER, L.LEFT_HIP),
            (L.RIGHT_SHOULDER, L.RIGHT_HIP),
        ),
    ),
    (
        RIGHT,
        (
            (L.RIGHT_SHOULDER, L.RIGHT_ELBOW),
            (L.RIGHT_ELBOW, L.RIGHT_WRIST),
            (L.RIGHT_WRIST, L.RIGHT_INDEX),
            (L.RIGHT_HIP, L.RIGHT_KNEE),
            (L.RIGHT_KNEE, L.RIGHT_ANKLE),
            (L.RIGHT_ANKLE, L.RIGHT_HEEL),
            (L.RIGHT_HEEL, L.RIGHT_FOOT_INDEX),
        ),
    ),
    (
        LEFT,
        (
            (L.LEFT_SHOULDER, L.LEFT_ELBOW),
            (L.LEFT_ELBOW, L.LEFT_WRIST),
            (L.LEFT_WRIST, L.LEFT_INDEX),
            (L.LEFT_HIP, L.LEFT_KNEE),
            (L.LEFT_KNEE, L.LEFT_ANKLE),
            (L.LEFT_ANKLE, L.LEFT_HEEL),
            (L.LEFT_HEEL, L.LEFT_FOOT_INDEX),
        ),
    ),
)
_JOINTS: Final = (L.LEFT_ELBOW, L.RIGHT_ELBOW, L.LEFT_WRIST, L.RIGHT_WRIST, L.LEFT_KNEE, L.RIGHT_KNEE,
                  L.LEFT_ANKLE, L.RIGHT_ANKLE)  # fmt: skip

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


def draw(canvas: Canvas, xy: FloatArray, visibility: FloatArray) -> None:
    """Draw the body on a picture; what is not seen well is faint, what is not seen is left out."""
    points = xy * canvas.height
    width = thickness(xy, canvas)
    strength = np.clip((visibility - _HIDDEN) / (_CLEAR - _HIDDEN), 0, 1)
    strength = np.ceil(strength * _LEVELS) / _LEVELS
    strength[~np.isfinite(points).all(axis=1)] = 0
    for shaded in (True, False):
        for of, bones in _BONES:
            for a, b in bones:
                alpha = float(min(strength[a], strength[b]))
                if alpha > 0:
                    ends = _point(points, a), _point(points, b)
                    canvas.line(*ends, _SHADE if shaded else of, width * (1.9 if shaded else 1), alpha)
        _head(canvas, points, strength, _SHADE if shaded else TRUNK, width * (1.9 if shaded else 1))
    for joint in _JOINTS:
        if strength[joint] == 1:
            canvas.ring(_point(points, joint), width * 0.8, TRUNK, 0)


def thickness(xy: FloatArray, canvas: Canvas) -> float:
    """Width of a bone in px: by the size of the body, within what a phone shows well."""
    trunk = xy[[L.LEFT_SHOULDER, L.RIGHT_SHOULDER]].mean(axis=0) - xy[[L.LEFT_HIP, L.RIGHT_HIP]].mean(axis=0)
    size = float(np.hypot(*trunk))
    share = 0.045 * size if np.isfinite(size) else 0.007
    return float(np.clip(share, 0.0045, 0.011)) * max(canvas.height, canvas.width)


def _head(canvas: Canvas, points: FloatArray, strength: FloatArray, of: Colour, width: float) -> None:
    """A ring around the face and a neck, when both shoulders and the face are seen."""
    if min(strength[[L.NOSE, L.LEFT_EAR, L.RIGHT_EAR, L.LEFT_SHOULDER, L.RIGHT_SHOULDER]]) < 1:
        return
    centre = points[[L.NOSE, L.LEFT_EAR, L.RIGHT_EAR]].mean(axis=0)
    neck = points[[L.LEFT_SHOULDER, L.RIGHT_SHOULDER]].mean(axis=0)
    reach = neck - centre
    length = float(np.hypot(*reach))
    radius = 0.5 * length
    if radius < 1:
        return
    canvas.ring((float(centre[0]), float(centre[1])), radius, of, width)
    chin = centre + reach * (radius / length)
    canvas.line((float(chin[0]), float(chin[1])), (float(neck[0]), float(neck[1])), of, width)


def _point(points: FloatArray, landmark: L) -> Point:
    return float(points[landmark, 0]), float(points[landmark, 1])


def _cubic(p0: FloatArray, p1: FloatArray, p2: FloatArray, p3: FloatArray, u: float) -> FloatArray:
    """Catmull-Rom between ``p1`` and ``p2``."""
    curve: FloatArray = 2 * p0 - 5 * p1 + 4 * p2 - p3 + u * (3 * (p1 - p2) + p3 - p0)
    curve = p1 + 0.5 * u * (p2 - p0 + u * curve)
    return curve
