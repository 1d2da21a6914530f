"""Cleaning, on movement whose truth is known because code made it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analysis.engine.body import BODY_JOINTS, COCO17, MIRROR_PAIRS
from analysis.engine.body import Landmark as L
from analysis.engine.clean import _low_pass, _on_grid, alike, clean, finite_runs, resample, torso_length
from analysis.engine.config import DEFAULT
from analysis.engine.errors import Refusal
from analysis.engine.types import FloatArray, RawPose
from tests.analysis.engine.dancer import point_light_dancer

TORSO = 0.2  # frame heights
JOINTS = list(BODY_JOINTS)


def swaying(t: FloatArray, hz: float = 1.0, size: float = 0.5) -> RawPose:
    """A body of points whose wrists and ankles swing up and down by ``size`` torso lengths."""
    xy = np.zeros((len(t), 33, 2))
    places = {
        L.LEFT_SHOULDER: (0.6, 0.3), L.RIGHT_SHOULDER: (0.4, 0.3), L.LEFT_ELBOW: (0.7, 0.4),
        L.RIGHT_ELBOW: (0.3, 0.4), L.LEFT_WRIST: (0.75, 0.5), L.RIGHT_WRIST: (0.25, 0.5),
        L.LEFT_HIP: (0.55, 0.5), L.RIGHT_HIP: (0.45, 0.5), L.LEFT_KNEE: (0.57, 0.65),
        L.RIGHT_KNEE: (0.43, 0.65), L.LEFT_ANKLE: (0.58, 0.8), L.RIGHT_ANKLE: (0.42, 0.8),
    }  # fmt: skip
    for joint, place in places.items():
        xy[:, joint] = place
    for joint in (L.LEFT_WRIST, L.RIGHT_WRIST, L.LEFT_ANKLE, L.RIGHT_ANKLE):
        xy[:, joint, 1] += size * TORSO * np.sin(2 * np.pi * hz * t)
    return RawPose(t=t, xy=xy, visibility=np.ones((len(t), 33)))


def grid(seconds: float = 6.0) -> FloatArray:
    return np.arange(round(seconds * 15)) / 15


def in_frame_heights(raw: RawPose, joint: int) -> FloatArray:
    """A joint of the cleaned movement, brought back to the picture by the still left shoulder."""
    motion = clean(raw)
    offset = np.nanmedian(raw.xy[:, L.LEFT_SHOULDER] - motion.xy[:, L.LEFT_SHOULDER] * motion.torso, axis=0)
    return motion.xy[:, joint] * motion.torso + offset


def test_torso_is_the_unit_and_the_hips_are_the_origin() -> None:
    motion = clean(swaying(grid()))
    assert motion.torso == pytest.approx(TORSO)
    assert torso_length(motion.xy) == pytest.approx(1.0)
    hips = (motion.xy[:, L.LEFT_HIP] + motion.xy[:, L.RIGHT_HIP]) / 2
    assert np.abs(np.median(hips, axis=0)).max() < 1e-9
    assert motion.duration == pytest.approx(6.0)


def test_distance_and_place_of_the_camera_do_not_matter() -> None:
    near = point_light_dancer(jitter=0.02)
    far = replace(near, xy=near.xy * 0.4 + np.array([0.3, -0.1]))
    np.testing.assert_allclose(clean(far).xy, clean(near).xy, atol=1e-9)


def test_input_is_left_as_it_was_and_the_result_is_the_same_again() -> None:
    raw = point_light_dancer(jitter=0.02)
    before = raw.xy.copy()
    first, second = clean(raw), clean(raw)
    np.testing.assert_array_equal(raw.xy, before)
    np.testing.assert_array_equal(first.xy, second.xy)


def test_doubtful_landmarks_are_missing_not_guessed() -> None:
    raw = swaying(grid())
    raw.visibility[:, L.LEFT_ELBOW] = 0.49
    motion = clean(raw)
    assert np.isnan(motion.xy[:, L.LEFT_ELBOW]).all()
    assert not motion.observed[:, L.LEFT_ELBOW].any()
    assert np.isfinite(motion.xy[:, L.RIGHT_ELBOW]).all()


@pytest.mark.parametrize(("rows", "bridged"), [(1, True), (6, True), (7, False), (20, False)])
def test_gaps_up_to_four_tenths_of_a_second_are_bridged(rows: int, bridged: bool) -> None:
    raw = swaying(grid(), hz=0.5)
    raw.visibility[40 : 40 + rows, L.LEFT_WRIST] = 0.0
    motion = clean(raw)
    assert np.isfinite(motion.xy[40 : 40 + rows, L.LEFT_WRIST]).all() == bridged
    assert not motion.observed[40 : 40 + rows, L.LEFT_WRIST].any()
    error = np.abs(in_frame_heights(raw, L.LEFT_WRIST) - raw.xy[:, L.LEFT_WRIST]) / TORSO
    assert np.nanmax(error) < 0.06


def test_nothing_is_invented_before_and_after_what_was_seen() -> None:
    raw = swaying(grid())
    raw.visibility[:3] = raw.visibility[-2:] = 0.0
    motion = clean(raw)
    assert np.isnan(motion.xy[:3]).all() and np.isnan(motion.xy[-2:]).all()
    assert np.isfinite(motion.xy[3:-2, JOINTS]).all()


def test_single_outliers_go_and_real_movement_stays() -> None:
    truth = swaying(grid(), hz=0.5, size=0.3)
    raw = replace(truth, xy=truth.xy.copy())
    spikes = [10, 33, 34, 62]
    raw.xy[spikes, L.LEFT_WRIST] += (0.7 * TORSO, -0.7 * TORSO)
    motion = clean(raw)
    assert not motion.observed[spikes, L.LEFT_WRIST].any()
    assert motion.observed[:, L.RIGHT_WRIST].all()
    error = np.abs(in_frame_heights(raw, L.LEFT_WRIST) - truth.xy[:, L.LEFT_WRIST]) / TORSO
    assert error.max() < 0.1 and np.median(error) < 0.02


def test_a_hit_of_two_frames_is_no_outlier_when_the_body_moves() -> None:
    raw = swaying(grid(), hz=2.5, size=0.6)
    assert clean(raw).observed[:, L.LEFT_WRIST].all()


@pytest.mark.parametrize("rows", [1, 4, 9])
def test_swapped_legs_are_swapped_back(rows: int) -> None:
    truth = point_light_dancer(seconds=8.0)
    raw = replace(truth, xy=truth.xy.copy())
    for left, right in MIRROR_PAIRS[-5:]:
        swapped = raw.xy[50 : 50 + rows, [right, left]]
        raw.xy[50 : 50 + rows, [left, right]] = swapped
    legs = [L.LEFT_KNEE, L.RIGHT_KNEE, L.LEFT_ANKLE, L.RIGHT_ANKLE]
    difference = np.linalg.norm(clean(raw).xy - clean(truth).xy, axis=2)[:, legs]
    assert difference.max() < 0.1
    wrong = np.linalg.norm(raw.xy - truth.xy, axis=2)[:, legs] / truth.xy.std()
    assert wrong.max() > 0.2  # the swap was there


def test_legs_that_cross_are_left_alone() -> None:
    raw = swaying(grid(), size=0.1)
    swing = 0.25 * np.sin(2 * np.pi * 0.8 * raw.t) * TORSO * 4
    for left, right in MIRROR_PAIRS[-4:]:
        raw.xy[:, left, 0], raw.xy[:, right, 0] = 0.5 + swing, 0.5 - swing
    error = np.abs(in_frame_heights(raw, L.LEFT_ANKLE) - raw.xy[:, L.LEFT_ANKLE]) / TORSO
    assert error.max() < 0.1


@pytest.mark.parametrize(("hz", "gain", "within"), [(1.0, 1.0, 0.01), (3.0, 0.98, 0.03), (5.0, 0.707, 0.03)])
def test_the_low_pass_is_three_decibels_down_at_five_hertz(hz: float, gain: float, within: float) -> None:
    raw = swaying(grid(20.0), hz=hz, size=0.08)
    out = in_frame_heights(raw, L.LEFT_WRIST)[60:-60, 1]
    carrier = np.exp(-2j * np.pi * hz * raw.t[60:-60])
    passed = 2 * np.abs(np.mean((out - out.mean()) * carrier)) / (0.08 * TORSO)
    assert passed == pytest.approx(gain, abs=within)


def test_filtering_does_not_delay() -> None:
    raw = swaying(grid(20.0), hz=2.0, size=0.3)
    out = in_frame_heights(raw, L.LEFT_WRIST)[30:-30, 1]
    phase = np.angle(np.mean((out - out.mean()) * np.exp(-2j * np.pi * 2.0 * raw.t[30:-30])))
    assert abs(phase + np.pi / 2) / (2 * np.pi * 2.0) < 0.001  # s


def test_what_comes_after_a_long_gap_changes_nothing_before_it() -> None:
    raw = swaying(grid())
    raw.visibility[40:50] = 0.0
    other = replace(raw, xy=raw.xy.copy())
    other.xy[50:, L.LEFT_WRIST] += (0.1, 0.3)
    np.testing.assert_array_equal(clean(raw).xy[:40, L.LEFT_WRIST], clean(other).xy[:40, L.LEFT_WRIST])


def test_no_shot_reaches_into_the_next() -> None:
    raw = swaying(grid())
    raw.xy[45:] += (0.2, 0.1)
    motion = clean(replace(raw, cuts=(3.0,)))
    assert np.isnan(motion.xy[44]).all()
    assert np.isfinite(motion.xy[[43, 45]][:, JOINTS]).all()
    still = motion.xy[:, L.LEFT_HIP]
    assert np.abs(still[:44] - still[0]).max() < 1e-9
    assert np.abs(still[45:] - still[45]).max() < 1e-9


@pytest.mark.parametrize("fps", [24.0, 25.0, 29.97, 50.0])
def test_frames_beside_the_grid_are_moved_onto_it(fps: float) -> None:
    points = grid()
    frames = np.arange(round(6.0 * fps)) / fps
    nearest = frames[np.abs(frames[None, :] - points[:, None]).argmin(axis=1)]
    truth = swaying(points, hz=1.5)
    seen = swaying(nearest, hz=1.5)
    error = np.abs(clean(seen).xy - clean(truth).xy)[1:-1, L.LEFT_WRIST].max()
    assert error < 0.05
    assert np.abs(seen.xy - truth.xy)[:, L.LEFT_WRIST].max() / TORSO > 2 * error


def test_a_frame_shown_twice_counts_once() -> None:
    points = grid()
    slow = np.floor(points * 10 + 1e-9) / 10  # a clip of 10 fps: every second frame serves two grid points
    motion = clean(swaying(slow, hz=0.5))
    assert motion.observed[:, L.LEFT_WRIST].mean() == pytest.approx(2 / 3, abs=0.02)
    truth = clean(swaying(points, hz=0.5))
    assert np.nanmax(np.abs(motion.xy - truth.xy)[:, L.LEFT_WRIST]) < 0.05


def test_keypoints_of_another_source_and_rate() -> None:
    fast = np.arange(360) / 60
    raw = swaying(fast)
    xy = np.full_like(raw.xy, np.nan)
    xy[:, list(COCO17)] = raw.xy[:, list(COCO17)]
    pose = resample(fast, xy, np.isfinite(xy[:, :, 0]).astype(float))
    np.testing.assert_allclose(pose.t, grid())
    np.testing.assert_allclose(pose.xy[:, L.LEFT_WRIST], swaying(grid()).xy[:, L.LEFT_WRIST], atol=1e-12)
    motion = clean(pose)
    assert np.isfinite(motion.xy[:, JOINTS]).all()
    assert np.isnan(motion.xy[:, L.LEFT_HEEL]).all()


def test_resampling_keeps_gaps() -> None:
    slow = np.arange(60) / 10
    raw = swaying(slow)
    raw.xy[20:25] = np.nan
    pose = resample(slow, raw.xy, raw.visibility)
    missing = np.isnan(pose.xy[:, L.NOSE, 0])
    assert (pose.t[missing] > 1.9).all() and (pose.t[missing] < 2.5).all()
    assert missing.sum() == 9
    assert (pose.visibility[missing] == 0).all()


def test_a_face_alone_is_no_dancer() -> None:
    raw = swaying(grid())
    raw.visibility[:, [L.LEFT_HIP, L.RIGHT_HIP]] = 0.1
    with pytest.raises(Refusal) as refused:
        clean(raw)
    assert refused.value.code == "no_person"


def test_stretches_are_found() -> None:
    assert finite_runs(np.array([True, True, False, True])) == [(0, 2), (3, 4)]
    assert finite_runs(np.array([False, False])) == []


def test_columns_that_are_alike_come_together() -> None:
    table = np.array([[True, False, True], [True, True, True]])
    assert [(list(column), list(places)) for column, places in alike(table)] == [
        ([True, True], [0, 2]),
        ([False, True], [1]),
    ]


def test_joints_that_are_cleaned_together_come_out_as_if_each_were_alone() -> None:
    """Bit for bit, whatever was seen of the others."""
    rng = np.random.default_rng(3)
    xy = np.cumsum(rng.normal(0, 0.01, (120, 5, 2)), axis=0)
    for joint, gap in ((1, slice(40, 44)), (2, slice(60, 80)), (3, slice(40, 44))):
        xy[gap, joint] = np.nan
    at = grid(8.0)
    beside = at + rng.uniform(0, 0.02, len(at))
    together = _low_pass(_on_grid(xy, beside, at, DEFAULT.clean), DEFAULT.clean)
    for joint in range(5):
        alone = _low_pass(_on_grid(xy[:, [joint]], beside, at, DEFAULT.clean), DEFAULT.clean)
        np.testing.assert_array_equal(together[:, [joint]], alone)
    assert np.isnan(together[65:75, 2]).all() and np.isfinite(together[:, [0, 1, 3, 4]]).all()
