"""Whole analyses for tests without a pose network: the dancer of points, through ``rescore``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from analysis.engine.music import hear
from analysis.engine.pipeline import rescore
from analysis.engine.posedata import encode, rounded
from analysis.engine.types import Analysis, Music, RawPose, Sound, Video
from tests.analysis.engine.dancer import point_light_dancer


def clicks(bpm: float, seconds: float, rate: int = 22050) -> Sound:
    """A drum on every beat, the first of four accented."""
    t = np.arange(round(seconds * rate)) / rate
    sound = np.zeros(len(t), dtype=np.float32)
    for number, beat in enumerate(np.arange(0.0, seconds, 60.0 / bpm)):
        rows = (t >= beat) & (t < beat + 0.1)
        loudness = 0.9 if number % 4 == 0 else 0.5
        sound[rows] += loudness * np.sin(2 * np.pi * 180 * (t[rows] - beat)) * np.exp(-40 * (t[rows] - beat))
    return Sound(sound, rate)


def video(seconds: float, **facts: Any) -> Video:
    """A phone's video, upright, as the probe describes it."""
    plain = Video(seconds, 720, 1280, 30.0, 0, "h264", "mov", has_audio=True, brightness=0.5)
    return replace(plain, **facts)


def stored(
    pose: RawPose | None = None, *, bpm: float = 120.0, heard: Music | bool = True, **facts: Any
) -> bytes:
    """Pose data of the dancer of points, dancing to a drum."""
    pose = rounded(pose if pose is not None else point_light_dancer(bpm))
    seconds = len(pose.t) / 15
    music = hear(clicks(bpm, seconds)) if heard is True else heard or None
    return encode(video(seconds, **facts), pose, music)


def judged(
    pose: RawPose | None = None, *, bpm: float = 120.0, heard: bool = True, **options: Any
) -> Analysis:
    """The analysis of the dancer of points."""
    return rescore(stored(pose, bpm=bpm, heard=heard), **options)
