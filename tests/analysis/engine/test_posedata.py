"""The pose data file: what goes in comes out, bit for bit, and damage is told."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from analysis.engine.clean import clean
from analysis.engine.config import ENGINE_VERSION
from analysis.engine.posedata import encode, load, rounded
from analysis.engine.types import Music, RawPose, Video
from tests.analysis.engine.dancer import point_light_dancer

VIDEO = Video(
    duration=12.013, width=720, height=1280, fps=29.97, rotation=90, codec="hevc", container="mov",
    has_audio=True, truncated=True, brightness=0.412,
)  # fmt: skip

MUSIC = Music(
    clarity=0.1 + 0.2, bpm=119.98765432101234, beats=np.arange(24) * 60 / 119.98765432101234,
    alternatives=((59.99, 0.7), (239.9, 1 / 3)), onset=np.random.default_rng(0).random(517),
    onset_rate=22050 / 512, duration=12.0,
)  # fmt: skip


@pytest.fixture
def pose() -> RawPose:
    """A dancer out of sight for a while, with times beside the grid."""
    raw = point_light_dancer(jitter=0.01)
    raw.xy[20:31] = np.nan
    raw.visibility[20:31] = 0.0
    return rounded(replace(raw, t=raw.t + 0.0123456789, people=2, cuts=(3.3333333, 7.0)))


def same(one: Any, other: Any) -> bool:
    """Equal in every field, nan and all."""
    pairs = [(getattr(one, field.name), getattr(other, field.name)) for field in fields(one)]
    return all(
        np.array_equal(a, b, equal_nan=True) if isinstance(a, np.ndarray) else a == b for a, b in pairs
    )


def test_everything_comes_back_bit_for_bit(pose: RawPose) -> None:
    data = load(encode(VIDEO, pose, MUSIC))
    assert data.video == VIDEO
    assert same(data.pose, pose)
    assert data.music is not None and same(data.music, MUSIC)


def test_a_clip_without_sound_and_music_without_a_pulse(pose: RawPose) -> None:
    video, read, music = load(encode(VIDEO, pose))
    assert music is None and video == VIDEO and read.people == 2
    silent = replace(MUSIC, bpm=None, beats=np.empty(0), alternatives=())
    back = load(encode(VIDEO, pose, silent)).music
    assert back is not None and same(back, silent)


def test_cleaning_what_was_loaded_gives_the_same_movement(pose: RawPose) -> None:
    again = load(encode(VIDEO, pose)).pose
    first, second = clean(pose), clean(again)
    np.testing.assert_array_equal(first.xy, second.xy)
    np.testing.assert_array_equal(first.observed, second.observed)


def test_rounding_is_far_below_what_the_network_can_see() -> None:
    raw = point_light_dancer()
    stored = rounded(raw)
    assert np.abs(stored.xy - raw.xy).max() <= 0.5e-5
    assert np.abs(stored.visibility - raw.visibility).max() <= 0.5e-3
    assert np.abs(stored.t - raw.t).max() <= 0.5e-6
    assert same(rounded(stored), stored)


def test_the_file_is_small(pose: RawPose) -> None:
    seconds = len(pose.t) / 15
    assert len(encode(VIDEO, pose)) < 9_000 * seconds


def test_the_file_says_what_it_is(pose: RawPose) -> None:
    content = json.loads(encode(VIDEO, pose, motion=clean(pose)))
    assert (content["format"], content["version"]) == ("idance.pose", 1)
    assert content["engine_version"] == ENGINE_VERSION
    assert content["motion"]["torso"] == pytest.approx(0.17, abs=0.01)
    assert content["pose"]["xy"][25] is None


def damaged(content: dict[str, Any], *path: Any, value: Any = None) -> bytes:
    """The content with one value changed, or taken away."""
    place = content
    for key in path[:-1]:
        place = place[key]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return json.dumps(content).encode()


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("format",), "other", "format is not named"),
        (("version",), 2, "version 2"),
        (("video",), None, '"video"'),
        (("video", "fps"), None, "'fps' is missing"),
        (("video", "width"), "wide", '"video"'),
        (("pose",), [], '"pose"'),
        (("pose", "t"), [3, 2, 1], "do not ascend"),
        (("pose", "t"), [0, 1], "rows for 2 times"),
        (("pose", "xy", 3), [1, 2, 3], "3 numbers in row 3"),
        (("pose", "xy", 3), ["x"] * 66, '"pose"'),
        (("pose", "xy", 3), {"a": 1}, '"pose"'),
        (("pose", "visibility"), None, "'visibility' is missing"),
        (("pose", "people"), "many", '"pose"'),
        (("pose", "cuts"), 7, '"pose"'),
        (("music",), {"bpm": 120}, '"music"'),
        (("music", "beats"), "loud", '"music"'),
    ],
)
def test_damage_is_told(pose: RawPose, path: tuple[Any, ...], value: Any, says: str) -> None:
    content = json.loads(encode(VIDEO, pose, MUSIC))
    with pytest.raises(ValueError, match=says):
        load(damaged(content, *path, value=value))


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[]", b"null", b'"idance.pose"'])
def test_what_is_no_pose_data(data: bytes) -> None:
    with pytest.raises(ValueError, match="not pose data"):
        load(data)
