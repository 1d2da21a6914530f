"""Smoothness: flow against shaking, on movements whose jerk is known."""

import json
from dataclasses import replace

import numpy as np
import pytest

from analysis.engine.body import LANDMARK_COUNT
from analysis.engine.body import Landmark as L
from analysis.engine.clean import clean
from analysis.engine.kinematics import derive
from analysis.engine.scoring.smoothness import measure_smoothness, raw_measures, score_smoothness
from analysis.engine.types import Motion
from benchmarks.spoil import jittered, mirrored, scaled, shuffled, travelling, twice

from .dancer import point_light_dancer
from .moves import points, scores

RATE = 15.0


@pytest.fixture(scope="module", params=[0, 1])
def dance(request):
    return point_light_dancer(120.0, 12.0, seed=request.param)


def swing(hertz, size=0.5, seconds=12.0, shake=0.0):
    """Every landmark swings sideways in a pure sine, with a faster one on top."""
    t = np.arange(round(seconds * RATE)) / RATE
    xy = np.zeros((len(t), LANDMARK_COUNT, 2))
    way = size * np.sin(2 * np.pi * hertz * t) + shake * np.sin(2 * np.pi * 4.5 * t)
    xy[:, :, 0] = way[:, None] + np.arange(LANDMARK_COUNT)
    seen = np.ones(xy.shape[:2])
    return Motion(t, xy, seen, seen > 0, 0.2, RATE)


def test_the_jerk_of_a_sine_is_as_calculated():
    """Third differences shrink a frequency f by (sin(pi f / rate) / (pi f / rate))**3, speeds by its root."""
    hertz, size = 1.0, 0.5
    omega = 2 * np.pi * hertz
    seen = np.sinc(hertz / RATE)
    jerk = (size * omega**3 * seen**3) ** 2 / 2  # mean square
    path = 2.0 * 4 * size * hertz  # 2 s window, without the little that chords cut off
    expected = -np.log(jerk * 2.0**6 / path**2)
    value = raw_measures(motion := swing(hertz), derive(motion))["smoothness.jerk"]
    assert value == pytest.approx(expected, abs=0.1)


def test_slow_power_tells_what_is_faster_than_3_hz():
    motion = swing(1.0, shake=0.05)
    value = raw_measures(motion, derive(motion))["smoothness.slow_power"]
    seen = np.sinc(4.5 / RATE) / np.sinc(1.0 / RATE)
    assert value == pytest.approx(np.log((0.5 * 1.0) ** 2 / (0.05 * 4.5 * seen) ** 2), abs=0.15)


def test_size_does_not_matter_to_jerk():
    small, large = (raw_measures(m := swing(0.8, size=size), derive(m)) for size in (0.3, 1.2))
    assert small["smoothness.jerk"] == pytest.approx(large["smoothness.jerk"], abs=1e-6)


def test_jitter_costs_more_the_more_there_is(dance):
    got = [points(dance, "smoothness")]
    got += [points(jittered(dance, size), "smoothness") for size in (0.01, 0.02, 0.04)]
    assert (np.diff(got) < -1.0).all()


def test_shuffled_frames_are_not_smooth(dance):
    assert points(shuffled(dance), "smoothness") < 4.0


def test_size_place_mirror_and_travelling_do_not_matter(dance):
    before = points(dance, "smoothness")
    assert points(scaled(dance, 0.4, 0.25), "smoothness") == pytest.approx(before, abs=0.01)
    assert points(mirrored(dance), "smoothness") == pytest.approx(before, abs=1e-6)
    assert points(travelling(dance, 0.3), "smoothness") == pytest.approx(before, abs=1.5)


def test_the_dance_danced_twice_is_as_smooth(dance):
    assert points(twice(dance), "smoothness") == pytest.approx(points(dance, "smoothness"), abs=1.0)


def test_a_longer_clip_is_not_smoother():
    short, long = (points(point_light_dancer(120.0, seconds), "smoothness") for seconds in (6.0, 48.0))
    assert long == pytest.approx(short, abs=2.0)


def test_who_does_not_move_is_not_judged():
    score = scores(point_light_dancer(120.0, 6.0, energy=0.0))["smoothness"]
    assert score.points is None and score.confidence == 0.0
    assert all(measure.share is None for measure in score.measures)
    assert "moved" in score.note


def test_a_clip_shorter_than_a_window_is_not_judged():
    motion = swing(1.0, seconds=1.5)
    assert score_smoothness(motion, derive(motion)).points is None


def test_hidden_joints_are_left_out_not_guessed(dance):
    motion = clean(point_light_dancer(120.0, 12.0, hidden=(15, 16)))
    reading = measure_smoothness(motion, derive(motion))
    assert np.isnan(reading.jerk).any(axis=0).sum() >= 2
    assert score_smoothness(motion, derive(motion)).points is not None


def test_arc_length_is_told_and_not_scored(dance):
    arc = scores(dance)["smoothness"].measure("arc_length")
    assert arc.value is not None and arc.weight == 0.0 and arc.share is None


def test_the_report_shows_shares_along_time_and_by_part(dance):
    score = scores(dance)["smoothness"]
    series = json.loads(json.dumps(score.series, allow_nan=False))
    assert len(series["t"]) == len(series["share"]) > 5
    assert set(series["parts"]) == {"left_arm", "right_arm", "left_leg", "right_leg", "trunk"}
    assert all(0.0 <= share <= 1.0 for share in series["share"] if share is not None)


def test_the_part_that_shakes_is_named():
    dance = point_light_dancer(120.0, 12.0)
    shaking = jittered(dance, 0.04)
    arm = [L.LEFT_ELBOW, L.LEFT_WRIST]
    xy = dance.xy.copy()
    xy[:, arm] = shaking.xy[:, arm]
    calm, shaken = (scores(replace(dance, xy=way))["smoothness"].series["parts"] for way in (dance.xy, xy))
    assert shaken.pop("left_arm") < calm.pop("left_arm") - 0.2
    assert shaken == calm
