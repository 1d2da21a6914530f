"""The engine's findings as the columns of an `Analysis` row: plain JSON, unmeasured is null."""

from __future__ import annotations

import math
from typing import Any

from analysis.engine.types import Analysis as Found
from analysis.engine.types import Measure, Score


def columns(found: Found) -> dict[str, Any]:
    """Everything the row keeps of one run, without the files."""
    scores = {name: _points(score) for name, score in found.scores.items()}
    return {
        **scores,
        "total": found.total,
        "confidence": found.confidence,
        "bpm": None if found.music is None else found.music.bpm,
        "rhythm_basis": found.rhythm_basis,
        "feedback": found.feedback.text,
        "flags": list(found.flags),
        "measures": {name: _score(score) for name, score in found.scores.items()},
        "engine_version": found.engine_version,
        "duration": found.video.duration,
    }


def _points(score: Score) -> int | None:
    return None if score.points is None else round(score.points)


def _score(score: Score) -> dict[str, Any]:
    return {
        "points": score.points,
        "out_of": score.out_of,
        "confidence": _number(score.confidence),
        "note": score.note,
        "measures": [_measure(measure) for measure in score.measures],
    }


def _measure(measure: Measure) -> dict[str, Any]:
    return {
        "name": measure.name,
        "value": _number(measure.value),
        "unit": measure.unit,
        "share": _number(measure.share),
        "weight": measure.weight,
        "note": measure.note,
    }


def _number(value: float | None) -> float | None:
    """JSON has no nan: not measured is null."""
    return None if value is None or not math.isfinite(value) else float(value)
