"""The moments of rest of movements whose rests are known."""

import numpy as np
import pytest

from analysis.engine.body import LANDMARK_COUNT
from analysis.engine.body import Landmark as L
from analysis.engine.clean import clean
from analysis.engine.kinematics import derive
from analysis.engine.motion_beats import find_motion_beats
from analysis.engine.types import Motion, RawPose

from .dancer import point_light_dancer, shuffled


def swinging(frequency, phase, seconds=10.0, rate=15.0):
    """Every landmark swings sideways; it rests twice per swing."""
    t = np.arange(round(seconds * rate)) / rate
    xy = np.zeros((len(t), LANDMARK_COUNT, 2))
    xy[:, :, 0] = np.cos(2.0 * np.pi * (frequency * t - phase))[:, None] * np.linspace(
        0.2, 0.6, LANDMARK_COUNT
    )
    seen = np.ones(xy.shape[:2])
    motion = Motion(t=t, xy=xy, visibility=seen, observed=seen > 0, torso=0.2, rate=rate)
    return motion, (np.arange(np.ceil(2.0 * seconds * frequency)) / 2.0 + phase) / frequency


@pytest.mark.parametrize("frequency", [0.5, 0.8, 1.0, 1.3])
@pytest.mark.parametrize("phase", [0.05, 0.13, 0.31, 0.4])
def test_rests_are_found_within_ten_milliseconds(frequency, phase):
    motion, rests = swinging(frequency, phase)
    found = find_motion_beats(motion, derive(motion)).times
    inside = rests[(rests > 0.3) & (rests < 9.7)]
    assert np.abs(found[:, None] - inside).min(axis=0).max() < 0.010
    assert len(found) <= len(rests)


def test_a_dancer_rests_where_her_movements_end():
    motion = clean(point_light_dancer(100.0, 15.0))
    times = find_motion_beats(motion, derive(motion)).times
    assert len(times) >= 15
    assert np.diff(times).min() >= 0.19


def test_stillness_and_absence_have_no_beats():
    motion, _ = swinging(1.0, 0.0)
    still = Motion(motion.t, np.zeros_like(motion.xy), motion.visibility, motion.observed, 0.2, 15.0)
    gone = Motion(motion.t, np.full_like(motion.xy, np.nan), motion.visibility, motion.observed, 0.2, 15.0)
    for nothing in (still, gone):
        assert len(find_motion_beats(nothing, derive(nothing)).times) == 0


def test_missing_feet_and_hidden_stretches_are_borne():
    raw = point_light_dancer(110.0, 12.0)
    raw.xy[60:90] = np.nan
    raw.visibility[60:90] = 0.0
    raw.visibility[:, [L.LEFT_ANKLE, L.RIGHT_ANKLE]] = 0.0
    motion = clean(RawPose(raw.t, raw.xy, raw.visibility))
    beats = find_motion_beats(motion, derive(motion))
    assert np.isfinite(beats.times).all() and len(beats.times) > 5
    assert not ((beats.times > 4.1) & (beats.times < 5.9)).any()
    assert (beats.prominence > 0.0).all()


def test_the_same_movement_gives_the_same_beats():
    motion = clean(shuffled(point_light_dancer(90.0, 8.0)))
    first, second = (find_motion_beats(motion, derive(motion)) for _ in range(2))
    np.testing.assert_array_equal(first.times, second.times)
