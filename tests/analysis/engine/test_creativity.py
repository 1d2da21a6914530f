"""Creativity: variety of movement, on dances whose repetitions are known."""

import json
from dataclasses import replace

import numpy as np
import pytest

from analysis.engine.clean import clean
from analysis.engine.kinematics import derive
from analysis.engine.scoring.creativity import measure_creativity
from analysis.engine.scoring.poses import load_codebook, mirror_poses, pose_distances, pose_points
from benchmarks.spoil import jittered, looped, mirrored, scaled, travelling

from .dancer import point_light_dancer
from .moves import music_at, points, scores


@pytest.fixture(scope="module", params=[0, 1])
def dance(request):
    return point_light_dancer(120.0, 16.0, seed=request.param)


def reading(pose, bpm=120.0):
    motion = clean(pose)
    return measure_creativity(motion, derive(motion), music_at(bpm, motion.duration))


def test_a_loop_of_two_seconds_loses_a_third_and_more(dance):
    varied = points(dance, "creativity")
    assert points(looped(dance, 2.0), "creativity") < 0.7 * varied
    assert points(point_light_dancer(120.0, 16.0, loop=4), "creativity") < 0.7 * varied


@pytest.mark.parametrize("size", [0.01, 0.02, 0.04])
def test_jitter_is_not_variety(dance, size):
    assert points(jittered(dance, size), "creativity") < points(dance, "creativity") + 1.0


def test_size_place_mirror_and_travelling_do_not_matter(dance):
    before = points(dance, "creativity")
    assert points(scaled(dance, 0.4, 0.25), "creativity") == pytest.approx(before, abs=0.01)
    assert points(mirrored(dance), "creativity") == pytest.approx(before, abs=1e-6)
    assert points(travelling(dance, 0.3), "creativity") == pytest.approx(before, abs=1.0)


def test_a_body_that_stands_strikes_one_pose():
    found = reading(jittered(point_light_dancer(120.0, 12.0, energy=0.0), 0.004))
    assert found.values["entropy"] < 0.02
    assert found.values["recurrence"] > 0.99
    assert found.poses == pytest.approx(1.0, abs=0.1)


def test_larger_movements_are_more_different():
    entropies = [
        np.mean(
            [reading(point_light_dancer(120.0, 16.0, energy=e, seed=s)).values["entropy"] for s in range(3)]
        )
        for e in (0.25, 0.6, 1.0)
    ]
    assert entropies == sorted(entropies) and entropies[-1] > 2 * entropies[0]


def test_recurrence_counts_the_pairs_that_come_back():
    """Four beats of 2 s over and over: with windows of 8 s and lags over 1 s, 3 or 4 lags in 7 s match."""
    found = reading(point_light_dancer(120.0, 32.0, loop=4))
    once = reading(point_light_dancer(120.0, 32.0))
    assert found.values["recurrence"] > once.values["recurrence"] + 0.05


def test_a_longer_clip_gains_nothing():
    lengths = [
        points(point_light_dancer(120.0, seconds, seed=4), "creativity") for seconds in (12.0, 24.0, 96.0)
    ]
    assert max(lengths) - min(lengths) < 4.0


def test_the_codebook_is_its_own_mirror_image():
    codebook = load_codebook()
    assert codebook.shape == (64, 10, 2) and np.isfinite(codebook).all()
    assert pose_distances(codebook, mirror_poses(codebook)).min(axis=1) == pytest.approx(0.0, abs=1e-6)


def test_distances_between_poses_use_what_both_show():
    pose = pose_points(clean(point_light_dancer(120.0, 3.0)))[:2]
    other = pose + np.array([0.3, 0.4])
    assert pose_distances(pose, other).diagonal() == pytest.approx(0.5)
    other[:, 3] = np.nan
    assert pose_distances(pose, other).diagonal() == pytest.approx(0.5)


def test_a_phrase_danced_again_is_not_new_wherever_it_begins():
    """Loops of 2.3 s, which no beat and no step falls in with, on bodies that move much and little."""
    for energy in (0.3, 1.0):
        dance = point_light_dancer(120.0, 16.0, energy=energy, seed=3)
        assert reading(dance).values["novelty"] > 0.4
        assert reading(looped(dance, 2.3)).values["novelty"] < 0.1


def test_a_phrase_that_comes_back_much_later_is_new_again():
    first, other = point_light_dancer(120.0, 4.0, seed=1), point_light_dancer(120.0, 40.0, seed=2)

    def back_after(seconds):
        rows = round(seconds * 15)
        return np.concatenate([first.xy, other.xy[: rows - len(first.xy)], first.xy])

    soon, late = (
        replace(other, xy=back_after(s), t=np.arange(len(back_after(s))) / 15.0) for s in (10.0, 30.0)
    )
    soon, late = (replace(p, visibility=np.ones(p.xy.shape[:2])) for p in (soon, late))
    assert reading(soon).values["novelty"] < reading(late).values["novelty"] - 0.1


def test_a_still_body_does_nothing_new():
    still = jittered(point_light_dancer(120.0, 12.0, energy=0.0), 0.02)
    assert reading(still).values["novelty"] < 0.1
    assert reading(point_light_dancer(120.0, 1.5)).values["novelty"] is None


def test_effort_is_the_range_between_calm_and_brisk():
    even = point_light_dancer(120.0, 16.0)
    calm = point_light_dancer(120.0, 16.0, energy=0.15)
    half = (even.t % 8.0 < 4.0)[:, None, None]
    mixed = replace(even, xy=np.where(half, even.xy, calm.xy))
    assert reading(mixed).values["effort"] > reading(even).values["effort"] + 0.3


def test_without_arms_and_legs_in_sight_there_is_nothing_to_compare():
    hidden = point_light_dancer(120.0, 6.0, hidden=tuple(range(13, 23)) + tuple(range(25, 33)))
    score = scores(hidden)["creativity"]
    assert score.measure("entropy").value is None and score.measure("entropy").note


def test_the_report_is_plain_and_says_what_it_counts(dance):
    score = scores(dance)["creativity"]
    series = json.loads(json.dumps(score.series, allow_nan=False))
    assert len(series["t"]) == len(series["share"]) >= 1
    assert "poses" in score.measure("entropy").note
    assert score.out_of == 20 and 0.0 <= score.points <= 20.0
