"""What the console writes by itself: lists without anything in them, and times."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import formats

from tests import factories
from tests.challenges import make


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


def test_what_has_just_come_waits_for_less_than_a_minute(client: Client, db: None) -> None:
    make.submission(make.challenge(), points=make.POINTS)  # the first of a new dancer needs a look
    client.force_login(factories.admin())
    shown = client.get("/admin/").content.decode()
    assert "the oldest waits for less than a minute" in shown and "0\xa0minutes" not in shown


def test_only_what_is_logged_offers_a_history(client: Client, db: None) -> None:
    submission = make.submission(make.challenge(), points=make.POINTS)
    client.force_login(factories.admin())
    for path, offered in (
        (f"challenges/submission/{submission.pk}", False),
        (f"analysis/analysis/{submission.analysis_id}", False),
        (f"files/storedfile/{submission.video_id}", False),
        (f"challenges/challenge/{submission.challenge_id}", True),
    ):
        shown = client.get(f"/admin/{path}/change/").content.decode()
        assert (f"/admin/{path}/history/" in shown) == offered, path


def test_pages_are_titled_with_names_and_show_no_json(client: Client, db: None) -> None:
    dancer = factories.person(display_name="Mia")
    submission = make.submission(
        make.challenge(title="Shuffle"), dancer, points=make.POINTS, tags=["fun", "slow"]
    )
    client.force_login(factories.admin(display_name="Boss"))
    shown = client.get(f"/admin/challenges/submission/{submission.pk}/change/").content.decode()
    assert "Mia in Shuffle" in shown and "fun, slow" in shown and "[&#x27;" not in shown
    assert "Boss" in shown  # the menu calls people by their names
    listed = client.get("/admin/challenges/submission/").content.decode()
    assert submission.video.thumbnail_key in listed and f">{submission.pk}<" not in listed
    # Links of the console stay on the host that it is shown on.
    assert f'src="/files/{submission.video.key}' in shown
