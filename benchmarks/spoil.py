"""Known faults put into a recording: what must cost points, and what must not.

Each function takes landmarks and returns new ones; lengths are in torso lengths of the clip, so that a fault
is as large on a far dancer as on a near one. Nothing is random but with a fixed seed.
"""

from __future__ import annotations

from collections.abc import Sequence as Times
from dataclasses import replace
from typing import Final

import numpy as np

from analysis.engine.body import LANDMARK_COUNT, MIRROR_PAIRS, Landmark
from analysis.engine.clean import torso_length
from analysis.engine.config import RATE
from analysis.engine.types import FloatArray, RawPose

_LEFT_FOOT: Final = [Landmark.LEFT_ANKLE, Landmark.LEFT_HEEL, Landmark.LEFT_FOOT_INDEX]
_RIGHT_FOOT: Final = [Landmark.RIGHT_ANKLE, Landmark.RIGHT_HEEL, Landmark.RIGHT_FOOT_INDEX]
_FEET: Final = [*_LEFT_FOOT, *_RIGHT_FOOT]
_ABOVE_FEET: Final = [i for i in range(LANDMARK_COUNT) if i not in _FEET]


def jittered(pose: RawPose, size: float, seed: int = 0) -> RawPose:
    """White noise of ``size`` torso lengths (standard deviation) on every coordinate."""
    noise = np.random.default_rng(seed).standard_normal(pose.xy.shape)
    return replace(pose, xy=pose.xy + size * torso_length(pose.xy) * noise)


def leaned(pose: RawPose, degrees: float) -> RawPose:
    """The body leans sideways on feet that stay; beyond 15 degrees or so it would fall."""
    ankles = pose.xy[:, [Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE]]
    xy = _turned(pose.xy, degrees, ankles.mean(axis=1, keepdims=True))
    xy[:, _FEET] = pose.xy[:, _FEET]
    return replace(pose, xy=xy)


def rolled(pose: RawPose, degrees: float) -> RawPose:
    """The camera is held askew: the whole picture turns clockwise."""
    return replace(pose, xy=_turned(pose.xy, degrees, np.nanmean(pose.xy, axis=(0, 1))))


def _turned(xy: FloatArray, degrees: float, pivot: FloatArray) -> FloatArray:
    """Turned clockwise about a point."""
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray((xy - pivot) @ turn.T + pivot)


def swaying(pose: RawPose, size: float, hertz: float = 3.1) -> RawPose:
    """Everything above the feet trembles sideways."""
    sway = size * torso_length(pose.xy) * np.sin(2 * np.pi * hertz * pose.t)
    return _moved(pose, _ABOVE_FEET, sway)


def stumbling(pose: RawPose, times: Times[float], size: float = 1.3) -> RawPose:
    """At each time the body is thrown sideways by ``size`` within .6 s; the feet follow late, in four hurried
    steps. To the right and to the left in turn."""
    out = pose
    length = size * torso_length(pose.xy)
    for number, start in enumerate(times):
        side = 1.0 if number % 2 == 0 else -1.0
        since = pose.t - start
        first = 0.35 * _ramp((since - 0.60) / 0.20) + 0.65 * _ramp((since - 1.25) / 0.25)
        second = 0.55 * _ramp((since - 0.90) / 0.20) + 0.45 * _ramp((since - 1.55) / 0.25)
        near, far = (_RIGHT_FOOT, _LEFT_FOOT) if side > 0 else (_LEFT_FOOT, _RIGHT_FOOT)
        out = _moved(out, _ABOVE_FEET, side * length * _ramp(since / 0.6))
        out = _moved(out, far, side * length * first)
        out = _moved(out, near, side * length * second)
    return out


def travelling(pose: RawPose, speed: float) -> RawPose:
    """The whole scene moves sideways, torso lengths per second: crossing the floor is no fault."""
    return _moved(pose, list(range(LANDMARK_COUNT)), speed * torso_length(pose.xy) * pose.t)


def scaled(pose: RawPose, factor: float, shift: float = 0.0) -> RawPose:
    """Smaller or larger in the picture, and in another place."""
    return replace(pose, xy=pose.xy * factor + shift)


def mirrored(pose: RawPose) -> RawPose:
    """As a mirror shows it: x reversed, left and right exchanged."""
    order = np.arange(LANDMARK_COUNT)
    for left, right in MIRROR_PAIRS:
        order[[left, right]] = order[[right, left]]
    return replace(pose, xy=pose.xy[:, order] * np.array([-1.0, 1.0]), visibility=pose.visibility[:, order])


def shuffled(pose: RawPose, seed: int = 0) -> RawPose:
    """The same frames in random order."""
    order = np.random.default_rng(seed).permutation(len(pose.t))
    return replace(pose, xy=pose.xy[order], visibility=pose.visibility[order])


def twice(pose: RawPose) -> RawPose:
    """The clip played twice in a row, with the cut that this makes."""
    length = len(pose.t) / RATE
    return replace(
        pose,
        t=np.concatenate([pose.t, pose.t + length]),
        xy=np.concatenate([pose.xy, pose.xy]),
        visibility=np.concatenate([pose.visibility, pose.visibility]),
        cuts=(*pose.cuts, length, *(cut + length for cut in pose.cuts)),
    )


def looped(pose: RawPose, seconds: float) -> RawPose:
    """The first ``seconds`` over and over, brought back to their beginning within .3 s."""
    rows = round(seconds * RATE)
    blend = min(round(0.3 * RATE), rows)
    share = np.ones(rows)
    share[rows - blend :] = 1.0 - _ramp(np.arange(1, blend + 1) / (blend + 1))
    once = share[:, None, None] * pose.xy[:rows] + (1.0 - share)[:, None, None] * pose.xy[:1]
    index = np.arange(len(pose.t)) % rows
    return replace(pose, xy=once[index], visibility=pose.visibility[index])


def _ramp(s: FloatArray) -> FloatArray:
    """From 0 to 1 without a jerk at the ends."""
    s = np.clip(s, 0.0, 1.0)
    return s**2 * (3.0 - 2.0 * s)


def _moved(pose: RawPose, landmarks: list[Landmark] | list[int], sideways: FloatArray) -> RawPose:
    xy = pose.xy.copy()
    xy[:, landmarks, 0] += sideways[:, None]
    return replace(pose, xy=xy)
