"""A connection that PostgreSQL has ended is replaced before the next request."""

from __future__ import annotations

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.postgresql import base

from accounts.models import User

pytestmark = pytest.mark.usefixtures("on_postgresql")


def ask_again() -> int:
    """As the next request would: the check comes first."""
    connection.close_if_unusable_or_obsolete()
    return User.objects.count()


def number() -> int:
    connection.ensure_connection()
    return int(connection.connection.info.backend_pid)


def test_an_ended_connection_is_replaced() -> None:
    before = number()
    database = settings.DATABASES["default"]
    with psycopg.connect(
        host=database["HOST"] or None,
        port=database["PORT"] or None,
        user=database["USER"] or None,
        password=database["PASSWORD"] or None,
        dbname="postgres",
        autocommit=True,
    ) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [before])
    assert ask_again() == 0
    assert number() != before


def test_a_working_connection_is_kept_and_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    before = number()
    asked: list[object] = []
    monkeypatch.setattr(base.DatabaseWrapper, "is_usable", asked.append)
    assert connection.is_usable()
    assert not asked
    assert number() == before
