"""A connection that PostgreSQL has ended is replaced before the next request; times are read in UTC."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from django.conf import settings
from django.db import DataError, OperationalError, connection, transaction
from django.db.backends.postgresql import base
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from idance.postgresql.statements import Statements
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


def test_what_is_read_without_a_cursor_is_what_a_cursor_reads() -> None:
    number()
    one = "SELECT %s::int, NULL::text, TIMESTAMPTZ '2025-01-25 10:00:00Z', 7 %% 4"
    found = [connection.read(one, [value]) for value in (1, 2, 1)]
    assert found == [[(value, None, datetime(2025, 1, 25, 10, tzinfo=UTC), 3)] for value in (1, 2, 1)]
    with CaptureQueriesContext(connection) as queries:
        assert connection.read(one, [3]) == [(3, *found[0][0][1:])]
    assert len(queries) == 1


@pytest.fixture
def fresh() -> Iterator[None]:
    """A connection that has seen no query, for this test alone."""
    connection.close()
    connection.ensure_connection()
    yield
    connection.close()


def kept() -> set[str]:
    """The queries whose plans the connection keeps."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE starts_with(name, 'kept')")
        return {statement for (statement,) in cursor.fetchall()}


def test_the_plan_of_what_is_asked_often_is_kept(fresh: None) -> None:
    for asked in range(8):
        assert connection.read("SELECT %s::text, 'often'", ["a"]) == [("a", "often")]
        assert kept() == ({"SELECT $1::text, 'often'"} if asked >= 5 else set())


def test_no_plan_is_kept_where_connections_are_shared(fresh: None) -> None:
    connection.connection.prepare_threshold = None
    for _ in range(8):
        assert connection.read("SELECT %s::text", ["a"]) == [("a",)]
    assert kept() == set()


def test_of_many_plans_those_stay_that_are_asked_for(fresh: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Statements, "MOST", 3)
    for other in range(9):
        for _ in range(6):
            assert connection.read(f"SELECT {other}", []) == [(other,)]
            assert connection.read("SELECT 'again'", []) == [("again",)]
    assert kept() == {"SELECT 'again'", "SELECT 7", "SELECT 8"}


def test_what_is_read_in_a_transaction_is_part_of_it() -> None:
    number()
    with transaction.atomic():
        begun = connection.read("SELECT now()", [])
        assert connection.read("SELECT now()", []) == begun
    assert connection.read("SELECT now()", []) != begun


def test_reading_goes_on_after_an_error_and_over_a_new_connection() -> None:
    before = number()
    with pytest.raises(DataError):
        connection.read("SELECT 1 / %s", [0])
    assert connection.read("SELECT %s::int", [1]) == [(1,)]
    end(before)
    with pytest.raises(OperationalError):
        connection.read("SELECT %s::int", [1])
    connection.close_if_unusable_or_obsolete()
    assert connection.read("SELECT %s::int", [1]) == [(1,)]
    assert number() != before


def test_nothing_is_read_in_a_transaction_that_is_broken() -> None:
    number()
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            connection.read("SELECT %s::int", [1])


@pytest.mark.parametrize(
    "written",
    [
        "2025-01-25 10:00:00Z",
        "2025-01-25 10:00:00.1Z",
        "2025-01-25 15:30:00.123456+05:30",
        "0719-10-16 00:00:00Z",
        "9999-12-31 23:59:59.999999Z",
    ],
)
def test_times_are_read_as_they_were_written_in_utc(written: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT '{written}'::timestamptz")
        ((found,),) = cursor.fetchall()
    assert found == datetime.fromisoformat(written)
    assert found.tzinfo is UTC


def test_times_that_are_none_in_python_are_refused() -> None:
    with connection.cursor() as cursor, pytest.raises(DataError, match="infinity"):
        cursor.execute("SELECT 'infinity'::timestamptz")
        cursor.fetchall()


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
