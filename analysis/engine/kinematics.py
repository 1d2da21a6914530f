"""From where the body is to what it does: velocities, joint angles, centre of mass, kinetic energy.

Everything is two-dimensional, in the plane of the picture, and in torso lengths. Derivatives are central
differences of the cleaned (5 Hz low-passed) landmarks. ``nan`` stays ``nan``, nothing is bridged a second
time: derivatives never reach across a gap, nor across a cut, since cleaning leaves a gap at every cut.

Sources
-------
Segment masses: de Leva (1996), J. Biomech. 29(9); see :mod:`analysis.engine.body`.
"""

from __future__ import annotations

import warnings
from typing import Final, NamedTuple

import numpy as np

from analysis.engine.body import SEGMENTS, Landmark
from analysis.engine.clean import finite_runs
from analysis.engine.config import DEFAULT, EngineConfig
from analysis.engine.types import FloatArray, Kinematics, Motion

#: Centre of mass and energy mean nothing without these.
ESSENTIAL_SEGMENTS: Final = frozenset({"trunk", "left thigh", "right thigh"})

LIMBS: Final[tuple[Landmark, ...]] = (
    Landmark.LEFT_ELBOW,
    Landmark.RIGHT_ELBOW,
    Landmark.LEFT_WRIST,
    Landmark.RIGHT_WRIST,
    Landmark.LEFT_KNEE,
    Landmark.RIGHT_KNEE,
    Landmark.LEFT_ANKLE,
    Landmark.RIGHT_ANKLE,
)


class Joint(NamedTuple):
    """An angle between two limbs that meet; 0 when the second goes straight on from the first."""

    name: str
    start: Landmark
    middle: Landmark
    end: Landmark
    sign: float  # +1 left, -1 right: a mirrored dancer swaps the columns and changes nothing else


JOINTS: Final[tuple[Joint, ...]] = (
    Joint("left_elbow", Landmark.LEFT_SHOULDER, Landmark.LEFT_ELBOW, Landmark.LEFT_WRIST, 1.0),
    Joint("right_elbow", Landmark.RIGHT_SHOULDER, Landmark.RIGHT_ELBOW, Landmark.RIGHT_WRIST, -1.0),
    Joint("left_shoulder", Landmark.LEFT_HIP, Landmark.LEFT_SHOULDER, Landmark.LEFT_ELBOW, 1.0),
    Joint("right_shoulder", Landmark.RIGHT_HIP, Landmark.RIGHT_SHOULDER, Landmark.RIGHT_ELBOW, -1.0),
    Joint("left_hip", Landmark.LEFT_SHOULDER, Landmark.LEFT_HIP, Landmark.LEFT_KNEE, 1.0),
    Joint("right_hip", Landmark.RIGHT_SHOULDER, Landmark.RIGHT_HIP, Landmark.RIGHT_KNEE, -1.0),
    Joint("left_knee", Landmark.LEFT_HIP, Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE, 1.0),
    Joint("right_knee", Landmark.RIGHT_HIP, Landmark.RIGHT_KNEE, Landmark.RIGHT_ANKLE, -1.0),
)

ANGLE_NAMES: Final[tuple[str, ...]] = (*(joint.name for joint in JOINTS), "trunk", "neck")


def derive(motion: Motion, *, config: EngineConfig = DEFAULT) -> Kinematics:
    """Velocities, joint angles, centre of mass and kinetic energy of a cleaned movement.

    Parameters
    ----------
    motion : cleaned landmarks; COCO-17 input (heels, toes and hands all ``nan``) is enough.
    config : constants of the engine; none of them is needed here yet.

    Returns
    -------
    Kinematics
        ``angles`` [shape=(n, 10), rad]: elbows and knees are 0 when straight, shoulders 0 when the arm goes
        on along the line from hip to shoulder (overhead), hips 0 when the thigh goes on along the trunk; all
        signed and unwrapped. ``trunk`` is the lean from the vertical (positive to the right of the picture),
        ``neck`` the head's lean from the trunk. ``com_velocity`` is the mean of the segments' velocities, not
        the derivative of ``com``, so that a segment that comes into sight is not mistaken for a jerk.
    """
    velocity = differentiate(motion.xy, motion.rate)
    angles = _angles(motion.xy)
    angular_velocity = differentiate(angles, motion.rate)
    com, com_velocity, energy = _mass_motion(motion)
    speed = np.linalg.norm(velocity, axis=2)
    return Kinematics(
        velocity=velocity,
        speed=speed,
        angles=angles,
        angle_names=ANGLE_NAMES,
        angular_velocity=angular_velocity,
        angular_acceleration=differentiate(angular_velocity, motion.rate),
        com=com,
        com_velocity=com_velocity,
        energy=energy,
        limb_speed=median_seen(speed[:, list(LIMBS)]),
    )


def differentiate(values: FloatArray, rate: float) -> FloatArray:
    """Derivative along time: central differences inside, one-sided at both ends of every finite run.

    Parameters
    ----------
    values : [shape=(n, ...)] any unit; ``nan`` where missing.
    rate : Hz.

    Returns
    -------
    [shape=(n, ...)] unit / s; ``nan`` where the value or both of its neighbours are missing.
    """
    out = np.full(values.shape, np.nan)
    if len(values) < 2:
        return out
    step = np.diff(values, axis=0)
    border = np.full((1, *values.shape[1:]), np.nan)
    before, after = np.concatenate([border, step]), np.concatenate([step, border])
    inside = np.isfinite(before) & np.isfinite(after)
    one_sided = np.where(np.isfinite(before), before, after)
    return np.asarray(np.where(inside, (before + after) / 2, one_sided) * rate)


def midpoint(xy: FloatArray, landmarks: tuple[Landmark, ...]) -> FloatArray:
    """Mean of some landmarks, ``nan`` when one of them is missing. [shape=(n, 2)]"""
    return np.asarray(xy[:, list(landmarks)].mean(axis=1))


def head(xy: FloatArray) -> FloatArray:
    """The middle of the head. [shape=(n, 2)]

    It lies between the ears; where an ear is missing it follows the nose, kept at the clip's median distance
    from it so that the head does not jump when an ear comes and goes.
    """
    ears = midpoint(xy, (Landmark.LEFT_EAR, Landmark.RIGHT_EAR))
    nose = xy[:, Landmark.NOSE]
    both = np.isfinite(ears - nose).all(axis=1)
    offset = np.median((ears - nose)[both], axis=0) if both.any() else np.zeros(2)
    return np.asarray(np.where(np.isfinite(ears), ears, nose + offset))


def median_seen(values: FloatArray) -> FloatArray:
    """Median over the columns that are there; ``nan`` in rows without any. [shape=(n,)]"""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # rows without any value give nan, as they should
        return np.asarray(np.nanmedian(values, axis=1))


def _angles(xy: FloatArray) -> FloatArray:
    """Signed joint angles, trunk lean and neck, unwrapped. [shape=(n, 10)]"""
    columns = []
    for joint in JOINTS:
        first = xy[:, joint.middle] - xy[:, joint.start]
        second = xy[:, joint.end] - xy[:, joint.middle]
        columns.append(joint.sign * _angle_between(first, second))
    shoulders = midpoint(xy, (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER))
    hips = midpoint(xy, (Landmark.LEFT_HIP, Landmark.RIGHT_HIP))
    trunk, neck = shoulders - hips, head(xy) - shoulders
    upright = np.broadcast_to(np.array([0.0, -1.0]), trunk.shape)
    columns += [_angle_between(upright, trunk), _angle_between(trunk, neck)]
    return np.stack([_unwrap(column) for column in columns], axis=1)


def _angle_between(first: FloatArray, second: FloatArray) -> FloatArray:
    """Turn from the first to the second vector, clockwise as seen in the picture. [shape=(n,)] rad"""
    cross = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    return np.asarray(np.arctan2(cross, (first * second).sum(axis=1)))


def _unwrap(angle: FloatArray) -> FloatArray:
    """Take the jumps of a full turn out of every finite run; each run starts on the turn nearest the last."""
    out = angle.copy()
    level: float | None = None
    for start, stop in finite_runs(np.isfinite(angle)):
        run = np.unwrap(angle[start:stop])
        reference = level if level is not None else run[0] - np.median(run)
        run = run - 2 * np.pi * np.round((run[0] - reference) / (2 * np.pi))
        out[start:stop], level = run, float(run[-1])
    return out


def _mass_motion(motion: Motion) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Centre of mass, its velocity, and kinetic energy per body mass (of the segments' translation)."""
    head_point = head(motion.xy)
    places = []
    for segment in SEGMENTS:
        proximal = midpoint(motion.xy, segment.proximal)
        distal = head_point if segment.name == "head" else midpoint(motion.xy, segment.distal)
        places.append(proximal + segment.com * (distal - proximal))
    com, _ = _mass_mean(np.stack(places))
    com_velocity, energy = _mass_mean(np.stack([differentiate(place, motion.rate) for place in places]))
    return com, com_velocity, energy


def _mass_mean(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean over the segments seen, weighted by mass, and half the weighted mean square.

    Small segments may be missing (the rest is renormalised), the trunk and the thighs may not.
    ``values`` [shape=(segments, n, 2)] -> [shape=(n, 2)], [shape=(n,)]
    """
    mass = np.array([segment.mass for segment in SEGMENTS])
    essential = [segment.name in ESSENTIAL_SEGMENTS for segment in SEGMENTS]
    seen = np.isfinite(values).all(axis=2)
    weights = seen * mass[:, None]
    total = np.where(seen[essential].all(axis=0), weights.sum(axis=0), np.nan)
    filled = np.where(seen[:, :, None], values, 0.0)
    mean = (weights[:, :, None] * filled).sum(axis=0) / total[:, None]
    return mean, (weights * (filled**2).sum(axis=2)).sum(axis=0) / total / 2
