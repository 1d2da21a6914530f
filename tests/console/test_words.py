"""What the console writes by itself: lists without anything in them, and times."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import formats

from tests import factories


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/admin/moderation/decision/", "There is nothing here yet."),
        ("/admin/analysis/job/?state__exact=failed", "Nothing matches."),
        ("/admin/analysis/job/?q=job_1", "Nothing matches."),
        ("/admin/breakdowns/keptprivate/", "There is nothing here yet."),
    ],
)
def test_an_empty_list(client: Client, db: None, address: str, said: str) -> None:
    client.force_login(factories.admin())
    shown = client.get(address).content.decode()
    assert said in shown and "Create a new item" not in shown
    assert ("Show all" in shown) == (said == "Nothing matches.")


def test_times_are_short_and_read_the_same_everywhere() -> None:
    moment = datetime(2026, 11, 26, 23, 59, tzinfo=UTC)
    assert formats.localize(moment) == "26 Nov 2026, 23:59"
