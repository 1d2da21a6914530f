"""What holds for every page of the console: the second factor, and the person's own time zone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts import two_factor

#: What is reached without the second factor, else nobody could give it.
_OPEN = ("/admin/login/", "/admin/logout/", "/admin/jsi18n/", "/admin/two-factor/", "/admin/password_reset/")
_PAGES = {"code": "two-factor", "set-up": "two-factor-set-up"}


class ConsoleMiddleware:
    """Leads staff to the second factor before anything else, and shows them times in their zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user: Any = request.user if request.path_info.startswith("/admin/") else None
        if user is None or not user.is_authenticated:
            return self._next(request)
        if not request.path_info.startswith(_OPEN):
            missing = two_factor.missing(request)
            if missing:
                query = urlencode({"next": request.get_full_path()})
                return redirect(f"{reverse(_PAGES[missing])}?{query}")
        with timezone.override(ZoneInfo(user.time_zone) if user.time_zone else None):
            return self._next(request)
