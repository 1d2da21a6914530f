"""Shorthand for tests of the movement scores: landmarks in, scores out."""

from __future__ import annotations

import numpy as np

from analysis.engine.clean import clean
from analysis.engine.kinematics import derive
from analysis.engine.scoring.balance import score_balance
from analysis.engine.scoring.creativity import score_creativity
from analysis.engine.scoring.smoothness import score_smoothness
from analysis.engine.types import Music, RawPose, Score


def music_at(bpm: float, seconds: float) -> Music:
    """Music whose beats are exact."""
    beats = np.arange(0.0, seconds, 60.0 / bpm)
    return Music(1.0, bpm, beats, (), np.empty(0), 0.0, seconds)


def scores(pose: RawPose, *, bpm: float | None = 120.0, challenge_type="freestyle") -> dict[str, Score]:
    """Balance, Smoothness and Creativity of a clip."""
    motion = clean(pose)
    kin = derive(motion)
    music = music_at(bpm, motion.duration) if bpm else None
    return {
        "balance": score_balance(motion, kin, music, challenge_type=challenge_type),
        "smoothness": score_smoothness(motion, kin),
        "creativity": score_creativity(motion, kin, music),
    }


def points(pose: RawPose, name: str, **more) -> float:
    """Points of one score."""
    return scores(pose, **more)[name].points
