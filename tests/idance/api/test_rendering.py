"""How answers become JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from rest_framework import serializers

from idance.api.rendering import Renderer


class Form(serializers.Serializer[Any]):
    at = serializers.DateTimeField()


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (datetime(2025, 1, 25, 10, 0, 0, 123456, tzinfo=UTC), "2025-01-25T10:00:00Z"),
        (datetime(2025, 1, 25, 10, tzinfo=timezone(timedelta(hours=5, minutes=30))), "2025-01-25T04:30:00Z"),
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


def test_text_is_written_as_it_is() -> None:
    assert Renderer().render({"name": "Zoë 💃"}) == '{"name":"Zoë 💃"}'.encode()
