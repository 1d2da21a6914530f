"""Who sends a body slowly holds a thread for so long and no longer."""

from __future__ import annotations

import socket
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from idance import gunicorn_worker
from idance.api import middleware
from idance.gunicorn_worker import PacedSocket


def send_until_cut(sender: socket.socket, size: int, every: float) -> None:
    try:
        while True:
            sender.sendall(b"x" * size)
            time.sleep(every)
    except OSError:
        pass


def received(monkeypatch: pytest.MonkeyPatch, average: int, seconds: float) -> int:
    """How many bytes come through of 20 kB a second, for so long at most."""
    monkeypatch.setattr(gunicorn_worker, "GRACE", 0.5)
    monkeypatch.setattr(gunicorn_worker, "AVERAGE", average)
    worker: Any = SimpleNamespace(begin_waiting=lambda: None, end_waiting=lambda: None, patience=10.0)
    ours, theirs = socket.socketpair()
    thread = threading.Thread(target=send_until_cut, args=(theirs, 1000, 0.05), daemon=True)
    thread.start()
    paced, total, start = PacedSocket(ours, worker), 0, time.monotonic()
    try:
        while time.monotonic() - start < seconds:
            total += len(paced.recv(4096))
    finally:
        ours.close()
        theirs.close()
        thread.join()
    return total


def test_a_body_below_the_average_is_cut_after_a_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    start = time.monotonic()
    with pytest.raises(ConnectionResetError):
        received(monkeypatch, average=60_000, seconds=10)
    assert 0.4 < time.monotonic() - start < 4


def test_a_body_above_the_average_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert received(monkeypatch, average=5_000, seconds=2) > 10_000


class Slow:
    """A body that comes in forever."""

    def read(self, size: int = -1) -> bytes:
        time.sleep(0.05)
        return b"x" * size


def test_what_nobody_wants_is_not_read_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "_REST_SECONDS", 0.3)
    request = RequestFactory().generic("POST", "/api/nothing", CONTENT_LENGTH=str(10**9))
    request._stream = Slow()
    start = time.monotonic()
    middleware.ApiMiddleware(lambda _: HttpResponse(status=401))(request)
    assert time.monotonic() - start < 2
