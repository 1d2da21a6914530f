"""Watching with the real pose network."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from analysis.engine.body import BODY_JOINTS
from analysis.engine.body import Landmark as L
from analysis.engine.clean import clean, torso_length
from analysis.engine.config import RATE
from analysis.engine.errors import Refusal
from analysis.engine.pose import Watched, watch
from analysis.engine.pose import estimator as estimator_module
from analysis.engine.pose.estimator import MediaPipeEstimator, Region, explain_import_error
from analysis.engine.pose.network import LANDMARKS, without_mask
from analysis.engine.posedata import rounded
from analysis.engine.types import FloatArray
from benchmarks.population import look
from tests.analysis.engine.conftest import MakeClip
from tests.media import (
    PROJECT,
    Clip,
    clicks,
    dancer,
    data_folder,
    far_away,
    flat,
    room,
    side_by_side,
    times,
)

JOINTS = list(BODY_JOINTS)
SHORT = times(30, 3.1)


@pytest.fixture(scope="module")
def plain(make_clip: MakeClip) -> Path:
    return make_clip("watched.mp4", Clip(times=SHORT, picture=dancer(480), sound=clicks([1.0], 3.1)))


@pytest.fixture(scope="module")
def watched(plain: Path) -> Watched:
    return watch(plain)


@pytest.fixture(scope="module")
def estimator() -> MediaPipeEstimator:
    return MediaPipeEstimator()


def apart(one: FloatArray, other: FloatArray) -> float:
    """Median distance of the joints, in torso lengths."""
    n = min(len(one), len(other))
    return float(np.nanmedian(np.linalg.norm(one[:n] - other[:n], axis=2)[:, JOINTS]) / torso_length(other))


def digest(path: Path) -> str:
    pose = watch(path).pose
    return hashlib.sha256(pose.t.tobytes() + pose.xy.tobytes() + pose.visibility.tobytes()).hexdigest()


def test_a_dancer_is_seen_from_the_first_picture_to_the_last(watched: Watched) -> None:
    assert watched.pose.detected.all()
    assert (watched.pose.people, watched.pose.cuts) == (1, ())
    assert len(watched.pose.t) == 47
    assert not watched.truncated
    assert watched.brightness == pytest.approx(0.68, abs=0.05)
    assert watched.sound is not None and len(watched.sound.samples) == pytest.approx(3.1 * 22_050, abs=300)
    assert set(watched.timings) == {"open", "decode", "convert", "pose", "sound"}
    motion = clean(watched.pose)
    assert motion.torso == pytest.approx(0.107, abs=0.01)
    assert motion.observed[:, JOINTS].mean() > 0.95


def test_what_is_returned_is_what_is_stored(watched: Watched) -> None:
    again = rounded(watched.pose)
    np.testing.assert_array_equal(watched.pose.xy, again.xy)
    np.testing.assert_array_equal(watched.pose.visibility, again.visibility)
    np.testing.assert_array_equal(watched.pose.t, again.t)


def test_the_thumbnail_shows_a_picture_of_the_clip(watched: Watched) -> None:
    assert watched.thumbnail is not None
    with Image.open(io.BytesIO(watched.thumbnail)) as image:
        assert image.format == "JPEG" and image.size == (270, 480)
        shown = np.asarray(image.convert("RGB")).astype(float)
    assert min(np.abs(shown - dancer(480)(t)).mean() for t in SHORT[::2]) < 5


def test_the_same_again(plain: Path, watched: Watched) -> None:
    again = watch(plain)
    np.testing.assert_array_equal(again.pose.xy, watched.pose.xy)
    np.testing.assert_array_equal(again.pose.visibility, watched.pose.visibility)
    assert again.thumbnail == watched.thumbnail


@pytest.mark.slow
def test_the_same_in_another_process(plain: Path) -> None:
    script = f"from tests.analysis.engine.test_watch import *; print(digest(Path({str(plain)!r})))"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split()[-1] == digest(plain)


def test_progress_is_told_and_may_end_the_pass(plain: Path) -> None:
    told: list[tuple[str, float]] = []
    watch(plain, progress=lambda stage, share: told.append((stage, share)))
    assert {stage for stage, _ in told} == {"pose"}
    shares = [share for _, share in told]
    assert shares == sorted(shares) and len(shares) >= 3 and 0 <= shares[0] and shares[-1] <= 1

    class Cancelled(Exception):
        pass

    def cancel(stage: str, share: float) -> None:
        if share > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        watch(plain, progress=cancel)


def test_refusals_pass_through(tmp_path: Path) -> None:
    path = tmp_path / "letter.mp4"
    path.write_text("Dear judges")
    with pytest.raises(Refusal) as refused:
        watch(path)
    assert refused.value.code == "unsupported_format"


@pytest.mark.parametrize("empty", ["black", "room"])
def test_where_nobody_is_nobody_is_seen(make_clip: MakeClip, empty: str) -> None:
    nothing = flat(0) if empty == "black" else (lambda t: room(360, 202))
    seen = watch(make_clip(f"{empty}.mp4", Clip(times=times(15, 3.1), picture=nothing)))
    assert not seen.pose.detected.any() and seen.pose.people == 0
    assert np.isnan(seen.pose.xy).all() and (seen.pose.visibility == 0).all()
    assert seen.thumbnail is not None
    with pytest.raises(Refusal) as refused:
        clean(seen.pose)
    assert refused.value.code == "no_person"


def test_a_rotated_clip_gives_the_same_body(make_clip: MakeClip, watched: Watched) -> None:
    upright = dancer(480)
    clip = Clip(times=SHORT, rotation=90, picture=lambda t: np.ascontiguousarray(np.rot90(upright(t))))
    seen = watch(make_clip("lying.mp4", clip))
    assert (seen.video.width, seen.video.height) == (270, 480)
    assert apart(seen.pose.xy, watched.pose.xy) < 0.02


@pytest.mark.slow
@pytest.mark.parametrize(("height", "tolerance"), [(360, 0.05), (180, 0.09)], ids=["a_fifth", "a_tenth"])
def test_a_far_camera_sees_the_same_dance(
    make_clip: MakeClip, watched: Watched, height: int, tolerance: float
) -> None:
    """The body is a fifth, and a tenth, of the height of a large picture."""
    left, top = 800, 700 - height
    scene = far_away(dancer(height), 720, 1280, left=left, top=top)
    seen = watch(make_clip(f"far{height}.mp4", Clip(times=SHORT, picture=scene)))
    assert seen.pose.detected.mean() > 0.95 and seen.pose.people == 1
    near = (seen.pose.xy * 720 - (left, top)) / height
    assert apart(near, watched.pose.xy) < tolerance


def test_one_of_two_is_followed(make_clip: MakeClip, watched: Watched) -> None:
    """The second dances a second behind; the larger one is followed and never left."""
    first, second = dancer(480), dancer(320)

    def pair(t: float) -> np.ndarray:
        small = np.full((480, 180, 3), 190, dtype=np.uint8)
        small[160:] = second(t + 1.0)[:, :180]
        return np.ascontiguousarray(np.hstack([small, first(t)]))

    seen = watch(make_clip("pair.mp4", Clip(times=SHORT, picture=pair)))
    assert seen.pose.people == 2
    assert seen.pose.detected.all()
    assert apart(seen.pose.xy - (180 / 480, 0.0), watched.pose.xy) < 0.03


def test_three_people_are_counted(make_clip: MakeClip) -> None:
    seen = watch(make_clip("three.mp4", Clip(times=SHORT, picture=side_by_side(*[dancer(360)] * 3))))
    assert seen.pose.people == 3
    middle = seen.pose.xy[:, L.LEFT_HIP, 0]
    assert (middle > 202 / 360).all() and (middle < 2 * 202 / 360).all()


def test_slow_clips_repeat_frames_and_say_so(make_clip: MakeClip) -> None:
    seen = watch(make_clip("ten_fps.mp4", Clip(times=times(10, 3.1), picture=dancer(240))))
    assert seen.pose.detected.all()
    assert (np.diff(seen.pose.t) == 0).mean() == pytest.approx(1 / 3, abs=0.05)
    assert np.abs(seen.pose.t - np.arange(len(seen.pose.t)) / RATE).max() <= 0.051


# --- the network itself -------------------------------------------------------------------------------


def test_answers_do_not_depend_on_what_was_asked_before(estimator: MediaPipeEstimator) -> None:
    one, other = dancer(480)(1.0), dancer(480)(3.0)
    region = estimator.find(one)[0].region
    first = estimator.look(one, region)
    estimator.find(other)
    estimator.look(other, Region(0.2, 0.3, 0.7, 0.4))
    second = estimator.look(one, region)
    assert first is not None and second is not None
    np.testing.assert_array_equal(first.xy, second.xy)
    np.testing.assert_array_equal(first.visibility, second.visibility)
    assert first.region == second.region


def test_a_body_is_found_where_it_is(estimator: MediaPipeEstimator) -> None:
    picture = dancer(480)(2.0)
    (sighting,) = estimator.find(picture)
    body = estimator.look(picture, sighting.region)
    assert body is not None and sighting.score > 0.8
    hips = (body.xy[L.LEFT_HIP] + body.xy[L.RIGHT_HIP]) / 2
    assert np.hypot(*(hips - (sighting.region.x, sighting.region.y))) < 0.2 * sighting.region.reach
    assert sighting.region.size == pytest.approx(body.region.size, rel=0.15)
    shifted = np.ascontiguousarray(np.hstack([np.zeros_like(picture), picture]))
    (beside,) = estimator.find(shifted)
    assert beside.region.x - sighting.region.x == pytest.approx(picture.shape[1] / 480, abs=0.02)


def test_without_the_mask_the_landmarks_are_the_same(
    estimator: MediaPipeEstimator, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, cut = (packages() / LANDMARKS).read_bytes(), without_mask((packages() / LANDMARKS).read_bytes())
    assert len(layers(whole)) - len(layers(cut)) == 46
    with pytest.raises(RuntimeError, match="Install requirements.txt again"):
        without_mask(cut)

    monkeypatch.setattr(estimator_module, "networks_without_mask", lambda packages: nullcontext(packages))
    ready_made = MediaPipeEstimator()
    for t in (0.5, 1.0, 2.0):
        picture = dancer(480)(t)
        region = estimator.find(picture)[0].region
        one, other = estimator.look(picture, region), ready_made.look(picture, region)
        assert one is not None and other is not None and one.region == other.region
        np.testing.assert_array_equal(one.xy, other.xy)
        np.testing.assert_array_equal(one.visibility, other.visibility)


def packages() -> Path:
    import mediapipe

    return Path(mediapipe.__file__).parents[1]


def layers(model: bytes) -> list[object]:
    from mediapipe.tasks.metadata import schema_py_generated as schema

    return list(schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(model, 0)).subgraphs[0].operators)


def test_loading_is_silent(capfd: pytest.CaptureFixture[str]) -> None:
    MediaPipeEstimator()
    captured = capfd.readouterr()
    assert captured.out == "" and captured.err == ""


@pytest.mark.slow
def test_it_is_the_network_of_mediapipe(plain: Path, watched: Watched) -> None:
    """The same landmarks as MediaPipe's ready-made solution, but for its smoothing of the region."""
    import av
    import mediapipe

    rows = []
    with mediapipe.solutions.pose.Pose(model_complexity=1, smooth_landmarks=False) as solution:
        with av.open(str(plain)) as container:
            for i, frame in enumerate(container.decode(video=0)):
                if i % 2 == 0:
                    marks = solution.process(frame.to_ndarray(format="rgb24")).pose_landmarks.landmark
                    rows.append([(mark.x * frame.width / frame.height, mark.y) for mark in marks])
    assert apart(watched.pose.xy, np.array(rows)) < 0.015


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("libGL.so.1: cannot open shared object file: No such file or directory", "apt-get install libgl1"),
        ("libEGL.so.1: cannot open shared object file", "apt-get install libegl1"),
        ("libgomp.so.1: cannot open shared object file", "apt-get install libgomp1"),
        ("No module named 'mediapipe'", "requirements.txt"),
    ],
)
def test_a_missing_library_is_named_with_its_package(message: str, says: str) -> None:
    assert says in explain_import_error(message)


def test_without_mediapipe_the_error_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mediapipe", None)
    with pytest.raises(RuntimeError, match="The pose network cannot be loaded"):
        MediaPipeEstimator()


def test_only_the_adapter_imports_mediapipe() -> None:
    users = sorted(
        path.relative_to(PROJECT).as_posix()
        for package in ("accounts", "analysis", "breakdowns", "challenges", "feed", "idance")
        for path in (PROJECT / package).rglob("*.py")
        if re.search(r"^\s*(import|from) mediapipe", path.read_text(), re.MULTILINE)
    )
    assert users == ["analysis/engine/pose/estimator.py", "analysis/engine/pose/network.py"]


# --- real clips ---------------------------------------------------------------------------------------


@pytest.mark.wild
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "people", "detected"),
    [
        ("fiyud_dance.mp4", 3, 0.95),
        ("vibeold_dance.mp4", 2, 0.9),
        ("olin_test.mp4", 1, 0.95),
        ("kelsey_student23.mov", 1, 0.95),
        ("besir_dancing.mp4", 1, 0.95),
        ("jvs_dance.mp4", 1, 0.95),
        ("ntu_S001.avi", 1, 0.95),
        ("letsmove_squats.mp4", 1, 0.95),
    ],
)
def test_people_of_real_clips(name: str, people: int, detected: float) -> None:
    pose = look(data_folder() / "video" / name).pose  # watched once for all tests of these clips
    assert pose.people == people
    assert pose.detected.mean() >= detected
    assert bool(pose.cuts) == (name == "letsmove_squats.mp4")
    assert len(pose.cuts) in {0, 14}


@pytest.mark.wild
@pytest.mark.slow
@pytest.mark.parametrize("name", ["copycat.mp4", "wan_pose.mp4"])
def test_drawings_are_nobody(name: str) -> None:
    assert watch(data_folder() / "video" / name).pose.detected.mean() < 0.1
