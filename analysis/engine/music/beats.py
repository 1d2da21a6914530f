"""Beats at a given tempo, and the tempo that follows from them.

References
----------
.. [1] Ellis (2007), Beat Tracking by Dynamic Programming, J. New Music Research 36(1).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from analysis.engine.config import DEFAULT, EngineConfig, MusicConfig
from analysis.engine.types import FloatArray


def refine_tempo(onset: FloatArray, rate: float, bpm: float, *, config: EngineConfig = DEFAULT) -> float:
    """The tempo near ``bpm`` whose first four harmonics carry the most power of the onset envelope."""
    rules = config.music
    tried = bpm * (1.0 + np.linspace(-rules.refine_range, rules.refine_range, 81))
    harmonics = np.array([1.0, 2.0, 3.0, 4.0])
    centred = (onset - onset.mean()) * np.hanning(len(onset))
    turns = np.outer(tried, np.arange(len(onset)) / (60.0 * rate))
    power = np.zeros(len(tried))
    for harmonic in harmonics:
        power += np.abs(np.exp(-2j * np.pi * harmonic * turns) @ centred) ** 2
    best = int(power.argmax())
    shift = parabolic_shift(*power[best - 1 : best + 2]) if 0 < best < len(tried) - 1 else 0.0
    return float(tried[best] + shift * (tried[1] - tried[0]))


def track_beats(onset: FloatArray, rate: float, bpm: float, *, config: EngineConfig = DEFAULT) -> FloatArray:
    """The sequence of frames that is both on onsets and evenly spaced, by dynamic programming [1]_.

    Returns
    -------
    beats : [shape=(b,)] s, refined between frames; weak ones at both ends (silence) are left out.
    """
    period = 60.0 * rate / bpm
    strength = gaussian_filter1d(onset, period / 32.0) / max(float(onset.std()), 1e-9)
    back = np.arange(-round(2.0 * period), -round(period / 2.0) + 1)
    penalty = -np.minimum(config.music.tightness * np.log(-back / period) ** 2, config.music.jump)
    count, reach = len(onset), -back[0]
    score = np.zeros(count + reach)  # the first ``reach`` entries stand for the time before the sound
    previous = np.full(count, -1)
    started = False
    floor = 0.01 * float(strength.max())
    for frame in range(count):
        ways = score[frame + reach + back] + penalty
        best = int(ways.argmax())
        score[frame + reach] = strength[frame] + ways[best]
        if started or strength[frame] >= floor:
            started = True
            previous[frame] = frame + back[best]
    score = score[reach:]
    last = count - 1 - int(round(period)) + 1
    frames = [max(last, 0) + int(score[max(last, 0) :].argmax())]
    while previous[frames[-1]] >= 0:
        frames.append(int(previous[frames[-1]]))
    return _trimmed(np.array(frames[::-1]), strength) / rate - config.music.beat_delay


def _trimmed(frames: NDArray[np.intp], strength: FloatArray) -> FloatArray:
    """Beats without the weak ones at both ends, each moved to the top of its onset."""
    heights = strength[frames]
    strong = np.flatnonzero(heights >= 0.5 * np.sqrt(np.mean(heights**2)))
    if not len(strong):
        return np.empty(0)
    kept = np.clip(frames[strong[0] : strong[-1] + 1], 1, len(strength) - 2)
    return kept + parabolic_shift(strength[kept - 1], strength[kept], strength[kept + 1])


def steady_beats(beats: FloatArray, bpm: float, *, config: EngineConfig = DEFAULT) -> FloatArray:
    """The even pulse behind tracked beats.

    Onsets lie on frames 23 ms apart, some are early or late, and in a passage that stresses the off-beat the
    tracker slips to it and back. Where most beats lie on one even grid (music made to a click), that grid is
    returned; else (a band that breathes) each beat is moved to the straight line through its neighbours.

    An attack in the very first frames cannot be seen to rise, so a beat that the pulse puts there is added.
    """
    rules = config.music
    if len(beats) < 3:
        return beats
    local = _local_lines(beats, 60.0 / bpm, rules)
    even = _even_grid(beats, 60.0 / bpm, rules.even_share)
    steady = even is not None and abs(beat_interval(even) / beat_interval(local) - 1.0) < rules.even_tempo
    pulse = even if even is not None and steady else local
    opening = pulse[0] - beat_interval(pulse[: rules.steady_beats])
    if abs(opening) <= rules.blind_opening:
        pulse = np.concatenate(([max(opening, 0.0)], pulse))
    return pulse


def _even_grid(beats: FloatArray, interval: float, share: float) -> FloatArray | None:
    """Regression over the beats that agree with an even grid; None when fewer than ``share`` do."""
    start = beats[0]
    for _ in range(3):
        count = (beats - start) / interval
        apart = count[:, None] - count
        near = np.abs(apart - np.round(apart)) < 1.0 / 16.0
        on_grid = near[int(near.sum(axis=1).argmax())]
        if on_grid.sum() < max(3.0, share * len(beats)):
            return None
        index = np.round(count - count[int(near.sum(axis=1).argmax())])
        interval, start = np.polyfit(index[on_grid], beats[on_grid], 1)
    first, last = np.ceil((beats[[0, -1]] - start) / interval - 0.5)
    return np.asarray(start + interval * np.arange(first, last + 1))


def _local_lines(beats: FloatArray, interval: float, rules: MusicConfig) -> FloatArray:
    """Each beat on the line through its neighbours on the same side of any jump."""
    jumps = np.flatnonzero(np.abs(np.diff(beats) / interval - 1.0) > rules.jump_least) + 1
    half = rules.steady_beats // 2
    pulse = beats.copy()
    for first, last in pairwise((0, *jumps, len(beats))):
        for i in range(first, last):
            near = np.arange(max(first, i - half), min(last, i + half + 1))
            if len(near) > 2:
                pulse[i] = np.polyfit(near - i, beats[near], 1)[1]
    return pulse


def beat_interval(pulse: FloatArray) -> float:
    """Seconds per beat of what ``steady_beats`` returned: the median, untouched by a passage that slips."""
    return float(np.median(np.diff(pulse)))


def parabolic_shift(before: FloatArray, at: FloatArray, after: FloatArray) -> FloatArray:
    """Where between -.5 and .5 the parabola through three equidistant values has its extremum."""
    bend = before - 2.0 * at + after
    safe = np.where(np.abs(bend) > 1e-12, bend, 1.0)
    return np.clip(np.where(np.abs(bend) > 1e-12, 0.5 * (before - after) / safe, 0.0), -0.5, 0.5)
