"""Landmarks against the exact joints of rendered clips, before and after cleaning.

    python -m benchmarks.landmarks

Distances in torso lengths of the figure: median and, behind the slash, 95th percentile. The last column is
the 75th percentile of the error in velocity after cleaning over the same before it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from analysis.engine.body import Landmark
from analysis.engine.clean import clean, torso_length
from analysis.engine.media import probe
from analysis.engine.types import FloatArray
from benchmarks.population import data_folder, look

#: Joints that figure and network both have, left and right.
PAIRS = ("SHOULDER", "ELBOW", "WRIST", "HIP", "KNEE", "ANKLE")
CLIPS = (
    "dab_front",
    "jesse_dance_front",
    "js4_ch09a_front",
    "js4_ch09a_yaw30",
    "jumping_jacks_front",
    "br2_d04_ch08_front_floorwork",
    "br2_d04_ch08_yaw30_floorwork",
)


class Errors(NamedTuple):
    """Distances to the truth of one clip, in torso lengths, by pair of joints; of the same landmarks."""

    before: dict[str, FloatArray]
    after: dict[str, FloatArray]
    speed: float  # error in velocity after cleaning over the one before


def main() -> None:
    """Print the table."""
    print("| clip | | " + " | ".join(pair.lower() for pair in PAIRS) + " | velocity |")
    print("|---|---|" + "---|" * (len(PAIRS) + 1))
    for name in CLIPS:
        found = errors(name)
        for when, distances, speed in (("seen", found.before, ""), ("cleaned", found.after, found.speed)):
            cells = [
                f"{np.nanmedian(distances[pair]):.3f} / {np.nanpercentile(distances[pair], 95):.2f}"
                for pair in PAIRS
            ]
            told = f"x {speed:.2f}" if speed else ""
            print(f"| {name if when == 'seen' else ''} | {when} | " + " | ".join(cells) + f" | {told} |")


def errors(name: str) -> Errors:
    """How far the landmarks of a rendered clip are from what was drawn."""
    clip = data_folder() / "free" / "clips" / f"{name}.mp4"
    pose = look(clip).pose
    truth = truth_of(name, probe(clip).height)[: len(pose.t)]
    motion = clean(pose)
    raw = np.where(motion.observed[: len(truth), :, None], pose.xy[: len(truth)], np.nan)
    xy = np.where(np.isfinite(raw), (motion.xy * motion.torso)[: len(truth)], np.nan)
    xy += np.nanmedian(raw - xy, axis=(0, 1))
    unit = torso_length(truth)
    before, after = (np.linalg.norm(points - truth, axis=2) / unit for points in (raw, xy))
    joints = {pair: [Landmark[f"LEFT_{pair}"], Landmark[f"RIGHT_{pair}"]] for pair in PAIRS}
    every = sum(joints.values(), [])
    speed = [
        np.nanpercentile(np.linalg.norm(np.diff(points - truth, axis=0), axis=2)[:, every], 75)
        for points in (raw, xy)
    ]
    return Errors(
        {pair: before[:, both] for pair, both in joints.items()},
        {pair: after[:, both] for pair, both in joints.items()},
        float(speed[1] / speed[0]),
    )


def truth_of(name: str, height: int) -> FloatArray:
    """What was drawn, at every grid point, in frame heights. [shape=(n, 33, 2)]"""
    with np.load(data_folder() / "free" / "truth" / f"{name}.npz") as data:
        points, names = data["points_px"][::2] / height, data["names"]
    truth = np.full((len(points), len(Landmark), 2), np.nan)
    truth[:, [Landmark[str(point).upper()] for point in names]] = points
    return truth


if __name__ == "__main__":
    main()
