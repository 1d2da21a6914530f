"""How answers become JSON: times as `2025-01-25T10:00:00Z`, wherever in an answer they stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder

#: Whole seconds, and `Z` for UTC, which is the time zone of all that is read here.
_OPTIONS: Final = orjson.OPT_OMIT_MICROSECONDS | orjson.OPT_UTC_Z


class Renderer(JSONRenderer):
    """JSON as the contract has it. DRF says what is JSON; orjson writes it ten times as fast."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else orjson.dumps(data, _known, _OPTIONS)


#: What orjson does not know, as something that it does.
_known: Final = JSONEncoder().default
