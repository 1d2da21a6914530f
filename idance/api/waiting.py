"""Waiting for a result inside a request: as long as client and settings allow, never too many at once.

if not wait_for(lambda: has_ended(id), request): ...  # answer with the present state
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.http import HttpRequest
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework.request import Request

from idance.lib import stopping

#: The pauses between two looks, in seconds: short at first, since much is quick, then longer.
FIRST_PAUSE, LONGEST_PAUSE, GROWTH = 0.05, 1.0, 1.3

#: For the schema of an operation that waits.
PREFER = OpenApiParameter(
    "Prefer",
    location=OpenApiParameter.HEADER,
    description="`respond-async` answers with the present state at once; `wait=N` waits up to N seconds "
    "(RFC 7240). Without it the answer waits as long as the server allows.",
    examples=[
        OpenApiExample("At once", value="respond-async"),
        OpenApiExample("Ten seconds", value="wait=10"),
    ],
)

_PREFERENCE = re.compile(r'\s*([\w!#$%&\'*+.^`|~-]+)\s*(?:=\s*(?:"([^"]*)"|([^\s;,"]*)))?')


class _Slots:
    """How many requests of this process wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = 0

    @contextmanager
    def one(self) -> Iterator[bool]:
        """Take a slot for the time of the block; gives False when there is none."""
        with self._lock:
            free = self._taken < settings.SYNC_WAIT_SLOTS
            self._taken += free
        try:
            yield free
        finally:
            with self._lock:
                self._taken -= free


_slots = _Slots()


def preferences(header: str) -> dict[str, str]:
    """The `Prefer` header as names (in lower case) and values; of a name given twice the first counts."""
    found: dict[str, str] = {}
    for preference in header.split(","):
        match = _PREFERENCE.match(preference)
        if match:
            found.setdefault(match[1].lower(), match[2] or match[3] or "")
    return found


def seconds_to_wait(request: HttpRequest | Request) -> float:
    """How long this request may wait: the client's wish, within SYNC_WAIT_SECONDS."""
    preferred = preferences(request.headers.get("Prefer", ""))
    longest = float(settings.SYNC_WAIT_SECONDS)
    wish = preferred.get("wait", "")
    if re.fullmatch(r"[0-9]{1,9}", wish):
        return min(float(wish), longest)
    return 0.0 if "respond-async" in preferred else longest


def wait_for(done: Callable[[], bool], request: HttpRequest | Request) -> bool:
    """Ask ``done`` until it says yes, the time is up or the server stops. Whether it is done.

    Does not wait at all while SYNC_WAIT_SLOTS requests of this process do. Call it outside of any
    transaction: ``done`` would see the database as it was at its start, and SQLite would let nobody else
    write. Between two looks the thread keeps its database connection, idle; opening another for each look
    would cost more.
    """
    return wait_up_to(seconds_to_wait(request), done)


def wait_up_to(seconds: float, done: Callable[[], bool]) -> bool:
    """The same for so many seconds, whatever the client prefers."""
    if done():
        return True
    if seconds <= 0:
        return False
    until = time.monotonic() + seconds
    with _slots.one() as free:
        pause = FIRST_PAUSE
        while free:
            time.sleep(max(0.0, min(pause, until - time.monotonic())))
            if done():
                return True
            if time.monotonic() >= until or stopping.is_told():
                return False
            pause = min(pause * GROWTH, LONGEST_PAUSE)
    return False
