"""Remembered numbers in Redis, which nobody misses while it does not answer."""

from __future__ import annotations

import logging
import time
from typing import Any

import redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache

log = logging.getLogger(__name__)


class SparedCache(RedisCache):
    """Django's, but without Redis nothing is remembered and nothing fails."""

    #: So long after a failure nobody asks Redis, in seconds, and waits for it in vain.
    PAUSE = 5.0
    _away_until = 0.0

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """What is remembered, else ``default``."""
        if time.monotonic() < self._away_until:
            return default
        try:
            return super().get(key, default, version)
        except redis.RedisError as error:
            self._note(error)
            return default

    def set(
        self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        """Remember it if that can be."""
        if time.monotonic() < self._away_until:
            return
        try:
            super().set(key, value, timeout, version)
        except redis.RedisError as error:
            self._note(error)

    def _note(self, error: redis.RedisError) -> None:
        self._away_until = time.monotonic() + self.PAUSE
        log.warning("Nothing is remembered, Redis does not answer: %s", error)
