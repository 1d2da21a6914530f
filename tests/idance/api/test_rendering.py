"""How answers become JSON."""

from __future__ import annotations

import gc
import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from rest_framework import serializers

from idance.api.auth import new_token
from idance.api.rendering import Renderer
from tests import factories
from tests.challenges import make


class Form(serializers.Serializer[Any]):
    at = serializers.DateTimeField()


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (datetime(2025, 1, 25, 10, 0, 0, 123456, tzinfo=UTC), "2025-01-25T10:00:00Z"),
        (datetime(2025, 1, 25, 10, tzinfo=ZoneInfo("UTC")), "2025-01-25T10:00:00Z"),
        (datetime(719, 10, 16, tzinfo=UTC), "0719-10-16T00:00:00Z"),
    ],
)
def test_times_are_utc_and_whole_seconds(moment: datetime, written: str) -> None:
    answer = {"plain": moment, "nested": [{"at": moment}], "declared": Form({"at": moment}).data}
    assert json.loads(Renderer().render(answer)) == {
        "plain": written,
        "nested": [{"at": written}],
        "declared": {"at": written},
    }


def test_a_time_that_comes_in_any_zone_leaves_in_utc() -> None:
    form = Form(data={"at": "2025-01-25T10:00:00.5+05:30"})
    form.is_valid(raise_exception=True)
    assert Renderer().render(form.validated_data) == b'{"at":"2025-01-25T04:30:00Z"}'


def test_text_is_written_as_it_is() -> None:
    assert Renderer().render({"name": "Zoë 💃"}) == '{"name":"Zoë 💃"}'.encode()


def left_by(path: str, token: str) -> int:
    """How many objects of a request hold each other, so that only the collector of cycles finds them."""
    gc.collect()
    gc.disable()
    try:
        answer: Any = Client().get(path, headers={"Authorization": f"Bearer {token}"})
        assert b'"submissions":[{' in answer.content
        del answer
        return gc.collect()
    finally:
        gc.enable()


@pytest.mark.django_db
def test_what_an_answer_is_made_of_goes_with_it() -> None:
    challenge, token = make.challenge(), new_token(factories.person())
    path = f"/api/challenges/{challenge.pk}/public-submissions"
    left = []
    for rows in (1, 10):
        for _ in range(rows):
            make.submission(challenge, points=make.POINTS, is_public=True)
        left_by(path, token)  # the first time more is made, which stays
        left.append(left_by(path, token))
    assert left[1] - left[0] < 9  # not one for each row more
