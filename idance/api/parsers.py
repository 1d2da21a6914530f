"""JSON bodies, read strictly and never beyond the limit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from idance.lib.problems import TooLarge


class JsonParser(BaseParser):
    """application/json in UTF-8, as RFC 8259 has it, whatever charset the header claims.

    At most ``settings.MAX_JSON_BYTES``, or the view's own ``max_body_bytes``.
    """

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        limit = getattr((parser_context or {}).get("view"), "max_body_bytes", settings.MAX_JSON_BYTES)
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise TooLarge("The request is too large.")
        try:
            value = json.loads(body.decode("utf-8"), parse_constant=_refuse)
            _refuse_half_characters(body, value)
        except (ValueError, RecursionError):
            raise ParseError("The request body is not valid JSON.") from None
        return value


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _refuse_half_characters(body: bytes, value: Any) -> None:
    """Half of a surrogate pair can be written as an escape but is no text: nothing could store it."""
    if b"\\u" in body:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
