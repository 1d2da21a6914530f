"""A connection that PostgreSQL has ended is replaced before the next request."""

from __future__ import annotations

import threading
import time

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.db.backends.postgresql import base

from accounts.models import User
from idance.postgresql.turns import in_turn

pytestmark = pytest.mark.usefixtures("on_postgresql")


def ask_again() -> int:
    """As the next request would: the check comes first."""
    connection.close_if_unusable_or_obsolete()
    return User.objects.count()


def number() -> int:
    connection.ensure_connection()
    return int(connection.connection.info.backend_pid)


def end(session: int) -> None:
    """End a session of the server, as its restart does."""
    database = settings.DATABASES["default"]
    with psycopg.connect(
        host=database["HOST"] or None,
        port=database["PORT"] or None,
        user=database["USER"] or None,
        password=database["PASSWORD"] or None,
        dbname="postgres",
        autocommit=True,
    ) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [session])


def test_a_connection_that_ended_between_requests_is_replaced() -> None:
    before = number()
    end(before)
    assert ask_again() == 0
    assert number() != before


def test_a_connection_that_ended_within_a_request_is_replaced_before_the_next() -> None:
    before = number()
    end(before)
    with pytest.raises(OperationalError):
        User.objects.count()
    assert ask_again() == 0
    assert number() != before


def test_a_working_connection_is_kept_and_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    before = number()
    asked: list[object] = []
    monkeypatch.setattr(base.DatabaseWrapper, "is_usable", lambda self: asked.append(self))
    assert connection.is_usable()
    assert not asked
    assert number() == before


@pytest.mark.django_db(transaction=True)
def test_one_machine_at_a_time() -> None:
    order: list[str] = []
    inside = threading.Event()

    def second() -> None:
        inside.wait(10)
        with in_turn():
            order.append("second")

    other = threading.Thread(target=second)
    other.start()
    with in_turn():
        inside.set()
        time.sleep(0.5)
        order.append("first")
    other.join(10)
    assert order == ["first", "second"]
