"""`python manage.py analyze CLIP`: the engine on a file, without server, queue or database."""

from __future__ import annotations

import argparse
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from django.core.management.base import BaseCommand, CommandError

from analysis.engine.config import ENGINE_VERSION
from analysis.engine.errors import Refusal
from analysis.engine.types import ChallengeType, Difficulty
from analysis.management.console import ProgressBar, clean_output, one_object, tempo

if TYPE_CHECKING:
    from analysis.engine.types import Analysis, Score

DIMENSIONS = ("balance", "rhythm", "smoothness", "creativity")


class Command(BaseCommand):
    """A refused clip is a result, not a fault: exit status 0. Faults (no such file) give 1."""

    help = "Analyse a dance clip and print scores, measures, steps and feedback."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("clip", type=Path, help="a video file (MP4, MOV, AVI or WebM, 3 to 300 s)")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        parser.add_argument("--target-bpm", type=tempo, metavar="N", help="what the tempo is near, 40..240")
        parser.add_argument(
            "--type", choices=get_args(ChallengeType), default="freestyle", help="kind of challenge"
        )
        parser.add_argument(
            "--difficulty",
            choices=get_args(Difficulty),
            default="intermediate",
            help="how finely the routine is cut into steps",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        clip: Path = options["clip"]
        if not clip.is_file():
            raise CommandError(f"There is no file {clip}.")
        bar = ProgressBar(sys.stderr)
        try:
            with clean_output():
                # Heavy to import, and its libraries talk.
                from analysis.engine.pipeline import analyze

                found = analyze(
                    clip,
                    challenge_type=options["type"],
                    target_bpm=options["target_bpm"],
                    difficulty=options["difficulty"],
                    progress=bar,
                )
        except Refusal as refusal:
            bar.clear()
            result = refused(refusal)
            text = f"Not scored ({refusal.code}). {refusal.sentence}"
        except OSError as error:
            bar.clear()
            raise CommandError(f"{clip} cannot be read: {error.strerror or error}") from error
        else:
            bar.clear()
            result = completed(found)
            text = table(found)
        self.stdout.write(one_object(result) if options["json"] else text)


def completed(found: Analysis) -> dict[str, Any]:
    """The result of a scored clip, as plain JSON."""
    from analysis.engine.report import measure_json, points

    scores = {name: found.scores.get(name) for name in DIMENSIONS}
    return {
        "status": "completed",
        "error_code": None,
        "error_message": None,
        "scores": {name: None if score is None else points(score) for name, score in scores.items()},
        "total": found.total,
        "confidence": round(found.confidence, 3),
        "bpm": None if found.music is None or found.music.bpm is None else round(found.music.bpm, 2),
        "rhythm_basis": found.rhythm_basis,
        "duration": round(found.video.duration, 3),
        "steps": [{"start": step.start, "end": step.end, "name": step.name} for step in found.steps],
        "feedback": found.feedback.text,
        "flags": list(found.flags),
        "measures": {
            name: [measure_json(measure) for measure in score.measures]
            for name, score in found.scores.items()
        },
        "engine_version": found.engine_version,
        "timings": {stage: round(seconds, 4) for stage, seconds in found.timings.items()},
    }


def refused(refusal: Refusal) -> dict[str, Any]:
    """The result of a clip that cannot be scored: the same fields, nothing invented in them."""
    return {
        "status": "refused",
        "error_code": refusal.code,
        "error_message": refusal.sentence,
        "scores": dict.fromkeys(DIMENSIONS),
        "total": None,
        "confidence": None,
        "bpm": None,
        "rhythm_basis": None,
        "duration": None,
        "steps": [],
        "feedback": "",
        "flags": [],
        "measures": {},
        "engine_version": ENGINE_VERSION,
        "timings": {},
    }


def table(found: Analysis) -> str:
    """The result for people."""
    blocks = [_headline(found), _scores(found), _steps(found), _closing(found)]
    return "\n\n".join(block for block in blocks if block)


def _headline(found: Analysis) -> str:
    video, music = found.video, found.music
    if music is None:
        heard = "no sound"
    elif music.bpm is None:
        heard = "no music heard"
    else:
        heard = f"music at {music.bpm:.1f} BPM"
    picture = f"{video.width}x{video.height} at {video.fps:.3g} fps"
    return (
        f"{video.duration:.1f} s, {picture}, {heard}\nTotal {found.total} of 100, "
        f"confidence {found.confidence:.2f}"
    )


def _scores(found: Analysis) -> str:
    lines = []
    for name in DIMENSIONS:
        score = found.scores[name]
        lines.append(_score_line(name, score))
        for measure in score.measures:
            if measure.value is None:
                lines.append(f"    {measure.name:<16} not measured. {measure.note}".rstrip())
            else:
                earned = "" if measure.share is None else f"earned {measure.share:.0%}"
                lines.append(
                    f"    {measure.name:<16} {measure.value:>9.3f} {measure.unit:<18} {earned}".rstrip()
                )
        if score.points is not None and score.note:
            lines += textwrap.wrap(score.note, 100, initial_indent="    ", subsequent_indent="    ")
    return "\n".join(lines)


def _score_line(name: str, score: Score) -> str:
    if score.points is None:
        return f"{name.capitalize():<12} not measured. {score.note}"
    whole = round(score.points)
    full = round(20 * whole / score.out_of)
    return f"{name.capitalize():<12} {whole:>2} of {score.out_of}  {'█' * full}{'░' * (20 - full)}"


def _steps(found: Analysis) -> str:
    lines = [f"{len(found.steps)} steps"] if found.steps else []
    for number, step in enumerate(found.steps, start=1):
        counts = "" if step.counts is None else f"{step.counts[0]}-{step.counts[1]}"
        again = "" if step.repeats is None else f"  (repeats step {step.repeats})"
        lines.append(f"{number:>4}  {step.start:7.2f} {step.end:7.2f}  {counts:<5} {step.name}{again}")
    return "\n".join(lines)


def _closing(found: Analysis) -> str:
    text = "\n".join(textwrap.wrap(found.feedback.text, 100))
    spent = found.timings["total"]
    return (
        f"{text}\n\nEngine {found.engine_version}, {spent:.1f} s for {found.video.duration:.1f} s of video."
    )
