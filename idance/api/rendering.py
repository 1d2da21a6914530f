"""How answers become JSON: times as `2025-01-25T10:00:00Z`, wherever in an answer they stand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder


class Encoder(JSONEncoder):
    """DRF's encoder, with times in UTC and whole seconds."""

    def default(self, obj: Any) -> Any:
        if isinstance(obj, datetime):
            return f"{obj.astimezone(UTC).isoformat()[:19]}Z"
        return super().default(obj)


class Renderer(JSONRenderer):
    """JSON as the contract has it."""

    encoder_class = Encoder
