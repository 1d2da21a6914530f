"""Remembered numbers in Redis, which nobody misses while it does not answer."""

from __future__ import annotations

import logging
from typing import Any

import redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache

from idance.lib.pause import Pause

log = logging.getLogger(__name__)


class SparedCache(RedisCache):
    """Django's, but without Redis nothing is remembered and nothing fails."""

    #: Of all threads, each of which has a cache of its own.
    _pause = Pause()

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """What is remembered, else ``default``."""
        if not self._pause.over:
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
        if not self._pause.over:
            return
        try:
            super().set(key, value, timeout, version)
        except redis.RedisError as error:
            self._note(error)

    def _note(self, error: redis.RedisError) -> None:
        self._pause.begin()
        log.warning("Nothing is remembered, Redis does not answer: %s", error)
