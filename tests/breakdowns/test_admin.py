from __future__ import annotations

import pytest
from django.test import Client

from breakdowns.models import Breakdown
from tests import factories
from tests.api_client import ApiClient
from tests.breakdowns.make import Engine, ask, work
from tests.breakdowns.site import VideoSite

pytestmark = pytest.mark.django_db
PAGE = "/admin/breakdowns/breakdown/"


def test_the_console_shows_breakdowns_and_their_jobs(
    dancer: ApiClient, youtube: VideoSite, engine: Engine
) -> None:
    ask(dancer, "https://youtu.be/abcdefghijk")
    ask(dancer, "https://youtu.be/gone-away-0")
    work()
    done, failed = Breakdown.objects.order_by("id")
    console = Client()
    console.force_login(factories.admin())
    listed = console.get(PAGE).content.decode()
    assert "Salsa basics" in listed and "removed" in listed
    assert console.get(f"{PAGE}?q=youtube:abcdefghijk").content.decode().count("Salsa basics") >= 1
    shown = console.get(f"{PAGE}{done.pk}/change/").content.decode()
    assert done.steps[0]["step_name"] in shown
    assert f"/admin/analysis/job/{done.job_id}/" in shown
    assert "outline.mp4" in shown
    assert "not there any more" in console.get(f"{PAGE}{failed.pk}/change/").content.decode()
