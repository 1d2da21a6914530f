"""Many at the same moment, each on a connection of its own. Means something on PostgreSQL alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

from idance.lib.problems import Problem

THREADS = 8


@pytest.fixture
def on_postgresql(transactional_db: None) -> None:
    """SQLite lets one write at a time, so nothing can race there."""
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: DATABASE_URL=postgres://... pytest")


def together(steps: list[Callable[[], Any]]) -> list[Any]:
    """Take these steps at the same moment. What each gave, or the ``Problem`` it raised.

    Any other exception, such as of a deadlock, fails the test.
    """
    start = threading.Barrier(len(steps))
    found: list[Any] = [None] * len(steps)
    faults: list[BaseException] = []

    def take(number: int, step: Callable[[], Any]) -> None:
        start.wait()
        try:
            found[number] = step()
        except Problem as problem:
            found[number] = problem
        except BaseException as fault:  # noqa: BLE001 - raised again below, in the test's own thread
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take, args=pair) for pair in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "they wait for each other"
    if faults:
        raise faults[0]
    return found
