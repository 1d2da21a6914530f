"""What comes into the queue, in which order, and what a rule holds back."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from challenges import duplicates, scoring, submitting
from challenges.models import Duplicate, Moderation, Submission
from challenges.moderation import deciding, selectors, weighing
from challenges.moderation.actions import Ask
from challenges.moderation.models import Decision, Fact, ItemState, QueueItem, Rule
from challenges.signals import duplicate_found
from feed.models import FeedItem
from tests.api_client import ApiClient
from tests.challenges import make
from tests.challenges.moderation import make as people
from tests.challenges.test_leaderboard import agrees

pytestmark = pytest.mark.django_db


def labels(submission: Submission) -> list[str]:
    return [reason["label"] for reason in QueueItem.objects.get(submission=submission).reasons]


def test_a_dance_that_no_rule_finds_remarkable_is_seen_at_once_and_not_queued() -> None:
    submission = make.submission(make.challenge(), people.known_dancer(), points=make.POINTS)
    assert submission.is_visible
    assert not QueueItem.objects.filter(submission=submission).exists()


def test_a_new_dancers_first_dance_is_seen_and_queued_with_weights_that_add_up() -> None:
    submission = make.submission(make.challenge(), points=make.POINTS)
    assert submission.is_visible
    assert labels(submission) == ["New account", "First submission"]
    item = QueueItem.objects.get(submission=submission)
    assert item.urgency == sum(reason["weight"] for reason in item.reasons) == 15


def test_several_people_and_low_confidence_are_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    real = make.Engine.run

    def unsure(engine: make.Engine, *args: Any, **more: Any) -> Any:
        results = real(engine, *args, **more)
        results.columns.update(confidence=0.31, flags=["several_people"])
        return results

    monkeypatch.setattr(make.Engine, "run", unsure)
    submission = make.submission(make.challenge(), people.known_dancer(), points=make.POINTS)
    assert labels(submission) == ["Low confidence", "Several people"]
    assert QueueItem.objects.get(submission=submission).reasons[0]["detail"] == "31%"


@pytest.mark.parametrize(("then", "held"), [("", True), ("approve", False), ("undo", False)])
def test_deleting_what_was_taken_down_and_sending_it_again_does_not_bring_it_back(
    then: str, held: bool
) -> None:
    challenge, dancer, ana = make.challenge(), people.known_dancer(), people.moderator()
    first = make.submission(challenge, dancer, points=make.POINTS)
    made = deciding.decide(ana, first.pk, "reject", ask=Ask("Not your dance."))
    if then == "approve":
        deciding.decide(ana, first.pk, then)
    elif then == "undo":
        deciding.undo(ana, made.pk)
    submitting.remove(first)

    again = make.submission(challenge, dancer, points=make.POINTS)

    assert again.is_visible is not held
    if held:
        assert labels(again) == ["Sent again after it was held or taken down"]
        deciding.decide(ana, again.pk, "approve")
        again.refresh_from_db()
        assert again.is_visible
    assert make.submission(make.challenge(), dancer, points=make.POINTS).is_visible, "elsewhere"


def test_a_challenge_that_wants_approval_first_holds_each_dance_before_anybody_sees_it(
    dancer: ApiClient,
) -> None:
    challenge = make.challenge(approve_first=True)
    submission = make.submission(
        challenge, people.known_dancer(), points=make.POINTS, is_public=True, shared_to_feed=True
    )
    assert submission.moderation_status == Moderation.HELD
    assert submission.moderation_reason == weighing.FOR_APPROVAL
    assert labels(submission) == ["Waits for approval"]
    agrees(challenge)
    assert challenge.scored_count == 0
    assert not FeedItem.objects.filter(subject_id=submission.pk).exists()
    assert dancer.get(f"/api/submissions/{submission.pk}").status_code == 404
    held = Decision.objects.get(subject_id=submission.pk)
    assert (held.moderator, held.action, held.reason) == (None, "hold", "Waits for approval")


def test_reports_make_it_urgent_and_three_take_it_down_until_somebody_looks(other: ApiClient) -> None:
    challenge = make.challenge()
    submission = make.submission(challenge, people.known_dancer(), points=make.POINTS)
    sent = other.post(f"/api/submissions/{submission.pk}/report", {"reason": "stolen", "details": "Mine!"})
    assert sent.status_code == 200
    item = QueueItem.objects.get(submission=submission)
    assert (item.urgency, item.reasons[0]["detail"]) == (40, "1 person")
    people.report(submission, 2)
    submission.refresh_from_db()
    assert submission.moderation_status == Moderation.HELD
    assert labels(submission) == ["Reported", "Reported by several"]
    agrees(challenge)
    assert challenge.scored_count == 0


def test_what_was_approved_comes_back_for_new_reports_alone() -> None:
    submission = make.submission(make.challenge(), points=make.POINTS)
    people.report(submission, 3)
    moderator = people.moderator()
    deciding.decide(moderator, submission.pk, "approve")
    item = QueueItem.objects.get(submission=submission)
    assert item.state == ItemState.DECIDED
    scoring.give(submission.pk, submission.analysis)  # type: ignore[arg-type]
    item.refresh_from_db()
    assert item.state == ItemState.DECIDED
    people.report(submission)
    item.refresh_from_db()
    assert (item.state, item.urgency, labels(submission)) == (ItemState.OPEN, 40, ["Reported"])
    submission.refresh_from_db()
    assert submission.is_visible


def test_a_copy_is_queued_with_what_it_is_a_copy_of(
    django_capture_on_commit_callbacks: Any,
) -> None:
    original = make.submission(make.challenge(), people.known_dancer(), points=make.POINTS)
    copy = make.submission(make.challenge(), people.known_dancer(), points=make.POINTS)
    found = Duplicate.objects.create(
        submission=copy,
        original=original,
        same_dancer=False,
        mirrored=True,
        distance=0.01,
        offset=1.5,
        speed=1.0,
    )
    with django_capture_on_commit_callbacks(execute=True):
        duplicate_found.send(sender=duplicates, duplicate=found)
    assert labels(copy) == ["Same video as another dancer's"]
    (shown,) = selectors.similar_to(copy)
    assert (shown.submission, shown.earlier, shown.mirrored, shown.offset) == (original, True, True, 1.5)
    (back,) = selectors.similar_to(original)
    assert (back.submission, back.earlier, back.offset) == (copy, False, -1.5)


def test_most_urgent_first_then_who_waits_longest() -> None:
    quiet = [make.submission(make.challenge(), points=make.POINTS) for _ in range(2)]
    loud = make.submission(make.challenge(), points=make.POINTS)
    people.report(loud)
    order = [item.submission for item in selectors.queue()]
    assert order == [loud, *quiet]
    moderator = people.moderator()
    walked = [selectors.first_free(moderator)]
    for _ in range(2):
        walked.append(selectors.neighbour(selectors.item_of(str(walked[-1])), moderator))
    assert walked == [one.pk for one in order]
    last = selectors.item_of(quiet[1].pk)
    assert selectors.neighbour(last, moderator) is None
    assert selectors.neighbour(last, moderator, back=True) == quiet[0].pk


def test_rules_are_data() -> None:
    Rule.objects.filter(fact=Fact.EARLIER).update(enabled=False)
    Rule.objects.filter(fact=Fact.ACCOUNT_DAYS).update(label="Just arrived", weight=77, holds=True)
    submission = make.submission(make.challenge(), points=make.POINTS)
    item = QueueItem.objects.get(submission=submission)
    assert (item.urgency, labels(submission)) == (77, ["Just arrived"])
    assert submission.moderation_status == Moderation.HELD
    Rule.objects.update(enabled=False)
    job = weighing.queue_weighing(people.moderator())
    assert weighing.queue_weighing(people.moderator()) == job, "one at a time"
    make.do(job)
    job.refresh_from_db()
    assert (job.state, job.result) == ("completed", {"weighed": 1})
    assert not selectors.queue().exists()
    submission.refresh_from_db()
    assert submission.moderation_status == Moderation.HELD, "only a moderator lets it go"


def test_weighing_again_changes_nothing() -> None:
    submission = make.submission(make.challenge(approve_first=True), points=make.POINTS)
    before = QueueItem.objects.values().get(submission=submission)
    weighing.weigh_again(submission.pk)
    after = QueueItem.objects.values().get(submission=submission)
    assert {**before, "updated_at": None} == {**after, "updated_at": None}
    assert Decision.objects.count() == 1


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads so small a table in one go.")
def test_the_queue_and_the_way_to_the_next_are_walks_over_an_index() -> None:
    submission = make.submission(make.challenge(), points=make.POINTS)
    moderator = people.moderator()
    with CaptureQueriesContext(connection) as queries:
        list(selectors.queue()[:50])
        selectors.neighbour(QueueItem.objects.get(submission=submission), moderator)
        selectors.first_free(moderator)
    walks = [one["sql"] for one in queries if "ORDER BY" in one["sql"]]
    assert len(walks) == 3
    for sql in walks:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = " ".join(str(row) for row in cursor.fetchall())
        assert "item_queue" in plan and "TEMP B-TREE" not in plan, plan


def test_the_age_of_an_account_is_told_in_days() -> None:
    assert weighing.MEASURES[Fact.ACCOUNT_DAYS].told(0.4) == "under a day old"
    assert weighing.MEASURES[Fact.ACCOUNT_DAYS].told(2.9) == "2 days old"
