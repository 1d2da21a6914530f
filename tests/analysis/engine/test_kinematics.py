"""Angles, velocities and the centre of mass of bodies whose geometry is known."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.engine.body import COCO17, LANDMARK_COUNT, SEGMENTS
from analysis.engine.body import Landmark as L
from analysis.engine.clean import clean
from analysis.engine.kinematics import ANGLE_NAMES, derive, differentiate, head
from analysis.engine.types import Motion
from benchmarks.spoil import mirrored, travelling, twice

from .dancer import point_light_dancer

RATE = 15.0


def motion_of(xy):
    seen = np.isfinite(xy[:, :, 0])
    return Motion(np.arange(len(xy)) / RATE, xy, seen.astype(float), seen, 0.2, RATE)


def standing(frames=30):
    """Upright, arms hanging, legs straight; torso of length 1, hips at the origin."""
    body = np.zeros((LANDMARK_COUNT, 2))
    for side, sign in (("LEFT", 1.0), ("RIGHT", -1.0)):
        body[L[f"{side}_EAR"]] = sign * 0.1, -1.45
        body[L[f"{side}_SHOULDER"]] = sign * 0.3, -1.0
        body[L[f"{side}_ELBOW"]] = sign * 0.3, -0.5
        body[L[f"{side}_WRIST"]] = sign * 0.3, 0.0
        body[L[f"{side}_HIP"]] = sign * 0.2, 0.0
        body[L[f"{side}_KNEE"]] = sign * 0.2, 0.8
        body[L[f"{side}_ANKLE"]] = sign * 0.2, 1.6
    body[L.NOSE] = 0.0, -1.4
    return np.repeat(body[None], frames, axis=0)


def angle(kin, name):
    return np.degrees(kin.angles[:, ANGLE_NAMES.index(name)])


def test_a_straight_body_has_straight_joints():
    kin = derive(motion_of(standing()))
    for name in ("left_elbow", "right_elbow", "left_knee", "right_knee", "trunk", "neck"):
        assert angle(kin, name) == pytest.approx(0.0, abs=1e-9)
    # The trunk is wider above: the thigh goes on straight but for that.
    tilt = np.degrees(np.arctan2(0.1, 1.0))
    assert np.abs(angle(kin, "left_hip")) == pytest.approx(tilt)
    assert np.abs(angle(kin, "left_shoulder")) == pytest.approx(180.0 - tilt)


@pytest.mark.parametrize("degrees", [-120.0, -45.0, 30.0, 90.0, 170.0])
def test_a_bent_elbow_is_as_bent_as_it_is(degrees):
    xy = standing()
    turn = np.radians(degrees)
    xy[:, L.LEFT_WRIST] = xy[:, L.LEFT_ELBOW] + 0.5 * np.array([-np.sin(turn), np.cos(turn)])
    assert angle(derive(motion_of(xy)), "left_elbow") == pytest.approx(degrees)


def test_an_arm_that_circles_is_followed_past_the_half_turn():
    t = np.arange(60) / RATE
    xy = standing(60)
    swing = 2 * np.pi * 0.5 * t  # half a turn per second, two turns in all
    xy[:, L.LEFT_ELBOW] = xy[:, L.LEFT_SHOULDER] + 0.5 * np.stack([np.sin(swing), np.cos(swing)], axis=1)
    kin = derive(motion_of(xy))
    turned = angle(kin, "left_shoulder")
    assert np.abs(np.diff(turned)).max() < 20.0
    assert abs(turned[-1] - turned[0]) == pytest.approx(180.0 * t[-1])
    speed = np.abs(kin.angular_velocity[5:-5, ANGLE_NAMES.index("left_shoulder")])
    assert speed == pytest.approx(np.pi, rel=1e-6)


def test_after_a_gap_an_angle_goes_on_from_the_nearest_turn():
    t = np.arange(60) / RATE
    xy = standing(60)
    swing = np.pi + 0.8 * np.sin(2 * np.pi * 0.5 * t)  # swings through the half turn
    xy[:, L.LEFT_ELBOW] = xy[:, L.LEFT_SHOULDER] + 0.5 * np.stack([np.sin(swing), np.cos(swing)], axis=1)
    xy[20:25, L.LEFT_ELBOW] = np.nan
    turned = angle(derive(motion_of(xy)), "left_shoulder")
    assert np.isnan(turned[20:25]).all()
    assert np.nanmax(turned) - np.nanmin(turned) < 100.0


def test_lean_is_positive_to_the_right_of_the_picture():
    xy = standing()
    upper = [L.LEFT_SHOULDER, L.RIGHT_SHOULDER, L.LEFT_EAR, L.RIGHT_EAR, L.NOSE]
    lean = np.radians(20.0)
    turn = np.array([[np.cos(lean), -np.sin(lean)], [np.sin(lean), np.cos(lean)]])
    xy[:, upper] = xy[:, upper] @ turn.T
    kin = derive(motion_of(xy))
    assert angle(kin, "trunk") == pytest.approx(20.0)
    assert angle(kin, "neck") == pytest.approx(0.0, abs=1e-6)


def test_derivatives_of_a_parabola_are_exact_inside_and_stop_at_gaps():
    t = np.arange(20) / RATE
    values = (3.0 * t**2 - t)[:, None]
    values[8] = np.nan
    slope = differentiate(values, RATE)[:, 0]
    inside = [i for i in range(1, 19) if i not in (7, 8, 9)]
    assert slope[inside] == pytest.approx(6.0 * t[inside] - 1.0)
    assert np.isnan(slope[8])
    assert slope[7] == pytest.approx((values[7, 0] - values[6, 0]) * RATE)


def test_a_value_without_neighbours_has_no_derivative():
    assert np.isnan(differentiate(np.array([[1.0], [np.nan], [2.0]]), RATE)).all()
    assert np.isnan(differentiate(np.array([[1.0]]), RATE)).all()


def test_the_centre_of_mass_is_where_the_segments_say():
    kin = derive(motion_of(standing()))
    heights = {
        "head": -1.45,
        "trunk": -1.0 + 0.4383,
        "upper arm": -1.0 + 0.5763 * 0.5,
        "forearm and hand": -0.5 + 0.63 * 0.5,
        "thigh": 0.3854 * 0.8,
        "shank and foot": 0.8 + 0.555 * 0.8,
    }
    mass = [s.mass for s in SEGMENTS]
    height = [heights[s.name.removeprefix("left ").removeprefix("right ")] for s in SEGMENTS]
    assert kin.com[0, 1] == pytest.approx(np.average(height, weights=mass), abs=1e-9)
    assert kin.com[:, 0] == pytest.approx(0.0, abs=1e-9)
    assert kin.energy == pytest.approx(0.0)


def test_a_body_that_glides_has_the_speed_of_its_glide():
    xy = standing(30)
    xy[:, :, 0] += (0.6 * np.arange(30) / RATE)[:, None]
    kin = derive(motion_of(xy))
    assert kin.com_velocity[:, 0] == pytest.approx(0.6)
    assert kin.energy == pytest.approx(0.5 * 0.6**2)
    assert kin.limb_speed == pytest.approx(0.6)


def test_a_hand_out_of_sight_does_not_jerk_the_centre_of_mass():
    xy = standing(30)
    xy[:, [L.LEFT_ELBOW, L.LEFT_WRIST]] += 0.8  # far from the body
    xy[12:16, [L.LEFT_ELBOW, L.LEFT_WRIST]] = np.nan
    kin = derive(motion_of(xy))
    assert np.isfinite(kin.com).all()
    assert np.abs(kin.com_velocity).max() < 1e-9


def test_without_a_thigh_there_is_no_centre_of_mass():
    xy = standing(30)
    xy[10:20, L.LEFT_KNEE] = np.nan
    kin = derive(motion_of(xy))
    assert np.isnan(kin.com[10:20]).all() and np.isfinite(kin.com[:10]).all()
    assert np.isnan(kin.energy[10:20]).all()


def test_the_head_stays_where_it_is_when_an_ear_is_hidden():
    xy = standing(30)
    xy[10:20, L.LEFT_EAR] = np.nan
    assert head(xy) == pytest.approx(np.broadcast_to([0.0, -1.45], (30, 2)))
    xy[:, [L.LEFT_EAR, L.RIGHT_EAR]] = np.nan
    assert head(xy) == pytest.approx(np.broadcast_to([0.0, -1.4], (30, 2)))


def test_coco_keypoints_are_enough():
    pose = point_light_dancer(seconds=6.0)
    only = np.full_like(pose.xy, np.nan)
    only[:, list(COCO17)] = pose.xy[:, list(COCO17)]
    kin, full = derive(clean(replace(pose, xy=only))), derive(clean(pose))
    assert kin.com == pytest.approx(full.com)
    assert kin.angles == pytest.approx(full.angles)


def test_a_mirror_swaps_left_and_right_and_nothing_else():
    pose = point_light_dancer(seconds=6.0)
    kin, other = derive(clean(pose)), derive(clean(mirrored(pose)))
    for name in ("elbow", "shoulder", "hip", "knee"):
        assert angle(other, f"left_{name}") == pytest.approx(angle(kin, f"right_{name}"))
    assert angle(other, "trunk") == pytest.approx(-angle(kin, "trunk"))
    assert other.energy == pytest.approx(kin.energy)
    assert other.limb_speed == pytest.approx(kin.limb_speed)


def test_nothing_is_derived_across_a_cut():
    kin = derive(clean(twice(travelling(point_light_dancer(seconds=6.0), 1.0))))
    still = derive(clean(travelling(point_light_dancer(seconds=6.0), 1.0)))
    assert np.nanmax(kin.speed) == pytest.approx(np.nanmax(still.speed), rel=0.05)
