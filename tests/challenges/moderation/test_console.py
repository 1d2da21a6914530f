"""The console's lists of moderation: deciding about several at once, and the reports."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from analysis.models import Analysis, Job
from challenges.models import Moderation, Submission
from challenges.moderation import bulk, deciding
from challenges.moderation.actions import Ask
from challenges.moderation.models import Decision, ItemState, QueueItem, ReasonTemplate, Rule
from idance.social.models import Report
from tests import factories
from tests.challenges import make
from tests.challenges.moderation import make as people

pytestmark = pytest.mark.django_db
QUEUE, REPORTS = "/admin/moderation/queueitem/", "/admin/social/report/"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def ana(db: None) -> User:
    return people.moderator(*people.MODERATOR, "social.view_report", time_zone="Asia/Tokyo")


@pytest.fixture
def console(ana: User) -> Client:
    return client_of(ana)


@pytest.fixture
def three(db: None) -> list[Submission]:
    """Three dances that need a look, two of one dancer."""
    dancer = factories.person()
    return [make.submission(make.challenge(), who, points=make.POINTS) for who in (dancer, dancer, None)]


def take(console: Client, dances: list[Submission], action: str, **more: Any) -> Any:
    items = QueueItem.objects.filter(submission__in=dances)
    sent = {"action": action, "_selected_action": list(items.values_list("pk", flat=True)), **more}
    return console.post(QUEUE, sent, follow=True)


def statuses(dances: list[Submission]) -> list[str]:
    for dance in dances:
        dance.refresh_from_db()
    return [dance.moderation_status for dance in dances]


# --- Several at once --------------------------------------------------------------------------------------
def test_several_decisions_are_taken_back_by_one_button(console: Client, three: list[Submission]) -> None:
    reason = ReasonTemplate.objects.all()[0]
    page = take(console, three, f"reject-{reason.pk}").content.decode()
    assert statuses(three) == [Moderation.REJECTED] * 3
    assert "3 rejected." in page and f"{QUEUE}undo/" in page
    page = console.post(f"{QUEUE}undo/", follow=True).content.decode()
    assert "3 taken back." in page and f"{QUEUE}undo/" not in page
    assert statuses(three) == [Moderation.VISIBLE] * 3
    assert QueueItem.objects.filter(state=ItemState.OPEN).count() == 3
    assert "There is nothing to take back." in console.post(f"{QUEUE}undo/", follow=True).content.decode()


def test_several_can_be_taken_back_for_ten_seconds_from_the_last(
    console: Client, three: list[Submission]
) -> None:
    take(console, three, "approve")
    (until,) = set(Decision.objects.values_list("undoable_until", flat=True))
    assert set(QueueItem.objects.values_list("claimed_until", flat=True)) == {until}
    Decision.objects.update(undoable_until=timezone.now() - timedelta(seconds=1))
    page = console.post(f"{QUEUE}undo/", follow=True).content.decode()
    assert "The ten seconds in which this could be undone are over." in page
    assert QueueItem.objects.filter(state=ItemState.DECIDED).count() == 3


def test_the_offer_ends(console: Client, three: list[Submission]) -> None:
    take(console, three, "approve")
    session = console.session
    session[bulk._KEPT] = {**session[bulk._KEPT], "until": timezone.now().timestamp() - 1}
    session.save()
    assert f"{QUEUE}undo/" not in console.get(QUEUE).content.decode()


def test_what_cannot_be_decided_is_named_and_the_rest_is_done(
    console: Client, three: list[Submission]
) -> None:
    ben = people.moderator(display_name="Ben")
    assert deciding.claim(ben, QueueItem.objects.get(submission=three[0]))
    page = take(console, three, "approve").content.decode()
    # Ana lives in Tokyo, and reads her own time.
    assert "2 approved." in page and f"{three[0].pk}: Ben is looking at this, until" in page
    assert "JST." in page
    console.post(f"{QUEUE}undo/")
    assert Decision.objects.filter(undone_at=None).count() == 0


def test_several_are_suspended_after_a_question(console: Client, three: list[Submission]) -> None:
    page = take(console, three, "suspend").content.decode()
    assert "2 dancers, 3 dances" in page and three[0].dancer.email in page
    assert not Decision.objects.exists(), "it asks first"
    page = take(console, three, "suspend", confirmed="1", days="30").content.decode()
    assert "Please choose or write a reason" in page and not Decision.objects.exists()

    page = take(console, three, "suspend", confirmed="1", days="30", reason="Three times spam.").content
    assert b"3 suspended." in page and statuses(three) == [Moderation.HIDDEN] * 3
    dancers = User.objects.filter(submissions__in=three).distinct()
    for dancer in dancers:
        assert dancer.suspension_reason == "Three times spam." and dancer.suspended_until is not None
        assert timedelta(days=29) < dancer.suspended_until - timezone.now() <= timedelta(days=30)
    # Two were of one dancer: taken back from the end on, nothing of it is left.
    assert "3 taken back." in console.post(f"{QUEUE}undo/", follow=True).content.decode()
    assert {dancer.suspended_until for dancer in dancers.all()} == {None}
    assert statuses(three) == [Moderation.VISIBLE] * 3


def test_suspending_several_is_a_permission_of_its_own(three: list[Submission]) -> None:
    console = client_of(people.moderator("challenges.moderate_submission"))
    assert "Suspend" not in console.get(QUEUE).content.decode()
    take(console, three, "suspend", confirmed="1", days="30", reason="No right to.")
    assert not Decision.objects.exists()


def test_at_most_so_many_at_once(
    console: Client, three: list[Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST", 2)
    assert "At most 2 dances" in take(console, three, "approve").content.decode()
    assert not Decision.objects.exists()


def test_nobody_takes_back_without_the_right() -> None:
    assert client_of(people.moderator("moderation.view_queueitem")).post(f"{QUEUE}undo/").status_code == 403


def test_weighing_again_is_a_job() -> None:
    boss = client_of(factories.admin())
    page = boss.post("/admin/moderation/rule/weigh_again/", {"_form_submitted": "on"}, follow=True)
    assert page.status_code == 200 and "by a job" in page.content.decode()
    assert Job.objects.get(kind="weigh").state == "queued"


def test_the_page_of_a_submission_leads_to_its_review() -> None:
    queued = make.submission(make.challenge(), points=make.POINTS)
    page = f"/admin/challenges/submission/{queued.pk}/change/"
    looker = client_of(people.moderator("challenges.view_submission"))
    boss = client_of(factories.admin())
    link = f'href="{QUEUE}review/{queued.pk}/"'
    assert link in boss.get(page).content.decode()
    assert link not in looker.get(page).content.decode(), "the queue is not theirs"
    QueueItem.objects.all().delete()
    assert "No rule asked for a look." in boss.get(page).content.decode()


# --- Reports ----------------------------------------------------------------------------------------------
def listed(console: Client, query: str = "") -> str:
    answer = console.get(f"{REPORTS}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_reports_are_listed_and_lead_to_the_queue(console: Client) -> None:
    mine, other = (make.submission(make.challenge(), points=make.POINTS) for _ in range(2))
    people.report(mine, reason="stolen", details="This is mine!")
    people.report(other, reason="spam", details="Buy this.")
    page = listed(console)
    assert "This is mine!" in page and "Buy this." in page
    assert f'href="{QUEUE}review/{mine.pk}/"' in page
    for query in (f"?q={mine.pk}", "?reason__exact=stolen"):
        found = listed(console, query)
        assert "This is mine!" in found and "Buy this." not in found
    who = Report.objects.get(subject_id=other.pk).user.email
    assert "Buy this." in listed(console, f"?q={who}") and "mine!" not in listed(console, f"?q={who}")


def test_a_report_is_open_until_somebody_decides(console: Client, ana: User) -> None:
    submission = make.submission(make.challenge(), points=make.POINTS)
    people.report(submission, reason="stolen", details="This is mine!")
    is_open = lambda: "This is mine!" in listed(console, "?state=open")  # noqa: E731
    assert is_open()
    deciding.decide(ana, submission.pk, "hold")
    assert is_open(), "nothing is decided yet"
    made = deciding.decide(ana, submission.pk, "hide", ask=Ask("It is somebody else's."))
    assert Report.objects.get().settled_by == made.pk
    assert not is_open() and "This is mine!" in listed(console, "?state=settled")
    deciding.undo(ana, made.pk)
    assert is_open()
    deciding.decide(ana, submission.pk, "approve")
    people.report(submission, details="Look again!")
    page = listed(console, "?state=open")
    assert "Look again!" in page and "This is mine!" not in page


def test_what_no_rule_queued_leads_to_its_page(console: Client) -> None:
    Rule.objects.update(enabled=False)
    submission = make.submission(make.challenge(), people.known_dancer(), points=make.POINTS)
    people.report(submission)
    assert f"/admin/challenges/submission/{submission.pk}/change/" in listed(console)


def test_reports_are_for_who_may_see_them() -> None:
    assert client_of(people.moderator("challenges.change_challenge")).get(REPORTS).status_code == 403


def test_the_review_gives_the_reasons_of_a_score_in_words_that_moderators_know(
    console: Client, three: list[Submission]
) -> None:
    common = {"note": "", "weight": 0.5}
    measures = [
        {"name": "slow_power", "value": 3.32, "unit": "ln", "share": 0.97, **common},
        {"name": "reach", "value": 0.0567, "unit": "torso lengths", "share": 0.42, **common},
        {"name": "holds", "value": None, "unit": "s", "share": None, **common},
        {"name": "arc_length", "value": -2.87, "unit": "1", "share": None, **common},
    ]
    analysis = three[0].analysis
    assert analysis is not None
    Analysis.objects.filter(pk=analysis.pk).update(measures={"balance": {"note": "", "measures": measures}})
    page = console.get(f"{QUEUE}review/{three[0].pk}/").content.decode()
    assert "<b>Slow power</b> 97%</li>" in page and "(0.06 torso lengths)" in page
    assert "<b>Holds</b> not measured</li>" in page
    assert "3.32" not in page and "Arc length" not in page  # a logarithm, and what earns nothing
