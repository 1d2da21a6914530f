"""The board: ranks, ties, who is on it, and counters that always agree with it."""

from __future__ import annotations

import random
from typing import Any

from django.db import connection, transaction

from challenges import leaderboard, scoring, submitting
from challenges.models import (
    Challenge,
    LeaderboardEntry,
    Moderation,
    ScoreTally,
    Submission,
    SubmissionStatus,
)
from tests import factories
from tests.api_client import ApiClient
from tests.challenges import make


def board(client: ApiClient, challenge: Challenge, **query: Any) -> Any:
    answer = client.get(f"/api/challenges/{challenge.id}/leaderboard", query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def scored(challenge: Challenge, total: int, dancer: Any = None) -> Submission:
    return make.submission(challenge, dancer, points=make.points_for(total))


def agrees(challenge: Challenge) -> None:
    """The counters say what the rows say."""
    challenge.refresh_from_db()
    scores = [
        one.score
        for one in Submission.objects.filter(challenge=challenge)
        if one.is_visible and one.score is not None
    ]
    rows = Submission.objects.filter(challenge=challenge)
    assert challenge.total_submissions == rows.count()
    assert challenge.participant_count == rows.values("dancer").distinct().count()
    assert challenge.scored_count == len(scores)
    assert challenge.score_sum == sum(scores)
    assert challenge.top_score == (max(scores) if scores else None)
    on_board = LeaderboardEntry.objects.filter(challenge=challenge, score__isnull=False)
    assert sorted(on_board.values_list("score", flat=True)) == sorted(scores)
    tally = leaderboard.tally_of(challenge)
    assert tally == {score: scores.count(score) for score in scores}


def test_the_documented_answer(dancer: ApiClient) -> None:
    challenge = make.challenge()
    best = scored(challenge, 85, dancer.user)
    assert board(dancer, challenge) == {
        "challengeId": challenge.id,
        "challengeTitle": "Freestyle Friday",
        "entries": [
            {
                "rank": 1,
                "userId": dancer.user.id,
                "userProfile": {"displayName": "Dancer", "avatarUrl": "", "level": 1},
                "score": 85,
                "scoreBreakdown": {"balance": 25, "rhythm": 30, "smoothness": 25, "creativity": 5},
                "submittedAt": best.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "submissionId": best.id,
            }
        ],
        "total": 1,
        "userRank": 1,
    }


def test_equal_scores_share_a_rank_and_the_earlier_is_first(dancer: ApiClient, other: ApiClient) -> None:
    challenge = make.challenge()
    # Submitted in this order, scored in another.
    made = {total: make.submission(challenge) for total in (70, 90)}
    ties = [make.submission(challenge, person) for person in (dancer.user, other.user, factories.person())]
    for one in reversed(ties):
        make.score(one, make.points_for(80))
    for total, one in made.items():
        make.score(one, make.points_for(total))
    lines = board(dancer, challenge)["entries"]
    assert [(line["rank"], line["score"]) for line in lines] == [(1, 90), (2, 80), (2, 80), (2, 80), (5, 70)]
    assert [line["submissionId"] for line in lines[1:4]] == [one.id for one in ties]
    assert board(dancer, challenge)["userRank"] == board(other, challenge)["userRank"] == 2
    agrees(challenge)


def test_pages_know_their_ranks(dancer: ApiClient) -> None:
    challenge = make.challenge()
    scores = [95, 90, 90, 90, 60, 60, 10]
    for total in scores:
        scored(challenge, total)
    found = [board(dancer, challenge, page=page, limit=2) for page in (1, 2, 3, 4, 5)]
    assert [[line["rank"] for line in page["entries"]] for page in found] == [[1, 2], [2, 2], [5, 5], [7], []]
    assert {page["total"] for page in found} == {7}
    assert {page["userRank"] for page in found} == {None}
    assert dancer.get(f"/api/challenges/{challenge.id}/leaderboard", {"limit": 101}).status_code == 422
    assert dancer.get(f"/api/challenges/{'0' * 24}/leaderboard").status_code == 404


def test_only_what_is_visible_stands_on_it(dancer: ApiClient, other: ApiClient) -> None:
    challenge = make.challenge()
    private = make.submission(challenge, dancer.user, points=make.points_for(99), is_public=False)
    make.submission(challenge, other.user)  # not analysed yet
    assert board(dancer, challenge)["entries"] == []
    agrees(challenge)
    dancer.put(f"/api/submissions/{private.id}/metadata", {"isPublic": True})
    assert board(dancer, challenge)["userRank"] == 1
    agrees(challenge)
    with transaction.atomic():
        leaderboard.hold(challenge.id)
        Submission.objects.filter(pk=private.pk).update(moderation_status=Moderation.HELD)
        leaderboard.place(challenge.id, dancer.user.id)
    assert board(dancer, challenge) == {
        "challengeId": challenge.id,
        "challengeTitle": "Freestyle Friday",
        "entries": [],
        "total": 0,
        "userRank": None,
    }
    agrees(challenge)


def test_a_taken_back_submission_leaves_it(dancer: ApiClient, other: ApiClient) -> None:
    challenge = make.challenge()
    mine, _ = scored(challenge, 90, dancer.user), scored(challenge, 60, other.user)
    assert dancer.delete(f"/api/submissions/{mine.id}").status_code == 200
    assert [line["userId"] for line in board(dancer, challenge)["entries"]] == [other.user.id]
    agrees(challenge)
    assert challenge.top_score == 60
    dancer.user.refresh_from_db()
    assert dancer.user.points == 0, "what it earned is gone with it"
    scored(challenge, 30, dancer.user)
    assert board(dancer, challenge)["userRank"] == 2
    agrees(challenge)


def test_counters_agree_after_any_history(db: None) -> None:
    chance = random.Random(7)  # noqa: S311
    challenge = make.challenge()
    people = [factories.person() for _ in range(6)]
    for _ in range(60):
        person = chance.choice(people)
        mine = Submission.objects.filter(challenge=challenge, dancer=person, active_key__isnull=False).first()
        if mine is None:
            make.submission(challenge, person, is_public=chance.random() < 0.8)
        elif mine.status == SubmissionStatus.PENDING:
            make.score(mine, make.points_for(chance.choice([40, 55, 70, 85, 100])))
        else:
            step = chance.choice(["hide", "show", "remove", "again"])
            if step == "remove":
                submitting.remove(mine)
            elif step == "again":
                assert mine.analysis is not None
                mine.analysis.balance = chance.randint(0, 25)
                scoring.give(mine.pk, mine.analysis)
            else:
                submitting.edit(mine, {"is_public": step == "show"})
    agrees(challenge)
    assert ScoreTally.objects.filter(challenge=challenge, dancers__lt=0).count() == 0
    for person in people:
        person.refresh_from_db()
        earned = Submission.objects.filter(dancer=person).values_list("points_awarded", flat=True)
        assert person.points == sum(earned)


def test_stats(dancer: ApiClient) -> None:
    challenge = make.challenge()
    empty = dancer.get(f"/api/challenges/{challenge.id}/stats").json()
    assert (empty["averageScore"], empty["topScore"], empty["completionRate"]) == (None, None, 0.0)
    for total in (20, 21, 61, 80, 81, 100):
        scored(challenge, total)
    make.submission(challenge, dancer.user)
    found = dancer.get(f"/api/challenges/{challenge.id}/stats").json()
    assert found["scoreDistribution"] == {"0-20": 1, "21-40": 1, "41-60": 0, "61-80": 2, "81-100": 2}
    assert (found["totalSubmissions"], found["averageScore"], found["topScore"]) == (7, 60.5, 100)
    assert (found["participationRate"], found["completionRate"]) == (1.0, 0.8571)


def test_a_longer_board_takes_no_more_queries(dancer: ApiClient, django_assert_num_queries: Any) -> None:
    challenge = make.challenge()
    path = f"/api/challenges/{challenge.id}/leaderboard"
    scored(challenge, 50, dancer.user)
    # Who asks; challenge, tally and mine; they, of whom SQLite is asked for the keys first.
    queries = 3 + (connection.vendor == "sqlite")
    with django_assert_num_queries(queries):
        dancer.get(path)
    for total in range(60, 72):
        scored(challenge, total)
    with django_assert_num_queries(queries):
        assert len(dancer.get(path).json()["entries"]) == 13
