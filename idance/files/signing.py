"""Our own signed links to private files: ``expires`` and an HMAC over key and time, as S3 does it."""

from __future__ import annotations

import hashlib
import hmac
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from functools import cache, lru_cache
from urllib.parse import quote

from django.conf import settings
from django.utils.crypto import constant_time_compare


def signer() -> Callable[[str], str]:
    """Adds to a key the query that opens it for ``FILE_URL_SECONDS`` and up to half of that more.

    The end is rounded up to a half, so that the same link is made for a while and players can cache by it.
    """
    half, secret_key = _half(), settings.SECRET_KEY
    return lambda key: _signed(key, (int(time.time()) // half + 3) * half, secret_key)


def least_seconds() -> int:
    """How long a link made now works at least."""
    return 2 * _half()


def most_seconds() -> int:
    """How long a link made until now may go on working."""
    return 3 * _half()


def _half() -> int:
    """Half of how long a link is to work, in seconds."""
    return max(1, settings.FILE_URL_SECONDS // 2)


def seconds_left(key: str, expires: str, signature: str) -> int | None:
    """How long the link still holds; None when it was not made by us or is over."""
    if not constant_time_compare(signature, _signature(key, expires, settings.SECRET_KEY)):
        return None
    # Only what we signed gets here, so it is a number.
    left = int(expires) - int(time.time())
    return left if left > 0 else None


@lru_cache(maxsize=20_000)
def _signed(key: str, expires: int, secret_key: str) -> str:
    """The same for all who ask within the time, and lists are asked for often."""
    return f"{quote(key)}?expires={expires}&signature={_signature(key, str(expires), secret_key)}"


def _signature(key: str, expires: str, secret_key: str) -> str:
    # A key has no newline in it, so no other key and time sign alike.
    digest = hmac.digest(_secret(secret_key), f"{key}\n{expires}".encode(), "sha256")
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


@cache
def _secret(secret_key: str) -> bytes:
    """A key for these links alone, as Django's own signer derives it; once, since a list has many links."""
    return hashlib.sha256(f"idance.filessigner{secret_key}".encode()).digest()
