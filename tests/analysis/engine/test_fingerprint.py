"""Copies of a video are recognised, other dancers are not; words find them among many."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis.engine import fingerprint as prints
from analysis.engine.body import LANDMARK_COUNT
from analysis.engine.pose import watch
from analysis.engine.types import Fingerprint, RawPose
from idance.files import ffmpeg
from tests.media import DANCER, data_folder

#: How a video is changed before it is posted again: seconds to leave out, and options of ffmpeg.
COPIES = {
    "coarse, small and in bars": (0.0, ("-vf", "scale=-2:360,pad=iw:ih*1.4:0:ih*0.2", "-crf", "34")),
    "mirrored, trimmed, slower": (1.1, ("-vf", "hflip,setpts=PTS/0.95", "-t", "4.5")),
}


def taken(path: Path) -> Fingerprint:
    watched = watch(path)
    return prints.fingerprint(watched.pictures, watched.pose)


def changed(source: Path, folder: Path, how: str) -> Path:
    seek, options = COPIES[how]
    target = folder / "copy.mp4"
    arguments = ("-an", "-preset", "ultrafast", *options)
    ffmpeg.run(source, *arguments, target=target, seek=seek, seconds=60)
    return target


def dance(seed: int, seconds: float = 12.0) -> RawPose:
    """A movement that nobody made, smooth and of a dancer's size."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * 15)) / 15
    rest = np.random.default_rng(0).uniform(-0.2, 0.2, (LANDMARK_COUNT, 2)) + (0.3, 0.5)
    rest[[11, 12, 23, 24]] = [[0.35, 0.3], [0.25, 0.3], [0.33, 0.5], [0.27, 0.5]]
    tempo, phase = rng.uniform(0.3, 1.1, (2, LANDMARK_COUNT, 2)), rng.uniform(0, 6.3, (2, LANDMARK_COUNT, 2))
    sway = sum(np.sin(6.283 * tempo[k] * t[:, None, None] + phase[k]) for k in (0, 1))
    sway[:, [11, 12, 23, 24]] *= 0.1
    return RawPose(t=t, xy=rest + 0.05 * sway, visibility=np.ones((len(t), LANDMARK_COUNT)))


def made(pose: RawPose) -> Fingerprint:
    return prints.fingerprint(np.zeros((0, 64, 64), np.uint8), pose)


def trembling(pose: RawPose, seed: int, size: float = 0.004) -> RawPose:
    return replace(pose, xy=pose.xy + np.random.default_rng(seed).normal(0, size, pose.xy.shape))


def cut(pose: RawPose, start: int, stop: int) -> RawPose:
    rows = slice(start, stop)
    return replace(pose, t=pose.t[rows] - pose.t[start], xy=pose.xy[rows], visibility=pose.visibility[rows])


def test_it_survives_being_stored() -> None:
    rng = np.random.default_rng(1)
    pictures = rng.integers(0, 256, (11, 64, 64), np.uint8)
    found = prints.fingerprint(pictures, dance(1))
    again = prints.decode(prints.encode(found))
    for name in ("pictures", "changes", "scene", "movement"):
        assert np.array_equal(getattr(again, name), getattr(found, name))
    with pytest.raises(ValueError, match="not a fingerprint"):
        prints.decode(b"something else")


def test_bars_brightness_and_mirrors_leave_the_hash() -> None:
    rng = np.random.default_rng(2)
    scene = np.repeat(np.repeat(rng.integers(40, 200, (8, 8), np.uint8), 6, 0), 8, 1)[None]
    plain = prints.fingerprint(scene, dance(2))
    barred = np.zeros((1, 64, 64), np.uint8)
    barred[:, 8:56] = scene + 30
    assert (prints.fingerprint(barred, dance(2)).pictures ^ plain.pictures).mean() < 0.05
    turned = prints.fingerprint(scene[:, :, ::-1].copy(), dance(2))
    assert (turned.pictures ^ plain.pictures).mean() > 0.2
    assert (turned.pictures ^ prints.mirrored(plain).pictures).mean() < 0.05


def test_a_trimmed_copy_says_where_it_begins() -> None:
    whole = dance(3)
    likeness = prints.compare(made(whole), made(trembling(cut(whole, 30, 120), 5)))
    assert likeness is not None and likeness.same and not likeness.mirrored
    assert likeness.offset == pytest.approx(2.0, abs=0.1)
    assert likeness.speed == pytest.approx(1.0, abs=0.015)


@pytest.mark.parametrize("seed", range(4))
def test_copies_share_words_and_others_hardly(seed: int) -> None:
    own = dance(10 + seed)
    wanted = set(prints.probes(made(own)))
    assert len(wanted & set(prints.words(made(trembling(own, seed))))) >= 2
    mirrored = prints.mirrored(made(trembling(own, seed)))
    assert len(wanted & set(prints.words(mirrored))) >= 2
    assert len(wanted & set(prints.words(made(dance(50 + seed))))) <= 1


@pytest.mark.parametrize("seed", range(4))
def test_the_same_steps_with_another_timing_are_no_copy(seed: int) -> None:
    steps = dance(20 + seed)
    rng = np.random.default_rng(seed)
    late = np.interp(steps.t, steps.t[::15], rng.normal(0, 0.08, len(steps.t[::15])))
    flat = steps.xy.reshape(len(steps.t), -1)
    other = np.stack([np.interp(steps.t + late, steps.t, column) for column in flat.T], axis=1)
    size = 1 + rng.normal(0, 0.2, (1, LANDMARK_COUNT, 2))
    middle = steps.xy.mean(axis=0)
    xy = middle + (other.reshape(steps.xy.shape) - middle) * size
    likeness = prints.compare(made(steps), made(replace(steps, xy=xy)))
    assert likeness is not None and not likeness.same, likeness


def test_too_little_to_compare() -> None:
    assert prints.compare(made(dance(1)), made(cut(dance(1), 0, 20))) is None


@pytest.mark.slow
@pytest.mark.parametrize("how", COPIES)
def test_copies_of_the_bundled_dancer(tmp_path: Path, how: str) -> None:
    own, copy = taken(DANCER), taken(changed(DANCER, tmp_path, how))
    likeness = prints.compare(own, copy)
    assert likeness is not None and likeness.same
    assert likeness.mirrored == ("mirrored" in how)
    assert set(prints.probes(own)) & set(prints.words(copy))


@pytest.mark.slow
@pytest.mark.wild
def test_copies_of_a_real_dancer_and_dancers_of_the_same_steps(tmp_path: Path) -> None:
    clip = data_folder() / "video" / "kelsey_student23.mov"
    own = taken(clip)
    likeness = prints.compare(own, taken(changed(clip, tmp_path, "mirrored, trimmed, slower")))
    assert likeness is not None and likeness.same and likeness.mirrored
    # Two of three friends who dance the same steps side by side.
    friends = []
    for crop in ("crop=270:900:0:300", "crop=226:900:494:300"):
        part = tmp_path / "friend.mp4"
        ffmpeg.run(
            data_folder() / "video" / "fiyud_dance.mp4",
            *("-an", "-vf", crop, "-t", "6", "-preset", "ultrafast"),
            target=part,
            seconds=60,
        )
        friends.append(taken(part))
    between = prints.compare(*friends)
    assert between is None or not between.same
