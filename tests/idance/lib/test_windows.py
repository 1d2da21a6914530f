"""Limits over a sliding window."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import redis

from idance.lib import windows
from idance.lib.pause import Pause
from idance.lib.windows import MemoryWindows, RedisWindows, SparedWindows, Windows


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    now = [1000.0]
    monkeypatch.setattr(windows.time, "monotonic", lambda: now[0])
    yield now


def test_so_many_in_any_span_and_exactly_as_long_to_wait(clock: list[float]) -> None:
    limit = MemoryWindows()
    assert [limit.spend("a", 2, 60) for _ in range(2)] == [None, None]
    clock[0] += 20
    assert limit.spend("a", 2, 60) == 40
    clock[0] += 39.5
    assert limit.spend("a", 2, 60) == 0.5
    clock[0] += 0.5
    assert limit.spend("a", 2, 60) is None


def test_there_is_no_turn_of_the_minute_at_which_twice_as_many_fit(clock: list[float]) -> None:
    limit = MemoryWindows()
    clock[0] = 1199.0
    assert all(limit.spend("a", 10, 60) is None for _ in range(10))
    clock[0] = 1201.0
    assert all(limit.spend("a", 10, 60) is not None for _ in range(10))


def test_refused_uses_do_not_count(clock: list[float]) -> None:
    limit = MemoryWindows()
    limit.spend("a", 1, 60)
    for _ in range(50):
        clock[0] += 1
        assert limit.spend("a", 1, 60) is not None
    clock[0] += 10
    assert limit.spend("a", 1, 60) is None


def test_asking_does_not_count(clock: list[float]) -> None:
    limit = MemoryWindows()
    assert [limit.used_up("a", 1, 60) for _ in range(5)] == [None] * 5
    limit.spend("a", 1, 60)
    assert limit.used_up("a", 1, 60) == 60
    assert limit.used_up("b", 1, 60) is None


def test_a_limit_that_was_lowered_holds_at_once(clock: list[float]) -> None:
    limit = MemoryWindows()
    for _ in range(10):
        limit.spend("a", 10, 60)
        clock[0] += 1
    # Three of the last minute must have left before a third fits: the eighth was seven seconds in.
    assert limit.spend("a", 3, 60) == 1007 + 60 - 1010


def test_idle_names_are_forgotten(clock: list[float]) -> None:
    limit = MemoryWindows()
    for number in range(limit.SWEEP_EVERY - 1):
        limit.spend(f"old-{number}", 1, 60)
    clock[0] += 61
    for number in range(3):
        limit.spend(f"new-{number}", 1, 60)
    assert sorted(limit._uses) == ["new-0", "new-1", "new-2"]


def test_asking_about_unknown_names_stores_nothing() -> None:
    limit = MemoryWindows()
    for number in range(100):
        limit.used_up(f"{number}", 1, 60)
    assert not limit._uses


def count_allowed(ask: Callable[[], float | None], threads: int, each: int) -> int:
    allowed = []
    start = threading.Barrier(threads)

    def work() -> None:
        start.wait()
        allowed.extend([None for _ in range(each) if ask() is None])

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return len(allowed)


def test_memory_counts_exactly_across_threads() -> None:
    limit = MemoryWindows()
    assert count_allowed(lambda: limit.spend("a", 100, 60), threads=8, each=50) == 100


@pytest.fixture
def client() -> Iterator[redis.Redis]:
    client = redis.Redis.from_url(os.environ.get("REDIS_URL") or "redis://127.0.0.1:6379/9")
    try:
        client.ping()
    except redis.ConnectionError:
        if os.environ.get("CI"):
            raise
        pytest.skip("no Redis")
    yield client
    for key in client.scan_iter("test-limit:*"):
        client.delete(key)


@pytest.mark.services
def test_redis_counts_exactly_across_clients(client: redis.Redis) -> None:
    kwargs = client.connection_pool.connection_kwargs
    clients = [redis.Redis(**{k: kwargs[k] for k in ("host", "port", "db")}) for _ in range(4)]
    limits: list[Windows] = [RedisWindows(each, "test-limit:exact:") for each in clients]
    numbers = iter(range(10**6))
    lock = threading.Lock()

    def ask() -> float | None:
        with lock:
            number = next(numbers)
        return limits[number % 4].spend("a", 100, 60)

    assert count_allowed(ask, threads=8, each=50) == 100
    wait = limits[0].used_up("a", 100, 60)
    assert wait is not None
    assert 50 < wait <= 60


@pytest.mark.services
def test_redis_slides_and_cleans_up(client: redis.Redis) -> None:
    limit = RedisWindows(client, "test-limit:slides:")
    assert limit.spend("a", 2, 0.4) is None
    time.sleep(0.2)
    assert limit.spend("a", 2, 0.4) is None
    wait = limit.spend("a", 2, 0.4)
    assert wait is not None
    assert 0.1 < wait <= 0.2
    time.sleep(wait + 0.02)
    assert limit.spend("a", 2, 0.4) is None
    assert limit.spend("a", 2, 0.4) is not None
    time.sleep(0.5)
    assert not client.exists("test-limit:slides:a")


@pytest.mark.services
def test_redis_may_have_forgotten_the_script(client: redis.Redis) -> None:
    limit = RedisWindows(client, "test-limit:forgotten:")
    limit._script.sha = "0" * 40
    assert limit.spend("a", 1, 60) is None
    assert limit._script.sha != "0" * 40
    assert limit.spend("a", 1, 60) is not None


@pytest.mark.services
def test_a_connection_to_redis_may_have_ended(client: redis.Redis) -> None:
    kwargs = client.connection_pool.connection_kwargs
    one = redis.Redis(**{k: kwargs[k] for k in ("host", "port", "db")})
    limit = RedisWindows(one, "test-limit:ended:")
    assert limit.spend("a", 2, 60) is None
    kept = limit._kept.connection
    kept.send_command("CLIENT", "ID")
    assert client.client_kill_filter(_id=str(kept.read_response())) == 1
    assert limit.spend("a", 2, 60) is None
    assert limit.spend("a", 2, 60) is not None
    assert limit._kept.connection is kept


@pytest.mark.services
def test_each_thread_keeps_a_connection_to_redis_however_many_there_are(client: redis.Redis) -> None:
    client.connection_pool.max_connections = 2
    limit = RedisWindows(client, "test-limit:kept:")
    kept: list[object] = []

    def ask() -> float | None:
        answers = [limit.spend("a", 40, 60) for _ in range(5)]
        kept.append(limit._kept.connection)
        return None if answers == [None] * 5 else 60.0

    assert count_allowed(ask, threads=8, each=1) == 8
    assert len(set(kept)) == 8


@pytest.mark.services
def test_what_goes_wrong_at_first_is_tried_again(
    client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = RedisWindows(client, "test-limit:again:")

    def fail(*arguments: object) -> None:
        raise redis.ConnectionError

    monkeypatch.setattr(limit, "_ask_quickly", fail)
    assert limit.spend("a", 1, 60) is None
    assert limit.spend("a", 1, 60) is not None


class Silent:
    """A Redis that does not answer, until it is back."""

    def __init__(self) -> None:
        self.asked = 0
        self.back: Windows | None = None

    def spend(self, name: str, limit: int, seconds: float) -> float | None:
        self.asked += 1
        if self.back is None:
            raise redis.ConnectionError("refused")
        return self.back.spend(name, limit, seconds)

    used_up = spend


def test_limits_hold_in_memory_while_redis_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = Silent()
    limit = SparedWindows(silent, MemoryWindows())
    assert [limit.spend("a", 2, 60) is None for _ in range(3)] == [True, True, False]
    assert limit.used_up("a", 2, 60) is not None
    # Nobody waits in vain each time.
    assert silent.asked == 1
    monkeypatch.setattr(Pause, "SECONDS", 0.0)
    limit = SparedWindows(silent, MemoryWindows())
    limit.spend("a", 2, 60)
    silent.back = MemoryWindows()
    assert [limit.spend("a", 2, 60) is None for _ in range(3)] == [True, True, False]
