"""Queries of which a connection keeps the plans, each sent and answered in one call of libpq.

psycopg keeps plans too, but it sends, waits and receives in three steps, so that a query can be interrupted.
After each step a thread waits for its turn among the other threads; here it does so once.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from typing import Any, Final, TypeAlias

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult

#: A query and the types of its values.
_Key: TypeAlias = tuple[str, tuple[int, ...] | None]


class Statements:
    """The queries of one connection, which commits each by itself."""

    #: So many plans are kept; then the one that was not asked for longest goes.
    MOST: Final = 100

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self._asked: dict[_Key, int] = {}
        self._names: OrderedDict[_Key, bytes] = OrderedDict()
        self._numbers = count()

    def read(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Every row of a query with a `%s` for each value."""
        adapting = Transformer(self.connection)
        values: Any = adapting.dump_sequence(parameters, [PyFormat.AUTO] * len(parameters))
        name = self._name((sql, adapting.types))
        pgconn = self.connection.pgconn
        if name is None:
            result = pgconn.exec_params(_numbered(sql), values, adapting.types, adapting.formats)
        else:
            result = pgconn.exec_prepared(name, values, adapting.formats)
        self._check(result)
        adapting.set_pgresult(result)
        return adapting.load_rows(0, result.ntuples, tuple)

    def _name(self, key: _Key) -> bytes | None:
        """What the query is called once its plan is kept; None while it was not asked for often enough."""
        if name := self._names.get(key):
            self._names.move_to_end(key)
            return name
        asked, enough = self._asked.get(key, 0), self.connection.prepare_threshold
        if enough is None or asked < enough:
            if len(self._asked) >= 10 * self.MOST:
                self._asked.clear()
            self._asked[key] = asked + 1
            return None
        return self._keep(key)

    def _keep(self, key: _Key) -> bytes:
        pgconn = self.connection.pgconn
        if len(self._names) >= self.MOST:
            self._check(pgconn.exec_(b"DEALLOCATE " + self._names.popitem(last=False)[1]))
        name = b"kept_%d" % next(self._numbers)
        self._check(pgconn.prepare(name, _numbered(key[0]), key[1]))
        self._names[key] = name
        return name

    def _check(self, result: PGresult) -> None:
        """Raises what PostgreSQL says is wrong."""
        if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
            return
        if self.connection.pgconn.status == ConnStatus.BAD:
            raise psycopg.OperationalError(result.get_error_message())
        raise psycopg.errors.error_from_result(result, encoding=self.connection.info.encoding)


@lru_cache(maxsize=1000)
def _numbered(sql: str) -> bytes:
    """The query as PostgreSQL has it: `$1` for the first `%s`, `%` for `%%`."""
    numbers = count(1)
    return re.sub("%[s%]", lambda found: f"${next(numbers)}" if found[0] == "%s" else "%", sql).encode()
