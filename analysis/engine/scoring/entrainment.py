"""Metrical entrainment: is the movement locked to the metre of the music?

Speed minima on the beat, the obvious measure, do not tell dancers in time from dancers out of time: people
dance on eighths, off the beat, and arms lead where hips trail. What repeats is the *pattern*: measured along
the music, what the body does within two beats resembles what it does in the next two beats, and the next, for
as long as it is locked to them; measured along any other tempo the resemblance is gone after a few beats.

So each of nine signals of the body is read as a complex amplitude per metrical level (beat, eighths, ...) in
windows of two beats around every beat, and amplitudes of different windows are compared pair by pair: the
real part of a product, over the product of the sizes. This is the pairwise phase consistency of
neurophysiology [1]_ (inter-trial coherence without its bias), weighted by amplitude: 1 for the same pattern
every time, 0 on average by chance, whatever the number of windows. Windows that share frames are never
compared. Tempo octaves do not matter: the levels are all of the metre's within the range of human movement.

References
----------
.. [1] Vinck, van Wingerden, Womelsdorf, Fries, Pennartz (2010), The pairwise phase consistency: a bias-free
   measure of rhythmic neuronal synchronization, NeuroImage 51(1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.engine.body import BODY_JOINTS, Landmark
from analysis.engine.config import DEFAULT, EngineConfig
from analysis.engine.kinematics import differentiate, head, midpoint
from analysis.engine.types import FloatArray, Kinematics, Motion

ComplexArray = NDArray[np.complex128]

#: Windows per beat.
PER_BEAT = 4

SIGNALS = ("head", "shoulders", "hips", "hips_sideways", "body", "wrists", "feet", "hip_speed", "knees")

_SHOULDERS = (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER)
_WRISTS = (Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST)
_HIPS = (Landmark.LEFT_HIP, Landmark.RIGHT_HIP)
_KNEES = (Landmark.LEFT_KNEE, Landmark.RIGHT_KNEE)
_ANKLES = (Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE)


def metre_signals(motion: Motion, kinematics: Kinematics, *, config: EngineConfig = DEFAULT) -> FloatArray:
    """What may carry the pulse: up-and-down of head, shoulders, hips; sideways hips; speeds of body parts.

    Velocities in torso lengths / s; speeds as log(speed + ``speed_floor``), so that a slow bounce counts
    beside a fast arm. [shape=(n, 9)], columns as in ``SIGNALS``; nan where not seen.
    """
    places = (head(motion.xy), midpoint(motion.xy, _SHOULDERS), midpoint(motion.xy, _HIPS))
    moves = [differentiate(place, motion.rate) for place in places]
    swings = [*(move[:, 1] for move in moves), moves[2][:, 0]]
    parts = (BODY_JOINTS, _WRISTS, _ANKLES, _HIPS, _KNEES)
    speeds = [_mean_seen(kinematics.speed[:, list(part)]) for part in parts]
    floor = config.rhythm.speed_floor
    return np.stack([*swings, *(np.log(speed + floor) for speed in speeds)], axis=1)


def _mean_seen(values: FloatArray) -> FloatArray:
    seen = np.isfinite(values)
    count = seen.sum(axis=1)
    total = np.where(seen, values, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


@dataclass(frozen=True, slots=True)
class Metre:
    """A pulse in time, in the octave that everybody taps (``config.rhythm.tapped`` and up to its double).

    beats : [shape=(b,)] s, ascending, long enough to cover the clip.
    section : [shape=(b,)] number of the stretch that each belongs to. Where the pulse of the music itself
        jumps (an edit, a song that starts again, a tracker that slips), another begins.
    """

    beats: FloatArray
    section: NDArray[np.intp]

    @property
    def interval(self) -> float:
        """Seconds per beat, median."""
        return float(np.median(np.diff(self.beats)))

    def phase(self, t: FloatArray) -> FloatArray:
        """Beats passed at each moment, from ``beats[0]``. [shape=(n,)]"""
        return np.asarray(np.interp(t, self.beats, np.arange(len(self.beats))))

    def faster(self, ratio: float, *, config: EngineConfig = DEFAULT) -> Metre:
        """The same stretches at another tempo, in the octave that everybody taps."""
        return self.resampled(ratio * 2.0 ** _octave(self.interval / ratio, config))

    def resampled(self, ratio: float) -> Metre:
        """The same stretches with ``ratio`` as many beats."""
        beats, section = [], []
        for number in np.unique(self.section):
            own = self.beats[self.section == number]
            places = np.arange(0.0, len(own) - 1 + 1e-9, 1.0 / ratio)
            beats.append(np.interp(places, np.arange(len(own)), own))
            section.append(np.full(len(places), number))
        return Metre(np.concatenate(beats), np.concatenate(section))

    def octave_place(self, *, config: EngineConfig = DEFAULT) -> float:
        """Where the tempo lies in the octave that everybody taps: 0 at its lower border, 1 at its upper."""
        return float(np.clip(np.log2(60.0 / self.interval / config.rhythm.tapped), 0.0, 1.0))


def _octave(interval: float, config: EngineConfig) -> int:
    """How often to halve this time between beats (s) until everybody would tap it."""
    return int(np.ceil(np.log2(config.rhythm.tapped * interval / 60.0) - 1e-9))


def metre_of(beats: FloatArray, duration: float, *, config: EngineConfig = DEFAULT) -> Metre:
    """The metre behind heard beats, continued evenly to both ends of the clip.

    Parameters
    ----------
    beats : [shape=(b >= 2,)] s
    duration : s, of the movement.
    """
    interval = float(np.median(np.diff(beats)))
    octave = _octave(interval, config)
    if octave > 0:  # heard slowly: beats between the beats
        count = (len(beats) - 1) * 2**octave + 1
        beats = np.interp(np.arange(count) / 2**octave, np.arange(len(beats)), beats)
    elif octave < 0:
        beats = beats[:: 2**-octave]
    interval /= 2.0**octave
    jumps = np.abs(np.diff(beats) / interval - 1.0) > config.rhythm.jump
    section = np.concatenate(([0], np.cumsum(jumps)))
    before = np.arange(int(np.ceil(max(beats[0], 0.0) / interval)) + 2, 0, -1)
    after = np.arange(1, int(np.ceil(max(duration - beats[-1], 0.0) / interval)) + 3)
    return Metre(
        np.concatenate((beats[0] - interval * before, beats, beats[-1] + interval * after)),
        np.concatenate((np.zeros_like(before), section, np.full_like(after, section[-1]))),
    )


def even_metre(bpm: float, duration: float, *, config: EngineConfig = DEFAULT) -> Metre:
    """A metre of constant tempo from 0 on."""
    return metre_of(np.arange(0.0, duration + 120.0 / bpm, 60.0 / bpm), duration, config=config)


@dataclass(frozen=True, slots=True)
class Pulse:
    """Movement read along a metre: complex amplitudes in windows of two beats.

    at : [shape=(w,)] s, the middle of each window: every quarter of a beat.
    place : [shape=(w,)] its number, counted in quarters.
    section : [shape=(w,)] the stretch of the metre it belongs to.
    amplitude : [shape=(w, 9, k)] of each signal and level, nan where not seen or cut; a movement that comes
        ``d`` s later has its phase turned by ``-2 pi frequency d``.
    frequency : [shape=(k,)] Hz, of the levels.
    """

    at: FloatArray
    place: NDArray[np.intp]
    section: NDArray[np.intp]
    amplitude: ComplexArray
    frequency: FloatArray


def read_pulse(
    t: FloatArray,
    signals: FloatArray,
    metre: Metre,
    *,
    cuts: tuple[float, ...] = (),
    config: EngineConfig = DEFAULT,
) -> Pulse:
    """Amplitudes of the signals at the levels of a metre, in windows of two beats, a quarter beat apart.

    A window that is not wholly seen, at an end of the clip for one, counts less: were it there or not there,
    a sound a tenth of a second later would be another score.

    Parameters
    ----------
    t : [shape=(n,)] s
    signals : [shape=(n, 9)] nan where not seen.
    cuts : s, where the picture changes to another shot.
    """
    rules = config.rhythm
    multiples = 2.0 ** np.arange(-2, 4)
    frequency = multiples / metre.interval
    weight = _level_weight(frequency, config)
    multiples, frequency, weight = (x[weight > 0.0] for x in (multiples, frequency, weight))
    phase = metre.phase(t)
    last = len(metre.beats) - 1
    place = np.arange(PER_BEAT, PER_BEAT * (last - 1) + 1)
    at = np.interp(place / PER_BEAT, np.arange(last + 1), metre.beats)
    margin = (2.0 * rules.seen[0] - 1.0) * metre.interval  # nearer to the ends a window counts nothing
    within = (at >= t[0] + margin) & (at <= t[-1] - margin)
    place, at = place[within], at[within]
    shot = np.searchsorted(np.array(cuts), metre.beats, side="right") + metre.section
    turns = np.exp(-2j * np.pi * phase[:, None] * multiples) * (np.sqrt(2.0) * weight)
    middle = place / PER_BEAT
    sides = middle + np.array([[-1.0], [1.0]])
    first, end = np.searchsorted(phase, sides)
    start, stop = np.interp(sides, np.arange(last + 1), metre.beats)
    amplitude, seen = _amplitudes(signals, turns, first, end)
    share = seen / ((stop - start) / np.median(np.diff(t)))[:, None]
    none, full = rules.seen
    trust = np.clip((share - none) / (full - none), 0.0, 1.0)[:, :, None]
    amplitude = np.where(trust > 0.0, amplitude * trust, np.nan)
    amplitude[shot[middle.astype(int) - 1] != shot[np.ceil(middle).astype(int) + 1]] = np.nan
    return Pulse(at, place, metre.section[place // PER_BEAT], amplitude, frequency)


def _amplitudes(
    signals: FloatArray, turns: ComplexArray, first: NDArray[np.intp], end: NDArray[np.intp]
) -> tuple[ComplexArray, FloatArray]:
    """Of each signal about its mean at each level, in the rows from ``first`` to ``end`` of each window.

    Sums over windows are differences of running sums, so that windows may overlap at no cost.

    Returns
    -------
    amplitudes : [shape=(w, s, k)]
    seen : [shape=(w, s)] rows in which the signal was seen.
    """
    seen = np.isfinite(signals)
    clean = np.where(seen, signals, 0.0)

    def sums(values: NDArray[Any]) -> NDArray[Any]:
        running = np.concatenate((np.zeros_like(values[:1]), np.cumsum(values, axis=0)))
        return np.asarray(running[end] - running[first])

    many = sums(seen.astype(float))
    count = np.maximum(many, 1.0)
    mean = sums(clean) / count
    products = sums(clean[:, :, None] * turns[:, None, :])
    level = sums(seen[:, :, None] * turns[:, None, :])
    return np.asarray((products - mean[:, :, None] * level) / count[:, :, None]), many


def _level_weight(frequency: FloatArray, config: EngineConfig) -> FloatArray:
    """1 within the band of human movement, falling to 0 at its borders without a step."""
    slow, fast = config.rhythm.band_low, config.rhythm.band_high
    rising = (np.log(frequency) - np.log(slow[0])) / (np.log(slow[1]) - np.log(slow[0]))
    falling = (np.log(fast[1]) - np.log(frequency)) / (np.log(fast[1]) - np.log(fast[0]))
    return np.asarray(np.clip(np.minimum(rising, falling), 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Lock:
    """How well the pattern of the movement repeats along a metre.

    strength : pairwise phase consistency, mean over the signals that lead, chance level taken out;
        about 0 by chance, 1 at best. nan when there are too few windows.
    leaders : indices into ``SIGNALS``, best first.
    weights : [shape=(len(leaders),)] how much each of them counts; sum 1. The best counts most and each next
        one less, so that none is in or out by a hair.
    local : [shape=(w,)] the same around each beat, chance level taken out; nan where not seen.
    compared : number of beats around which there was something to compare.
    """

    strength: float
    leaders: NDArray[np.intp]
    weights: FloatArray
    local: FloatArray
    compared: float


def find_lock(pulse: Pulse, *, config: EngineConfig = DEFAULT) -> Lock:
    """Compare every window with those of its section at least two and less than ``reach`` beats away."""
    rules = config.rhythm
    amplitude, size = _sized(pulse.amplitude)
    shape = amplitude.shape[:2]
    product, sizes = np.zeros(shape), np.zeros(shape)
    for beats in range(2, min(rules.reach, (shape[0] - 1) // PER_BEAT + 1)):
        apart, near = beats * PER_BEAT, (rules.reach - beats) / (rules.reach - 2)
        together = near * (pulse.section[apart:] == pulse.section[:-apart])[:, None]
        alike = (amplitude[apart:] * amplitude[:-apart].conj()).real.sum(axis=2) * together
        weight = size[apart:] * size[:-apart] * together
        for rows in (slice(apart, None), slice(None, -apart)):
            product[rows] += alike
            sizes[rows] += weight
    total = sizes.sum(axis=0)
    usable = np.flatnonzero(total > 1e-12)
    compared = (sizes > 1e-12).any(axis=1).sum() / PER_BEAT
    if not len(usable) or compared < rules.fewest_windows:
        return Lock(float("nan"), np.empty(0, dtype=np.intp), np.empty(0), np.full(shape[0], np.nan), 0.0)
    consistency = product[:, usable].sum(axis=0) / total[usable]
    order = np.argsort(-consistency, kind="stable")[: rules.leaders]
    leaders = usable[order]
    weights = 1.0 - np.arange(len(order)) / rules.leaders
    weights /= weights.sum()
    chance = rules.chance / compared
    scale = weights / total[leaders]
    local_sizes = (sizes[:, leaders] * scale).sum(axis=1)
    local = np.where(
        local_sizes > 1e-12,
        (product[:, leaders] * scale).sum(axis=1) / np.where(local_sizes > 1e-12, local_sizes, 1.0),
        np.nan,
    )
    strength = float(consistency[order] @ weights) - chance
    return Lock(strength, leaders, weights, local - chance, compared)


def _sized(amplitude: ComplexArray) -> tuple[ComplexArray, FloatArray]:
    """Amplitudes without nan, and their size over the levels. [shape=(w, s)]"""
    clean = np.where(np.isfinite(amplitude), amplitude, 0.0)
    return clean, np.sqrt((np.abs(clean) ** 2).sum(axis=2))
