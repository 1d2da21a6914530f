"""When the pulse of the movement comes: steadiness, offset of every beat, stretches in which it is lost.

Everything here compares phases of the leading signals' amplitudes (see ``entrainment``) with each other or
with their mean; the dancer's usual way to carry the beat, early or late, head first or hips first, is not an
error. Only beside a demo on the same music it can be told whether a dancer is late.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.engine.clean import finite_runs
from analysis.engine.config import DEFAULT, EngineConfig
from analysis.engine.scoring.entrainment import PER_BEAT, ComplexArray, Lock, Metre, Pulse
from analysis.engine.types import FloatArray, Music

_LAGS = 101  # tried within half a beat to either side
_BINS = 24  # of a beat, in the profile of the music


def leading_amplitudes(pulse: Pulse, lock: Lock) -> ComplexArray:
    """Amplitudes of the leading signals, each as large as it counts; 0 where not seen. [shape=(w, s, k)]"""
    found = pulse.amplitude[:, lock.leaders]
    seen = np.isfinite(found).all(axis=2)
    clean = np.where(seen[:, :, None], found, 0.0)
    power = (np.abs(clean) ** 2).sum(axis=(0, 2)) / np.maximum(seen.sum(axis=0), 1)
    size = np.sqrt(lock.weights / np.where(power > 0.0, power, 1.0))
    return np.asarray(clean * size[None, :, None])


class Steadiness(NamedTuple):
    """Does the pulse stay where it is, from one measure to the next?

    consistency : 1 when nothing moves, 0 on average by chance or when the dancer drifts through the music;
        None where ``evidence`` is 0.
    evidence : from 0 (the clip is too short to tell) to 1.
    """

    consistency: float | None
    evidence: float


def steadiness(pulse: Pulse, lock: Lock, *, config: EngineConfig = DEFAULT) -> Steadiness:
    """Mean cosine of the phase that lies between any two blocks of four beats that share no frame.

    Blocks begin at every window, so that it does not matter where the first of them begins.
    """
    rules = config.rhythm
    blocks, section = _blocks(pulse, leading_amplitudes(pulse, lock), config)
    agreement, size, span = 0.0, 0.0, 0
    for apart in range(rules.block * PER_BEAT, len(blocks), PER_BEAT):
        between = (blocks[apart:] * blocks[:-apart].conj()).sum(axis=1)
        between = between[section[apart:] == section[:-apart]]
        agreement += float(between.real.sum())
        size += float(np.abs(between).sum())
        span = apart if between.any() else span
    none, full = rules.block_span
    evidence = float(np.clip((span / PER_BEAT - none) / (full - none), 0.0, 1.0))
    return Steadiness(agreement / size if evidence > 0.0 else None, evidence)


def _blocks(
    pulse: Pulse, amplitude: ComplexArray, config: EngineConfig
) -> tuple[ComplexArray, NDArray[np.intp]]:
    """Mean amplitude of every block of beats within one section of the music, and the section's number."""
    width = (config.rhythm.block - 2) * PER_BEAT + 1  # windows that do not reach beyond the block
    running = np.concatenate((np.zeros_like(amplitude[:1]), np.cumsum(amplitude, axis=0)))
    blocks = (running[width:] - running[:-width]) / width
    section = pulse.section[: len(blocks)]
    within = section == pulse.section[width - 1 :]
    return np.asarray(np.where(within[:, None, None], blocks, 0.0)), section


def coverage(lock: Lock, *, config: EngineConfig = DEFAULT) -> float | None:
    """In what share of the clip the pulse is there, judged over eight beats around every moment.

    A stretch that is half clear counts half. None where nothing was seen.
    """
    seen = np.isfinite(lock.local)
    if not seen.any():
        return None
    low, high = config.rhythm.window_range
    clear = (_mean_seen(lock.local, config.rhythm.window * PER_BEAT + 1)[seen] - low) / (high - low)
    return float(np.clip(clear, 0.0, 1.0).mean())


def _mean_seen(values: FloatArray, width: int) -> FloatArray:
    """Running mean of what is finite over an odd number of rows, fewer at both ends; 0 where nothing is."""
    seen = np.isfinite(values)
    share = np.maximum(_mean_around(seen.astype(float), width), 1e-9)
    return np.asarray(_mean_around(np.where(seen, values, 0.0), width) / share)


def wander(consistency: float, pulse: Pulse, lock: Lock) -> float:
    """Standard deviation in ms of a pulse whose phases agree as much as ``consistency`` says."""
    power = (np.abs(leading_amplitudes(pulse, lock)) ** 2).sum(axis=(0, 1))
    frequency = float((power * pulse.frequency).sum() / power.sum())
    spread = np.sqrt(-np.log(np.clip(consistency, 1e-3, 1.0)))
    return float(1000.0 * spread / (2.0 * np.pi * frequency))


def best_lag(agreement: ComplexArray, frequency: FloatArray, longest: float) -> FloatArray:
    """By how much later the first of two patterns comes, given their products summed over signals.

    Parameters
    ----------
    agreement : [shape=(..., k)] first times conjugate of second, by level
    frequency : [shape=(k,)] Hz
    longest : s, searched to either side

    Returns
    -------
    [shape=(...)] s
    """
    lags = np.linspace(-longest, longest, _LAGS)
    turned = np.exp(2j * np.pi * np.outer(frequency, lags))
    fit = (np.asarray(agreement) @ turned).real
    best = fit.argmax(axis=-1)
    inner = np.clip(best, 1, _LAGS - 2)
    before, at, after = (np.take_along_axis(fit, (inner + d)[..., None], -1)[..., 0] for d in (-1, 0, 1))
    bend = before - 2.0 * at + after
    shift = np.where(np.abs(bend) > 1e-12, 0.5 * (before - after) / np.where(bend == 0.0, 1.0, bend), 0.0)
    return np.asarray(lags[best] + np.where(inner == best, shift, 0.0) * (lags[1] - lags[0]))


def beat_offsets(
    pulse: Pulse, lock: Lock, metre: Metre, *, config: EngineConfig = DEFAULT
) -> tuple[FloatArray, FloatArray]:
    """How late the dancer is around each beat, against the dancer's own mean.

    Returns
    -------
    times, offsets : [shape=(w,)] s and ms; nan where the pulse is not clear enough to tell.
    """
    amplitude = leading_amplitudes(pulse, lock)
    around = _mean_around(amplitude, 2 * PER_BEAT + 1)
    agreement = (around * amplitude.mean(axis=0).conj()).sum(axis=1)
    offsets = 1000.0 * best_lag(agreement, pulse.frequency, metre.interval / 2.0)
    clear = _mean_around(np.nan_to_num(lock.local), 2 * PER_BEAT + 1) >= config.rhythm.clear
    on_beat = pulse.place % PER_BEAT == 0
    return pulse.at[on_beat], np.where(clear, offsets, np.nan)[on_beat]


def _mean_around(values: NDArray[Any], width: int) -> NDArray[Any]:
    """Running mean along the first axis over an odd number of rows, fewer at both ends."""
    half = width // 2
    return np.array([values[max(0, i - half) : i + half + 1].mean(axis=0) for i in range(len(values))])


@dataclass(frozen=True, slots=True)
class Window:
    """Eight beats of the dance."""

    start: float  # s
    end: float  # s
    strength: float  # of the lock in it, about 0 by chance
    offset: float | None  # ms, against the dancer's own mean

    def entrained(self, config: EngineConfig) -> bool:
        """Is the pulse there?"""
        return self.strength >= config.rhythm.clear


def windows(pulse: Pulse, lock: Lock, metre: Metre, *, config: EngineConfig = DEFAULT) -> list[Window]:
    """Windows of eight beats, four apart; the whole clip when it is shorter."""
    length = min(config.rhythm.window * PER_BEAT, len(pulse.at))
    times, offsets = beat_offsets(pulse, lock, metre, config=config)
    reach = metre.interval / (2 * PER_BEAT)
    found = []
    for first in range(0, len(pulse.at) - length + 1, max(1, config.rhythm.window * PER_BEAT // 2)):
        local = lock.local[first : first + length]
        start, end = float(pulse.at[first] - reach), float(pulse.at[first + length - 1] + reach)
        if np.isfinite(local).any():
            told = offsets[(times >= start) & (times <= end) & np.isfinite(offsets)]
            strength = float(np.nanmean(local))
            found.append(Window(start, end, strength, float(np.median(told)) if len(told) else None))
    return found


def lost_stretches(
    pulse: Pulse, lock: Lock, metre: Metre, *, config: EngineConfig = DEFAULT
) -> list[tuple[float, float]]:
    """From when to when (s) the pulse is not there, for ``config.rhythm.shortest_loss`` beats or more."""
    rules = config.rhythm
    seen = np.isfinite(lock.local)
    mean = _mean_seen(lock.local, rules.loss_width * PER_BEAT + 1)
    reach = metre.interval / (2 * PER_BEAT)
    return [
        (float(pulse.at[first] - reach), float(pulse.at[last - 1] + reach))
        for first, last in finite_runs(seen & (mean < rules.clear))
        if last - first >= rules.shortest_loss * PER_BEAT
    ]


def music_profile(music: Music, metre: Metre) -> FloatArray:
    """Onset strength over one beat, about its mean: tells two ways to lay beats on the same music apart.

    [shape=(24,)]
    """
    t = np.arange(len(music.onset)) / music.onset_rate
    inside = (t >= metre.beats[0]) & (t <= metre.beats[-1])
    place = np.floor(metre.phase(t[inside]) % 1.0 * _BINS).astype(int) % _BINS
    count = np.bincount(place, minlength=_BINS)
    total = np.bincount(place, weights=music.onset[inside], minlength=_BINS)
    profile = total / np.maximum(count, 1)
    return np.asarray(profile - profile.mean())


def half_beat_apart(first: FloatArray, second: FloatArray) -> bool:
    """Do two profiles of the same music agree better when one is moved by half a beat?"""
    return bool(first @ np.roll(second, _BINS // 2) > first @ second)
