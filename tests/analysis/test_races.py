"""Threads that take the same step of one job at the same moment: exactly one gets it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.analysis.site import Site

pytestmark = pytest.mark.slow
THREADS = 8
ROUNDS = 5


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def any_site(request: pytest.FixtureRequest, make_site: Callable[..., Site]) -> Site:
    if request.param == "sqlite":
        return make_site()
    return make_site(DATABASE_URL=request.getfixturevalue("postgres"))


def test_races_have_one_winner(any_site: Site) -> None:
    for _ in range(ROUNDS):
        assert sorted(any_site.tell("race", count=THREADS, step="claim")) == [False] * (THREADS - 1) + [True]
        # Reapers may find the same lost job; one of them queues it.
        assert sum(any_site.tell("race", count=THREADS, step="reap")) == 1
        # Everybody who asks for a job for one subject is given the same.
        assert len(set(any_site.tell("race", count=THREADS, step="enqueue"))) == 1


def test_one_attempt_has_one_effect_however_often_it_completes(any_site: Site) -> None:
    for done in range(1, ROUNDS + 1):
        assert any_site.tell("race", count=THREADS, step="complete") == [True] * THREADS
        assert any_site.tell("show")["points"] == done
