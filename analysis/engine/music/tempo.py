"""Pulse clarity and tempo from the autocorrelation of the onset envelope.

A pulse shows at its own period and, because music is built in twos, at half, twice and four times that
period. A tempo that is wrong by a metrical ratio (the classic 2/3, 3/2 and 3/4 errors) finds strong
correlation at some of these periods but not at all of them, so the salience of a tempo is the weighted mean
over the four. Which octave is called the beat is then a matter of taste, settled by a log-normal prior.

References
----------
.. [1] Ellis (2007), Beat Tracking by Dynamic Programming, J. New Music Research 36(1): the prior.
.. [2] Lartillot, Eerola, Toiviainen, Fornari (2008), Multi-feature modeling of pulse clarity, ISMIR.
"""

from __future__ import annotations

import numpy as np

from analysis.engine.config import DEFAULT, EngineConfig
from analysis.engine.types import FloatArray

_PER_OCTAVE = 48  # tempi tried
_PLAY = (-0.01, -0.005, 0.0, 0.005, 0.01)  # a lag may be off by half a step of that grid
_LONGEST_LAG = 0.66  # of the sound; too few products lie behind longer ones
_ALTERNATIVES = 4


def autocorrelation(onset: FloatArray) -> FloatArray:
    """Of the envelope about its mean, 1 at lag 0; all zero when nothing ever changes. [shape=(m,)]"""
    count = len(onset)
    if count == 0:
        return np.zeros(0)
    spectrum = np.fft.rfft(onset - onset.mean(), 2 * count)
    products: FloatArray = np.fft.irfft(np.abs(spectrum) ** 2)[:count]
    return products / products[0] if products[0] > 1e-9 else np.zeros(count)


def pulse_clarity(onset: FloatArray, rate: float, *, config: EngineConfig = DEFAULT) -> float:
    """Highest autocorrelation at a beat period, 0..1 [2]_. Music .3...8, noise .1, speech .1...3."""
    slow, fast = config.music.bpm_range
    lags = autocorrelation(onset)[int(np.ceil(60.0 * rate / fast)) : int(60.0 * rate / slow) + 1]
    return float(np.clip(lags.max(), 0.0, 1.0)) if len(lags) else 0.0


def least_clarity(duration: float, *, config: EngineConfig = DEFAULT) -> float:
    """Pulse clarity from which on a sound of ``duration`` s is music: chance is clearer in short ones."""
    rules = config.music
    return rules.clarity * max(1.0, float(np.sqrt(rules.clarity_seconds / max(duration, 0.1))))


def tempo_candidates(
    onset: FloatArray, rate: float, *, target_bpm: float | None = None, config: EngineConfig = DEFAULT
) -> list[tuple[float, float]]:
    """Tempi that the sound could be counted in, as (BPM, salience 0..1), best first; at most five.

    Parameters
    ----------
    target_bpm : narrows the search to half an octave around it. Tempi close to it are preferred, the others
        keep a small equal weight: a hint may be wrong.
    """
    rules = config.music
    slow, fast = rules.bpm_range
    centre, spread, doubt = rules.prior_bpm, rules.prior_spread, 0.0
    if target_bpm is not None:
        centre, spread, doubt = target_bpm, rules.target_spread, rules.target_doubt
        slow, fast = target_bpm / np.sqrt(2.0), target_bpm * np.sqrt(2.0)
    bpm = slow * 2.0 ** (np.arange(int(np.log2(fast / slow) * _PER_OCTAVE) + 1) / _PER_OCTAVE)
    salience = _salience(autocorrelation(onset), 60.0 * rate / bpm, config)
    prior = np.exp(-0.5 * (np.log2(bpm / centre) / spread) ** 2)
    preferred = salience * np.maximum(prior, doubt)
    if not preferred.max(initial=0.0) > 0.0:
        return []
    before = np.concatenate(([-1.0], preferred[:-1]))
    after = np.concatenate((preferred[1:], [-1.0]))
    peaks = np.flatnonzero((preferred > before) & (preferred >= after) & (preferred > 0.0))
    peaks = peaks[np.argsort(-preferred[peaks], kind="stable")][: 1 + _ALTERNATIVES]
    return [(float(bpm[i]), float(min(salience[i], 1.0))) for i in peaks]


def _salience(correlation: FloatArray, period: FloatArray, config: EngineConfig) -> FloatArray:
    """Weighted mean of the correlation at the metrical multiples of each period. [shape=(k,)]"""
    count = len(correlation)
    if not count:
        return np.zeros_like(period)
    unbiased = correlation * count / np.maximum(count - np.arange(count), count / 3.0)
    total, weights = np.zeros_like(period), np.zeros_like(period)
    for multiple, weight in config.music.multiples:
        lag = multiple * period
        heights = [np.interp(lag * (1.0 + play), np.arange(count), unbiased) for play in _PLAY]
        usable = lag < _LONGEST_LAG * count
        total += np.where(usable, weight * np.max(heights, axis=0), 0.0)
        weights += np.where(usable, weight, 0.0)
    return np.maximum(np.where(weights > 0.0, total / np.maximum(weights, 1e-9), 0.0), 0.0)
