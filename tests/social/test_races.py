"""Likes, comments, shares and reports of one subject at the same moment, on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from challenges import submitting
from challenges.models import Submission
from feed.models import DanceSession
from idance.lib.problems import Missing
from idance.social import services as social
from idance.social.models import Comment, Like, Popular, Report
from tests import factories
from tests.challenges import make
from tests.races import THREADS, together

pytestmark = pytest.mark.usefixtures("on_postgresql")


def a_session() -> DanceSession:
    return DanceSession.objects.create(
        user=factories.person(), start_time=timezone.now(), style="jazz", session_type="freestyle"
    )


def a_submission() -> Submission:
    return make.submission(make.challenge(), points=make.points_for(70))


@pytest.fixture(params=[a_session, a_submission])
def subject(request: pytest.FixtureRequest) -> Popular:
    made: Popular = request.param()
    return made


def agrees(subject: Popular) -> None:
    """The counters say what the rows say, and no two likes or comments have the same number."""
    subject.refresh_from_db()
    for rows, counter in ((Like, "likes_count"), (Comment, "comments_count")):
        numbers = rows._default_manager.filter(subject_id=subject.pk).values_list("number", flat=True)
        assert len(set(numbers)) == len(numbers) == getattr(subject, counter)


def test_one_person_likes_once_however_often(subject: Popular) -> None:
    person = factories.person()
    assert set(together([lambda: social.like(subject, person)] * THREADS)) <= {0, 1}
    agrees(subject)
    assert subject.likes_count == 1


def test_everybody_likes_at_once(subject: Popular) -> None:
    people = [factories.person() for _ in range(THREADS)]
    found = together([lambda one=one: social.like(subject, one) for one in people])  # type: ignore[misc]
    assert sorted(found) == list(range(1, THREADS + 1))
    agrees(subject)
    assert subject.likes_ever == THREADS


def test_liking_and_taking_it_back_at_once(subject: Popular) -> None:
    person = factories.person()
    steps = [lambda: social.like(subject, person), lambda: social.unlike(subject, person)] * (THREADS // 2)
    for _ in range(10):
        together(steps)
        agrees(subject)


def test_commenting_and_deleting_at_once(subject: Popular) -> None:
    author = factories.person()
    old = [social.comment(subject, author, "old").pk for _ in range(3)]
    steps: list[Callable[[], Any]] = [lambda: social.comment(subject, author, "new")] * 4
    for one in old:
        steps += [lambda one=one: social.delete_comment(subject, one, author)] * 2  # type: ignore[misc]
    found = together(steps)
    agrees(subject)
    assert subject.comments_count == 4
    assert len([one for one in found[4:] if one is None or isinstance(one, Missing)]) == 6


def test_every_share_counts(subject: Popular) -> None:
    assert sorted(together([lambda: social.share(subject)] * THREADS)) == list(range(1, THREADS + 1))


def test_one_person_reports_once(subject: Popular) -> None:
    person = factories.person()
    asked = [lambda: social.report(subject, "submission", person, "spam", "")] * THREADS
    assert sorted(together(asked)) == [False] * (THREADS - 1) + [True]
    assert Report.objects.filter(subject_id=subject.pk).count() == 1


@pytest.mark.parametrize("time", range(5))
def test_nothing_is_left_of_what_is_removed_meanwhile(time: int) -> None:
    subject, person = a_submission(), factories.person()
    said = social.comment(subject, person, "nice").pk
    mine = Submission.objects.select_related("video", "challenge").get(pk=subject.pk)
    together(
        [
            lambda: submitting.remove(mine),
            lambda: social.like(subject, person),
            lambda: social.comment(subject, person, "again"),
            lambda: social.delete_comment(subject, said, person),
            lambda: social.report(subject, "submission", person, "spam", ""),
            lambda: social.unlike(subject, person),
        ]
    )
    for rows in (Like, Comment, Report):
        assert not rows._default_manager.filter(subject_id=subject.pk).exists()
