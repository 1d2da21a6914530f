"""From the engine's points to a challenge's."""

from __future__ import annotations

import pytest

from challenges.models import DIMENSIONS
from challenges.scores import by_criteria, reward, total


def test_the_default_criteria_change_nothing() -> None:
    points = {"balance": 20, "rhythm": 25, "smoothness": 22, "creativity": 18}
    assert by_criteria(points, DIMENSIONS) == points
    assert total(points) == 85


def test_points_are_scaled_to_the_criteria_and_rounded() -> None:
    criteria = {"balance": 50, "rhythm": 10, "smoothness": 40, "creativity": 0}
    points = {"balance": 13, "rhythm": 25, "smoothness": 22, "creativity": 18}
    # 13 of 25 -> 26 of 50; 25 of 30 -> 8.33 of 10; 22 of 25 -> 35.2 of 40; nothing of 0.
    assert by_criteria(points, criteria) == {"balance": 26, "rhythm": 8, "smoothness": 35, "creativity": 0}


def test_full_points_are_always_a_hundred() -> None:
    for criteria in ((25, 30, 25, 20), (97, 1, 1, 1), (0, 0, 0, 100), (33, 33, 33, 1)):
        named = dict(zip(DIMENSIONS, criteria, strict=True))
        assert total(by_criteria(DIMENSIONS, named)) == 100


def test_what_was_not_measured_stays_unknown() -> None:
    points = {"balance": 20, "rhythm": None, "smoothness": 22, "creativity": 18}
    found = by_criteria(points, DIMENSIONS)
    assert found["rhythm"] is None
    assert total(found) == 60


@pytest.mark.parametrize(
    ("points", "score", "earned"), [(100, 85, 85), (50, 85, 43), (1, 49, 0), (10_000, 100, 10_000)]
)
def test_a_score_earns_its_share(points: int, score: int, earned: int) -> None:
    assert reward(points, score) == earned
