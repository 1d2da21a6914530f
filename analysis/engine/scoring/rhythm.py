"""Rhythm, 0..30: does the body move in the metre of the music?

* entrainment (.60): how well the pattern of the movement repeats along the music's metre (``entrainment``);
* steadiness (.25): does the pulse stay at its place from one measure to the next, or drift;
* coverage (.15): in how much of the clip is the pulse there.

A constant way to be early or late is style and costs nothing, except beside a demo on the same music: then
being on time with it counts a quarter. Without music the movement's own pulse is searched over all tempi and
earns at most half of the points. Each share is 0 at chance level: moving to no music, or to another song, is
not worth a quarter of the points.

Two things are taken off the entrainment. Whoever fits another tempo better than the one that is heard moves
to another music, so that lead is lost, the more of it the farther that tempo is; and a movement that does not
go on from one frame to the next (frames in disorder, a shaking picture of someone who stands) repeats
nothing, whatever chance makes of it.

A film that shows itself again is read once: the second showing is no new evidence, and the first one's sound
is heard by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from analysis.engine.body import BODY_JOINTS
from analysis.engine.config import DEFAULT, EngineConfig
from analysis.engine.sayings import leading_parts
from analysis.engine.scoring.entrainment import (
    PER_BEAT,
    SIGNALS,
    Lock,
    Metre,
    Pulse,
    even_metre,
    find_lock,
    metre_of,
    metre_signals,
    read_pulse,
)
from analysis.engine.scoring.norms import length_factor, seen_share
from analysis.engine.scoring.reference import Reference, make_reference
from analysis.engine.scoring.showings import shown_once
from analysis.engine.scoring.tempi import consistency, lead, near
from analysis.engine.scoring.timing import (
    Steadiness,
    Window,
    beat_offsets,
    coverage,
    lost_stretches,
    steadiness,
    wander,
    windows,
)
from analysis.engine.types import FloatArray, Kinematics, Measure, Motion, Music, RhythmBasis, Score

__all__ = ["Reference", "raw_measures", "reference_of", "score_rhythm"]

OUT_OF = 30
_CLEAR_MUSIC = 0.4  # pulse clarity of ordinary music: clearer does not make the score surer
_ORDER = ("entrainment", "steadiness", "coverage", "timing")


@dataclass(frozen=True, slots=True)
class Reading:
    """A movement read along one metre."""

    motion: Motion  # what was read: the first showing of the film
    metre: Metre
    pulse: Pulse
    lock: Lock
    strength: float  # consistency, chance level and the lead of other tempi taken out
    steady: Steadiness
    windows: list[Window]
    coverage: float | None  # share of the clip in which the pulse is there; a half-clear window counts half
    lost: list[tuple[float, float]]  # s, stretches without a pulse


def score_rhythm(
    motion: Motion,
    kinematics: Kinematics,
    music: Music | None,
    *,
    target_bpm: float | None = None,
    reference: Reference | None = None,
    config: EngineConfig = DEFAULT,
) -> tuple[Score, RhythmBasis]:
    """Score the rhythm and say what it was judged by.

    Parameters
    ----------
    motion, kinematics : of the same clip.
    music : what is heard; None or without beats: the movement's own pulse is judged.
    target_bpm : where nothing is heard, the tempo the movement should have (any octave of it).
    reference : the demo on the same music, from :func:`reference_of`.

    Returns
    -------
    score : ``points`` None with a note where too little was seen to tell a pulse from chance. ``series``:
        ``bpm``; ``offsets_ms``, one for each of ``music.beats``, how much later than usual the dancer's pulse
        comes around it, None where the pulse is not clear; ``windows`` of eight beats with ``start``, ``end``
        (s), ``strength``, ``offset_ms`` and ``entrained``; ``lost``, stretches [start, end] without a pulse;
        ``leaders``, the signals that carry it; ``reference``, what :func:`reference_of` reads.
    basis : ``music``, ``reference``, ``motion`` or ``none``.
    """
    heard = music is not None and len(music.beats) >= 2
    reading = _read(motion, kinematics, music, target_bpm, config)
    if reading is None:
        return _unmeasured(motion), "none"
    measures = _measures(reading, config)
    basis: RhythmBasis = "music" if heard else "motion"
    own = make_reference(reading.pulse, reading.metre, music if heard else None)
    if heard and reference is not None:
        timing = _timing(reading, own.late_against(reference, config=config), config)
        if timing.share is not None:
            basis = "reference"
        measures.append(timing)
    measures = _weighted(measures, reading.steady.evidence, config)
    share = sum(measure.weight * (measure.share or 0.0) for measure in measures)
    compared = reading.lock.compared * PER_BEAT / len(reading.pulse.at)
    sure = seen_share(reading.motion, BODY_JOINTS) * length_factor(reading.motion) * compared
    if music is not None and heard:
        sure *= min(1.0, music.clarity / _CLEAR_MUSIC)
    score = Score(
        name="rhythm",
        points=share * (OUT_OF if heard else config.rhythm.own_points),
        out_of=OUT_OF,
        confidence=float(sure),
        measures=tuple(measures),
        note="" if heard else _own_pulse_note(reading, music),
        series=_series(reading, music if heard else None, own, config),
    )
    return score, basis


def raw_measures(
    motion: Motion, kinematics: Kinematics, music: Music | None, *, config: EngineConfig = DEFAULT
) -> dict[str, float | None]:
    """What is measured before any curve: consistency, steadiness, coverage; None where not measurable."""
    reading = _read(motion, kinematics, music, None, config)
    return {
        "rhythm.entrainment": None if reading is None else reading.strength,
        "rhythm.steadiness": None if reading is None else reading.steady.consistency,
        "rhythm.coverage": None if reading is None else reading.coverage,
    }


def reference_of(score: Score) -> Reference | None:
    """The timing of a scored demo, to compare others with; None when it has no clear pulse to music."""
    stored = score.series.get("reference")
    return None if stored is None else Reference.from_series(stored)


def entrainment_share(strength: float, *, config: EngineConfig = DEFAULT) -> float:
    """What a consistency earns: nothing at chance level, half at ``curve_middle``, nearly all at 1."""
    rules = config.rhythm
    relative = max(strength, 0.0) / rules.curve_middle
    return float(relative**rules.curve_power / (1.0 + relative**rules.curve_power))


def _read(
    motion: Motion,
    kinematics: Kinematics,
    music: Music | None,
    target_bpm: float | None,
    config: EngineConfig,
) -> Reading | None:
    """Along the music where there is some, else along the tempo that fits the movement best."""
    if len(motion.t) < 2:
        return None
    rules = config.rhythm
    motion, kinematics, music = shown_once(motion, kinematics, music, config=config)
    signals = metre_signals(motion, kinematics, config=config)
    heard = music is not None and len(music.beats) >= 2
    if music is not None and heard:
        metre = metre_of(music.beats, float(motion.t[-1]), config=config)
    else:
        metre = _own_metre(motion, signals, target_bpm, config)
    reading = _along(motion, signals, metre, config)
    if reading is None:
        return None
    if heard:
        strength = near(motion, signals, metre, config=config)
        strength -= lead(motion, signals, metre, strength, config=config)
    else:
        # The best of many tempi is better than chance by choice: take that out, too.
        strength = reading.strength - (rules.chance_own - rules.chance) / reading.lock.compared
    return replace(reading, strength=strength * (_connected(motion, config) if strength > 0.0 else 1.0))


def _along(motion: Motion, signals: FloatArray, metre: Metre, config: EngineConfig) -> Reading | None:
    pulse = read_pulse(motion.t, signals, metre, cuts=motion.cuts, config=config)
    lock = find_lock(pulse, config=config)
    if not np.isfinite(lock.strength):
        return None
    found = windows(pulse, lock, metre, config=config)
    return Reading(
        motion=motion,
        metre=metre,
        pulse=pulse,
        lock=lock,
        strength=lock.strength,
        steady=steadiness(pulse, lock, config=config),
        windows=found,
        coverage=coverage(lock, config=config),
        lost=lost_stretches(pulse, lock, metre, config=config),
    )


def _connected(motion: Motion, config: EngineConfig) -> float:
    """From 0 (each frame as far from the last as from any other) to 1 (one movement).

    By the ratio of von Neumann (1941): mean square of the steps from frame to frame over the variance; about
    1 for noise below 5 Hz.
    """
    places = motion.xy[:, list(BODY_JOINTS)]
    seen = np.isfinite(places[:, :, 0])
    count = np.maximum(seen.sum(axis=0), 1)
    clean = np.where(seen[:, :, None], places, 0.0)
    about = np.where(seen[:, :, None], clean - clean.sum(axis=0) / count[:, None], 0.0)
    variance = (about**2).sum(axis=(0, 2)) / count
    both = seen[1:] & seen[:-1]
    steps = (np.where(both[:, :, None], np.diff(clean, axis=0), 0.0) ** 2).sum(axis=(0, 2))
    ratio = (steps / np.maximum(both.sum(axis=0), 1)).sum() / max(float(variance.sum()), 1e-12)
    low, high = config.rhythm.connected
    return float(np.clip((1.0 - ratio / 2.0 - low) / (high - low), 0.0, 1.0))


def _own_metre(motion: Motion, signals: FloatArray, target_bpm: float | None, config: EngineConfig) -> Metre:
    """The even metre along which the movement repeats best."""
    rules = config.rhythm
    if target_bpm is None:
        tried = np.geomspace(rules.tapped, 2.0 * rules.tapped, rules.own_tempi, endpoint=False)
    else:
        tried = target_bpm * np.linspace(1.0 - rules.target_range, 1.0 + rules.target_range, 9)
    metres = [even_metre(float(bpm), float(motion.t[-1]), config=config) for bpm in tried]
    strength = [consistency(motion, signals, metre, config=config) for metre in metres]
    return metres[int(np.argmax(np.nan_to_num(strength, nan=-1.0)))]


def _measures(reading: Reading, config: EngineConfig) -> list[Measure]:
    rules = config.rhythm
    trust = float(np.clip(reading.strength / rules.trusted, 0.0, 1.0))
    steady, covered = reading.steady.consistency, reading.coverage
    return [
        Measure(
            "entrainment",
            reading.strength,
            "consistency",
            entrainment_share(reading.strength, config=config),
            note=_entrainment_note(reading, trust),
        ),
        Measure(
            "steadiness",
            steady,
            "consistency",
            None if steady is None else trust * float(np.clip(steady, 0.0, 1.0)),
            note=_steadiness_note(reading, trust),
        ),
        Measure(
            "coverage",
            covered,
            "share of the clip",
            None if covered is None else trust * covered,
            note=_coverage_note(reading.lost, trust),
        ),
    ]


def _timing(reading: Reading, late: float | None, config: EngineConfig) -> Measure:
    rules = config.rhythm
    if late is None or reading.strength < rules.clear:
        note = (
            "The demo was danced at another tempo, so being early or late cannot be told."
            if late is None
            else "Your pulse is not clear enough to compare its timing with the demo."
        )
        return Measure("timing", None, "ms", note=note)
    beyond = max(0.0, abs(late) - rules.timing_free) / rules.timing_spread
    where = "early" if late < 0.0 else "late"
    note = (
        "You are on time with the demo."
        if abs(late) <= rules.timing_free
        else f"You are about {abs(late):.0f} ms {where} beside the demo."
    )
    return Measure("timing", float(late), "ms", float(np.exp(-(beyond**2))), note=note)


def _weighted(measures: list[Measure], steady: float, config: EngineConfig) -> list[Measure]:
    """Give each measured part its weight, steadiness as far as there is evidence; the others get the rest."""
    weights = dict(zip(_ORDER, config.rhythm.weights, strict=False))
    if any(measure.name == "timing" and measure.share is not None for measure in measures):
        weights = {name: weight * (1.0 - config.rhythm.timing_weight) for name, weight in weights.items()}
        weights["timing"] = config.rhythm.timing_weight
    weights["steadiness"] *= steady
    total = sum(weights[measure.name] for measure in measures if measure.share is not None)
    return [
        measure if measure.share is None else replace(measure, weight=weights[measure.name] / total)
        for measure in measures
    ]


def _entrainment_note(reading: Reading, trust: float) -> str:
    if trust < 0.5:
        return "Your movement follows this beat hardly more than chance would."
    return f"The beat shows most in your {leading_parts(SIGNALS[i] for i in reading.lock.leaders)}."


def _steadiness_note(reading: Reading, trust: float) -> str:
    steady = reading.steady.consistency
    if steady is None:
        return "The clip is too short to tell whether your pulse stays in place."
    if trust < 0.5:
        return "There is no clear pulse whose place could be followed."
    spread = wander(steady, reading.pulse, reading.lock)
    return f"Your pulse keeps its place to about {spread:.0f} ms."


def _coverage_note(lost: Sequence[tuple[float, float]], trust: float) -> str:
    if trust < 0.5:
        return "The pulse is hardly there."
    if not lost:
        return "You keep the pulse from beginning to end."
    start, end = max(lost, key=lambda stretch: stretch[1] - stretch[0])
    return f"You lose the pulse from {_clock(start)} to {_clock(end)}."


def _clock(seconds: float) -> str:
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02d}"


def _own_pulse_note(reading: Reading, music: Music | None) -> str:
    why = "The clip has no sound" if music is None else "No music can be heard"
    bpm = 60.0 / reading.metre.interval
    return (
        f"{why}, so only the pulse of your own movement was judged (about {bpm:.0f} BPM, at most 15 points)."
    )


def _unmeasured(motion: Motion) -> Score:
    note = "Too little of the movement was seen to tell a pulse from chance."
    return Score("rhythm", None, OUT_OF, 0.0, (), note=note)


def _series(reading: Reading, music: Music | None, own: Reference, config: EngineConfig) -> dict[str, Any]:
    times, offsets = beat_offsets(reading.pulse, reading.lock, reading.metre, config=config)
    found: dict[str, Any] = {
        "bpm": music.bpm if music is not None else 60.0 / reading.metre.interval,
        "beats": [float(time) for time in times] if music is None else [float(time) for time in music.beats],
        "offsets_ms": _plain(offsets if music is None else _nearest(music.beats, times, offsets, reading)),
        "windows": [
            {
                "start": window.start,
                "end": window.end,
                "strength": window.strength,
                "offset_ms": window.offset,
                "entrained": window.entrained(config),
            }
            for window in reading.windows
        ],
        "lost": [list(stretch) for stretch in reading.lost],
        "leaders": [SIGNALS[i] for i in reading.lock.leaders],
    }
    if music is not None and reading.strength >= config.rhythm.clear:
        found["reference"] = own.to_series()
    return found


def _nearest(beats: FloatArray, times: FloatArray, offsets: FloatArray, reading: Reading) -> FloatArray:
    """Offset of the window around each beat; nan where there is none. [shape=(b,)]"""
    near = np.abs(beats[:, None] - times).argmin(axis=1)
    return np.where(np.abs(beats - times[near]) <= 0.6 * reading.metre.interval, offsets[near], np.nan)


def _plain(values: FloatArray) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
