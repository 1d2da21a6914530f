"""Fit the codebook of poses: ``python -m benchmarks.fit_codebook`` writes ``scoring/codebook.json``.

k-means over the poses of the development half (dancers only), three per second, every pose with its mirror
image, each source with the same number of poses. Each centre stands in the codebook with its mirror image,
so that left and right count the same.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from scipy.cluster.vq import kmeans2

from analysis.engine.scoring import poses as poses_module
from analysis.engine.scoring.poses import POINTS, mirror_poses, pose_points
from analysis.engine.types import FloatArray
from benchmarks.population import Half, population

SIZE = 64  # with the mirror images
PER_SOURCE = 300
EVERY = 5  # rows
SEED = 20


def main() -> None:
    """Fit, write, and say how near the poses of both halves lie to the codebook."""
    training = gather("development")
    both = np.concatenate([training, mirror_poses(training)])
    flat, _ = kmeans2(
        both.reshape(len(both), -1), SIZE // 2, minit="++", iter=60, rng=np.random.default_rng(SEED)
    )
    centres = np.round(flat.reshape(-1, POINTS, 2), 3)
    codebook = np.concatenate([centres, mirror_poses(centres)]) + 0.0  # no negative zeros
    content = {
        "version": "1",
        "fitted_by": "benchmarks/fit_codebook.py on the development half of benchmarks/population.py",
        "unit": "torso lengths; arms from mid-shoulder, legs from mid-hip, trunk, head",
        "poses": codebook.tolist(),
    }
    file = Path(poses_module.__file__).with_name("codebook.json")
    file.write_text(json.dumps(content) + "\n")
    for half, poses in (("development", training), ("validation", gather("validation"))):
        nearest = poses_module.pose_distances(poses, codebook).min(axis=1)
        print(
            f"{half:12} {len(poses):5} poses, distance to the nearest: median {np.median(nearest):.3f} torso"
        )


def gather(half: Half) -> FloatArray:
    """Poses of a half, the same number from each source. [shape=(n, 10, 2)]"""
    by_source: dict[str, list[FloatArray]] = {}
    for sequence in population(half=half, kinds=("professional", "amateur", "phone")):
        if sequence.medium != "truth":
            found = pose_points(sequence.motion)[::EVERY]
            by_source.setdefault(sequence.source, []).append(found[np.isfinite(found).all(axis=(1, 2))])
    chosen = []
    for parts in by_source.values():
        together = np.concatenate(parts)
        chosen.append(together[np.linspace(0, len(together) - 1, PER_SOURCE).astype(int)])
    return np.concatenate(chosen)


if __name__ == "__main__":
    main()
