"""Limits over a sliding window: of the uses in the last so many seconds, at most so many are let through.

Exact, not estimated per clock minute: a burst across the turn of a minute finds the same limit. Refused uses
are not counted, so whoever waits as long as they are told gets through.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from typing import Any, Protocol

import redis

from idance.lib.pause import Pause

log = logging.getLogger(__name__)


class Windows(Protocol):
    """Counts uses by name."""

    def spend(self, name: str, limit: int, seconds: float) -> float | None:
        """Count one use. None when it is within the limit, else the seconds until one is possible again."""

    def used_up(self, name: str, limit: int, seconds: float) -> float | None:
        """The same question without counting a use."""


class MemoryWindows:
    """For one process; exact across its threads."""

    #: Names without a use in their window are forgotten whenever this many more have come.
    SWEEP_EVERY = 1000

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._uses: dict[str, deque[float]] = {}
        self._longest = 0.0
        self._until_sweep = self.SWEEP_EVERY

    def spend(self, name: str, limit: int, seconds: float) -> float | None:
        return self._ask(name, limit, seconds, count=True)

    def used_up(self, name: str, limit: int, seconds: float) -> float | None:
        return self._ask(name, limit, seconds, count=False)

    def clear(self) -> None:
        """Forget all uses."""
        with self._lock:
            self._uses.clear()

    def _ask(self, name: str, limit: int, seconds: float, *, count: bool) -> float | None:
        with self._lock:
            now = time.monotonic()
            uses = self._uses.get(name)
            if uses is None:
                uses = self._new(name, seconds, now) if count else deque()
            while uses and uses[0] <= now - seconds:
                uses.popleft()
            if len(uses) >= limit:
                return uses[len(uses) - limit] + seconds - now
            if count:
                uses.append(now)
            return None

    def _new(self, name: str, seconds: float, now: float) -> deque[float]:
        self._longest = max(self._longest, seconds)
        self._until_sweep -= 1
        if self._until_sweep <= 0:
            self._until_sweep = self.SWEEP_EVERY
            idle = [key for key, uses in self._uses.items() if not uses or uses[-1] <= now - self._longest]
            for key in idle:
                del self._uses[key]
        return self._uses.setdefault(name, deque())


#: KEYS[1]: the name. ARGV: limit, seconds, 1 to count, a member that nobody else uses. By Redis' clock.
_SCRIPT = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local limit, seconds = tonumber(ARGV[1]), tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.6f', now - seconds))
local used = redis.call('ZCARD', KEYS[1])
if used >= limit then
  local blocking = redis.call('ZRANGE', KEYS[1], used - limit, used - limit, 'WITHSCORES')
  return string.format('%.6f', tonumber(blocking[2]) + seconds - now)
end
if ARGV[3] == '1' then
  redis.call('ZADD', KEYS[1], string.format('%.6f', now), ARGV[4])
  redis.call('PEXPIRE', KEYS[1], math.ceil(seconds * 1000))
end
return ''
"""


class RedisWindows:
    """For many processes and machines; one script in Redis makes each question atomic."""

    def __init__(self, client: redis.Redis, prefix: str = "idance:limit:") -> None:
        self._script = client.register_script(_SCRIPT)
        self._pool = client.connection_pool
        self._kept = threading.local()
        self._prefix = prefix

    def spend(self, name: str, limit: int, seconds: float) -> float | None:
        return self._ask(name, limit, seconds, count=True)

    def used_up(self, name: str, limit: int, seconds: float) -> float | None:
        return self._ask(name, limit, seconds, count=False)

    def _ask(self, name: str, limit: int, seconds: float, *, count: bool) -> float | None:
        from idance.lib.ids import new_object_id

        key = self._prefix + name
        arguments: list[str | int | float] = [limit, seconds, int(count), new_object_id()]
        try:
            answer = self._ask_quickly(key, arguments)
        except (redis.exceptions.NoScriptError, redis.ConnectionError, redis.TimeoutError):
            # The client's own way, which loads the script and tries again.
            answer = self._script(keys=[key], args=arguments)
        return float(answer) if answer else None

    def _ask_quickly(self, key: str, arguments: list[str | int | float]) -> Any:
        """The script's answer, past what the client does around every command: every request waits for it.

        Each thread keeps a connection; one that Redis has closed meanwhile fails here and opens anew.
        """
        connection: Any = getattr(self._kept, "connection", None)
        if connection is None:
            # Not one of the pool's, which has a hundred at most.
            connection = self._kept.connection = self._pool.connection_class(**self._pool.connection_kwargs)
        connection.send_command("EVALSHA", self._script.sha, 1, key, *arguments)
        return connection.read_response()


class SparedWindows:
    """In Redis, and in this process's memory while Redis does not answer: a limit is no reason to refuse all.

    What was counted in one is not known in the other.
    """

    def __init__(self, first: Windows, spare: Windows) -> None:
        self._first = first
        self._spare = spare
        self._pause = Pause()

    def spend(self, name: str, limit: int, seconds: float) -> float | None:
        return self._ask(name, limit, seconds, count=True)

    def used_up(self, name: str, limit: int, seconds: float) -> float | None:
        return self._ask(name, limit, seconds, count=False)

    def _ask(self, name: str, limit: int, seconds: float, *, count: bool) -> float | None:
        for windows in (self._first, self._spare):
            if windows is self._first and not self._pause.over:
                continue
            try:
                return windows.spend(name, limit, seconds) if count else windows.used_up(name, limit, seconds)
            except redis.RedisError as error:
                self._pause.begin()
                log.warning("Limits are counted in this process alone, Redis does not answer: %s", error)
        raise AssertionError("memory counts")
