"""Limits per minute, counted in the cache: exact across threads, and across machines with Redis."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

WINDOW = 60


def spend(name: str, who: str, limit: int) -> float | None:
    """Count one use. None when it is within the limit, else the seconds until the next window."""
    now = time.time()
    window = int(now // WINDOW)
    key = f"limit:{name}:{who}:{window}"
    cache.add(key, 0, timeout=2 * WINDOW)
    used = cache.incr(key)
    return None if used <= limit else (window + 1) * WINDOW - now


def used_up(name: str, who: str, limit: int) -> float | None:
    """Like `spend` without counting: the seconds to wait when the limit is reached already."""
    now = time.time()
    window = int(now // WINDOW)
    used = cache.get(f"limit:{name}:{who}:{window}", 0)
    return None if used < limit else (window + 1) * WINDOW - now


def address(request: Any) -> str:
    """The caller's address; the proxy's header is believed only when the settings say there is a proxy."""
    if settings.BEHIND_PROXY:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
        if forwarded:
            # The last entry is the one our own proxy wrote; earlier ones are the client's word.
            return str(forwarded.split(",")[-1].strip())
    return str(request.META.get("REMOTE_ADDR", ""))


class _PerUser(BaseThrottle):
    """So many requests a minute for each signed-in user."""

    name = ""
    setting = ""

    def __init__(self) -> None:
        self._wait: float | None = None

    def allow_request(self, request: Request, view: object) -> bool:
        user = request.user
        if user is None or not user.is_authenticated:
            return True
        self._wait = spend(self.name, str(user.pk), getattr(settings, self.setting))
        return self._wait is None

    def wait(self) -> float | None:
        return self._wait


class RequestsPerUser(_PerUser):
    """Every request."""

    name = "requests"
    setting = "LIMIT_REQUESTS"


class UploadsPerUser(_PerUser):
    """Requests that carry or announce a file."""

    name = "uploads"
    setting = "LIMIT_UPLOADS"


class AnalysesPerUser(_PerUser):
    """Requests that start an analysis or a breakdown."""

    name = "analyses"
    setting = "LIMIT_ANALYSES"
