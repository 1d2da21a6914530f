"""How much of a sway is wobble: fast, and in no metre.

A dancer's centre of mass may go fast from side to side on the beat, on its halves and quarters; that is
dancing. What remains between 1.5 and 5 Hz after everything periodic in two beats is taken out is
unsteadiness. The comb of the metre takes a part of any noise with it, the larger the slower the music; the
rest is scaled up by that part, so that the tempo as such does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from analysis.engine.body import Landmark as L
from analysis.engine.clean import finite_runs
from analysis.engine.config import DEFAULT, BalanceConfig, EngineConfig
from analysis.engine.scoring.windows import Window, Windowed, windows_of
from analysis.engine.types import FloatArray, Kinematics, Motion

_UPPER = (
    L.LEFT_SHOULDER,
    L.RIGHT_SHOULDER,
    L.LEFT_ELBOW,
    L.RIGHT_ELBOW,
    L.LEFT_WRIST,
    L.RIGHT_WRIST,
)


class _Bands(NamedTuple):
    """Linear maps of a window of one length. [shape=(size, size)] each, applied from the right."""

    fast: FloatArray  # taper, then keep the wobble band
    whole: FloatArray  # taper, then keep all of the movement


def wobble_share(
    velocity: FloatArray, rate: float, metre: Mapping[float, float], *, config: EngineConfig = DEFAULT
) -> Windowed:
    """Share of the power of a velocity that is fast and in no metre, in windows of 4 s.

    Parameters
    ----------
    velocity : [shape=(n,)] torso lengths / s, ``nan`` where missing.
    metre : tempo (BPM) -> how likely it is; the likelihoods sum to 1.

    Returns
    -------
    Values 0..1; no window when no stretch without a gap is long enough. Power is counted on top of a floor of
    ``wobble_floor`` squared: a body that stands still does not wobble, whatever its landmarks do. A window
    tells less where the body hardly moves sideways (standing still shows no steadiness), and all of them
    together no more than the share of the rows that they cover.
    """
    rules = config.balance
    windows = _windows(velocity, rate, rules)
    covered = sum(window.weight for window in windows) / max(1, len(velocity))

    def look(rows: slice) -> tuple[float, float]:
        sway = velocity[rows] - velocity[rows].mean()
        size, power = len(sway), float((sway**2).mean())
        fast, whole = _bands(size, rate, rules)
        taper = float((np.hanning(size) ** 2).mean())
        wobble = 0.0
        for bpm, likelihood in metre.items():
            basis, part = _comb(size, rate, bpm, rules)
            wobble += likelihood * float((_without(sway[None] @ fast, basis) ** 2).mean()) / part
        share = wobble / (float(((sway @ whole) ** 2).mean()) + rules.wobble_floor**2 * taper)
        return min(1.0, share), covered * power / (power + rules.wobble_still**2)

    return Windowed.read(windows, look)


def own_pulse(motion: Motion, kin: Kinematics, *, config: EngineConfig = DEFAULT) -> dict[float, float]:
    """Tempi (BPM) by how well their comb explains how trunk and arms move; for clips without music.

    Seen from the hips, and the hips only up and down: a sway of the whole body must not excuse itself. The
    tempi of the pulse range are weighed (they sum to 1) rather than the best one chosen, since several often
    do nearly equally well.
    """
    rules = config.balance
    low, high = rules.pulse_range
    tempi = [float(bpm) for bpm in np.exp(np.arange(np.log(low), np.log(high), 0.02))]
    hips = kin.velocity[:, [L.LEFT_HIP, L.RIGHT_HIP]].mean(axis=1)
    upper = (kin.velocity[:, list(_UPPER)] - hips[:, None]).reshape(len(hips), -1)
    by_size: dict[int, list[FloatArray]] = {}
    for signal in (*upper.T, hips[:, 1]):
        for rows, _ in _windows(signal, motion.rate, rules):
            by_size.setdefault(rows.stop - rows.start, []).append(signal[rows] - signal[rows].mean())
    gains, count = np.zeros(len(tempi)), sum(map(len, by_size.values()))
    for size, windows in by_size.items():
        signals = np.stack(windows) @ _bands(size, motion.rate, rules).fast
        power = max(float((signals**2).sum()), 1e-12)
        for i, bpm in enumerate(tempi):
            basis, part = _comb(size, motion.rate, bpm, rules)
            free = float((_without(signals, basis) ** 2).sum())
            gains[i] += len(windows) / count * (part - free / power)
    weights = np.exp((gains - gains.max()) / rules.pulse_certainty)
    likely = dict(zip(tempi, (weights / weights.sum()).tolist(), strict=True))
    return {bpm: share for bpm, share in likely.items() if share > 1e-3}


def _windows(values: FloatArray, rate: float, rules: BalanceConfig) -> list[Window]:
    """Windows inside every finite run that is long enough; a run shorter than a window is one itself."""
    least = round(rules.wobble_shortest * rate)
    runs = [slice(*run) for run in finite_runs(np.isfinite(values)) if run[1] - run[0] >= least]
    return windows_of(runs, round(rules.window * rate))


@lru_cache(maxsize=32)
def _bands(size: int, rate: float, rules: BalanceConfig) -> _Bands:
    taper = np.hanning(size)[:, None]
    frequency = np.fft.rfftfreq(size, 1 / rate)
    spectrum = np.fft.rfft(np.eye(size), axis=1)
    kept = []
    for low, high in (rules.wobble_band, rules.whole_band):
        inside = (frequency >= low) & (frequency <= high)
        kept.append(taper * np.fft.irfft(spectrum * inside, n=size, axis=1))
    return _Bands(*kept)


@lru_cache(maxsize=256)
def _comb(size: int, rate: float, bpm: float, rules: BalanceConfig) -> tuple[FloatArray, float]:
    """What is periodic in two beats within the wobble band, as an orthonormal basis [shape=(size, k)], and
    the part of white noise that remains without it."""
    fast = _bands(size, rate, rules).fast
    low, high = rules.wobble_band
    step = bpm / 120.0  # Hz, the frequency of two beats
    harmonics = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    turns = 2 * np.pi * np.outer(harmonics, np.arange(size) / rate)
    comb = np.concatenate([np.cos(turns), np.sin(turns)]) @ fast
    directions, strengths, _ = np.linalg.svd(comb.T, full_matrices=False)
    basis = directions[:, strengths > 1e-6 * strengths.max(initial=0.0)]
    part = 1.0 - float(((fast @ basis) ** 2).sum()) / float((fast**2).sum())
    return basis, max(part, 0.1)


def _without(signals: FloatArray, basis: FloatArray) -> FloatArray:
    """Each row without what the basis explains of it. [shape=(k, size)]"""
    return np.asarray(signals - (signals @ basis) @ basis.T)
