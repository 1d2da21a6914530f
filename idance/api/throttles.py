"""Limits per minute: exact across threads, and with Redis across processes and machines."""

from __future__ import annotations

import ipaddress
from functools import cache
from typing import TYPE_CHECKING, Any

import redis
from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from idance.lib.problems import TooOften
from idance.lib.windows import MemoryWindows, RedisWindows, SparedWindows, Windows

if TYPE_CHECKING:
    from accounts.models import User

#: Limits are so many uses within any span of so many seconds.
SECONDS = 60.0


@cache
def windows() -> Windows:
    """Where uses are counted: in this process, or in Redis when there is one and it answers."""
    if not settings.REDIS_URL:
        return MemoryWindows()
    client = redis.Redis.from_url(settings.REDIS_URL, **settings.REDIS_OPTIONS)
    return SparedWindows(RedisWindows(client), MemoryWindows())


def spend(name: str, who: str, limit: int) -> float | None:
    """Count one use. None when it is within the limit, else the seconds until one is possible again."""
    return windows().spend(f"{name}:{who}", limit, SECONDS)


def used_up(name: str, who: str, limit: int) -> float | None:
    """Like `spend` without counting: the seconds to wait when the limit is reached already."""
    return windows().used_up(f"{name}:{who}", limit, SECONDS)


def address(request: Any) -> str:
    """The caller's address; the proxy's header is believed only when the settings say there is a proxy.

    Of an IPv6 address only the network counts: one home has as many addresses as it likes.
    """
    written = str(request.META.get("REMOTE_ADDR", ""))
    if settings.BEHIND_PROXY:
        forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
        # The last entry is the one our own proxy wrote; earlier ones are the client's word.
        written = forwarded.split(",")[-1].strip() or written
    try:
        number = ipaddress.ip_address(written)
    except ValueError:
        return written[:64]
    if isinstance(number, ipaddress.IPv6Address):
        if number.ipv4_mapped:
            return str(number.ipv4_mapped)
        return str(ipaddress.ip_network((number, 64), strict=False))
    return str(number)


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
    """Requests that carry or announce a file, or submit one."""

    name = "uploads"
    setting = "LIMIT_UPLOADS"


def start_analysis(user: User) -> None:
    """Count that somebody starts an analysis or a breakdown; asking for one that there is starts nothing.

    Raises ``TooOften``.
    """
    wait = spend("analyses", str(user.pk), settings.LIMIT_ANALYSES)
    if wait is not None:
        raise TooOften(wait)
