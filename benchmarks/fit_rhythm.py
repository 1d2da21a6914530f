"""Fit the constants of Rhythm: ``python -m benchmarks.fit_rhythm`` prints them, for ``RhythmConfig``.

Only the development half of ``benchmarks/population.py`` is looked at, in windows of 12 s (for ``chance``
also of 6 s: it depends on length), every source with the same weight. Chance is measured, not assumed: the
dancers' movement along the tempi of songs that were not playing, and with its frames shuffled.

``chance``, ``chance_own``   what the leading signals reach by chance, times the number of windows
``clear``, ``window_range``  a window above the 95th percentile of chance is clear, from twice that on fully
``curve_*``                  chance earns nothing, the median dancer 60 %, the 90th percentile 90 %
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.engine.config import DEFAULT
from analysis.engine.kinematics import derive
from analysis.engine.scoring.entrainment import even_metre, find_lock, metre_of, metre_signals, read_pulse
from analysis.engine.scoring.rhythm import raw_measures
from analysis.engine.scoring.timing import windows
from analysis.engine.types import FloatArray
from benchmarks.fit_norms import HOP, WINDOW, smoothed_percentiles
from benchmarks.population import Half, Sequence, music_of, population

#: Tempi of songs that were not playing, in BPM.
SONGS = (
    64,
    72,
    80,
    85,
    90,
    95,
    100,
    104,
    106,
    110,
    112,
    115,
    119,
    120,
    123,
    126,
    128,
    132,
    137,
    140,
    143,
    150,
)
#: A song this close to the dancer's own, in any of these ratios, may fit by right.
_METRICAL = (0.5, 2.0 / 3.0, 0.75, 1.0, 4.0 / 3.0, 1.5, 2.0)
_CLOSE = 0.045


@dataclass(frozen=True, slots=True)
class Dance:
    """A stretch of a dance with its signals and the beats of its own music."""

    sequence: Sequence
    t: FloatArray
    signals: FloatArray
    beats: FloatArray

    @property
    def bpm(self) -> float:
        """Of the own music."""
        return float(60.0 / np.median(np.diff(self.beats)))


def main() -> None:
    """Print what was fitted beside what is in use."""
    rules = DEFAULT.rhythm
    dances = dances_of("development")
    weights = equal_weights(dances)
    print(f"{len(dances)} windows, sources: {', '.join(sorted({d.sequence.source for d in dances}))}")

    short = dances_of("development", WINDOW / 2)
    strangers = [(strength, count) for dance in dances + short for strength, count, _ in by_strangers(dance)]
    raw = np.array([(strength + rules.chance / count) * count for strength, count in strangers])
    tell("chance", float(np.median(raw)), rules.chance)
    tell("chance_own", float(np.median([_best_of_shuffled(dance) for dance in dances])), rules.chance_own)

    local = np.concatenate([np.asarray(found) for dance in dances for _, _, found in by_strangers(dance)])
    clear = float(np.percentile(local, 95))
    tell("clear", clear, rules.clear)
    tell("window_range, lower", 0.0, rules.window_range[0])
    tell("window_range, upper", 2.0 * clear, rules.window_range[1])

    own = np.array([scored_strength(dance) for dance in dances])
    known = np.isfinite(own)
    _, median, good = smoothed_percentiles(own[known], weights[known] / weights[known].sum())
    power = np.log(9.0 / 1.5) / np.log(good / median)
    tell("curve_power", float(power), rules.curve_power)
    tell("curve_middle", float(median / 1.5 ** (1.0 / power)), rules.curve_middle)
    print(f"dancers: median {median:.3f}, 90th percentile {good:.3f}")


def tell(name: str, fitted: float, used: float) -> None:
    """One line of the result."""
    print(f"{name:22} fitted {fitted:7.3f}   in use {used:7.3f}")


def dances_of(half: Half, seconds: float = WINDOW) -> list[Dance]:
    """Windows of the dancers of a half, with music."""
    found = population(half=half, kinds=("professional", "amateur", "phone"), media=("keypoints", "video"))
    cut = [window for sequence in found for window in sequence.windows(seconds, HOP)]
    return [dance for dance in (read(window) for window in cut) if dance is not None]


def read(sequence: Sequence) -> Dance | None:
    """A sequence's signals; None without beats."""
    if sequence.beats is None or len(sequence.beats) < 4:
        return None
    motion = sequence.motion
    return Dance(sequence, motion.t, metre_signals(motion, derive(motion)), sequence.beats)


def equal_weights(dances: list[Dance]) -> FloatArray:
    """Every source counts the same. Sums to 1. [shape=(m,)]"""
    sources = [dance.sequence.source for dance in dances]
    return np.array([1.0 / sources.count(source) / len(set(sources)) for source in sources])


def strength_of(dance: Dance, beats: FloatArray | None = None) -> tuple[float, float, list[float]]:
    """Consistency along beats (the own ones by default), number of windows, and that of each window."""
    metre = metre_of(dance.beats if beats is None else beats, float(dance.t[-1]))
    pulse = read_pulse(dance.t, dance.signals, metre)
    lock = find_lock(pulse)
    return lock.strength, lock.compared, [window.strength for window in windows(pulse, lock, metre)]


def scored_strength(dance: Dance) -> float:
    """What the curve is applied to: the consistency, less what another tempo fits better."""
    motion = dance.sequence.motion
    value = raw_measures(motion, derive(motion), music_of(dance.sequence))["rhythm.entrainment"]
    return float("nan") if value is None else value


def by_strangers(dance: Dance) -> list[tuple[float, float, list[float]]]:
    """The same along songs that were not playing."""
    found = [strength_of(dance, beats) for beats in strange_beats(dance)]
    return [each for each in found if np.isfinite(each[0])]


def strange_beats(dance: Dance) -> list[FloatArray]:
    """Beats of the songs that were not playing and are in no simple ratio to the one that was."""
    wrong = [bpm for bpm in SONGS if not metrical(bpm / dance.bpm)]
    return [np.arange(0.0, float(dance.t[-1]) + 60.0 / bpm, 60.0 / bpm) for bpm in wrong]


def metrical(ratio: float) -> bool:
    """Is a ratio of tempi so simple that one metre contains the other?"""
    return any(abs(ratio / simple - 1.0) < _CLOSE for simple in _METRICAL)


def _best_of_shuffled(dance: Dance) -> float:
    """Consistency of shuffled frames along the best of all tempi, times the number of windows."""
    order = np.random.default_rng(0).permutation(len(dance.t))
    best = 0.0
    for bpm in np.geomspace(DEFAULT.rhythm.tapped, 2.0 * DEFAULT.rhythm.tapped, 60, endpoint=False):
        pulse = read_pulse(dance.t, dance.signals[order], even_metre(float(bpm), float(dance.t[-1])))
        lock = find_lock(pulse)
        raw = lock.strength * lock.compared + DEFAULT.rhythm.chance
        best = max(best, raw if np.isfinite(raw) else 0.0)
    return best


if __name__ == "__main__":
    main()
