"""Creativity 0..20, in words for people: movement variety.

All measures are taken in windows of 16 beats (8 s where no beat is heard) with half overlap, so that a long
clip gains nothing by its length:

``entropy``
    how many different poses are struck: entropy of the poses over a frozen codebook, two per beat. Each pose
    is shared out among the codebook poses near it and the entropy of this sharing is subtracted, so the value
    is the information that the moment gives about the pose [1]_: a body that shakes on the border between two
    codebook poses gains nothing. Divided by the logarithm of the number of poses looked at.
``recurrence``
    share of pairs of moments more than 1 s apart with the same pose (mean joint distance below .25 torso
    lengths): the recurrence rate of recurrence quantification analysis [2]_.
``novelty``
    share of the time in which the second just danced is unlike every other one of the 16 s before, measured
    by how large the dance is: a phrase that comes again is found wherever it begins, and a dance of small
    movements is not repetitive for that.
``effort``
    how far the pace of the body ranges: log ratio of its 90th and 10th percentile.

What it cannot know: taste, musicality, originality against other dancers. Small movements of fingers, face
and back are not seen. Walking seen from the side is varied to this measure, quick feet under quiet arms are
not.

References
----------
.. [1] Cover, Thomas (2006), Elements of Information Theory, 2nd ed., section 2.3 (mutual information).
.. [2] Marwan, Romano, Thiel, Kurths (2007), Recurrence plots for the analysis of complex systems, Physics
   Reports 438.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from analysis.engine.body import BODY_JOINTS
from analysis.engine.config import DEFAULT, CreativityConfig, EngineConfig
from analysis.engine.scoring.norms import Norms, Part, assemble, length_factor, load_norms, seen_share
from analysis.engine.scoring.poses import load_codebook, pose_distances, pose_points
from analysis.engine.types import FloatArray, Kinematics, Motion, Music, Score

OUT_OF: Final = 20
NAMES: Final = ("entropy", "recurrence", "novelty", "effort")
_UNITS: Final = ("share", "share", "share", "ln")
_MISSING: Final = {
    "entropy": "The whole body is hardly ever seen at once.",
    "recurrence": "The whole body is hardly ever seen at once.",
    "novelty": "The dance is too short to come back to anything.",
    "effort": "The whole body is hardly ever seen at once.",
}


class CreativityReading(NamedTuple):
    """Raw measures (None: could not be measured), and the entropy along time."""

    values: dict[str, float | None]
    centre: FloatArray  # [shape=(w,)] s, middle of each window
    entropy: FloatArray  # [shape=(w,)]
    poses: float  # effective number of different poses per window


def score_creativity(
    motion: Motion,
    kin: Kinematics,
    music: Music | None,
    *,
    config: EngineConfig = DEFAULT,
    norms: Norms | None = None,
) -> Score:
    """Points for movement variety, with what they were measured from.

    ``points`` is None when hardly anything of the body was seen. ``series`` holds ``t`` (s) and ``share``
    (0..1, pose entropy along time, for the report) and ``poses``, the effective number of them in 16 beats.
    """
    norms = norms or load_norms()
    reading = measure_creativity(motion, kin, music, config=config)
    parts = []
    for name, unit, weight in zip(NAMES, _UNITS, config.creativity.weights, strict=True):
        value = reading.values[name]
        note = _MISSING[name] if value is None else ""
        if name == "entropy" and value is not None:
            note = f"As varied as {reading.poses:.1f} entirely different poses in 16 beats."
        # Novelty is a share already, and near 1 for most: it needs no norm.
        share = value if name == "novelty" else norms.share(f"creativity.{name}", value)
        parts.append(Part(name, value, unit, share, weight, note=note))
    along = [round(norms.table["creativity.entropy"].share(float(value)), 3) for value in reading.entropy]
    return assemble(
        "creativity",
        OUT_OF,
        parts,
        norms,
        confidence=seen_share(motion, BODY_JOINTS) * length_factor(motion),
        note="Movement variety: how many different things you do, not how well they are invented.",
        series={
            "t": [round(float(t), 3) for t in reading.centre],
            "share": along,
            "poses": round(reading.poses, 1),
        },
    )


def raw_measures(
    motion: Motion,
    kin: Kinematics,
    music: Music | None,
    *,
    config: EngineConfig = DEFAULT,
) -> dict[str, float | None]:
    """The raw values by the name of their norm; what ``benchmarks/fit_norms.py`` fits on."""
    values = measure_creativity(motion, kin, music, config=config).values
    return {f"creativity.{name}": values[name] for name in NAMES}


def measure_creativity(
    motion: Motion,
    kin: Kinematics,
    music: Music | None,
    *,
    config: EngineConfig = DEFAULT,
) -> CreativityReading:
    """Everything Creativity is made of, before norms."""
    rules = config.creativity
    beat = rules.silent_beat
    if music is not None and len(music.beats) > 1:
        beat = float(np.median(np.diff(music.beats)))
    poses = pose_points(motion)
    usable = np.isfinite(poses[:, :, 0]).mean(axis=1) >= rules.seen
    centre, entropy = _entropy_along(motion, poses, usable, beat, rules)
    values = {
        "entropy": _mean(entropy),
        "recurrence": _recurrence(poses, usable, motion.rate, beat, rules),
        "novelty": _novelty(poses, usable, motion.rate, rules),
        "effort": _effort_range(kin, motion.rate, beat, rules),
    }
    effective = float((rules.window * rules.samples) ** (_mean(entropy) or 0.0))
    return CreativityReading(values, centre, entropy, effective)


def _mean(values: FloatArray) -> float | None:
    return float(values.mean()) if len(values) else None


def _entropy_along(
    motion: Motion, poses: FloatArray, usable: FloatArray, beat: float, rules: CreativityConfig
) -> tuple[FloatArray, FloatArray]:
    """Middle of each window (s) and the entropy of its poses, divided by that of poses all different."""
    step = beat / rules.samples
    rows = np.round(np.arange(0.0, len(poses), step * motion.rate)).astype(int)
    rows = rows[rows < len(poses)]
    rows = rows[usable[rows]]
    nearness = _nearness(poses[rows], rules.softness)
    size = min(round(rules.window * rules.samples), len(rows))
    centres, values = [], []
    for first in range(0, len(rows) - size + 1, max(1, size // 2)):
        if size >= rules.fewest:
            window = nearness[first : first + size]
            centres.append(float(motion.t[rows[first : first + size]].mean()))
            values.append((_entropy(window.mean(axis=0)) - _entropy(window)) / float(np.log(size)))
    return np.array(centres), np.array(values)


def _nearness(poses: FloatArray, softness: float) -> FloatArray:
    """How each pose is shared out among the codebook's. [shape=(n, k)], rows sum to 1"""
    square = pose_distances(poses, load_codebook()) ** 2
    weights = np.exp((square.min(axis=1, keepdims=True) - square) / (2 * softness**2))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _entropy(shares: FloatArray) -> float:
    """Entropy (ln) of shares that sum to 1 along the last axis; the mean over rows."""
    return float(-(shares * np.log(np.maximum(shares, 1e-300))).sum(axis=-1).mean())


def _recurrence(
    poses: FloatArray, usable: FloatArray, rate: float, beat: float, rules: CreativityConfig
) -> float | None:
    """Share of pairs of moments, more than 1 s and at most one window apart, that show the same pose."""
    some, rate = _thinned(poses, usable, rate)
    same = pairs = 0
    for lag in range(int(rules.apart * rate) + 1, min(int(rules.window * beat * rate), len(some) - 1) + 1):
        square = _squares(some, lag, rules)
        same += int((square < rules.near**2).sum())
        pairs += int(np.isfinite(square).sum())
    return same / pairs if pairs else None


def _novelty(poses: FloatArray, usable: FloatArray, rate: float, rules: CreativityConfig) -> float | None:
    """Mean over time of how new the last second is: how far it lies from the most alike second that began at
    least one second earlier, as a share of how far poses lie from the mean pose."""
    some, rate = _thinned(poses, usable, rate)
    second = round(rules.phrase * rate)
    seen = np.isfinite(some)
    mean = np.where(seen, some, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    away = np.where(seen, some - mean, 0.0) ** 2
    size = float(away.sum()) / max(1, int(seen[:, :, 0].sum())) + rules.phrase_floor**2
    nearest = np.full(len(some), np.inf)
    for lag in range(int(rules.apart * rate) + 1, min(round(rules.memory * rate), len(some) - second) + 1):
        square = _squares(some, lag, rules)
        way = np.convolve(square, np.full(second, 1 / second), mode="valid")
        last = slice(lag + second - 1, len(some))
        nearest[last] = np.fmin(nearest[last], way)
    known = nearest[np.isfinite(nearest)]
    return None if not len(known) else float((known**2 / (known**2 + (rules.alike**2 * size) ** 2)).mean())


def _thinned(poses: FloatArray, usable: FloatArray, rate: float) -> tuple[FloatArray, float]:
    """Every second pose, nan where too little is seen, and their rate: 7.5 Hz tells poses apart."""
    return np.where(usable[::2, None, None], poses[::2], np.nan), rate / 2


def _squares(poses: FloatArray, lag: int, rules: CreativityConfig) -> FloatArray:
    """Squared distance of each pose to the one ``lag`` before it, mean over the points that both show; nan
    where these are too few. [shape=(n - lag,)]

    Diagonal by diagonal memory and time grow with the length of the clip, not with its square.
    """
    square = ((poses[lag:] - poses[:-lag]) ** 2).sum(axis=2)
    seen = np.isfinite(square)
    mean = np.where(seen, square, 0.0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    return np.where(seen.mean(axis=1) >= rules.seen, mean, np.nan)


def _effort_range(kin: Kinematics, rate: float, beat: float, rules: CreativityConfig) -> float | None:
    """Log ratio of the brisk and the calm moments of a window, mean over windows."""
    pace = np.sqrt(2 * kin.energy)
    width = max(1, round(rules.effort_smoothing * rate))
    pace = pace[np.isfinite(pace)]
    if len(pace) < 2 * width:
        return None
    smooth = np.convolve(pace, np.full(width, 1 / width), mode="valid")
    size = min(len(smooth), round(rules.window * beat * rate))
    windows = np.lib.stride_tricks.sliding_window_view(smooth, size)[:: max(1, size // 2)]
    calm, brisk = np.percentile(windows, [10, 90], axis=1) + rules.effort_floor
    return float(np.log(brisk / calm).mean())
