"""Waiting for results inside a request."""

from __future__ import annotations

import threading
import time

import pytest
from django.conf import LazySettings
from django.test import RequestFactory

from idance.api import waiting
from idance.api.waiting import preferences, seconds_to_wait, wait_for
from idance.lib import stopping


def request(prefer: str | None = None):  # type: ignore[no-untyped-def]
    return RequestFactory().post("/", headers={"Prefer": prefer} if prefer is not None else None)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("", {}),
        ("respond-async", {"respond-async": ""}),
        ("Respond-Async, WAIT=10", {"respond-async": "", "wait": "10"}),
        ('wait="7"; foo=bar', {"wait": "7"}),
        ("wait=1, wait=2", {"wait": "1"}),
        (" , ;=, =3", {}),
        ("return=minimal , wait = 5", {"return": "minimal", "wait": "5"}),
    ],
)
def test_the_header_is_read_as_rfc_7240_has_it(header: str, found: dict[str, str]) -> None:
    assert preferences(header) == found


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        (None, 60.0),
        ("", 60.0),
        ("respond-async", 0.0),
        ("wait=5", 5.0),
        ("wait=0", 0.0),
        ("respond-async, wait=5", 5.0),
        ("wait=99999", 60.0),
        ("wait=99999999999999999999999", 60.0),
        ("wait=-1", 60.0),
        ("wait=1.5", 60.0),
        ("wait=²", 60.0),
        ("wait=soon", 60.0),
        ("respond-async, wait=soon", 0.0),
    ],
)
def test_the_wish_counts_within_the_limit(settings: LazySettings, prefer: str | None, seconds: float) -> None:
    settings.SYNC_WAIT_SECONDS = 60
    assert seconds_to_wait(request(prefer)) == seconds


def test_what_is_done_is_not_waited_for(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SYNC_WAIT_SLOTS = 0
    monkeypatch.setattr(waiting.time, "sleep", lambda seconds: pytest.fail("slept"))
    assert wait_for(lambda: True, request())


def test_respond_async_looks_once_and_does_not_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    monkeypatch.setattr(waiting.time, "sleep", lambda seconds: pytest.fail("slept"))
    assert not wait_for(lambda: bool(looks.append(1)), request("respond-async"))
    assert len(looks) == 1


def test_it_answers_soon_after_the_result_is_there() -> None:
    ready_at = time.monotonic() + 0.2
    assert wait_for(lambda: time.monotonic() >= ready_at, request("wait=5"))
    assert time.monotonic() - ready_at < 0.2


def test_it_gives_up_when_the_time_is_up() -> None:
    start = time.monotonic()
    assert not wait_for(lambda: False, request("wait=1"))
    assert 1.0 <= time.monotonic() - start < 1.5


def test_it_gives_up_when_the_server_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "_told", False)
    threading.Timer(0.2, stopping.tell).start()
    start = time.monotonic()
    assert not waiting.wait_up_to(30, lambda: False)
    assert time.monotonic() - start < 2


def test_pauses_grow_so_that_waiting_costs_little(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds
        pauses.append(seconds)

    monkeypatch.setattr(waiting.time, "sleep", sleep)
    monkeypatch.setattr(waiting.time, "monotonic", lambda: now)
    assert not wait_for(lambda: False, request("wait=60"))
    assert now == pytest.approx(60.0)
    assert pauses[0] == waiting.FIRST_PAUSE
    assert max(pauses) == waiting.LONGEST_PAUSE
    assert len(pauses) < 80


def test_only_so_many_wait_and_the_rest_is_answered_at_once(settings: LazySettings) -> None:
    settings.SYNC_WAIT_SLOTS = 2
    finish = threading.Event()
    looking = threading.Semaphore(0)

    def done() -> bool:
        looking.release()
        return finish.is_set()

    results: list[bool] = []
    threads = [
        threading.Thread(target=lambda: results.append(wait_for(done, request("wait=20")))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    # Four looks: each of the two has looked again after taking its slot.
    for _ in range(4):
        assert looking.acquire(timeout=5)
    start = time.monotonic()
    assert not wait_for(lambda: False, request("wait=20"))
    assert time.monotonic() - start < 0.5
    finish.set()
    for thread in threads:
        thread.join()
    assert results == [True, True]
    # The slots are free again.
    start = time.monotonic()
    assert not wait_for(lambda: False, request("wait=1"))
    assert time.monotonic() - start >= 1.0


def test_a_slot_is_given_back_after_a_fault(settings: LazySettings) -> None:
    settings.SYNC_WAIT_SLOTS = 1
    looks = iter([False, None])

    def failing() -> bool:
        answer = next(looks)
        if answer is None:
            raise RuntimeError("the database went away")
        return answer

    with pytest.raises(RuntimeError):
        wait_for(failing, request("wait=5"))
    assert waiting._slots._taken == 0
