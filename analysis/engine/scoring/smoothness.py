"""Smoothness 0..25: does the movement flow, or does it shake and stutter?

Two measures on windows of two seconds with half overlap, for each joint that takes part (peak speed of at
least .3 torso lengths / s), the median over joints and then over windows:

``jerk``
    log dimensionless jerk, ``-ln(D**5 / L**2 * integral |d3x/dt3|**2 dt)`` with window length D (s) and path
    length L [1]_ [2]_. Normalised by the path, so that large and small movements compare. Nearer to 0 is
    smoother.
``slow_power``
    ``ln(power up to 3 Hz / power above)`` of the velocity, tapered (Hann). Dancers move on purpose
    below 3 Hz; what is faster is mostly shaking.

``arc_length`` (SPARC [2]_) is reported and earns nothing: at 15 Hz it does not tell shaking from dancing.

What it cannot know: whether a sharp stop was wanted (popping, krump) and whether the shaking is the dancer's
or the camera's. A far or dark picture shakes the landmarks, which reads as somewhat less smooth.

References
----------
.. [1] Hogan, Sternad (2009), Sensitivity of smoothness measures to movement duration, J. Motor
   Behavior 41(6).
.. [2] Balasubramanian, Melendez-Calderon, Roby-Brami, Burdet (2015), On the analysis of movement smoothness,
   J. NeuroEngineering and Rehabilitation 12:112.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from analysis.engine.body import BODY_JOINTS
from analysis.engine.body import Landmark as L
from analysis.engine.config import DEFAULT, EngineConfig
from analysis.engine.kinematics import median_seen
from analysis.engine.scoring.norms import Norms, Part, assemble, length_factor, load_norms, seen_share
from analysis.engine.types import FloatArray, Kinematics, Motion, Score

OUT_OF: Final = 25

#: Columns of ``BODY_JOINTS`` by part of the body, for the report.
PARTS: Final[dict[str, tuple[int, ...]]] = {
    "left_arm": tuple(BODY_JOINTS.index(joint) for joint in (L.LEFT_ELBOW, L.LEFT_WRIST)),
    "right_arm": tuple(BODY_JOINTS.index(joint) for joint in (L.RIGHT_ELBOW, L.RIGHT_WRIST)),
    "left_leg": tuple(BODY_JOINTS.index(joint) for joint in (L.LEFT_KNEE, L.LEFT_ANKLE)),
    "right_leg": tuple(BODY_JOINTS.index(joint) for joint in (L.RIGHT_KNEE, L.RIGHT_ANKLE)),
    "trunk": tuple(
        BODY_JOINTS.index(joint) for joint in (L.LEFT_SHOULDER, L.RIGHT_SHOULDER, L.LEFT_HIP, L.RIGHT_HIP)
    ),
}


class SmoothnessReading(NamedTuple):
    """Raw measures per window and joint; ``nan`` where a joint rests or was not seen throughout."""

    centre: FloatArray  # [shape=(w,)] s, middle of each window
    jerk: FloatArray  # [shape=(w, 12)] log dimensionless jerk
    slow_power: FloatArray  # [shape=(w, 12)] ln of a power ratio
    arc_length: FloatArray  # [shape=(w, 12)] spectral arc length

    def overall(self, values: FloatArray) -> float | None:
        """Median over joints, then over windows; None when nothing moved."""
        per_window = median_seen(values) if len(values) else np.empty(0)
        per_window = per_window[np.isfinite(per_window)]
        return float(np.median(per_window)) if len(per_window) else None


def score_smoothness(
    motion: Motion, kin: Kinematics, *, config: EngineConfig = DEFAULT, norms: Norms | None = None
) -> Score:
    """Points for smoothness, with what they were measured from.

    ``points`` is None when no joint moves visibly in any window. ``series`` holds ``t`` and ``share`` (0..1
    along time, for the report's curve) and ``parts``: the share of each part of the body.
    """
    norms = norms or load_norms()
    reading = measure_smoothness(motion, kin, config=config)
    raw = _raw(reading)
    jerk, slow = raw["smoothness.jerk"], raw["smoothness.slow_power"]
    names = ("smoothness.jerk", "smoothness.slow_power")
    shares = [norms.share(name, raw[name]) for name in names]
    missing = "" if jerk is not None else "No part of the body moved clearly for two seconds."
    parts = (
        Part("jerk", jerk, "ln", shares[0], config.smoothness.weights[0], note=missing),
        Part("slow_power", slow, "ln", shares[1], config.smoothness.weights[1], note=missing),
        Part("arc_length", reading.overall(reading.arc_length), "1", None, 0.0, note="Told, not scored."),
    )
    confidence = seen_share(motion, BODY_JOINTS) * length_factor(motion)
    return assemble(
        "smoothness",
        OUT_OF,
        parts,
        norms,
        confidence=confidence,
        note=missing,
        series=_series(reading, norms, config),
    )


def raw_measures(
    motion: Motion, kin: Kinematics, *, config: EngineConfig = DEFAULT
) -> dict[str, float | None]:
    """The raw values that have norms, by the norm's name; what ``benchmarks/fit_norms.py`` fits on."""
    return _raw(measure_smoothness(motion, kin, config=config))


def _raw(reading: SmoothnessReading) -> dict[str, float | None]:
    return {
        "smoothness.jerk": reading.overall(reading.jerk),
        "smoothness.slow_power": reading.overall(reading.slow_power),
    }


def measure_smoothness(
    motion: Motion, kin: Kinematics, *, config: EngineConfig = DEFAULT
) -> SmoothnessReading:
    """Jerk, slow power and spectral arc length of every joint in windows along the clip."""
    rules = config.smoothness
    size = round(rules.window * motion.rate)
    places = motion.xy[:, list(BODY_JOINTS)]
    if len(places) < size:
        none = np.empty((0, len(BODY_JOINTS)))
        return SmoothnessReading(np.empty(0), none, none, none)
    windows = np.lib.stride_tricks.sliding_window_view(places, size, axis=0)[:: size // 2]  # (w, 12, 2, size)
    velocity = np.diff(windows, axis=3) * motion.rate
    speed = np.linalg.norm(velocity, axis=2)  # (w, 12, size - 1)
    active = np.isfinite(speed).all(axis=2) & (np.nan_to_num(speed).max(axis=2) >= rules.active)
    values = np.full((3, *active.shape), np.nan)
    values[0][active] = _jerk(windows[active], speed[active], motion.rate)
    values[1][active] = _slow_power(velocity[active], motion.rate, rules.slow_band)
    values[2][active] = _arc_length(speed[active], motion.rate)
    first = motion.t[: len(places) - size + 1 : size // 2]
    return SmoothnessReading(first + rules.window / 2, *values)


def _jerk(places: FloatArray, speed: FloatArray, rate: float) -> FloatArray:
    """Log dimensionless jerk. ``places`` [shape=(k, 2, size)] -> [shape=(k,)]"""
    jerk = np.diff(places, n=3, axis=2) * rate**3
    duration = places.shape[2] / rate
    path = speed.sum(axis=1) / rate
    mean_square = (jerk**2).sum(axis=1).mean(axis=1)
    return np.asarray(-np.log(np.maximum(mean_square * duration**6 / path**2, 1e-12)))


def _slow_power(velocity: FloatArray, rate: float, limit: float) -> FloatArray:
    """``ln(power up to the limit / power above)``. ``velocity`` [shape=(k, 2, m)] -> [shape=(k,)]"""
    tapered = (velocity - velocity.mean(axis=2, keepdims=True)) * np.hanning(velocity.shape[2])
    power = (np.abs(np.fft.rfft(tapered, axis=2)) ** 2).sum(axis=1)
    frequency = np.fft.rfftfreq(velocity.shape[2], 1 / rate)
    slow = power[:, (frequency > 0) & (frequency <= limit)].sum(axis=1)
    fast = power[:, frequency > limit].sum(axis=1)
    return np.asarray(np.log(np.maximum(slow, 1e-12) / np.maximum(fast, 1e-12)))


def _arc_length(speed: FloatArray, rate: float, limit: float = 5.0) -> FloatArray:
    """Spectral arc length of the speed, up to ``limit`` Hz. ``speed`` [shape=(k, m)] -> [shape=(k,)]"""
    points = 4 * speed.shape[1]
    spectrum = np.abs(np.fft.rfft(speed, n=points, axis=1))
    frequency = np.fft.rfftfreq(points, 1 / rate)
    kept = spectrum[:, frequency <= limit] / np.maximum(spectrum[:, :1], 1e-12)
    step = (frequency[1] - frequency[0]) / limit
    return np.asarray(-np.sqrt(step**2 + np.diff(kept, axis=1) ** 2).sum(axis=1))


def _series(reading: SmoothnessReading, norms: Norms, config: EngineConfig) -> dict[str, object]:
    """Shares along time and by part of the body, as plain numbers."""

    def share(jerk: float, slow_power: float) -> float | None:
        if not np.isfinite(jerk):
            return None
        weights = config.smoothness.weights
        blended = weights[0] * norms.table["smoothness.jerk"].share(jerk)
        blended += weights[1] * norms.table["smoothness.slow_power"].share(slow_power)
        return round(norms.blended_share("smoothness", blended / sum(weights)) or 0.0, 3)

    def median(values: FloatArray) -> float:
        finite = values[np.isfinite(values)]
        return float(np.median(finite)) if len(finite) else float("nan")

    along = [share(median(j), median(s)) for j, s in zip(reading.jerk, reading.slow_power, strict=True)]
    by_part = {
        name: share(median(reading.jerk[:, list(columns)]), median(reading.slow_power[:, list(columns)]))
        for name, columns in PARTS.items()
    }
    return {"t": [round(float(t), 3) for t in reading.centre], "share": along, "parts": by_part}
