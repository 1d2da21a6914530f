"""`python manage.py beats FILE`: tempo and beats of any audio or video file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from analysis.engine.errors import Refusal
from analysis.management.console import clean_output, one_object, tempo

if TYPE_CHECKING:
    from analysis.engine.types import Music


class Command(BaseCommand):
    """A file without music or without sound is a result: `bpm` is null and the exit status 0."""

    help = "Hear the tempo and the beats of an audio or video file."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="an audio or video file")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        parser.add_argument("--target-bpm", type=tempo, metavar="N", help="what the tempo is near, 40..240")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        try:
            with clean_output():
                from analysis.engine.music import hear_file

                music = hear_file(file, target_bpm=options["target_bpm"])
        except Refusal as refusal:
            raise CommandError(f"{file} cannot be heard: {refusal.sentence}") from refusal
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror or error}") from error
        self.stdout.write(one_object(as_json(music)) if options["json"] else as_text(music))


def as_json(music: Music | None) -> dict[str, Any]:
    """What was heard, as plain JSON; without a sound track nothing was."""
    if music is None:
        return {"bpm": None, "beats": [], "clarity": None, "alternatives": [], "duration": None}
    return {
        "bpm": None if music.bpm is None else round(music.bpm, 2),
        "beats": [round(float(beat), 3) for beat in music.beats],
        "clarity": round(music.clarity, 3),
        "alternatives": [
            {"bpm": round(bpm, 2), "salience": round(salience, 3)} for bpm, salience in music.alternatives
        ],
        "duration": round(music.duration, 3),
    }


def as_text(music: Music | None) -> str:
    """What was heard, for people."""
    if music is None:
        return "There is no sound in this file."
    if music.bpm is None:
        return f"No clear beat in {music.duration:.1f} s of sound (pulse clarity {music.clarity:.2f})."
    others = ", ".join(f"{bpm:.1f}" for bpm, _ in music.alternatives) or "none"
    rows = [music.beats[start : start + 8] for start in range(0, len(music.beats), 8)]
    lines = [
        f"{music.bpm:.1f} BPM, {len(music.beats)} beats in {music.duration:.1f} s "
        f"(pulse clarity {music.clarity:.2f}; other tempi: {others})"
    ]
    return "\n".join(lines + ["  " + " ".join(f"{beat:7.3f}" for beat in row) for row in rows])
