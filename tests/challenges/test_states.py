"""Drafts, publishing, copies, and series across a change of clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from challenges import selectors, series, services
from challenges.models import Challenge, ChallengeState, LabelKind, Phase
from idance.lib.problems import NotNow
from tests import factories
from tests.api_client import ApiClient
from tests.challenges import make

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")


def test_what_a_challenge_is_at_the_moment() -> None:
    now, hour = timezone.now(), timedelta(hours=1)
    made = {
        Phase.DRAFT: make.challenge(state=ChallengeState.DRAFT),
        Phase.SCHEDULED: make.challenge(start_time=now + hour),
        Phase.LIVE: make.challenge(),
        Phase.ENDED: make.challenge(start_time=now - 2 * hour, end_time=now - hour),
        Phase.ARCHIVED: make.challenge(state=ChallengeState.ARCHIVED),
    }
    for phase, challenge in made.items():
        assert challenge.phase == phase
        assert list(selectors.in_phase(Challenge.objects.all(), phase)) == [challenge]


def test_a_draft_is_there_for_editors_alone(dancer: ApiClient) -> None:
    draft = make.challenge(state=ChallengeState.DRAFT, tags=("secret",))
    editor, moderator = factories.person(is_staff=True), factories.person(is_staff=True)
    editor.groups.add(Group.objects.get(name="Challenge editor"))
    moderator.groups.add(Group.objects.get(name="Moderator"))
    path = f"/api/challenges/{draft.pk}"
    for client in (dancer, ApiClient(moderator)):
        assert client.get(path).status_code == 404
        assert client.get(f"{path}/leaderboard").status_code == 404
        assert client.get(f"{path}/submissions").status_code == 404
    assert dancer.get("/api/challenges?active_only=false").json()["challenges"] == []
    assert selectors.tags() == []
    assert ApiClient(editor).get(path).status_code == 200


def test_publishing_and_taking_back() -> None:
    challenge = make.challenge(state=ChallengeState.DRAFT)
    for action, state in (
        (services.publish, ChallengeState.PUBLISHED),
        (services.back_to_draft, ChallengeState.DRAFT),
        (services.archive, ChallengeState.ARCHIVED),
        (services.publish, ChallengeState.PUBLISHED),
    ):
        action(challenge)
        assert challenge.state == Challenge.objects.get().state == state


def test_with_submissions_it_is_a_draft_no_more() -> None:
    challenge = make.challenge()
    make.submission(challenge, points=make.POINTS)
    with pytest.raises(NotNow):
        services.back_to_draft(challenge)
    assert Challenge.objects.get().state == ChallengeState.PUBLISHED


def test_a_copy_is_a_draft_without_submissions() -> None:
    challenge = make.challenge(categories=("jazz",), tags=("blue", "slow"), rhythm=35, balance=20)
    make.submission(challenge, points=make.POINTS)
    challenge.refresh_from_db()
    copy = Challenge.objects.get(pk=services.duplicate(challenge).pk)
    assert (copy.title, copy.rhythm, copy.state) == (challenge.title, 35, ChallengeState.DRAFT)
    assert copy.labels_of(LabelKind.CATEGORY) == ["jazz"] and copy.labels_of(LabelKind.TAG) == [
        "blue",
        "slow",
    ]
    assert (copy.total_submissions, copy.scored_count, copy.top_score) == (0, 0, None)


def test_a_series_keeps_the_time_on_the_clock() -> None:
    """On 25 October 2026 clocks in Berlin go back, from UTC+2 to UTC+1."""
    start = datetime(2026, 10, 9, 18, tzinfo=BERLIN)
    like = make.challenge(start_time=start, end_time=datetime(2026, 10, 11, 20, tzinfo=BERLIN))
    found = series.times(like, first=start + timedelta(days=7), days=7, count=3, zone=BERLIN)
    assert [opens for opens, _ in found] == [
        datetime(2026, 10, 16, 16, tzinfo=UTC),
        datetime(2026, 10, 23, 16, tzinfo=UTC),
        datetime(2026, 10, 30, 17, tzinfo=UTC),
    ]
    # The one over the change ends at 20:00 on the clock too, an hour later in truth.
    assert [closes.astimezone(BERLIN).hour for _, closes in found] == [20, 20, 20]
    assert found[1][1] - found[1][0] == timedelta(hours=51)


def test_a_start_that_the_clock_jumps_over() -> None:
    """On 28 March 2027 there is no 02:30 in Berlin."""
    like = make.challenge(
        start_time=datetime(2027, 3, 27, 2, 30, tzinfo=BERLIN),
        end_time=datetime(2027, 3, 27, 3, 15, tzinfo=BERLIN),
    )
    ((opens, closes),) = series.times(
        like, first=datetime(2027, 3, 28, 2, 30, tzinfo=BERLIN), days=7, count=1, zone=BERLIN
    )
    assert opens == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert closes - opens == timedelta(minutes=45)


def test_a_series_is_made_whole_or_not_at_all() -> None:
    like = make.challenge()
    first = like.start_time + timedelta(days=7)
    moments = series.times(like, first=first, days=7, count=3, zone=UTC)
    with pytest.raises(Exception, match="challenge_ends_after_it_starts"):
        series.schedule(like, [*moments, (first, first)], publish=True)
    assert Challenge.objects.count() == 1
    made = series.schedule(like, moments, publish=True)
    assert [one.start_time for one in made] == [opens for opens, _ in moments]
    assert {one.state for one in made} == {ChallengeState.PUBLISHED}


def test_unusual_times_are_warned_of() -> None:
    now = timezone.now()
    challenge = Challenge(start_time=now + timedelta(days=1), end_time=now + timedelta(days=2))
    assert services.warnings_of(challenge) == []
    challenge.end_time = challenge.start_time + timedelta(minutes=59)
    assert services.warnings_of(challenge) == ["It lasts less than an hour."]
    challenge.start_time, challenge.end_time = now - timedelta(days=1), now + timedelta(days=90)
    assert len(services.warnings_of(challenge)) == 2
