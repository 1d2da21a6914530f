"""Lists without anything in them say so, and never tell people to create what nobody can create."""

from __future__ import annotations

import pytest
from django.test import Client

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
