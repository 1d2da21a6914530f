"""Whom to follow: decided on bodies that move as the test says, seen by an estimator that never errs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import av
import numpy as np
import pytest

from analysis.engine.media import Painter, Picture
from analysis.engine.pose.cuts import CutFinder, subsampled
from analysis.engine.pose.estimator import Body, Region, Sighting
from analysis.engine.pose.follow import Follower
from tests.media import flat, room

ASPECT = 16 / 9


def person(x: float, y: float = 0.5, size: float = 0.8) -> Region:
    return Region(x, y, size, 0.0)


@dataclass
class ScriptedEstimator:
    """Sees the bodies that are there at the time of the test, and any body within a region it looks at."""

    bodies: Callable[[float], Sequence[Region]]
    now: float = 0.0
    blind: Callable[[float], bool] = lambda t: False  # the landmark network loses the body
    slides_to: Callable[[float], Region | None] = lambda t: None  # it slides to somebody else
    found: int = 0  # searches so far
    looked_at: list[Region] = field(default_factory=list)

    def find(self, picture: np.ndarray) -> list[Sighting]:
        self.found += 1
        return [Sighting(body, 0.9) for body in self.bodies(self.now)]

    def look(self, picture: np.ndarray, region: Region) -> Body | None:
        self.looked_at.append(region)
        elsewhere = self.slides_to(self.now)
        if elsewhere is not None:
            return self._body(elsewhere)
        near = [
            body
            for body in self.bodies(self.now)
            if math.hypot(body.x - region.x, body.y - region.y) < region.size / 2
        ]
        if not near or self.blind(self.now):
            return None
        return self._body(min(near, key=lambda body: math.hypot(body.x - region.x, body.y - region.y)))

    def _body(self, region: Region) -> Body:
        return Body(np.full((33, 2), (region.x, region.y)), np.ones(33), region)


def picture(t: float, row: int) -> Picture:
    frame = av.VideoFrame.from_ndarray(flat(100, 90, 160)(t), format="rgb24")
    return Picture(t, range(row, row + 1), frame, Painter(frame))


def follow(estimator: ScriptedEstimator, seconds: float = 4.0) -> tuple[np.ndarray, Follower]:
    """x of the followed body at each grid point, nan where none is."""
    follower = Follower(estimator, aspect=ASPECT)
    path = []
    for row in range(round(seconds * 15)):
        estimator.now = row / 15
        body = follower.follow(picture(row / 15, row))
        path.append(np.nan if body is None else body.region.x)
    return np.array(path), follower


def test_one_dancer_is_followed_wherever_she_goes() -> None:
    estimator = ScriptedEstimator(lambda t: [person(0.5 + 0.2 * t)])
    path, follower = follow(estimator)
    np.testing.assert_allclose(path, 0.5 + 0.2 * np.arange(60) / 15)
    assert follower.people == 1 and follower.since == 0
    assert estimator.found <= 5  # searched in the opening only


@pytest.mark.parametrize(
    ("bodies", "chosen"),
    [
        ([person(0.3), person(0.9), person(1.5)], 0.9),  # equal: the one in the middle
        ([person(0.9, size=0.3), person(1.3, size=0.9)], 1.3),  # a child in the middle, a dancer beside
        ([person(0.2, size=0.8), person(1.0, size=0.7)], 1.0),
    ],
)
def test_the_largest_near_the_middle_is_chosen(bodies: list[Region], chosen: float) -> None:
    path, follower = follow(ScriptedEstimator(lambda t: bodies), seconds=2.0)
    assert (path == chosen).all()
    assert follower.people == len(bodies)


def test_somebody_clearly_better_in_the_first_second_is_chosen_instead() -> None:
    late = ScriptedEstimator(lambda t: [person(0.1, size=0.3)] + ([person(0.9)] if t > 0.5 else []))
    path, follower = follow(late)
    assert (path[15:] == 0.9).all()
    assert 0.5 < follower.since <= 1.0  # what was seen before was the other's
    assert follower.people == 2


def test_who_comes_in_later_is_not_followed() -> None:
    guest = ScriptedEstimator(lambda t: [person(0.5, size=0.5)] + ([person(0.9)] if t > 1.5 else []))
    path, follower = follow(guest)
    assert (path == 0.5).all() and follower.people == 1


def test_a_leap_to_somebody_else_is_not_followed() -> None:
    """The landmark network slides to the neighbour for half a second; those pictures count as not seen."""
    two = ScriptedEstimator(
        lambda t: [person(0.5), person(1.2, size=0.7)],
        slides_to=lambda t: person(1.2, size=0.7) if 2.0 <= t < 2.5 else None,
    )
    path, _ = follow(two)
    assert np.isnan(path[30:37]).all()
    assert (path[np.isfinite(path)] == 0.5).all()
    assert (path[38:] == 0.5).all()


def test_a_body_that_doubles_its_size_is_another() -> None:
    near = ScriptedEstimator(
        lambda t: [person(0.8, size=0.4)],
        slides_to=lambda t: person(0.8, size=0.9) if t > 2.0 else None,
    )
    path, _ = follow(near)
    assert np.isnan(path[31:45]).all()


def test_a_lost_dancer_is_found_again() -> None:
    lost = ScriptedEstimator(lambda t: [] if 1.5 < t < 2.5 else [person(0.6 + 0.1 * t)])
    path, _ = follow(lost)
    assert np.isnan(path[23:37]).all()
    assert np.isfinite(path[38:]).all()


def test_when_the_dancer_leaves_nobody_else_takes_her_place() -> None:
    pair = ScriptedEstimator(lambda t: [person(1.4, size=0.6)] + ([person(0.5)] if t < 2.0 else []))
    path, follower = follow(pair, seconds=8.0)
    assert follower.people == 2
    assert (path[:30] == 0.5).all() and np.isnan(path[31:]).all()


def test_a_single_dancer_may_come_back_elsewhere() -> None:
    alone = ScriptedEstimator(lambda t: [person(0.4)] if t < 2 else [] if t < 4 else [person(1.3, size=0.3)])
    path, _ = follow(alone, seconds=8.0)
    assert (path[-30:] == 1.3).all()


def test_a_new_shot_is_a_new_choice() -> None:
    estimator = ScriptedEstimator(lambda t: [person(0.4)] if t < 2 else [person(1.3), person(0.3, size=0.3)])
    follower = Follower(estimator, aspect=ASPECT)
    for row in range(60):
        estimator.now = row / 15
        if row == 30:
            follower.forget(row / 15)
        body = follower.follow(picture(row / 15, row))
        assert body is not None and body.region.x == (0.4 if row < 30 else 1.3)


def test_nobody_is_nobody() -> None:
    estimator = ScriptedEstimator(lambda t: [])
    path, follower = follow(estimator, seconds=2.0)
    assert np.isnan(path).all() and follower.people == 0


def test_cuts_are_told_from_movement_and_light() -> None:
    finder = CutFinder()
    rng = np.random.default_rng(0)
    wall = room(180, 320).astype(float)
    other = np.zeros((180, 320, 3))
    other[:, :160] = (20, 60, 140)
    other[90:, 160:] = (200, 180, 40)

    def seen(image: np.ndarray) -> bool:
        noisy = np.clip(image + rng.normal(0, 3, image.shape), 0, 255).astype(np.uint8)
        return finder.is_cut(subsampled(noisy))

    assert not seen(wall)
    assert not seen(wall)
    for x in range(-90, 320, 20):  # a large dark body comes in and crosses the picture
        moved = wall.copy()
        moved[30:, max(0, x) : x + 90] = 40
        assert not seen(moved)
    assert not seen(wall)
    assert not seen(np.clip(wall * 0.4, 0, 255))  # the light goes down
    assert not seen(np.clip(wall * 1.2, 0, 255))  # a flash
    assert seen(other)
    assert not seen(other)
    assert seen(wall)
