"""What is refused, what is only doubtful, and what is neither."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analysis.engine.body import Landmark as L
from analysis.engine.clean import clean
from analysis.engine.confidence import (
    Evidence,
    _slow_spreads,
    body_seen,
    body_sway,
    check_confidence,
    check_movement,
    check_person,
    weigh_evidence,
)
from analysis.engine.errors import Refusal
from analysis.engine.kinematics import derive
from analysis.engine.types import RawPose, Video
from tests.analysis.engine.dancer import point_light_dancer

FACE = [place for place in L if place < L.LEFT_SHOULDER]


def video(seconds: float = 12.0, height: int = 720) -> Video:
    return Video(seconds, round(height * 9 / 16), height, 30.0, 0, "h264", "mov", True)


def refusal_of(pose: RawPose, challenge_type: str = "freestyle", height: int = 720) -> str | None:
    """The code of the refusal, or None; the checks in the order of the pipeline."""
    try:
        check_person(pose)
        motion = clean(pose)
        check_movement(motion, derive(motion), challenge_type=challenge_type)  # type: ignore[arg-type]
        check_confidence(weigh_evidence(pose, motion, video(len(pose.t) / 15, height)))
    except Refusal as refusal:
        return refusal.code
    return None


def unseen(pose: RawPose, rows: slice) -> RawPose:
    xy, visibility = pose.xy.copy(), pose.visibility.copy()
    xy[rows], visibility[rows] = np.nan, 0.0
    return replace(pose, xy=xy, visibility=visibility)


def test_a_dancer_is_not_refused() -> None:
    assert refusal_of(point_light_dancer()) is None


@pytest.mark.parametrize("seconds", [3.0, 4.0, 7.0])
def test_a_short_clip_of_a_clear_dancer_is_only_short(seconds: float) -> None:
    pose = point_light_dancer(seconds=seconds)
    assert refusal_of(pose) is None
    evidence = weigh_evidence(pose, clean(pose), video(seconds))
    assert evidence.confidence == pytest.approx(0.098 * seconds, abs=0.01)


def test_nobody() -> None:
    nobody = unseen(point_light_dancer(), slice(None))
    assert refusal_of(nobody) == "no_person"
    assert refusal_of(unseen(point_light_dancer(), slice(0, 100))) == "no_person"  # of 180
    assert refusal_of(unseen(point_light_dancer(), slice(0, 80))) is None


def test_a_face_is_nobody() -> None:
    face = point_light_dancer(hidden=[place for place in L if place not in FACE])
    assert refusal_of(face) == "no_person"
    bust = point_light_dancer(hidden=[place for place in L if place > L.RIGHT_SHOULDER])
    assert refusal_of(bust) == "no_person"


def test_legs_out_of_the_picture_are_no_reason() -> None:
    pose = point_light_dancer(hidden=[place for place in L if place >= L.LEFT_KNEE])
    assert body_seen(pose).all()
    assert refusal_of(pose) is None


def frozen(carried: float = 0.0, noise: float = 0.0005) -> RawPose:
    """A picture: one frame again and again, the network's noise on it, carried about before the camera."""
    still = point_light_dancer(energy=0.0)
    rng = np.random.default_rng(1)
    xy = still.xy + noise * rng.standard_normal(still.xy.shape)
    xy[:, :, 0] += (carried * np.sin(2 * np.pi * still.t / 3))[:, None]
    return replace(still, xy=xy)


@pytest.mark.parametrize("challenge_type", ["freestyle", "choreography", "static", "spin", "combo"])
def test_a_picture_is_refused_in_every_challenge(challenge_type: str) -> None:
    assert refusal_of(frozen(), challenge_type) == "no_movement"


def test_a_picture_that_is_carried_about_is_refused() -> None:
    pose = frozen(carried=0.1)
    motion = clean(pose)
    assert np.nanmedian(derive(motion).limb_speed) > 0.5  # the limbs are fast, in the picture
    assert refusal_of(pose) == "no_movement"


def swaying(amount: float) -> RawPose:
    """Somebody who holds a pose: the upper body sways slowly over the hips (``amount`` torso lengths)."""
    pose = frozen()
    upper = [place for place in L if place < L.LEFT_HIP]
    xy = pose.xy.copy()
    xy[:, upper, 0] += (0.17 * amount * np.sin(2 * np.pi * 0.3 * pose.t))[:, None]
    return replace(pose, xy=xy)


def test_holding_a_pose_is_the_task_in_a_static_challenge_alone() -> None:
    held = swaying(0.03)
    assert refusal_of(held, "static") is None
    assert refusal_of(held, "freestyle") == "no_movement"


def test_a_pause_is_no_reason() -> None:
    """Dancing for four of twelve seconds: the median of the limb speed is that of standing."""
    dance, still = point_light_dancer(), point_light_dancer(energy=0.0)
    pause = (dance.t < 4.0) | (dance.t >= 8.0)
    assert refusal_of(replace(dance, xy=np.where(pause[:, None, None], still.xy, dance.xy))) is None


def test_sway_is_not_judged_where_nothing_is_seen_for_long() -> None:
    pose = point_light_dancer()
    cuts = tuple(float(t) for t in np.arange(1.5, 12.0, 1.5))
    assert np.isnan(body_sway(clean(replace(pose, cuts=cuts))))
    assert refusal_of(replace(pose, cuts=cuts)) is None


def test_sway_of_each_signal_is_its_own() -> None:
    """Bit for bit, whatever was seen of the others; of several runs the one that sways most counts."""
    t = np.arange(150) / 15
    ways = np.stack([np.sin(t), 0.1 * np.sin(2 * t), np.sin(t), np.full(150, np.nan)], axis=1)
    ways[70:80, 2] = np.nan
    ways[:70, 2] *= 3
    ways[80:, 2] *= 0.1
    spreads = _slow_spreads(ways, 15.0)
    alone = [_slow_spreads(ways[:, [i]], 15.0)[0] for i in range(4)]
    np.testing.assert_array_equal(spreads, alone)
    assert spreads[1] < spreads[0] < spreads[2] and np.isnan(spreads[3])


def test_a_badly_seen_dancer_is_refused() -> None:
    pose = point_light_dancer()
    dim = replace(pose, visibility=np.where(pose.visibility > 0.5, 0.52, 0.0))
    assert refusal_of(dim) is None
    assert refusal_of(unseen(dim, slice(0, 85))) == "low_confidence"


def test_a_tiny_dancer_lowers_the_confidence() -> None:
    pose = point_light_dancer(scale=0.2)
    motion = clean(pose)
    near = weigh_evidence(pose, motion, video(height=2160))
    far = weigh_evidence(pose, motion, video(height=720))
    assert near.size == 1.0
    assert far.size == pytest.approx(0.17 * 0.2 * 720 / 40, rel=0.05)
    assert refusal_of(pose, height=320) == "low_confidence"


def test_confidence_is_the_product() -> None:
    evidence = Evidence(detected=0.9, visibility=0.8, size=0.5, length=0.6)
    assert evidence.view == pytest.approx(0.36)
    assert evidence.confidence == pytest.approx(0.216)
