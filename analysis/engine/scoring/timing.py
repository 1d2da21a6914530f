"""When the pulse of the movement comes: steadiness, offset of every beat, stretches in which it is lost.

Everything here compares phases of the leading signals' amplitudes (see ``entrainment``) with each other or
with their mean; the dancer's usual way to carry the beat, early or late, head first or hips first, is not an
error. Only beside a demo on the same music it can be told whether a dancer is late.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.engine.clean import finite_runs
from analysis.engine.config import DEFAULT, EngineConfig
from analysis.engine.scoring.entrainment import ComplexArray, Lock, Metre, Pulse
from analysis.engine.types import FloatArray, Music

_LAGS = 101  # tried within half a beat to either side
_BINS = 24  # of a beat, in the profile of the music


def leading_amplitudes(pulse: Pulse, lock: Lock) -> ComplexArray:
    """Amplitudes of the leading signals in units of their usual size; 0 where not seen. [shape=(w, s, k)]"""
    found = pulse.amplitude[:, lock.leaders]
    seen = np.isfinite(found).all(axis=2)
    clean = np.where(seen[:, :, None], found, 0.0)
    power = (np.abs(clean) ** 2).sum(axis=(0, 2)) / np.maximum(seen.sum(axis=0), 1)
    return np.asarray(clean / np.sqrt(np.where(power > 0.0, power, 1.0))[None, :, None])


def steadiness(pulse: Pulse, lock: Lock, *, config: EngineConfig = DEFAULT) -> float | None:
    """Does the pulse stay where it is, from one measure to the next?

    Mean cosine of the phase that lies between any two blocks of four beats (blocks share no frame): 1 when
    nothing moves, 0 on average by chance or when the dancer drifts through the music. None with fewer than
    ``config.rhythm.fewest_blocks`` blocks.
    """
    blocks = _blocks(pulse, leading_amplitudes(pulse, lock), config)
    agreement, size, pairs = 0.0, 0.0, 0
    for number, (section, one) in enumerate(blocks):
        for other_section, other in blocks[:number]:
            if section == other_section:
                between = (one * other.conj()).sum(axis=0)
                agreement += float(between.real.sum())
                size += float(np.abs(between).sum())
                pairs += 1
    fewest = config.rhythm.fewest_blocks
    return agreement / size if pairs >= fewest * (fewest - 1) / 2 and size > 1e-12 else None


def _blocks(pulse: Pulse, amplitude: ComplexArray, config: EngineConfig) -> list[tuple[int, ComplexArray]]:
    """Mean amplitude of each block of beats within one section of the music, with the section's number."""
    size = config.rhythm.block
    blocks = []
    for section in np.unique(pulse.section):
        rows = np.flatnonzero(pulse.section == section)
        for first in range(0, len(rows) - size + 1, size):
            # The last window of a block reaches into the next one and is left out.
            blocks.append((int(section), amplitude[rows[first : first + size - 1]].mean(axis=0)))
    return blocks


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
    smooth = _neighbours(amplitude)
    agreement = (smooth * amplitude.mean(axis=0).conj()).sum(axis=1)
    offsets = 1000.0 * best_lag(agreement, pulse.frequency, metre.interval / 2.0)
    clear = _neighbours(np.nan_to_num(lock.local)[:, None, None])[:, 0, 0] >= config.rhythm.clear
    return pulse.at, np.where(clear, offsets, np.nan)


def _neighbours(values: Any) -> Any:
    """Mean over each row and the two beside it."""
    padded = np.concatenate((values[:1], values, values[-1:]))
    return (padded[:-2] + padded[1:-1] + padded[2:]) / 3.0


@dataclass(frozen=True, slots=True)
class Window:
    """Eight beats of the dance."""

    start: float  # s
    end: float  # s
    strength: float  # of the lock in it, about 0 by chance
    offset: float | None  # ms, against the dancer's own mean

    def share(self, config: EngineConfig) -> float:
        """From 0 (chance) to 1 (surely in the pulse)."""
        low, high = config.rhythm.window_range
        return float(np.clip((self.strength - low) / (high - low), 0.0, 1.0))

    def entrained(self, config: EngineConfig) -> bool:
        """Is the pulse there?"""
        return self.strength >= config.rhythm.clear


def windows(pulse: Pulse, lock: Lock, metre: Metre, *, config: EngineConfig = DEFAULT) -> list[Window]:
    """Windows of eight beats, four apart; the whole clip when it is shorter."""
    length = min(config.rhythm.window, pulse.windows)
    _, offsets = beat_offsets(pulse, lock, metre, config=config)
    found = []
    for first in range(0, pulse.windows - length + 1, max(1, config.rhythm.window // 2)):
        rows = slice(first, first + length)
        local, offset = lock.local[rows], offsets[rows][np.isfinite(offsets[rows])]
        if np.isfinite(local).any():
            found.append(
                Window(
                    start=float(pulse.at[first] - metre.interval / 2.0),
                    end=float(pulse.at[first + length - 1] + metre.interval / 2.0),
                    strength=float(np.nanmean(local)),
                    offset=float(np.median(offset)) if len(offset) else None,
                )
            )
    return found


def lost_stretches(
    pulse: Pulse, lock: Lock, metre: Metre, *, config: EngineConfig = DEFAULT
) -> list[tuple[float, float]]:
    """From when to when (s) the pulse is not there, for ``config.rhythm.shortest_loss`` beats or more."""
    rules = config.rhythm
    seen = np.isfinite(lock.local)
    around = np.ones(rules.loss_width)
    mean = np.convolve(np.where(seen, lock.local, 0.0), around, "same") / np.maximum(
        np.convolve(seen, around, "same"), 1.0
    )
    half = metre.interval / 2.0
    return [
        (float(pulse.at[first] - half), float(pulse.at[last - 1] + half))
        for first, last in finite_runs(seen & (mean < rules.clear))
        if last - first >= rules.shortest_loss
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
