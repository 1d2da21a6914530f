"""The statistic that Rhythm began with, to compare with: R2 of a metre against R2 of wrong tempi.

Nine signals (head, shoulders and hips up and down, sideways hips, speeds) are fitted by least squares with
four harmonics of two beats, in windows of 16 beats; each R2 is put in standard deviations above those of 200
tempi that are 6..40 % wrong; the mean of the four largest is the result, at the best of three octaves.
"""

from __future__ import annotations

import numpy as np

from analysis.engine.scoring.entrainment import metre_signals
from analysis.engine.types import FloatArray, Kinematics, Motion

WRONG = np.concatenate([np.linspace(0.72, 0.94, 80), np.linspace(1.06, 1.40, 120)])
_HARMONICS = 4
_HIGH_PASS = 0.4  # Hz


def against_wrong_tempi(motion: Motion, kin: Kinematics, bpm: float) -> float:
    """Standard deviations above chance, at the best octave."""
    signals = _without_gaps(metre_signals(motion, kin))
    return max(_at(signals, motion.rate, bpm * octave / 60.0) for octave in (0.5, 1.0, 2.0))


def _at(signals: FloatArray, rate: float, frequency: float) -> float:
    tried = frequency * np.concatenate([[1.0], WRONG])
    length = min(len(signals), round(16.0 / frequency * rate))
    hop = max(1, round(8.0 / frequency * rate))
    fits = [
        _r2(signals[first : first + length], rate, tried)
        for first in range(0, len(signals) - length + 1, hop)
    ]
    mean = np.mean(fits, axis=0)
    z = (mean[0] - mean[1:].mean(axis=0)) / np.maximum(mean[1:].std(axis=0), 1e-9)
    return float(np.sort(z)[-4:].mean())


def _r2(signals: FloatArray, rate: float, tried: FloatArray) -> FloatArray:
    """Share of variance that four harmonics of two beats explain. [shape=(tempi, signals)]"""
    count = len(signals)
    slower = np.arange(int(2 * count / rate * _HIGH_PASS) + 1)
    slow = np.linalg.qr(np.cos(np.pi * np.outer(np.arange(count) + 0.5, slower) / count))[0]
    t = (np.arange(count) - count / 2) / rate
    angle = np.pi * tried[:, None, None] * t[:, None] * np.arange(1, _HARMONICS + 1)
    waves = np.concatenate([np.cos(angle), np.sin(angle)], axis=2)
    waves = waves - slow @ (slow.T @ waves)
    left = signals - slow @ (slow.T @ signals)
    products = waves.transpose(0, 2, 1) @ left
    ridge = 1e-3 * count * np.eye(2 * _HARMONICS)
    weights = np.linalg.solve(waves.transpose(0, 2, 1) @ waves + ridge, products)
    return np.asarray((weights * products).sum(axis=1) / np.maximum((left**2).sum(axis=0), 1e-12))


def _without_gaps(signals: FloatArray) -> FloatArray:
    """Gaps bridged by straight lines; signals that are mostly missing left out."""
    rows = np.arange(len(signals))
    seen = np.isfinite(signals)
    kept = [column for column in range(signals.shape[1]) if seen[:, column].mean() > 0.5]
    return np.stack(
        [np.interp(rows, rows[seen[:, column]], signals[seen[:, column], column]) for column in kept], axis=1
    )
