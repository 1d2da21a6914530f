"""What the report of an analysis looks like on the wire; the engine's ``report`` makes it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from challenges.api.shapes import FEEDBACK
from challenges.models import DIMENSIONS
from idance.api.schema import example


class ReportVideo(serializers.Serializer[Any]):
    """The clip, upright."""

    duration = serializers.FloatField(help_text="Seconds.")
    width = serializers.IntegerField(help_text="Pixels.")
    height = serializers.IntegerField(help_text="Pixels.")
    fps = serializers.FloatField(allow_null=True)
    has_audio = serializers.BooleanField()


class ReportMeasure(serializers.Serializer[Any]):
    """One measured thing behind a score."""

    name = serializers.CharField(help_text="Stable, for the app.")
    value = serializers.FloatField(allow_null=True, help_text="Null when not measured; `note` says why.")
    unit = serializers.CharField()
    share = serializers.FloatField(allow_null=True, help_text="0 to 1: what it earned.")
    weight = serializers.FloatField(allow_null=True, help_text="0 to 1: its part of the score.")
    note = serializers.CharField(help_text="For a person; may be empty.")


class ReportScore(serializers.Serializer[Any]):
    """One dimension as the engine scored it."""

    points = serializers.IntegerField(allow_null=True, help_text="Null when not measured.")
    exact = serializers.FloatField(allow_null=True, help_text="The points before rounding.")
    out_of = serializers.IntegerField()
    confidence = serializers.FloatField(allow_null=True, help_text="0 to 1.")
    note = serializers.CharField(help_text="For a person; may be empty.")
    measures = ReportMeasure(many=True)


class ReportScores(serializers.Serializer[Any]):
    """All four dimensions."""

    balance = ReportScore()
    rhythm = ReportScore()
    smoothness = ReportScore()
    creativity = ReportScore()


class ReportTempo(serializers.Serializer[Any]):
    """A tempo that the music may have."""

    bpm = serializers.FloatField(allow_null=True)
    salience = serializers.FloatField(allow_null=True, help_text="0 to 1.")


class ReportMusic(serializers.Serializer[Any]):
    """What is heard."""

    bpm = serializers.FloatField(allow_null=True, help_text="Null when there is no music in the sound.")
    clarity = serializers.FloatField(allow_null=True, help_text="0 to 1: how clear its pulse is.")
    alternatives = ReportTempo(many=True, help_text="The likeliest first.")


class ReportBeat(serializers.Serializer[Any]):
    """One beat of the music."""

    time = serializers.FloatField(help_text="Seconds.")
    offset_ms = serializers.FloatField(
        allow_null=True,
        help_text="How much later than usual the dancer's pulse came (negative: earlier); null where unclear",
    )


class ReportRest(serializers.Serializer[Any]):
    """A moment at which the body comes to rest between two movements."""

    time = serializers.FloatField(help_text="Seconds.")
    prominence = serializers.FloatField(allow_null=True, help_text="Torso lengths per second.")


class ReportStep(serializers.Serializer[Any]):
    """One step of the routine."""

    number = serializers.IntegerField(min_value=1)
    start = serializers.FloatField(help_text="Seconds.")
    end = serializers.FloatField(help_text="Seconds.")
    name = serializers.CharField()
    repeats = serializers.IntegerField(allow_null=True, help_text="Number of the earlier step it repeats.")
    counts = serializers.ListField(
        child=serializers.IntegerField(), allow_null=True, help_text="First and last count in its eight."
    )
    eight = serializers.IntegerField(allow_null=True, help_text="Which eight of the routine it begins in.")


def _curve(help_text: str) -> serializers.ListField:
    return serializers.ListField(child=serializers.FloatField(allow_null=True), help_text=help_text)


class ReportSeries(serializers.Serializer[Any]):
    """Signals along the clip, all of one length; null where the body was not seen."""

    start = serializers.FloatField(help_text="Seconds, of the first value.")
    rate = serializers.FloatField(help_text="Values per second: 15, fewer in clips of over two minutes.")
    energy = _curve("Of the motion, in (torso lengths per second) squared.")
    limb_speed = _curve("Torso lengths per second.")
    angles = serializers.DictField(child=_curve("Degrees."), help_text="Of each joint, by its name.")


class ReportFeedback(serializers.Serializer[Any]):
    """What the dancer is told."""

    text = serializers.CharField()
    strongest = serializers.ChoiceField(choices=list(DIMENSIONS))
    weakest = serializers.ChoiceField(choices=list(DIMENSIONS))
    evidence = serializers.ListField(child=serializers.CharField())
    exercise = serializers.CharField()
    warnings = serializers.ListField(child=serializers.CharField())


def _score(name: str, points: int, measure: dict[str, Any]) -> dict[str, Any]:
    return {
        "points": points,
        "exact": float(points),
        "out_of": DIMENSIONS[name],
        "confidence": 0.98,
        "note": "",
        "measures": [{**measure, "note": ""}],
    }


REPORT = {
    "engine_version": "1.5.0",
    "total": 85,
    "confidence": 0.92,
    "flags": [],
    "rhythm_basis": "music",
    "video": {"duration": 10.07, "width": 720, "height": 1280, "fps": 30.0, "has_audio": True},
    "scores": {
        "balance": _score(
            "balance",
            20,
            {"name": "capture", "value": 0.1, "unit": "torso lengths", "share": 0.9, "weight": 0.3},
        ),
        "rhythm": _score(
            "rhythm",
            25,
            {"name": "entrainment", "value": 0.8, "unit": "consistency", "share": 0.9, "weight": 0.6},
        ),
        "smoothness": _score(
            "smoothness", 22, {"name": "jerk", "value": -13.4, "unit": "ln", "share": 0.8, "weight": 0.6}
        ),
        "creativity": _score(
            "creativity", 18, {"name": "entropy", "value": 0.7, "unit": "share", "share": 0.9, "weight": 0.4}
        ),
    },
    "music": {"bpm": 120.5, "clarity": 0.74, "alternatives": [{"bpm": 60.2, "salience": 0.79}]},
    "beats": [{"time": 0.151, "offset_ms": None}, {"time": 0.649, "offset_ms": -8.3}],
    "motion_beats": [{"time": 0.456, "prominence": 1.11}],
    "steps": [
        {
            "number": 1,
            "start": 0.0,
            "end": 1.569,
            "name": "Left leg lift",
            "repeats": None,
            "counts": [7, 1],
            "eight": 1,
        }
    ],
    "series": {
        "start": 0.0,
        "rate": 15.0,
        "energy": [0.11, 0.13],
        "limb_speed": [0.43, None],
        "angles": {"left_elbow": [14.5, 15.2], "right_knee": [-10.3, None]},
    },
    "curves": {"balance": {}, "rhythm": {}, "smoothness": {}, "creativity": {}},
    "feedback": {
        "text": FEEDBACK,
        "strongest": "creativity",
        "weakest": "balance",
        "evidence": ["The beat is in your movement, most of all in your hips and head."],
        "exercise": "Stand on one leg for a slow eight before you dance.",
        "warnings": [],
    },
}


@example(REPORT)
class AnalysisReport(serializers.Serializer[Any]):
    """Everything a score was made of."""

    engine_version = serializers.CharField()
    total = serializers.IntegerField(help_text="As the engine scored it, out of 100.")
    confidence = serializers.FloatField(allow_null=True, help_text="0 to 1.")
    flags = serializers.ListField(child=serializers.CharField(), help_text="Codes, such as `no_audio`.")
    rhythm_basis = serializers.ChoiceField(
        choices=["music", "motion", "reference", "none"], help_text="What rhythm was compared with."
    )
    video = ReportVideo()
    scores = ReportScores()
    music = ReportMusic(allow_null=True, help_text="Null without a sound track.")
    beats = ReportBeat(many=True)
    motion_beats = ReportRest(many=True)
    steps = ReportStep(many=True)
    series = ReportSeries()
    curves = serializers.DictField(
        child=serializers.DictField(),
        help_text="What each dimension tells along time, by its name; what is in it varies with the engine.",
    )
    feedback = ReportFeedback()
