"""The engine on the command line: what is printed, where, and the exit status."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from analysis.engine.config import ENGINE_VERSION
from analysis.engine.errors import Refusal
from analysis.management.commands.analyze import completed, refused, table
from analysis.management.console import ProgressBar, clean_output
from tests.analysis.engine.clips import judged
from tests.media import DANCER, PROJECT, Clip, clicks, flat, write

FIELDS = {
    "status", "error_code", "error_message", "scores", "total", "confidence", "bpm", "rhythm_basis",
    "duration", "steps", "feedback", "flags", "measures", "engine_version", "timings",
}  # fmt: skip


def manage(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """`python manage.py ...` as in a terminal, where there is neither a database nor a configuration."""
    return subprocess.run(
        [sys.executable, str(PROJECT / "manage.py"), *arguments],
        env=os.environ | {"IDANCE_DATA_DIR": str(folder / "var")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_analyze_prints_one_object_and_nothing_else(tmp_path: Path) -> None:
    done = manage("analyze", str(DANCER), "--json", "--target-bpm", "127", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    printed = json.loads(done.stdout)
    assert set(printed) == FIELDS
    assert printed["status"] == "completed" and printed["error_code"] is None
    assert printed["total"] == sum(printed["scores"].values())
    assert all(isinstance(points, int) for points in printed["scores"].values())
    assert printed["bpm"] == pytest.approx(127, abs=1)
    assert all(set(step) == {"start", "end", "name"} for step in printed["steps"])
    assert "\r" not in done.stderr  # no progress bar where nobody looks
    assert not list(tmp_path.rglob("*.sqlite3"))


@pytest.mark.slow
def test_a_refused_clip_is_a_result(tmp_path: Path) -> None:
    black = write(tmp_path / "black.mp4", Clip(picture=flat(0)))
    done = manage("analyze", str(black), "--json", "--type", "static", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert set(printed) == FIELDS
    assert printed["status"] == "refused" and printed["error_code"] == "no_person"
    assert set(printed["scores"].values()) == {None} and printed["total"] is None


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    done = manage("analyze", str(tmp_path / "nothing.mp4"), "--json", folder=tmp_path)
    assert done.returncode == 1 and done.stdout == ""
    assert "There is no file" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["analyze", "beats"])
@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("39", "between 40 and 240"),
        ("241", "between 40 and 240"),
        ("nan", "between"),
        ("fast", "not a number"),
    ],
)
def test_an_impossible_tempo_is_refused(command: str, argument: str, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command(command, str(DANCER), f"--target-bpm={argument}")


def test_an_unknown_challenge_type_is_refused() -> None:
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("analyze", str(DANCER), "--type=tango")


def test_what_is_no_video_is_refused_with_a_sentence(tmp_path: Path) -> None:
    text = tmp_path / "dance.mp4"
    text.write_text("not a video")
    out = io.StringIO()
    call_command("analyze", str(text), stdout=out)
    assert out.getvalue().startswith("Not scored (unsupported_format). This kind of file cannot be read.")


# --- beats ------------------------------------------------------------------------------------------------


def heard(path: Path, *options: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("beats", str(path), "--json", *options, stdout=out)
    return dict(json.loads(out.getvalue()))


def drum(folder: Path, bpm: float = 100.0, seconds: float = 12.0) -> Path:
    sound = clicks(np.arange(0.3, seconds - 0.1, 60 / bpm), seconds)
    return write(
        folder / "drum.mp4", Clip(picture=flat(90, 90, 160), sound=sound, times=(0.0, seconds - 0.1))
    )


def test_beats_are_heard_where_they_are(tmp_path: Path) -> None:
    printed = heard(drum(tmp_path))
    assert set(printed) == {"bpm", "beats", "clarity", "alternatives", "duration"}
    assert printed["bpm"] == pytest.approx(100, abs=0.5)
    true = np.arange(0.3, 11.9, 0.6)
    assert all(np.abs(true - beat).min() < 0.03 for beat in printed["beats"][1:-1])


def test_the_target_settles_the_octave(tmp_path: Path) -> None:
    assert heard(drum(tmp_path), "--target-bpm=200")["bpm"] == pytest.approx(200, abs=1)


def test_beats_for_people(tmp_path: Path) -> None:
    out = io.StringIO()
    call_command("beats", str(drum(tmp_path)), stdout=out)
    assert out.getvalue().startswith("100.0 BPM, ")


def test_without_sound_no_beat_is_invented(tmp_path: Path) -> None:
    silent = write(tmp_path / "silent.mp4", Clip(picture=flat(90, 90, 160), times=(0.0, 1.0, 2.0)))
    assert heard(silent) == {"bpm": None, "beats": [], "clarity": None, "alternatives": [], "duration": None}
    with pytest.raises(CommandError, match="There is no file"):
        call_command("beats", str(tmp_path / "nothing.mp3"))


# --- what is printed --------------------------------------------------------------------------------------


def test_the_table_tells_scores_reasons_steps_and_feedback() -> None:
    found = judged()
    text = table(found)
    assert f"Total {found.total} of 100" in text
    for name, score in found.scores.items():
        assert f"{name.capitalize():<12} {round(score.points or 0):>2} of {score.out_of}" in text
    for step in found.steps:
        assert step.name in text
    assert found.feedback.exercise.split()[0].lower() in text.lower()
    assert max(map(len, text.splitlines())) <= 110


def test_what_was_not_measured_is_null_and_said() -> None:
    found = judged(heard=False)
    printed = completed(found)
    assert printed["bpm"] is None and printed["rhythm_basis"] == "motion"
    assert json.loads(json.dumps(printed, allow_nan=False)) == printed
    assert "no sound" in table(found)


def test_a_refusal_has_the_same_fields() -> None:
    printed = refused(Refusal("no_person"))
    assert set(printed) == FIELDS
    assert printed["engine_version"] == ENGINE_VERSION
    assert printed["error_message"].startswith("No dancer can be seen")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_is_drawn_on_terminals_alone() -> None:
    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        bar = ProgressBar(stream)
        bar("pose", 0.25)
        bar("pose", 0.25)
        bar("scores", 1.0)
        bar.clear()
    assert file.getvalue() == ""
    assert terminal.getvalue().count("25%") == 1 and "100%  scores" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r")


def test_what_libraries_print_does_not_reach_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    with clean_output():
        os.write(1, b"noise from C\n")
    os.write(1, b"the result\n")
    out, err = capfd.readouterr()
    assert out == "the result\n" and "noise from C" in err
