"""Steps: cut on the count, named after what moves, found again when they come again."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.engine.body import Landmark as L
from analysis.engine.clean import clean
from analysis.engine.kinematics import derive
from analysis.engine.step_names import measure_step, name_steps
from analysis.engine.steps import find_steps
from analysis.engine.types import FloatArray, Motion, Music, RawPose, Step
from tests.analysis.engine.dancer import mirror, point_light_dancer

BPM = 120.0
RATE = 15.0


def music(seconds: float, bpm: float = BPM) -> Music:
    beats = np.arange(0.0, seconds - 1e-6, 60.0 / bpm)
    return Music(0.5, bpm, beats, ((bpm, 1.0),), np.zeros(round(seconds * 43)), 43.0, seconds)


def steps(pose: RawPose, heard: Music | None, **options: str) -> tuple[Step, ...]:
    motion = clean(pose)
    return find_steps(motion, derive(motion), heard, **options)  # type: ignore[arg-type]


def routine(order: str, beats: int = 8, bpm: float = BPM) -> RawPose:
    """One move per letter, each of its own loop of four beats, joined within .3 s."""
    seconds = beats * 60.0 / bpm
    parts = {
        letter: point_light_dancer(bpm, seconds, loop=4, bounce=0.05, seed=ord(letter)).xy
        for letter in set(order)
    }
    xy = np.concatenate([parts[letter] for letter in order])
    length = len(xy) // len(order)
    for boundary in range(length, len(xy), length):
        share = 0.5 - 0.5 * np.cos(np.pi * np.arange(5) / 5)
        old = xy[boundary - 1]
        new = xy[boundary : boundary + 5]
        xy[boundary : boundary + 5] = old + share[:, None, None] * (new - old)
    return RawPose(np.arange(len(xy)) / RATE, xy, np.full(xy.shape[:2], 0.98))


@pytest.mark.parametrize("order", ["ABCA", "ABAC", "BCDE", "AABC"])
def test_boundaries_of_a_composed_routine(order: str) -> None:
    pose = routine(order)
    found = steps(pose, music(len(pose.t) / RATE), difficulty="beginner")
    starts = {step.start for step in found}
    changes = {4.0 * k for k in range(1, 4) if order[k] != order[k - 1]}
    assert changes <= {round(start, 3) for start in starts}
    assert len(found) == 4


def test_a_move_that_comes_again_keeps_its_name_and_says_so() -> None:
    found = steps(routine("ABCA"), music(16.0), difficulty="beginner")
    assert [step.repeats for step in found] == [None, None, None, 1]
    assert found[3].name == found[0].name
    assert len({step.name for step in found[:3]}) == 3


def test_steps_are_counted_in_eights() -> None:
    found = steps(routine("ABCA"), music(16.0), difficulty="beginner")
    assert [step.counts for step in found] == [(1, 8)] * 4
    assert [step.eight for step in found] == [1, 2, 3, 4]


@pytest.mark.parametrize("order", ["ABCDE", "AABBA", "ABACA"])
def test_a_beat_is_the_same_count_however_finely_the_routine_is_cut(order: str) -> None:
    pose = routine(order, beats=7)
    heard = music(len(pose.t) / RATE)
    ones = set()
    for difficulty in ("beginner", "intermediate", "advanced"):
        for step in steps(pose, heard, difficulty=difficulty):
            assert step.counts is not None
            ones.add((round(2 * step.start) - step.counts[0] + 1) % 8)
    assert len(ones) == 1


def test_steps_follow_one_another_within_their_limits() -> None:
    pose = point_light_dancer(BPM, 40.0)
    for difficulty in ("beginner", "intermediate", "advanced"):
        found = steps(pose, music(40.0), difficulty=difficulty)
        edges = [found[0].start, *(step.end for step in found)]
        assert edges[0] == 0.0 and edges[-1] == pytest.approx(40.0, abs=0.01)
        assert all(one.end == two.start for one, two in zip(found, found[1:], strict=False))
        lengths = np.diff(edges)
        assert lengths.min() >= 0.5 and lengths.max() <= 8.5 * 60 / BPM
        assert 2 <= np.median(lengths) * BPM / 60 <= 8


def test_difficulty_moves_the_fineness() -> None:
    pose = point_light_dancer(BPM, 40.0, seed=3)
    count = {
        difficulty: len(steps(pose, music(40.0), difficulty=difficulty))
        for difficulty in ("beginner", "intermediate", "advanced")
    }
    assert count["beginner"] <= count["intermediate"] < count["advanced"]


@pytest.mark.parametrize("heard", [None, music(4.0, 120.0)])
def test_without_beats_the_rests_of_the_body_carry_the_steps(heard: Music | None) -> None:
    if heard is not None:
        heard = Music(0.1, None, np.zeros(0), (), heard.onset, 43.0, 4.0)
    found = steps(point_light_dancer(100.0, 20.0, seed=1), heard)
    assert len(found) >= 4
    assert all(step.counts is None and step.eight is None for step in found)
    assert max(step.end - step.start for step in found) <= 5.0


def test_what_was_not_seen_is_in_no_step() -> None:
    pose = point_light_dancer(BPM, 24.0)
    away = (pose.t >= 8.0) & (pose.t < 12.0)
    xy = pose.xy.copy()
    xy[away] = np.nan
    visibility = np.where(away[:, None], 0.0, pose.visibility)
    found = steps(RawPose(pose.t, xy, visibility), music(24.0))
    assert found[0].start == 0.0 and found[-1].end == pytest.approx(24.0, abs=0.01)
    assert not [step for step in found if step.start < 11.9 and step.end > 8.1]


def test_a_cut_ends_a_step() -> None:
    pose = point_light_dancer(BPM, 12.0)
    cut = RawPose(pose.t, pose.xy, pose.visibility, cuts=(5.3,))
    found = steps(cut, music(12.0))
    assert any(abs(step.start - 5.3) < 0.15 for step in found)
    assert not any(step.start < 5.2 and step.end > 5.4 for step in found)


@pytest.mark.parametrize("part", ["legs", "arms"])
def test_a_half_seen_body_is_cut_too(part: str) -> None:
    legs = [place for place in L if place >= L.LEFT_KNEE]
    arms = [L.LEFT_ELBOW, L.RIGHT_ELBOW, *(place for place in L if L.LEFT_WRIST <= place <= L.RIGHT_THUMB)]
    pose = point_light_dancer(BPM, 12.0, hidden=legs if part == "legs" else arms)
    found = steps(pose, music(12.0))
    assert len(found) >= 2
    words = " ".join(step.name.lower() for step in found)
    assert ("leg" if part == "legs" else "arm") not in words


def test_a_still_body_holds() -> None:
    found = steps(point_light_dancer(BPM, 8.0, energy=0.0), music(8.0))
    assert {step.name for step in found} == {"Hold"}
    assert [step.repeats for step in found[1:]] == [1] * (len(found) - 1)


@pytest.mark.parametrize("seconds", [3.0, 3.4, 4.1])
def test_the_shortest_clips_have_a_step(seconds: float) -> None:
    found = steps(point_light_dancer(80.0, seconds), music(seconds, 80.0))
    assert found and found[-1].end <= seconds + 0.1


def test_the_same_again() -> None:
    pose = point_light_dancer(BPM, 20.0, seed=5)
    assert steps(pose, music(20.0)) == steps(pose, music(20.0))


def test_five_minutes_stay_cheap(benchmark_seconds: float = 5.0) -> None:
    from time import process_time

    pose = point_light_dancer(BPM, 300.0)
    motion = clean(pose)
    kin = derive(motion)
    begun = process_time()
    found = find_steps(motion, kin, music(300.0), difficulty="advanced")
    assert (
        process_time() - begun < benchmark_seconds
    )  # it takes about a second; quadratic cost would take minutes
    assert len(found) > 100


# --- names -----------------------------------------------------------------------------------------------


def stand(seconds: float = 4.0) -> RawPose:
    return point_light_dancer(BPM, seconds, energy=0.0)


def named(xy: FloatArray, hidden: tuple[L, ...] = ()) -> str:
    """Name of the second half of a movement whose first half is a still stand."""
    still = stand(len(xy) / RATE)
    pose = RawPose(
        np.arange(2 * len(xy)) / RATE, np.concatenate([still.xy, xy]), np.full((2 * len(xy), 33), 0.98)
    )
    motion = clean(pose)
    half = len(xy) / RATE
    return name_steps(motion, derive(motion), [Step(half, 2 * half, "")])[0]


def ramp(n: int) -> FloatArray:
    return np.sin(np.pi * np.arange(n) / (n - 1)) ** 2


def right_arm_up(xy: FloatArray) -> FloatArray:
    xy = xy.copy()
    shoulder = xy[:, L.RIGHT_SHOULDER].copy()
    angle = np.pi * ramp(len(xy))  # hanging down to straight up
    along = np.stack([-np.sin(angle), np.cos(angle)], axis=1) * 0.17
    xy[:, L.RIGHT_ELBOW] = shoulder + 0.56 * along
    for hand in (L.RIGHT_WRIST, L.RIGHT_PINKY, L.RIGHT_INDEX, L.RIGHT_THUMB):
        xy[:, hand] = shoulder + 1.04 * along
    return xy


def bend(xy: FloatArray) -> FloatArray:
    xy = xy.copy()
    upper = [place for place in L if place < L.LEFT_KNEE]
    xy[:, upper, 1] += (0.8 * 0.17 * ramp(len(xy)))[:, None]
    xy[:, [L.LEFT_KNEE, L.RIGHT_KNEE], 1] += (0.4 * 0.17 * ramp(len(xy)))[:, None]
    return xy


def step_aside(xy: FloatArray) -> FloatArray:
    """To the dancer's own left, which is the right of the picture."""
    xy = xy.copy()
    xy[:, :, 0] += (0.9 * 0.17 * np.minimum(np.arange(len(xy)) / (0.7 * len(xy)), 1.0))[:, None]
    return xy


def spin_left(xy: FloatArray) -> FloatArray:
    """A whole turn about the vertical, the face first to the right of the picture (the dancer's own left)."""
    xy = xy.copy()
    angle = 2 * np.pi * np.arange(len(xy)) / (len(xy) - 1)
    middle = xy[:, [L.LEFT_HIP, L.RIGHT_HIP], 0].mean(axis=1)
    depth = np.zeros(33)
    depth[: L.LEFT_SHOULDER] = 0.06  # frame heights: the face is before the shoulders
    depth[[L.LEFT_EAR, L.RIGHT_EAR]] = 0.0
    side = xy[:, :, 0] - middle[:, None]
    xy[:, :, 0] = middle[:, None] + side * np.cos(angle)[:, None] + depth * np.sin(angle)[:, None]
    return xy


@pytest.mark.parametrize(
    ("move", "name", "mirrored"),
    [
        (right_arm_up, "Right arm up", "Left arm up"),
        (bend, "Deep bend", "Deep bend"),
        (step_aside, "Step to the left", "Step to the right"),
        (spin_left, "Spin to the left", "Spin to the right"),
    ],
)
def test_names_say_what_happens(move, name: str, mirrored: str) -> None:  # type: ignore[no-untyped-def]
    xy = move(stand().xy)
    assert named(xy) == name
    assert named(mirror(xy - [0.56, 0.0]) + [0.0, 0.0]) == mirrored


def test_measures_of_unseen_joints_are_missing() -> None:
    motion = clean(point_light_dancer(BPM, 6.0, hidden=[L.LEFT_WRIST]))
    measured = measure_step(motion, derive(motion), 0.0, 4.0)
    assert np.isnan(measured["left_arm_up"]) and np.isnan(measured["both_arms_up"])
    assert np.isfinite(measured["right_arm_up"])


def test_equal_names_of_different_steps_are_told_apart() -> None:
    motion: Motion = clean(point_light_dancer(BPM, 60.0, seed=2))
    spans = [Step(4.0 * k, 4.0 * k + 4.0, "") for k in range(15)]
    names = name_steps(motion, derive(motion), spans)
    assert len(set(names)) == len(names)
