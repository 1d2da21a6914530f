"""Many at the same moment, on PostgreSQL: whatever they do to one challenge, its numbers are right."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from analysis import jobs
from analysis.models import Job
from challenges import leaderboard, scoring, submitting
from challenges.models import Challenge, Submission
from idance.lib.problems import NotNow
from tests import factories
from tests.challenges import make
from tests.challenges.test_leaderboard import agrees
from tests.races import THREADS, together

pytestmark = pytest.mark.usefixtures("on_postgresql")


def claimed(submission: Submission) -> Job:
    job = jobs.claim(Job.objects.get(subject_id=submission.pk, state="queued").pk, "test")
    assert job is not None
    return job


def finish(submission: Submission, total: int) -> Callable[[], Any]:
    """Completing this submission's job, as a worker does it."""
    job = claimed(submission)
    analysis = submission.analysis
    assert analysis is not None
    results = make.Engine(points=make.points_for(total)).run(analysis, make.Path(), lambda *_: None)
    from challenges.tasks import _keep

    return lambda: jobs.complete(job, {}, lambda: _keep(submission.pk, analysis, results, None))


def test_a_dancer_submits_once() -> None:
    challenge, dancer = make.challenge(), factories.person()
    keys = [make.video(dancer).key for _ in range(THREADS)]
    found = together([lambda key=key: submitting.submit(dancer, challenge, key, {}) for key in keys])  # type: ignore[misc]
    assert Counter(type(one) for one in found) == {Submission: 1, NotNow: THREADS - 1}
    assert Job.objects.count() == 1
    agrees(challenge)


def test_many_dancers_submit_and_are_scored_at_once() -> None:
    challenge = make.challenge()
    people = [factories.person() for _ in range(THREADS)]
    keys = {person.pk: make.video(person).key for person in people}
    together([lambda p=p: submitting.submit(p, challenge, keys[p.pk], {}) for p in people])  # type: ignore[misc]
    agrees(challenge)
    assert challenge.total_submissions == THREADS
    made = list(Submission.objects.select_related("analysis").order_by("id"))
    together([finish(one, 60 + 5 * (number % 3)) for number, one in enumerate(made)])
    agrees(challenge)
    assert challenge.scored_count == THREADS
    for person in people:
        person.refresh_from_db()
        assert person.points == Submission.objects.get(dancer=person).points_awarded > 0


def test_one_score_counts_once_however_often_it_is_given() -> None:
    challenge, dancer = make.challenge(), factories.person()
    submission = make.submission(challenge, dancer, points=make.points_for(80))
    assert submission.analysis is not None
    analysis = submission.analysis
    together([lambda: scoring.give(submission.pk, analysis)] * THREADS)
    finishing = make.submission(make.challenge(), dancer)
    step = finish(finishing, 50)

    together([step] * THREADS)
    dancer.refresh_from_db()
    assert dancer.points == 80 + 50
    agrees(challenge)


def test_removing_while_it_is_scored() -> None:
    for _ in range(5):
        challenge, dancer = make.challenge(), factories.person()
        submission = make.submission(challenge, dancer)
        step = finish(submission, 90)

        def complete(step: Callable[[], Any] = step) -> None:
            try:
                step()
            except jobs.Cancelled:
                return

        mine = Submission.objects.select_related("video", "challenge").get(pk=submission.pk)
        together([complete, lambda mine=mine: submitting.remove(mine)])  # type: ignore[misc]
        dancer.refresh_from_db()
        assert not Submission.objects.filter(pk=submission.pk).exists()
        assert dancer.points == 0
        agrees(challenge)


def test_hiding_showing_and_scoring_again_at_once() -> None:
    challenge = make.challenge()
    made = [make.submission(challenge, points=make.points_for(50 + n)) for n in range(4)]
    steps: list[Callable[[], Any]] = []
    for one in made:
        assert one.analysis is not None
        better = one.analysis
        better.creativity = 20
        steps.append(lambda one=one: submitting.edit(one, {"is_public": False}))  # type: ignore[misc]
        steps.append(lambda one=one, better=better: scoring.give(one.pk, better))  # type: ignore[misc]
        steps.append(lambda one=one: submitting.edit(one, {"is_public": True}))  # type: ignore[misc]
    for _ in range(3):
        together(steps)
        agrees(challenge)


def test_boards_of_different_challenges_do_not_wait_for_each_other() -> None:
    first, second = make.challenge(), make.challenge()
    done = threading.Event()

    def hold_first() -> None:
        with transaction.atomic():
            leaderboard.hold(first.pk)
            assert done.wait(20), "the other challenge had to wait"

    def change_second() -> None:
        with transaction.atomic():
            leaderboard.hold(second.pk)
        done.set()

    together([hold_first, change_second])
    assert Challenge.objects.get(pk=first.pk).board_changes == 1
