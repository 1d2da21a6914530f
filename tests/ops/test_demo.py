"""The demo as a newcomer runs it, with clips that lead elsewhere than to a score."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import imageio_ffmpeg
import pytest

from tests.ops.served import ROOT


def demo(clip: Path, folder: Path, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "idance.demo"],
        cwd=ROOT,
        env={**os.environ, "CLIP": str(clip), "IDANCE_DATA_DIR": str(folder), "WORKERS": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=240,
    )
    return done.returncode, done.stdout


def test_a_path_that_leads_nowhere_is_named_at_once(tmp_path: Path) -> None:
    code, output = demo(tmp_path / "nothing.mp4", tmp_path)
    assert code == 2
    assert f"There is no file {tmp_path / 'nothing.mp4'}. Name a video" in output


@pytest.mark.slow
def test_what_is_no_video_is_refused_in_words_and_that_is_no_failure(tmp_path: Path) -> None:
    clip = tmp_path / "dance.mp4"
    clip.write_text("I am no video, whatever my name says.\n" * 100)
    code, output = demo(clip, tmp_path, WORKER_WARM_UP="false")
    assert code == 0, output
    assert "Refused: " in output and "(HTTP 415)" in output
    assert "Scores" not in output


@pytest.mark.slow
def test_a_black_video_is_refused_with_its_code_and_gets_no_points(tmp_path: Path) -> None:
    clip = tmp_path / "black.mp4"
    black = ["-v", "error", "-f", "lavfi", "-i", "color=black:s=360x640:d=4", "-pix_fmt", "yuv420p"]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), *black, str(clip)], check=True, timeout=60)
    code, output = demo(clip, tmp_path)
    assert code == 0, output
    assert "Refused: no_person" in output
    assert "Nothing was scored, nothing was invented." in output
    assert "Scores" not in output
    assert "Server and worker have stopped" in output
    assert (tmp_path / "demo" / "server.log").read_text().count("Traceback") == 0
