"""A dancer made of points, whose beats, lean, drift and faults are known because code put them there.

A planar body of constant limb lengths stands before the camera: the legs bend by inverse kinematics between
pelvis and feet, everything above hangs on the pelvis. It dances a routine drawn from a fixed seed: a new pose
of arms, trunk and hips on every beat, reached by a minimum-jerk movement that *arrives* on the beat; a bounce
that is lowest on the beat; a side step every two beats.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.engine.body import LANDMARK_COUNT, MIRROR_PAIRS
from analysis.engine.body import Landmark as L
from analysis.engine.types import FloatArray, RawPose

TORSO = 0.17  # frame heights
UPPER_ARM, FOREARM, HAND = 0.56, 0.48, 0.14  # torso lengths, as are all below
THIGH, SHANK = 0.80, 0.80
SHOULDER, HIP = 0.36, 0.20  # half widths
HIP_HEIGHT = 1.50  # over the ankles in the highest stance
STANCE = 0.30  # half distance of the feet


def point_light_dancer(
    bpm: float = 120.0,
    seconds: float = 12.0,
    *,
    rate: float = 15.0,
    lag: float = 0.0,
    drift: float = 0.0,
    lost: Sequence[tuple[float, float]] = (),
    loop: int | None = None,
    energy: float = 1.0,
    bounce: float = 0.12,
    lean: float = 0.0,
    travel: float = 0.0,
    wobble: float = 0.0,
    jitter: float = 0.0,
    scale: float = 1.0,
    centre: tuple[float, float] = (0.28, 0.55),
    mirrored: bool = False,
    hidden: Sequence[L] = (),
    seed: int = 0,
) -> RawPose:
    """Landmarks of a dancer whose beat k falls on ``k * 60 / bpm + lag`` seconds.

    Parameters
    ----------
    bpm, seconds, rate : tempo, length, and landmarks per second.
    lag : s, how late the dancer is.
    drift : the dancer's own tempo is ``bpm * (1 + drift)``.
    lost : spans in s in which the dancer's tempo is 23 % off; afterwards the pulse is found again.
    loop : beats after which the routine starts again; None never repeats.
    energy : scales every movement; 0 stands still.
    bounce : torso lengths, depth of the knee bend on each beat.
    lean : degrees by which the whole body leans sideways off its feet.
    travel : torso lengths per second of constant sideways walk.
    wobble : torso lengths of a 3.1 Hz sway of everything above the feet, in no metre at all.
    jitter : torso lengths, standard deviation of white noise on every landmark.
    scale, centre : size of the body (1: torso .17 frame heights) and place of the pelvis in frame heights.
    mirrored : left and right exchanged.
    hidden : landmarks that are out of the picture (visibility .05).
    seed : draws the routine and the noise.
    """
    t = np.arange(round(seconds * rate)) / rate
    rng = np.random.default_rng(seed)
    phase = _beats(t, bpm * (1.0 + drift), lag, lost)
    pose = _routine(phase, rng, loop)
    body = _body(phase, pose, energy=energy, bounce=bounce)
    sway = wobble * np.sin(2.0 * np.pi * 3.1 * t)
    feet = [L.LEFT_ANKLE, L.RIGHT_ANKLE, L.LEFT_HEEL, L.RIGHT_HEEL, L.LEFT_FOOT_INDEX, L.RIGHT_FOOT_INDEX]
    loose = np.setdiff1d(np.arange(LANDMARK_COUNT), feet)
    body[:, loose, 0] += sway[:, None]
    body = _lean(body, np.deg2rad(lean))
    body[:, :, 0] += (travel * t)[:, None]
    body += jitter * rng.standard_normal(body.shape)
    if mirrored:
        body = mirror(body)
    xy = body * (TORSO * scale) + np.asarray(centre)
    visibility = np.full(xy.shape[:2], 0.98)
    visibility[:, list(hidden)] = 0.05
    return RawPose(t=t, xy=xy, visibility=visibility)


def mirror(xy: FloatArray) -> FloatArray:
    """The body as a mirror shows it: x reversed, left and right exchanged. [shape=(n, 33, 2)]"""
    out = xy * np.array([-1.0, 1.0])
    for left, right in MIRROR_PAIRS:
        out[:, [left, right]] = out[:, [right, left]]
    return out


def repeated(pose: RawPose) -> RawPose:
    """The clip played twice in a row."""
    step = float(pose.t[1] - pose.t[0])
    t = np.arange(2 * len(pose.t)) * step
    return RawPose(t, np.concatenate([pose.xy] * 2), np.concatenate([pose.visibility] * 2))


def shuffled(pose: RawPose, seed: int = 0) -> RawPose:
    """The same frames in random order."""
    order = np.random.default_rng(seed).permutation(len(pose.t))
    return RawPose(pose.t, pose.xy[order], pose.visibility[order])


def _beats(t: FloatArray, bpm: float, lag: float, lost: Sequence[tuple[float, float]]) -> FloatArray:
    """Phase of the dancer in beats at each moment."""
    phase = (t - lag) * bpm / 60.0
    for start, end in lost:
        inside = (t >= start) & (t < end)
        phase[inside] += 0.23 * (t[inside] - start) * bpm / 60.0
    return phase


def _routine(phase: FloatArray, rng: np.random.Generator, loop: int | None) -> dict[str, FloatArray]:
    """Each parameter of the pose along time: a keyframe per beat, joined by minimum-jerk movements."""
    first = int(np.floor(phase.min())) - 1
    keys = int(np.ceil(phase.max())) - first + 2
    drawn = keys if loop is None else loop
    draw = {
        "left_arm": rng.uniform(0.1, 2.6, drawn),
        "right_arm": rng.uniform(0.1, 2.6, drawn),
        "left_elbow": rng.uniform(-0.2, 1.8, drawn),
        "right_elbow": rng.uniform(-0.2, 1.8, drawn),
        "tilt": rng.normal(0.0, 0.10, drawn),
        "nod": rng.normal(0.0, 0.15, drawn),
        "hips": rng.uniform(0.08, 0.18, drawn),
    }
    beat = first + np.arange(keys)
    side = np.where(beat % 2 == 0, 1.0, -1.0)
    index = beat % drawn if loop is not None else np.arange(keys)
    frames = {name: values[index] for name, values in draw.items()}
    frames["hips"] = frames["hips"] * side
    frames["left_foot"] = 0.22 * (beat % 4 == 0)
    frames["right_foot"] = -0.22 * (beat % 4 == 2)
    place = np.floor(phase).astype(int) - first
    reached = _minimum_jerk(np.clip((phase - np.floor(phase) - 0.3) / 0.7, 0.0, 1.0))
    pose = {name: f[place] + (f[place + 1] - f[place]) * reached for name, f in frames.items()}
    for foot in ("left_foot", "right_foot"):
        moved = np.abs(frames[foot][place + 1] - frames[foot][place]) / 0.22
        pose[foot + "_lift"] = 0.12 * moved * np.sin(np.pi * reached)
    return pose


def _minimum_jerk(s: FloatArray) -> FloatArray:
    return s**3 * (10.0 - 15.0 * s + 6.0 * s**2)


def _body(phase: FloatArray, pose: dict[str, FloatArray], *, energy: float, bounce: float) -> FloatArray:
    """Landmarks in torso lengths, origin at the resting pelvis, y down. [shape=(n, 33, 2)]"""
    body = np.zeros((len(phase), LANDMARK_COUNT, 2))
    depth = energy * bounce * 0.5 * (1.0 + np.cos(2.0 * np.pi * phase))
    pelvis = np.stack([energy * pose["hips"], depth], axis=1)
    tilt = energy * pose["tilt"]
    up = np.stack([np.sin(tilt), -np.cos(tilt)], axis=1)
    across = np.stack([np.cos(tilt), np.sin(tilt)], axis=1)
    neck = pelvis + up
    nod = tilt + energy * pose["nod"]
    _head(body, neck, nod)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        hip = pelvis + sign * HIP * across
        shoulder = neck + sign * SHOULDER * across
        _arm(body, side, sign, shoulder, tilt, energy * pose[f"{side}_arm"], energy * pose[f"{side}_elbow"])
        foot_x = sign * STANCE + energy * pose[f"{side}_foot"]
        ankle = np.stack([foot_x, HIP_HEIGHT - energy * pose[f"{side}_foot_lift"]], axis=1)
        _leg(body, side, sign, hip, ankle)
    return body


def _head(body: FloatArray, neck: FloatArray, angle: FloatArray) -> None:
    up = np.stack([np.sin(angle), -np.cos(angle)], axis=1)
    across = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    places = {
        L.NOSE: (0.0, 0.42),
        L.LEFT_EYE_INNER: (0.03, 0.48),
        L.LEFT_EYE: (0.06, 0.48),
        L.LEFT_EYE_OUTER: (0.09, 0.48),
        L.LEFT_EAR: (0.14, 0.45),
        L.MOUTH_LEFT: (0.05, 0.34),
    }
    partner = dict(MIRROR_PAIRS)
    for landmark, (x, y) in places.items():
        body[:, landmark] = neck + x * across + y * up
        if landmark in partner:
            body[:, partner[landmark]] = neck - x * across + y * up


def _arm(
    body: FloatArray,
    side: str,
    sign: float,
    shoulder: FloatArray,
    tilt: FloatArray,
    raised: FloatArray,
    bent: FloatArray,
) -> None:
    """``raised`` rad from hanging down, outwards; ``bent`` rad at the elbow, further up."""
    name = side.upper()
    elbow = shoulder + UPPER_ARM * _outward(sign, raised, tilt)
    direction = _outward(sign, raised + bent, tilt)
    wrist = elbow + FOREARM * direction
    body[:, L[f"{name}_SHOULDER"]], body[:, L[f"{name}_ELBOW"]] = shoulder, elbow
    body[:, L[f"{name}_WRIST"]] = wrist
    for finger, reach in (("PINKY", 0.9), ("INDEX", 1.0), ("THUMB", 0.6)):
        body[:, L[f"{name}_{finger}"]] = wrist + HAND * reach * direction


def _outward(sign: float, raised: FloatArray, tilt: FloatArray) -> FloatArray:
    angle = sign * raised - tilt
    return np.stack([np.sin(angle), np.cos(angle)], axis=1)


def _leg(body: FloatArray, side: str, sign: float, hip: FloatArray, ankle: FloatArray) -> None:
    """Hip and ankle are given; the knee bends outwards so that thigh and shank keep their lengths."""
    name = side.upper()
    reach = ankle - hip
    distance = np.linalg.norm(reach, axis=1)
    along = (distance**2 + THIGH**2 - SHANK**2) / (2.0 * distance)
    aside = np.sqrt(np.maximum(THIGH**2 - along**2, 0.0))
    unit = reach / distance[:, None]
    normal = np.stack([unit[:, 1], -unit[:, 0]], axis=1)
    body[:, L[f"{name}_HIP"]], body[:, L[f"{name}_ANKLE"]] = hip, ankle
    body[:, L[f"{name}_KNEE"]] = hip + along[:, None] * unit + sign * aside[:, None] * normal
    body[:, L[f"{name}_HEEL"]] = ankle + np.array([-0.04 * sign, 0.10])
    body[:, L[f"{name}_FOOT_INDEX"]] = ankle + np.array([0.20 * sign, 0.14])


def _lean(body: FloatArray, angle: float) -> FloatArray:
    """Everything above the ankles turned about the middle of the feet."""
    if angle == 0.0:
        return body
    pivot = body[:, [L.LEFT_ANKLE, L.RIGHT_ANKLE]].mean(axis=1, keepdims=True)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    leaned = (body - pivot) @ turn.T + pivot
    for side in ("LEFT", "RIGHT"):
        for part in ("ANKLE", "HEEL", "FOOT_INDEX"):
            leaned[:, L[f"{side}_{part}"]] = body[:, L[f"{side}_{part}"]]
    return leaned
