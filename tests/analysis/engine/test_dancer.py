"""The synthetic dancer has a body: other tests rest on it."""

import numpy as np

from analysis.engine.body import BODY_JOINTS
from analysis.engine.body import Landmark as L

from .dancer import FOREARM, SHANK, THIGH, TORSO, UPPER_ARM, point_light_dancer, repeated


def limb(pose, a, b):
    return np.linalg.norm(pose.xy[:, a] - pose.xy[:, b], axis=1) / TORSO


def test_limbs_keep_their_lengths():
    pose = point_light_dancer(110, 20)
    for a, b, length in (
        (L.LEFT_SHOULDER, L.LEFT_ELBOW, UPPER_ARM),
        (L.RIGHT_ELBOW, L.RIGHT_WRIST, FOREARM),
        (L.LEFT_HIP, L.LEFT_KNEE, THIGH),
        (L.RIGHT_KNEE, L.RIGHT_ANKLE, SHANK),
    ):
        np.testing.assert_allclose(limb(pose, a, b), length, atol=0.02)


def test_joints_move_at_human_speeds():
    pose = point_light_dancer(120, 20)
    speed = np.linalg.norm(np.diff(pose.xy, axis=0), axis=2) * 15.0 / TORSO
    assert speed[:, BODY_JOINTS].max() < 15.0
    assert 0.3 < np.median(speed[:, L.LEFT_WRIST]) < 5.0


def test_same_seed_same_dance():
    np.testing.assert_array_equal(point_light_dancer(jitter=0.02).xy, point_light_dancer(jitter=0.02).xy)
    assert not np.array_equal(point_light_dancer(seed=1).xy, point_light_dancer().xy)


def test_repeated_is_twice_the_clip():
    pose = point_light_dancer(seconds=6)
    twice = repeated(pose)
    np.testing.assert_array_equal(twice.xy[90:], pose.xy)
    np.testing.assert_allclose(np.diff(twice.t), 1 / 15)
