"""Which form an answer takes: the one that the client accepts, else ours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class LenientNegotiation(DefaultContentNegotiation):
    """An odd `Accept` header is no reason to refuse an app its JSON: 406 is not among our answers."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        choices = list(renderers)
        if len(choices) == 1:
            return choices[0], str(choices[0].media_type)
        try:
            found: Any = super().select_renderer(request, choices, format_suffix)
        except NotAcceptable:
            wanted = request.query_params.get("format")
            first = next((choice for choice in choices if choice.format == wanted), choices[0])
            found = first, str(first.media_type)
        return found[0], found[1]
