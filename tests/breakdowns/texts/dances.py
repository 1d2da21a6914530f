"""Dances whose every move is known because code put it there: a body that does what keyframes say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from analysis.engine.body import LANDMARK_COUNT
from analysis.engine.body import Landmark as L
from analysis.engine.clean import clean
from analysis.engine.config import ENGINE_VERSION
from analysis.engine.kinematics import derive
from analysis.engine.motion_beats import find_motion_beats
from analysis.engine.scoring import score_all
from analysis.engine.steps import find_steps
from analysis.engine.types import Analysis, Difficulty, Feedback, FloatArray, Music, RawPose, Step, Video
from tests.analysis.engine.dancer import mirror
from tests.analysis.engine.moves import music_at

TORSO = 0.17  # frame heights
REST: Mapping[str, tuple[float, float]] = {
    "left_hand": (
        0.45,
        -0.98,
    ),  # from the middle of the shoulders: to the dancer's left, upward; torso lengths
    "right_hand": (-0.45, -0.98),
    "left_foot": (0.2, 0.0),  # on the floor: to the dancer's left, upward
    "right_foot": (-0.2, 0.0),
    "hips": (0.0, 0.0),  # to the left, upward from standing
    "lean": (0.0, 0.0),  # degrees to the left
}
STANDING = 1.55  # height of the hips


def perform(
    score: Sequence[tuple[float, str, tuple[float, float]]],
    *,
    counts: int = 8,
    bpm: float = 120.0,
    mirrored: bool = False,
    hidden: Sequence[L] = (),
) -> RawPose:
    """A dancer who has each part (a key of ``REST``) where ``score`` says, exactly on its count.

    ``score`` holds (count from 1, part, place); a move takes .6 of a beat and ends on the count.
    """
    beat = 60.0 / bpm
    t = np.arange(round(counts * beat * 15)) / 15.0
    ways = {part: _way(t / beat + 1.0, part, score) for part in REST}
    body = _body(ways, len(t))
    if mirrored:
        body = mirror(body)
    visibility = np.full(body.shape[:2], 0.98)
    visibility[:, list(hidden)] = 0.05
    return RawPose(t=t, xy=body * TORSO + np.array([0.3, 0.75]), visibility=visibility)


def analysed(
    pose: RawPose,
    *,
    spans: Sequence[tuple[float, float]] | None = None,
    bpm: float | None = 120.0,
    difficulty: Difficulty = "intermediate",
    repeats: Mapping[int, int] | None = None,
) -> Analysis:
    """What the engine makes of landmarks; ``spans`` (s) are the steps instead of those it would find."""
    motion = clean(pose)
    kin = derive(motion)
    music: Music | None = music_at(bpm, motion.duration) if bpm else None
    steps = find_steps(motion, kin, music, difficulty=difficulty)
    if spans is not None:
        steps = tuple(_step(span, bpm, n, repeats or {}) for n, span in enumerate(spans, start=1))
    scores, basis = score_all(motion, kin, music, challenge_type="freestyle", target_bpm=None, reference=None)
    return Analysis(
        engine_version=ENGINE_VERSION,
        video=Video(motion.duration, 720, 1280, 30.0, 0, "h264", "mp4", bpm is not None),
        pose=pose,
        motion=motion,
        kinematics=kin,
        music=music,
        motion_beats=find_motion_beats(motion, kin),
        steps=steps,
        scores=scores,
        total=0,
        confidence=1.0,
        rhythm_basis=basis,
        feedback=Feedback("", "", "", (), ""),
        flags=(),
        timings={},
    )


def _step(span: tuple[float, float], bpm: float | None, number: int, repeats: Mapping[int, int]) -> Step:
    step = Step(start=span[0], end=span[1], name=f"Move {number}", repeats=repeats.get(number))
    if bpm is None:
        return step
    first, last = (round(time * bpm / 60.0) for time in span)
    return replace(step, counts=(first % 8 + 1, (last - 1) % 8 + 1), eight=first // 8 + 1)


def _way(count: FloatArray, part: str, score: Sequence[tuple[float, str, tuple[float, float]]]) -> FloatArray:
    """The places of a part along time. [shape=(n, 2)]"""
    keys = sorted((at, place) for at, name, place in score if name == part)
    way = np.tile(np.array(REST[part], dtype=float), (len(count), 1))
    before = np.array(REST[part], dtype=float)
    for at, place in keys:
        s = np.clip((count - (at - 0.6)) / 0.6, 0.0, 1.0)[:, None]
        eased = s**3 * (10.0 - 15.0 * s + 6.0 * s**2)
        way = np.where(s > 0, before + (np.array(place) - before) * eased, way)
        before = np.array(place, dtype=float)
    return way


def _body(ways: Mapping[str, FloatArray], n: int) -> FloatArray:
    """Landmarks in torso lengths, y down, the floor at 0. [shape=(n, 33, 2)]"""
    body = np.zeros((n, LANDMARK_COUNT, 2))
    hips = np.stack([ways["hips"][:, 0], STANDING + ways["hips"][:, 1]], axis=1)
    angle = np.radians(ways["lean"][:, 0])
    up = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    across = np.stack([np.cos(angle), -np.sin(angle)], axis=1)
    neck = hips + up
    for landmark, (x, y) in {
        L.NOSE: (0.0, 0.42), L.LEFT_EAR: (0.14, 0.45), L.RIGHT_EAR: (-0.14, 0.45), L.LEFT_EYE: (0.06, 0.48),
        L.RIGHT_EYE: (-0.06, 0.48), L.MOUTH_LEFT: (0.05, 0.34), L.MOUTH_RIGHT: (-0.05, 0.34),
    }.items():  # fmt: skip
        body[:, landmark] = neck + x * across + y * up
    for side, sign in (("left", 1.0), ("right", -1.0)):
        name = side.upper()
        shoulder, hip = neck + sign * 0.36 * across, hips + sign * 0.2 * across
        wrist, foot = neck + ways[f"{side}_hand"], ways[f"{side}_foot"]
        body[:, L[f"{name}_SHOULDER"]], body[:, L[f"{name}_HIP"]] = shoulder, hip
        body[:, L[f"{name}_ELBOW"]] = (shoulder + wrist) / 2 + np.array([0.1 * sign, 0.0])
        body[:, L[f"{name}_WRIST"]] = wrist
        body[:, L[f"{name}_KNEE"]] = (hip + foot) / 2 + np.array([0.1 * sign, 0.0])
        body[:, L[f"{name}_ANKLE"]] = foot
        body[:, L[f"{name}_HEEL"]] = foot + np.array([-0.04 * sign, -0.10])
        body[:, L[f"{name}_FOOT_INDEX"]] = foot + np.array([0.20 * sign, -0.14])
    body[:, :, 1] *= -1.0
    return body
