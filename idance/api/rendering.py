"""How answers become JSON: times as `2025-01-25T10:00:00Z`, wherever in an answer they stand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder

_OPTIONS: Final = orjson.OPT_PASSTHROUGH_DATETIME


class Renderer(JSONRenderer):
    """JSON as the contract has it. DRF says what is JSON; orjson writes it ten times as fast."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else orjson.dumps(data, _known, _OPTIONS)


_encoder: Final = JSONEncoder()


def _known(value: Any) -> Any:
    """What orjson does not know, as something that it does: times in UTC and whole seconds."""
    if isinstance(value, datetime):
        moment = value if value.tzinfo is UTC else value.astimezone(UTC)
        return f"{moment.isoformat()[:19]}Z"
    return _encoder.default(value)
