"""The dancer's body as a teacher looks at it: left and right are the dancer's own, heights are body parts.

One pass over the clip gives the signals (torso lengths, degrees) that ``events`` cuts into strokes. ``side``
is +1 where the dancer's left is right in the picture (facing the camera), -1 seen from behind, 0 in profile.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from analysis.engine.body import Landmark as L
from analysis.engine.kinematics import head, midpoint
from analysis.engine.types import FloatArray, Motion

SIDES = ("left", "right")
SHOULDERS, HIPS = (L.LEFT_SHOULDER, L.RIGHT_SHOULDER), (L.LEFT_HIP, L.RIGHT_HIP)

#: Breadth of the shoulders, of the clip's broadest, below which somebody stands in profile.
PROFILE = 0.4


@dataclass(frozen=True, slots=True)
class Body:
    """Signals along the clip, each [shape=(n,)] or [shape=(n, 2)]; nan where not seen."""

    t: FloatArray
    side: FloatArray  # +1, -1, 0
    facing: FloatArray  # +1: the face looks to the right of the picture, -1: to the left, 0: neither
    turn: FloatArray  # degrees, 0 to the camera, positive to the dancer's own left; not unwrapped
    hands: dict[str, FloatArray]  # from the middle of the shoulders: (to the dancer's left, upward)
    nose: FloatArray  # height of the nose over the shoulders
    feet: dict[str, FloatArray]  # in the picture, y up
    knees: dict[str, FloatArray]
    hip: FloatArray  # the middle of the hips in the picture, y up
    floor: FloatArray  # height of the lower foot, slowly moving
    weight: FloatArray  # hips beside the middle of the feet, to the dancer's left
    level: FloatArray  # height of the hips over the lower foot, of the tallest stance 1; without feet nan
    lean: FloatArray  # degrees to the dancer's left
    dip: FloatArray  # length of the trunk, of its usual 1: less is bowed towards or away from the camera
    shoulders: FloatArray  # degrees by which the left shoulder is higher, beside the lean
    tilt: FloatArray  # degrees of the head to the dancer's left, beside the trunk
    nod: FloatArray  # height of the nose over the ears
    gaze: FloatArray  # nose beside the ears, to the dancer's left


def look_at(motion: Motion) -> Body:
    """The signals of a cleaned movement."""
    xy = motion.xy * np.array([1.0, -1.0])  # y up
    width = xy[:, L.LEFT_SHOULDER, 0] - xy[:, L.RIGHT_SHOULDER, 0]
    broad = _quantile(np.abs(width), 0.9)
    smooth = _smoothed(width, 7)
    side = np.where(np.abs(smooth) >= PROFILE * broad, np.sign(smooth), 0.0)
    shoulders, hips = midpoint(xy, SHOULDERS), midpoint(xy, HIPS)
    nose = xy[:, L.NOSE] - shoulders
    facing = np.where((side == 0) & (np.abs(nose[:, 0]) > 0.1), np.sign(nose[:, 0]), 0.0)
    own = np.where(side == 0, -facing, side)  # in profile "left" stands for backward, and right for forward
    # A dancer who turns round has not thrown everything to the other side.
    own[1:][np.diff(own) != 0] = np.nan
    feet = {s: xy[:, L[f"{s.upper()}_ANKLE"]] for s in SIDES}
    ears = midpoint(xy, (L.LEFT_EAR, L.RIGHT_EAR))
    trunk = shoulders - hips
    length = np.linalg.norm(trunk, axis=1)
    lean = np.degrees(np.arctan2(trunk[:, 0], trunk[:, 1]))
    neck = head(motion.xy) * np.array([1.0, -1.0]) - shoulders
    tilt = np.degrees(np.arctan2(neck[:, 0], neck[:, 1])) - lean
    raised = np.degrees(np.arctan2(xy[:, L.LEFT_SHOULDER, 1] - xy[:, L.RIGHT_SHOULDER, 1], np.abs(width)))
    lowest = np.fmin(feet["left"][:, 1], feet["right"][:, 1])
    floor = _smoothed(lowest, 31)
    height = hips[:, 1] - lowest
    middle = (feet["left"][:, 0] + feet["right"][:, 0]) / 2
    return Body(
        t=motion.t,
        side=side,
        facing=facing,
        turn=np.degrees(np.arctan2(nose[:, 0] / 0.35, width / max(broad, 1e-3))),
        hands={s: _own(xy[:, L[f"{s.upper()}_WRIST"]] - shoulders, own) for s in SIDES},
        nose=nose[:, 1],
        feet=feet,
        knees={s: xy[:, L[f"{s.upper()}_KNEE"]] for s in SIDES},
        hip=hips,
        floor=floor,
        weight=(hips[:, 0] - middle) * own,
        level=height / max(_quantile(height, 0.9), 1.3),
        lean=lean * own,
        dip=length / max(_quantile(length, 0.75), 1e-3),
        shoulders=raised + lean * side,
        tilt=tilt * own,
        nod=xy[:, L.NOSE, 1] - ears[:, 1],
        gaze=(xy[:, L.NOSE, 0] - ears[:, 0]) * own,
    )


def _own(place: FloatArray, own: FloatArray) -> FloatArray:
    """From the picture's left and right to the dancer's."""
    return np.stack([place[:, 0] * own, place[:, 1]], axis=1)


def _quantile(values: FloatArray, share: float) -> float:
    seen = values[np.isfinite(values)]
    return float(np.quantile(seen, share)) if len(seen) else float("nan")


def _smoothed(values: FloatArray, rows: int) -> FloatArray:
    """Running median that leaves out what was not seen."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # stretches without any value stay nan
        padded = np.pad(values, rows // 2, mode="edge")
        return np.asarray(np.nanmedian(np.lib.stride_tricks.sliding_window_view(padded, rows), axis=1))
