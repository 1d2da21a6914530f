"""Poses as points that can be compared, and the frozen codebook of poses that ships with the engine.

A codebook made from the clip itself would be useless (a body that stands still visits all of its own poses);
this one was fitted by ``benchmarks/fit_codebook.py`` on the development half of ``benchmarks/population.py``,
every pose together with its mirror image.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from analysis.engine.body import Landmark as L
from analysis.engine.kinematics import head, midpoint
from analysis.engine.types import FloatArray, Motion

POINTS: Final = 10
_ARMS: Final = (L.LEFT_ELBOW, L.RIGHT_ELBOW, L.LEFT_WRIST, L.RIGHT_WRIST)
_LEGS: Final = (L.LEFT_KNEE, L.RIGHT_KNEE, L.LEFT_ANKLE, L.RIGHT_ANKLE)
_MIRRORED: Final = (1, 0, 3, 2, 5, 4, 7, 6, 8, 9)
_FILE: Final = Path(__file__).with_name("codebook.json")


def pose_points(motion: Motion) -> FloatArray:
    """Each frame as ten points: arms seen from the shoulders, legs from the hips, trunk, head.

    Returns [shape=(n, 10, 2)] torso lengths; ``nan`` where missing. Where the body is does not matter.
    """
    shoulders = midpoint(motion.xy, (L.LEFT_SHOULDER, L.RIGHT_SHOULDER))[:, None]
    hips = midpoint(motion.xy, (L.LEFT_HIP, L.RIGHT_HIP))[:, None]
    arms = motion.xy[:, list(_ARMS)] - shoulders
    legs = motion.xy[:, list(_LEGS)] - hips
    return np.concatenate([arms, legs, shoulders - hips, head(motion.xy)[:, None] - shoulders], axis=1)


def mirror_poses(poses: FloatArray) -> FloatArray:
    """The poses as a mirror shows them. [shape=(n, 10, 2)]"""
    return np.asarray((poses * np.array([-1.0, 1.0]))[:, list(_MIRRORED)])


def pose_distances(poses: FloatArray, others: FloatArray) -> FloatArray:
    """Root mean square distance over the points that both have. [shape=(n, m)] torso lengths"""
    left, right = np.nan_to_num(poses), np.nan_to_num(others)
    seen, known = np.isfinite(poses).astype(float), np.isfinite(others).astype(float)

    def flat(values: FloatArray) -> FloatArray:
        return values.reshape(len(values), 2 * POINTS)

    square = flat(left**2) @ flat(known).T + flat(seen) @ flat(right**2).T - 2 * flat(left) @ flat(right).T
    count = np.maximum(flat(seen) @ flat(known).T / 2, 1.0)
    return np.asarray(np.sqrt(np.maximum(square, 0.0) / count))


@cache
def load_codebook(file: Path = _FILE) -> FloatArray:
    """The poses that every clip is described by. [shape=(k, 10, 2)] torso lengths"""
    return np.array(json.loads(file.read_text())["poses"], dtype=float)
