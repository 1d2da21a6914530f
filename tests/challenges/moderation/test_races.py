"""Moderators, dancers and workers at once, on PostgreSQL: one decision counts, and all numbers agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from challenges import scoring, submitting
from challenges.models import Submission
from challenges.moderation import deciding
from challenges.moderation.actions import Ask
from challenges.moderation.models import Decision, QueueItem
from idance.lib.problems import NotNow
from idance.social import services as social
from tests import factories
from tests.challenges import make
from tests.challenges.moderation import make as people
from tests.challenges.test_leaderboard import agrees
from tests.races import together

MODERATORS = 6


pytestmark = pytest.mark.usefixtures("on_postgresql")


def test_one_of_many_has_it() -> None:
    moderators = [people.moderator() for _ in range(MODERATORS)]
    for _ in range(5):
        submission = make.submission(make.challenge(), points=make.POINTS)
        item = QueueItem.objects.get(submission=submission)
        found = together([lambda who=who, item=item: deciding.claim(who, item) for who in moderators])  # type: ignore[misc]
        assert Counter(found) == {True: 1, False: MODERATORS - 1}
        item.refresh_from_db()
        assert item.claimed_by == moderators[found.index(True)]


def test_one_of_many_decides() -> None:
    moderators = [people.moderator() for _ in range(MODERATORS)]
    names = ("approve", "reject", "hide")
    for _ in range(5):
        challenge = make.challenge()
        submission = make.submission(challenge, points=make.POINTS)
        steps: list[Callable[[], Any]] = [
            lambda who=who, name=names[number % 3], pk=submission.pk: deciding.decide(  # type: ignore[misc]
                who, pk, name, ask=Ask("Because.")
            )
            for number, who in enumerate(moderators)
        ]
        found = together(steps)
        assert Counter(type(one) for one in found) == {Decision: 1, NotNow: MODERATORS - 1}
        (decision,) = (one for one in found if isinstance(one, Decision))
        submission.refresh_from_db()
        assert submission.moderation_status == decision.after["status"]
        assert Decision.objects.filter(subject_id=submission.pk).count() == 1
        agrees(challenge)


def test_an_undo_counts_once_and_never_overwrites_what_is_newer() -> None:
    ana = people.moderator()
    for _ in range(5):
        challenge = make.challenge()
        submission = make.submission(challenge, points=make.POINTS)
        made = deciding.decide(ana, submission.pk, "hide", ask=Ask("Because."))
        undo: Callable[[], Any] = lambda made=made: deciding.undo(ana, made.pk)  # type: ignore[misc]  # noqa: E731
        newer: Callable[[], Any] = lambda pk=submission.pk: deciding.decide(  # type: ignore[misc]  # noqa: E731
            ana, pk, "reject", ask=Ask("Newer.")
        )
        found = together([undo, undo, newer])
        submission.refresh_from_db()
        if isinstance(found[2], Decision):
            assert submission.moderation_status == "rejected"
        else:
            assert sum(isinstance(one, Decision) for one in found[:2]) == 1
            assert submission.is_visible
        agrees(challenge)


def test_deciding_scoring_reporting_and_editing_at_once() -> None:
    moderators = [people.moderator() for _ in range(2)]
    for _ in range(3):
        challenge = make.challenge()
        submission = make.submission(challenge, points=make.POINTS)
        analysis = submission.analysis
        assert analysis is not None
        reporters = [factories.person() for _ in range(3)]

        def decide(name: str, who: Any, pk: str = submission.pk) -> Callable[[], Any]:
            return lambda: deciding.decide(who, pk, name, ask=Ask("Because."))

        def report(who: Any, subject: Submission = submission) -> Callable[[], Any]:
            return lambda: social.report(subject, "submission", who, "spam", "")

        together(
            [
                decide("approve", moderators[0]),
                decide("hide", moderators[1]),
                *[report(who) for who in reporters],
                lambda pk=submission.pk, analysis=analysis: scoring.give(pk, analysis),  # type: ignore[misc]
                lambda one=submission: submitting.edit(one, {"is_public": False}),  # type: ignore[misc]
                lambda one=submission: submitting.edit(one, {"is_public": True}),  # type: ignore[misc]
            ]
        )
        agrees(challenge)
        item = QueueItem.objects.get(submission=submission)
        assert item.urgency == sum(reason["weight"] for reason in item.reasons)
