"""The whole engine on whole clips: what comes out, what is refused, and that it comes out the same again."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from analysis.engine.config import ENGINE_VERSION
from analysis.engine.errors import Refusal
from analysis.engine.pipeline import STAGES, analyze, reference_of, rescore, total_points
from analysis.engine.posedata import dump
from analysis.engine.report import report
from analysis.engine.types import Analysis
from tests.analysis.engine.clips import judged, stored
from tests.analysis.engine.conftest import MakeClip
from tests.analysis.engine.dancer import point_light_dancer
from tests.media import DANCER, PROJECT, Clip, Picture, clicks, dancer, data_folder, flat, room, times

OUT_OF = {"balance": 25, "rhythm": 30, "smoothness": 25, "creativity": 20}


@pytest.fixture(scope="module")
def found() -> Analysis:
    """The bundled clip."""
    return analyze(DANCER)


def refusal(path: Path, **options: str) -> str:
    with pytest.raises(Refusal) as refused:
        analyze(path, **options)  # type: ignore[arg-type]
    return refused.value.code


def frozen(moment: float = 2.0, height: int = 360) -> Clip:
    """One frame of the dancer for as long as the clip lasts."""
    at = dancer(height)
    return Clip(times=times(30, 6.0), picture=lambda t: at(moment))


def stick_figure(t: float) -> Picture:
    """A dancing drawing: lines on white, no body."""
    picture = np.full((360, 240, 3), 250, dtype=np.uint8)
    sway = round(20 * np.sin(2 * np.pi * t))
    picture[80:220, 118 + sway // 2 : 123 + sway // 2] = 0
    picture[40:80, 105 + sway : 137 + sway] = 0
    for side in (-1, 1):
        for k in range(80):
            x = 120 + side * (k * (0.4 + 0.2 * np.sin(2 * np.pi * t)))
            picture[120 + k // 2, round(x) : round(x) + 4] = 0
            picture[220 + k, round(120 + side * k * 0.3) : round(120 + side * k * 0.3) + 4] = 0
    return picture


# --- the bundled clip -------------------------------------------------------------------------------------


def test_the_bundled_clip_is_scored(found: Analysis) -> None:
    assert found.engine_version == ENGINE_VERSION
    assert list(found.scores) == list(OUT_OF)
    for name, score in found.scores.items():
        assert score.out_of == OUT_OF[name]
        assert score.points is not None and 0 <= score.points <= score.out_of
        assert 0.5 < score.confidence <= 1
    assert found.total == total_points(found.scores) and 0 < found.total <= 100
    assert found.confidence > 0.9 and found.rhythm_basis == "music"
    assert found.flags == ()


def test_what_is_known_of_the_bundled_clip_comes_out(found: Analysis) -> None:
    about = json.loads(DANCER.with_suffix(".json").read_text())
    assert found.music is not None and found.music.bpm == pytest.approx(about["bpm"], rel=0.01)
    assert found.video.duration == pytest.approx(about["seconds"], abs=0.1)
    rhythm = found.scores["rhythm"]
    assert rhythm.points is not None and rhythm.points > 20  # the music was made for the movement
    assert len(found.steps) >= 3 and found.steps[0].counts is not None
    assert found.feedback.text and found.feedback.exercise
    assert found.thumbnail is not None and found.thumbnail[:2] == b"\xff\xd8"


def test_sums_do_not_depend_on_the_number_of_cores(found: Analysis) -> None:
    libraries = [library for library in threadpool_info() if library["user_api"] == "blas"]
    assert libraries and all(library["num_threads"] == 1 for library in libraries)


def test_progress_goes_from_nothing_to_all(make_clip: MakeClip) -> None:
    told: list[tuple[str, float]] = []
    analyze(make_clip("dancer.mp4"), progress=lambda stage, share: told.append((stage, share)))
    shares = [share for _, share in told]
    assert shares[0] == 0.0 and shares[-1] == 1.0 and shares == sorted(shares)
    assert list(dict.fromkeys(stage for stage, _ in told)) == list(STAGES)


def test_progress_may_end_the_analysis(make_clip: MakeClip) -> None:
    class Enough(Exception):
        pass

    def stop(stage: str, share: float) -> None:
        if share > 0.4:
            raise Enough

    with pytest.raises(Enough):
        analyze(make_clip("dancer.mp4"), progress=stop)


def test_times_of_all_stages_are_told(found: Analysis) -> None:
    assert {"open", "decode", "convert", "pose", "sound", *STAGES, "total"} == set(found.timings)
    parts = sum(seconds for stage, seconds in found.timings.items() if stage != "total")
    assert parts == pytest.approx(found.timings["total"], rel=0.05, abs=0.1)


# --- the same again ---------------------------------------------------------------------------------------


def test_scoring_from_pose_data_is_the_same_bit_for_bit(found: Analysis) -> None:
    assert report(rescore(dump(found))) == report(found)


def digest(found: Analysis) -> str:
    """Of landmarks, music and everything else, as the bytes that are stored."""
    assert found.thumbnail is not None
    return hashlib.sha256(dump(found) + json.dumps(report(found)).encode() + found.thumbnail).hexdigest()


@pytest.mark.slow
def test_the_same_clip_gives_the_same_in_any_process(found: Analysis) -> None:
    program = "from tests.analysis.engine.test_pipeline import *; print(digest(analyze(DANCER)))"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == digest(found)


# --- what is asked for ------------------------------------------------------------------------------------


def test_difficulty_cuts_the_steps_and_leaves_the_scores() -> None:
    data = stored(point_light_dancer(seconds=24.0))
    levels = {level: rescore(data, difficulty=level) for level in ("beginner", "intermediate", "advanced")}
    assert len(levels["advanced"].steps) > len(levels["beginner"].steps)
    assert len({analysis.total for analysis in levels.values()}) == 1
    assert len({str(analysis.scores) for analysis in levels.values()}) == 1


def test_beside_a_demo_being_late_costs_and_is_told() -> None:
    demo = judged()
    reference = reference_of(demo.scores["rhythm"])
    assert reference is not None
    on_time = judged(reference=reference)
    late = judged(point_light_dancer(lag=0.15), reference=reference)
    assert on_time.rhythm_basis == late.rhythm_basis == "reference"
    points = [analysis.scores["rhythm"].points or 0.0 for analysis in (on_time, late)]
    assert points[0] > points[1] + 1
    assert late.scores["rhythm"].measure("timing").value == pytest.approx(150, abs=15)


def test_without_sound_the_own_pulse_is_judged() -> None:
    silent = judged(heard=False)
    assert silent.rhythm_basis == "motion" and "no_audio" in silent.flags
    assert 0 < (silent.scores["rhythm"].points or 0.0) <= 15
    assert "at most 15 points" in silent.feedback.text


def test_a_dimension_that_cannot_be_measured_adds_nothing_and_is_named() -> None:
    """Lying down, sitting or floor work: nothing of balance can be judged, the rest is."""
    pose = point_light_dancer()
    lying = pose.xy[:, :, ::-1].copy()
    analysis = rescore(stored(type(pose)(pose.t, lying, pose.visibility)))
    balance = analysis.scores["balance"]
    if balance.points is None:
        assert "balance_not_measured" in analysis.flags
        assert "Balance has no points" in " ".join(analysis.feedback.warnings)
    measured = [score.points for score in analysis.scores.values() if score.points is not None]
    assert analysis.total == sum(round(points) for points in measured)


def test_damaged_pose_data_is_a_fault() -> None:
    with pytest.raises(ValueError, match="not pose data"):
        rescore(b"{}")


# --- refusals ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "clip"),
    [
        ("black.mp4", Clip(picture=flat(0), sound=clicks(np.arange(0.2, 3.4, 0.5), 3.5))),
        ("room.mp4", Clip(picture=lambda t: room(360, 480))),
        ("drawing.mp4", Clip(picture=stick_figure)),
    ],
)
def test_where_nobody_is_there_is_nothing_to_score(name: str, clip: Clip, make_clip: MakeClip) -> None:
    assert refusal(make_clip(name, clip)) == "no_person"


@pytest.mark.parametrize("challenge_type", ["freestyle", "static"])
def test_a_picture_is_not_a_dance(challenge_type: str, make_clip: MakeClip) -> None:
    assert refusal(make_clip("frozen.mp4", frozen()), challenge_type=challenge_type) == "no_movement"


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        analyze(tmp_path / "nothing.mp4")


# --- clips of real people ---------------------------------------------------------------------------------


@pytest.mark.wild
@pytest.mark.parametrize(
    ("clip", "code"),
    [
        ("video/mmaction_test.avi", "no_person"),
        ("video/ntu_S001.avi", "no_movement"),
        ("free/controls/js4_ch09a_front__frozen_first_frame.mp4", "no_movement"),
    ],
)
def test_wild_clips_that_are_no_dance(clip: str, code: str) -> None:
    """That drawings are nobody is tested where clips are watched."""
    assert refusal(data_folder() / clip) == code


@pytest.mark.wild
def test_a_wild_frozen_picture_is_refused_in_a_static_challenge_too() -> None:
    clip = data_folder() / "free/controls/js4_ch09a_front__frozen_first_frame.mp4"
    assert refusal(clip, challenge_type="static") == "no_movement"


@pytest.mark.wild
@pytest.mark.slow
def test_a_wild_clip_with_cuts_is_judged_with_its_doubts() -> None:
    found = analyze(data_folder() / "video/letsmove_squats.mp4")
    assert "cuts" in found.flags and len(found.pose.cuts) >= 5
    assert found.confidence < 0.95
    for cut in found.pose.cuts:  # no step goes across a cut
        assert not [step for step in found.steps if step.start < cut - 0.15 and step.end > cut + 0.15]


@pytest.mark.wild
@pytest.mark.slow
def test_a_wild_short_clip_of_a_clear_dancer_is_scored() -> None:
    found = analyze(data_folder() / "video/kelsey_student23.mov")
    assert found.confidence == pytest.approx(0.69, abs=0.05)
    assert found.flags == ("short",)


@pytest.mark.wild
@pytest.mark.slow
def test_a_wild_composed_routine_is_cut_where_it_was_composed() -> None:
    clip = data_folder() / "free/controls/js4_ch09a_front__composed_ABCA.mp4"
    boundaries = json.loads(clip.with_suffix(".json").read_text())["boundaries_s"]
    found = analyze(clip)
    starts = [step.start for step in found.steps][1:]
    assert len(starts) == len(boundaries)
    assert np.abs(np.array(starts) - boundaries).max() < 0.125  # a quarter beat
    assert found.steps[3].repeats == 1 and found.steps[3].name == found.steps[0].name
