"""Three things that Django does for every request, query or row, done in less time.

Whether a kept connection still works: Django sends a query before each request to find out
(`CONN_HEALTH_CHECKS`), for which the request waits. But a server that has ended, or has ended the connection,
has closed it, and then there is something to read on it. Only then, or after an error, is the query sent: it
may also be a notice.

Reading: Django makes two cursors for each query, which takes longer than the query. `read` needs none.

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

from idance.postgresql.statements import Statements


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
    """A connection that looks before it asks, and reads without cursors."""

    _statements: Statements | None = None  # of the connection that there was at the last `read`

    def read(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Every row of a query."""
        self.close_if_health_check_failed()
        own = self.connection
        # In a transaction psycopg may have yet to begin it.
        if own is None or not own.autocommit or self.queries_logged or self.execute_wrappers:
            with self.cursor() as cursor:
                cursor.execute(sql, parameters)
                return list(cursor.fetchall())
        with self.wrap_database_errors:
            if self._statements is None or self._statements.connection is not own:
                self._statements = Statements(own)
            return self._statements.read(sql, parameters)

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
