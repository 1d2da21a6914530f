"""What each decision changes, what follows it, and how it is taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from analysis.models import Job
from challenges.models import Moderation, Submission
from challenges.moderation import deciding
from challenges.moderation.actions import ACTIONS, Ask
from challenges.moderation.models import Decision, ItemState, QueueItem, ReasonTemplate
from feed.models import FeedItem
from idance.lib.problems import Forbidden, Invalid, NotNow
from tests import factories
from tests.api_client import ApiClient
from tests.challenges import make
from tests.challenges.moderation import make as people
from tests.challenges.test_leaderboard import agrees

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(db: None) -> User:
    return people.moderator()


@pytest.fixture
def ben(db: None) -> User:
    return people.moderator(display_name="Ben")


@pytest.fixture
def submission(dancer: ApiClient) -> Submission:
    """A visible dance of the dancer that is shared to the feed."""
    challenge = make.challenge()
    return make.submission(challenge, dancer.user, points=make.POINTS, shared_to_feed=True)


def state_of(submission: Submission) -> tuple[Any, ...]:
    """Everything that a decision may change, except times."""
    submission.refresh_from_db()
    dancer = User.objects.get(pk=submission.dancer_id)
    item = QueueItem.objects.get(submission=submission)
    submission.challenge.refresh_from_db()
    return (
        submission.moderation_status,
        submission.moderation_reason,
        dancer.suspended_until,
        dancer.suspension_reason,
        item.state,
        item.decision_id,
        item.decided_at,
        submission.challenge.scored_count,
        submission.challenge.top_score,
        FeedItem.objects.filter(subject_id=submission.pk).count(),
    )


@pytest.mark.parametrize(
    ("action", "status", "shown", "state"),
    [
        ("approve", Moderation.VISIBLE, True, ItemState.DECIDED),
        ("reject", Moderation.REJECTED, False, ItemState.DECIDED),
        ("hold", Moderation.HELD, False, ItemState.HELD),
        ("hide", Moderation.HIDDEN, False, ItemState.DECIDED),
        ("suspend", Moderation.HIDDEN, False, ItemState.DECIDED),
        ("reanalyse", Moderation.VISIBLE, True, ItemState.ANALYSING),
    ],
)
def test_board_feed_and_counters_follow_each_decision_and_its_undo(
    ana: User, submission: Submission, action: str, status: str, shown: bool, state: str
) -> None:
    before = state_of(submission)
    decision = deciding.decide(ana, submission.pk, action, ask=Ask("Not here."))
    now = state_of(submission)
    assert (now[0], now[4], now[7], now[9]) == (status, state, int(shown), int(shown))
    agrees(submission.challenge)
    assert (decision.moderator, decision.action, decision.reason) == (ana, action, "Not here.")
    deciding.undo(ana, decision.pk)
    assert state_of(submission) == before
    agrees(submission.challenge)
    decision.refresh_from_db()
    assert decision.undone_by == ana


def test_the_dancer_reads_the_reason_and_others_do_not_see_the_dance(
    ana: User, submission: Submission, dancer: ApiClient, other: ApiClient
) -> None:
    template = ReasonTemplate.objects.first()
    assert template is not None
    made = deciding.decide(ana, submission.pk, "reject", template_id=template.pk)
    assert made.template == template
    path = f"/api/submissions/{submission.pk}"
    assert dancer.get(path).json()["moderation"] == {"status": "rejected", "reason": template.text}
    assert other.get(path).status_code == 404


def test_what_dancers_read_needs_a_reason(ana: User, submission: Submission) -> None:
    for name, action in ACTIONS.items():
        if action.needs_reason:
            with pytest.raises(Invalid, match="Please give a reason"):
                deciding.decide(ana, submission.pk, name)
    assert not Decision.objects.exists()


def test_undo_ends_after_ten_seconds_is_ones_own_and_yields_to_what_is_newer(
    ana: User, ben: User, submission: Submission
) -> None:
    late = deciding.decide(ana, submission.pk, "hide", ask=Ask("Not here."))
    assert late.undoable_until is not None
    assert timedelta(seconds=9) < late.undoable_until - timezone.now() <= timedelta(seconds=10)
    with pytest.raises(Forbidden):
        deciding.undo(ben, late.pk)
    newer = deciding.decide(ana, submission.pk, "approve")
    with pytest.raises(NotNow, match="Something newer"):
        deciding.undo(ana, late.pk)
    Decision.objects.filter(pk=newer.pk).update(undoable_until=timezone.now() - timedelta(milliseconds=1))
    with pytest.raises(NotNow, match="ten seconds"):
        deciding.undo(ana, newer.pk)
    submission.refresh_from_db()
    assert submission.is_visible


def test_a_decision_is_taken_back_once(ana: User, submission: Submission) -> None:
    made = deciding.decide(ana, submission.pk, "hide", ask=Ask("Not here."))
    deciding.undo(ana, made.pk)
    with pytest.raises(NotNow):
        deciding.undo(ana, made.pk)


def test_undo_does_not_overwrite_what_was_changed_since(ana: User, submission: Submission) -> None:
    made = deciding.decide(ana, submission.pk, "hide", ask=Ask("Not here."))
    Submission.objects.filter(pk=submission.pk).update(moderation_status=Moderation.HELD)
    with pytest.raises(NotNow, match="has changed"):
        deciding.undo(ana, made.pk)
    made.refresh_from_db()
    assert made.undone_at is None, "half an undo"


def test_a_claim_keeps_others_out_until_it_ends(ana: User, ben: User, submission: Submission) -> None:
    item = QueueItem.objects.get(submission=submission)
    assert deciding.claim(ana, item) and deciding.claim(ana, item)
    assert not deciding.claim(ben, item)
    with pytest.raises(NotNow, match="Ana is looking at this, until"):
        deciding.decide(ben, submission.pk, "approve")
    QueueItem.objects.update(claimed_until=timezone.now())
    assert deciding.claim(ben, item)
    with pytest.raises(NotNow, match="Ben is looking"):
        deciding.decide(ana, submission.pk, "approve")
    deciding.release(ben, item)
    assert deciding.claim(ana, item)


def test_whoever_looks_at_what_was_decided_meanwhile_is_told(
    ana: User, ben: User, submission: Submission
) -> None:
    deciding.decide(ana, submission.pk, "approve")
    QueueItem.objects.update(claimed_until=timezone.now())
    with pytest.raises(NotNow, match="changed in the meantime"):
        deciding.decide(ben, submission.pk, "hide", ask=Ask("Not here."), seen="")


def test_nobody_decides_about_their_own_dance_nor_suspends_the_staff(ana: User, ben: User) -> None:
    own = make.submission(make.challenge(), ana, points=make.POINTS)
    with pytest.raises(NotNow, match="your own"):
        deciding.decide(ana, own.pk, "approve")
    with pytest.raises(NotNow, match="one of the staff"):
        deciding.decide(ben, own.pk, "suspend", ask=Ask("No."))
    unscored = make.submission(make.challenge())
    with pytest.raises(NotNow, match="no score yet"):
        deciding.decide(ben, unscored.pk, "approve")


def test_suspending_is_a_permission_of_its_own(submission: Submission) -> None:
    junior = people.moderator("challenges.moderate_submission")
    with pytest.raises(Forbidden):
        deciding.decide(junior, submission.pk, "suspend", ask=Ask("No."))
    with pytest.raises(Forbidden):
        deciding.decide(factories.person(is_staff=True), submission.pk, "approve")


def test_who_is_suspended_is_told_until_when_and_why(
    ana: User, submission: Submission, dancer: ApiClient, outsider: ApiClient
) -> None:
    made = deciding.decide(ana, submission.pk, "suspend", ask=Ask("Stolen videos.", days=7))
    refused = dancer.get("/api/users/profile")
    assert refused.status_code == 401
    assert refused.json()["detail"].startswith("Your account is suspended until ")
    assert refused.json()["detail"].endswith(": Stolen videos.")
    login = {"email": dancer.user.email, "password": factories.PASSWORD}
    assert outsider.post("/auth/login", login).status_code == 401
    wrong = outsider.post("/auth/login", {**login, "password": "wrong"}).json()["detail"]
    assert "suspended" not in wrong, "only who knows the password learns of it"
    deciding.undo(ana, made.pk)
    assert dancer.get("/api/users/profile").status_code == 200
    User.objects.filter(pk=dancer.user.pk).update(suspended_until=timezone.now())
    assert dancer.get("/api/users/profile").status_code == 200, "over by itself"
    deciding.decide(ana, submission.pk, "suspend", ask=Ask("Again.", days=0))
    assert dancer.get("/api/users/profile").json()["detail"] == "Your account is suspended: Again."


def test_what_is_analysed_again_comes_back_with_its_new_score(ana: User, submission: Submission) -> None:
    first = submission.analysis_id
    deciding.decide(ana, submission.pk, "reanalyse")
    with pytest.raises(NotNow, match="being analysed already"):
        deciding.decide(ana, submission.pk, "reanalyse")
    make.score(submission, make.points_for(40))
    submission.refresh_from_db()
    assert submission.score == 40 and submission.analysis_id != first
    item = QueueItem.objects.get(submission=submission)
    assert item.state == ItemState.OPEN
    assert item.reasons[0]["label"] == "Analysed again, as asked"


def test_what_could_not_be_analysed_again_comes_back_with_its_old_score(
    ana: User, submission: Submission, django_capture_on_commit_callbacks: Any
) -> None:
    deciding.decide(ana, submission.pk, "reanalyse")
    job = Job.objects.get(subject_id=submission.pk, state="queued")
    with django_capture_on_commit_callbacks(execute=True):
        make.do(job, engine=make.Engine(refusal="no_person"))
    submission.refresh_from_db()
    assert submission.score == 85
    assert QueueItem.objects.get(submission=submission).state == ItemState.OPEN


def test_a_decision_outlives_its_submission(ana: User, submission: Submission, dancer: ApiClient) -> None:
    deciding.decide(ana, submission.pk, "reject", ask=Ask("No."))
    assert dancer.delete(f"/api/submissions/{submission.pk}").status_code == 200
    assert Decision.objects.filter(subject_id=submission.pk).exists()
    assert not QueueItem.objects.filter(submission_id=submission.pk).exists()
