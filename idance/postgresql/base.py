"""Three things that Django does for every request, query or row, done in less time.

Whether a kept connection still works: Django sends a query before each request to find out
(`CONN_HEALTH_CHECKS`), for which the request waits. But a server that has ended, or has ended the connection,
has closed it, and then there is something to read on it. Only then, or after an error, is the query sent: it
may also be a notice.

Reading: Django makes two cursors for each query, which takes longer than the query. `read` keeps one.

Times: Django's loader is one of psycopg's in Python, which takes times apart by a regular expression.
"""

from __future__ import annotations

import select
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import Any

from django.db.backends.postgresql import base, psycopg_any
from psycopg.adapt import AdaptersMap, Buffer


class UtcLoader(psycopg_any.BaseTzLoader):  # type: ignore[misc]
    """Reads times of a session whose time zone is UTC, as all of ours are."""

    timezone = UTC

    def load(self, data: Buffer) -> datetime:
        try:
            return datetime.fromisoformat(str(data, "ascii"))
        except ValueError:  # such as "infinity", of which psycopg says what is wrong with it
            found: datetime = super().load(data)
            return found


@cache
def _adapters(used: AdaptersMap, timezone: tzinfo | None) -> AdaptersMap:
    """The adapters that Django uses, with this loader where times are in UTC; one for all connections."""
    if timezone != UTC:
        return used
    adapters = AdaptersMap(used)
    adapters.register_loader("timestamptz", UtcLoader)
    return adapters


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that looks before it asks, and reads with one cursor."""

    _reader: Any = None  # of the connection that there was at the last `read`

    def read(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Every row of a query."""
        self.close_if_health_check_failed()
        if self.connection is None or self.queries_logged or self.execute_wrappers:
            with self.cursor() as cursor:
                cursor.execute(sql, parameters)
                return list(cursor.fetchall())
        self.validate_no_broken_transaction()
        with self.wrap_database_errors:
            if self._reader is None or self._reader.connection is not self.connection:
                self._reader = self.create_cursor()
            rows: list[tuple[Any, ...]] = self._reader.execute(sql, parameters).fetchall()
        return rows

    def get_connection_params(self) -> dict[str, Any]:
        parameters: dict[str, Any] = super().get_connection_params()
        parameters["context"] = _adapters(parameters["context"], self.timezone)
        return parameters

    def is_usable(self) -> bool:
        """Whether queries can be sent."""
        if self.connection is None or self.connection.closed or self.errors_occurred:
            return bool(super().is_usable())
        waiting = select.poll()
        waiting.register(self.connection.fileno(), select.POLLIN)
        return not waiting.poll(0) or bool(super().is_usable())
