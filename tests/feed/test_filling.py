"""`manage.py fill`: what benchmarks measure is a database as the service itself would have made it."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection

from challenges.models import Challenge, Submission
from feed import filling
from feed.models import FeedItem, FeedTally
from idance.bulk import without_indexes

pytestmark = pytest.mark.django_db


def structure() -> dict[str, object]:
    """Every index and constraint of the tables that are filled."""
    with connection.cursor() as cursor:
        tables = [model._meta.db_table for model in filling._WRITTEN]
        return {table: connection.introspection.get_constraints(cursor, table) for table in tables}


def test_counters_agree_with_the_rows_and_indexes_are_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feed.management.commands.fill.settle", lambda: None)  # not within a transaction
    before = structure()
    call_command("fill", people=12, challenges=3, submissions=30, verbosity=0)
    assert structure() == before
    connection.check_constraints()
    assert Submission.objects.count() == 30
    assert FeedItem.objects.count() == sum(FeedTally.objects.values_list("items", flat=True)) > 0
    for challenge in Challenge.objects.all():
        scores = [one.score for one in Submission.objects.filter(challenge=challenge)]
        assert challenge.scored_count == challenge.total_submissions == len(scores) == 10
        assert (challenge.top_score, challenge.score_sum) == (max(scores), sum(scores))


def test_what_goes_wrong_while_indexes_are_away_leaves_them() -> None:
    before = structure()
    with pytest.raises(RuntimeError), without_indexes([Submission]):
        assert structure() != before
        raise RuntimeError
    assert structure() == before
