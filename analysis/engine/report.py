"""Everything a score was made of, as plain JSON for charts. See ``report`` for the form."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from analysis.engine.types import Analysis, FloatArray, Measure, Music, Score, Step

#: Series longer than this are thinned: neighbouring values are averaged, and ``rate`` says how many are left.
MOST_POINTS: Final = 1800


def report(analysis: Analysis) -> dict[str, Any]:
    """What the app draws its charts from. Every number is finite; what was not measured is null.

    Returns
    -------
    dict with

    - ``engine_version``, ``total``, ``confidence``, ``flags``, ``rhythm_basis``;
    - ``video``: duration (s), width, height (px, upright), fps, has_audio;
    - ``scores``: for each dimension points (whole), exact (unrounded), out_of, confidence, note and measures,
      each with value, unit, share (0..1, what it earned), weight (its part of the score) and note;
    - ``music``: bpm, clarity, alternatives; null without a sound track;
    - ``beats``: for each beat its time (s) and ``offset_ms``, how much later (earlier: negative) than usual
      the dancer's own pulse came around it; null where the pulse was not clear or nothing was heard;
    - ``motion_beats``: moments at which the body comes to rest, with their prominence (torso lengths / s);
    - ``steps``: number, start, end (s), name, repeats, counts, eight;
    - ``series``: ``start`` (s) and ``rate`` (Hz) of equally long lists: ``energy`` (kinetic, (torso
      lengths / s)^2), ``limb_speed`` (torso lengths / s), and ``angles``: joint angles in degrees by name.
      The rate is 15 Hz for clips of up to two minutes; longer ones are averaged over 2 or 3 neighbours;
    - ``curves``: what each dimension tells along time, as its module describes it;
    - ``feedback``: text, strongest, weakest, evidence, exercise, warnings.
    """
    return {
        "engine_version": analysis.engine_version,
        "total": analysis.total,
        "confidence": _number(analysis.confidence),
        "flags": list(analysis.flags),
        "rhythm_basis": analysis.rhythm_basis,
        "video": {
            "duration": _number(analysis.video.duration),
            "width": analysis.video.width,
            "height": analysis.video.height,
            "fps": _number(analysis.video.fps),
            "has_audio": analysis.video.has_audio,
        },
        "scores": {name: _score(score) for name, score in analysis.scores.items()},
        "music": None if analysis.music is None else _music(analysis.music),
        "beats": _beats(analysis),
        "motion_beats": [
            {"time": _number(time), "prominence": _number(prominence)}
            for time, prominence in zip(
                analysis.motion_beats.times, analysis.motion_beats.prominence, strict=True
            )
        ],
        "steps": [_step(number, step) for number, step in enumerate(analysis.steps, start=1)],
        "series": _series(analysis),
        "curves": {
            name: _thinned(plain(score.series), len(analysis.motion.t))
            for name, score in analysis.scores.items()
        },
        "feedback": {
            "text": analysis.feedback.text,
            "strongest": analysis.feedback.strongest,
            "weakest": analysis.feedback.weakest,
            "evidence": list(analysis.feedback.evidence),
            "exercise": analysis.feedback.exercise,
            "warnings": list(analysis.feedback.warnings),
        },
    }


def plain(value: Any) -> Any:
    """Numbers, lists and dicts that JSON knows; nan and infinity become None. TypeError for anything else."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, (float, np.floating)):
        return _number(float(value))
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no place in a report")


def points(score: Score) -> int | None:
    """Points as they are shown; None when the dimension was not measured."""
    return None if score.points is None else round(score.points)


def measure_json(measure: Measure) -> dict[str, Any]:
    """One measure with what it earned."""
    return {
        "name": measure.name,
        "value": _number(measure.value),
        "unit": measure.unit,
        "share": _number(measure.share),
        "weight": _number(measure.weight),
        "note": measure.note,
    }


def _score(score: Score) -> dict[str, Any]:
    return {
        "points": points(score),
        "exact": _number(score.points),
        "out_of": score.out_of,
        "confidence": _number(score.confidence),
        "note": score.note,
        "measures": [measure_json(measure) for measure in score.measures],
    }


def _music(music: Music) -> dict[str, Any]:
    return {
        "bpm": _number(music.bpm),
        "clarity": _number(music.clarity),
        "alternatives": [
            {"bpm": _number(bpm), "salience": _number(salience)} for bpm, salience in music.alternatives
        ],
    }


def _step(number: int, step: Step) -> dict[str, Any]:
    return {
        "number": number,
        "start": _number(step.start),
        "end": _number(step.end),
        "name": step.name,
        "repeats": step.repeats,
        "counts": None if step.counts is None else list(step.counts),
        "eight": step.eight,
    }


def _beats(analysis: Analysis) -> list[dict[str, Any]]:
    """Each beat of the music with the dancer's offset around it."""
    offsets = analysis.scores["rhythm"].series.get("offsets_ms") if "rhythm" in analysis.scores else None
    times: list[float] = [] if analysis.music is None else analysis.music.beats.tolist()
    if offsets is None or len(offsets) != len(times):
        offsets = [None] * len(times)
    return [
        {"time": _number(time), "offset_ms": None if offset is None else _number(offset, 1)}
        for time, offset in zip(times, offsets, strict=True)
    ]


def _series(analysis: Analysis) -> dict[str, Any]:
    """Signals along the clip, thinned where they are long."""
    kin, motion = analysis.kinematics, analysis.motion
    every = _every(len(motion.t))

    def series(values: FloatArray, digits: int) -> list[float | None]:
        return [_number(value, digits) for value in _averaged(values, every)]

    return {
        "start": _number(motion.t[0] + (every - 1) / 2 / motion.rate) if len(motion.t) else 0.0,
        "rate": motion.rate / every,
        "energy": series(kin.energy, 4),
        "limb_speed": series(kin.limb_speed, 3),
        "angles": {
            name: series(np.degrees(kin.angles[:, column]), 1) for column, name in enumerate(kin.angle_names)
        },
    }


def _every(count: int) -> int:
    """How many neighbours are averaged into one."""
    return max(1, math.ceil(count / MOST_POINTS))


def _averaged(values: FloatArray, every: int) -> FloatArray:
    """Means of ``every`` neighbours; nan where none of them was measured. [shape=(ceil(n / every),)]"""
    if every == 1:
        return values
    padded = np.concatenate([values, np.full(-len(values) % every, np.nan)]).reshape(-1, every)
    seen = np.isfinite(padded)
    count = seen.sum(axis=1)
    return np.where(count > 0, np.where(seen, padded, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)


def _thinned(curves: Any, count: int) -> Any:
    """Lists with a value per frame, with every so many left out in a long clip."""
    every = _every(count)
    if every == 1 or not isinstance(curves, dict):
        return curves
    return {
        name: values[::every] if isinstance(values, list) and len(values) == count else values
        for name, values in curves.items()
    }


def _number(value: float | None, digits: int = 4) -> float | None:
    """JSON has no nan: not measured is null."""
    return None if value is None or not math.isfinite(value) else round(float(value), digits)
