"""Which form an answer takes: ours, whatever the client says it accepts, where there is only one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class OneFormNegotiation(DefaultContentNegotiation):
    """Views with one renderer use it. An odd `Accept` header is no reason to refuse an app its JSON."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        choices = list(renderers)
        if len(choices) == 1:
            return choices[0], str(choices[0].media_type)
        found: Any = super().select_renderer(request, choices, format_suffix)
        return found[0], found[1]
