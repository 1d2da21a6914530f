"""Our own signed links to private files: ``expires`` and an HMAC over key and time, as S3 does it."""

from __future__ import annotations

import time
from urllib.parse import urlencode

from django.conf import settings
from django.core.signing import Signer
from django.utils.crypto import constant_time_compare


def sign(key: str) -> str:
    """The query that opens ``key`` for ``FILE_URL_SECONDS`` and up to half of that more.

    The end is rounded up to a half, so that the same link is made for a while and players can cache by it.
    """
    half = max(1, settings.FILE_URL_SECONDS // 2)
    expires = str((int(time.time()) // half + 3) * half)
    return urlencode({"expires": expires, "signature": _signature(key, expires)})


def least_seconds() -> int:
    """How long a link made now works at least."""
    half = max(1, settings.FILE_URL_SECONDS // 2)
    return 2 * half


def seconds_left(key: str, expires: str, signature: str) -> int | None:
    """How long the link still holds; None when it was not made by us or is over."""
    if not constant_time_compare(signature, _signature(key, expires)):
        return None
    # Only what we signed gets here, so it is a number.
    left = int(expires) - int(time.time())
    return left if left > 0 else None


def _signature(key: str, expires: str) -> str:
    # A key has no newline in it, so no other key and time sign alike.
    return Signer(salt="idance.files", algorithm="sha256").signature(f"{key}\n{expires}")
