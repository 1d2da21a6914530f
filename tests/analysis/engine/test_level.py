"""A camera held askew is found from the dance itself and taken out; a lean is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analysis.engine.clean import clean
from analysis.engine.kinematics import derive
from analysis.engine.scoring.balance import score_balance
from analysis.engine.scoring.level import levelled
from analysis.engine.types import RawPose, Score
from benchmarks.spoil import leaned, rolled, stumbling
from tests.analysis.engine.dancer import point_light_dancer
from tests.analysis.engine.moves import music_at


@pytest.fixture(scope="module")
def dance() -> RawPose:
    return point_light_dancer(120.0, 12.0, seed=3)


def roll_of(pose: RawPose) -> float:
    motion = clean(pose)
    return levelled(motion, derive(motion))[2]


def balance(pose: RawPose) -> Score:
    motion = clean(pose)
    return score_balance(motion, derive(motion), music_at(120.0, motion.duration))


@pytest.mark.parametrize("degrees", [-10.0, -5.0, 0.0, 3.0, 8.0])
def test_the_roll_of_the_camera_is_found(dance: RawPose, degrees: float) -> None:
    assert roll_of(rolled(dance, degrees)) - roll_of(dance) == pytest.approx(degrees, abs=1.5)


@pytest.mark.parametrize("degrees", [-8.0, 5.0, 8.0])
def test_balance_does_not_follow_the_camera(dance: RawPose, degrees: float) -> None:
    level, askew = balance(dance), balance(rolled(dance, degrees))
    assert level.points is not None and askew.points == pytest.approx(level.points, abs=1.0)
    assert f"askew by about {abs(degrees):.0f} degrees" in askew.note or abs(degrees) < 6
    assert "askew" not in level.note


def test_a_body_that_leans_on_a_level_floor_is_no_camera_askew(dance: RawPose) -> None:
    assert abs(roll_of(leaned(dance, 15.0))) < 3.0


def test_who_lies_on_the_side_is_not_stood_up(dance: RawPose) -> None:
    motion = clean(rolled(dance, 80.0))
    same, _, degrees = levelled(motion, derive(motion))
    assert degrees == 0.0 and same is motion


def test_without_feet_nothing_is_known_of_the_camera(dance: RawPose) -> None:
    hidden = dance.xy.copy()
    hidden[:, 27:] = np.nan
    assert roll_of(rolled(replace(dance, xy=hidden), 8.0)) == 0.0


def test_a_stumble_does_not_tell_of_the_camera(dance: RawPose) -> None:
    assert roll_of(stumbling(dance, [4.0])) == pytest.approx(roll_of(dance), abs=1.5)
