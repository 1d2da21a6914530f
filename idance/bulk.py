"""Writing very many rows quickly, for benchmarks: past the models, straight into their tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from django.db import connection, models, transaction
from django.db.models import NOT_PROVIDED

T = TypeVar("T")
BATCH = 5_000


def batches(rows: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """The rows in lists of at most ``size``."""
    source = iter(rows)
    while batch := list(islice(source, size)):
        yield batch


class Table:
    """A table that takes rows as tuples of the named fields; the other fields get their defaults.

    Nothing is validated and no signal is sent: the caller keeps the counters of what it writes in accord.
    """

    def __init__(self, model: type[models.Model], names: Sequence[str]) -> None:
        fields = {field.attname: field for field in model._meta.concrete_fields}
        wanted = [fields.pop(name) for name in names]
        defaults = {name: field for name, field in fields.items() if not self._empty(field)}
        self._fields = [*wanted, *defaults.values()]
        self._tail = tuple(self._stored(field, field.get_default()) for field in defaults.values())
        self._adapt = [(n, field) for n, field in enumerate(wanted) if self._special(field)]
        # The same few times stand in row after row.
        self._known: dict[datetime, Any] = {}
        self._table = connection.ops.quote_name(model._meta.db_table)
        self._columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in self._fields)

    @staticmethod
    def _empty(field: models.Field[Any, Any]) -> bool:
        return field.null and field.default is NOT_PROVIDED

    @staticmethod
    def _special(field: models.Field[Any, Any]) -> bool:
        return isinstance(field, models.JSONField | models.DateTimeField | models.DateField)

    @staticmethod
    def _stored(field: models.Field[Any, Any], value: Any) -> Any:
        return field.get_db_prep_save(value, connection)

    def write(self, rows: Iterable[tuple[Any, ...]]) -> int:
        """Insert rows. Returns how many."""
        count = 0
        for batch in batches(rows):
            self._known.clear()
            self._insert([self._row(row) for row in batch])
            count += len(batch)
        return count

    def _row(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for n, field in self._adapt:
            value = values[n]
            if isinstance(value, datetime):
                if value not in self._known:
                    self._known[value] = self._stored(field, value)
                values[n] = self._known[value]
            else:
                values[n] = self._stored(field, value)
        return (*values, *self._tail)

    def _insert(self, rows: list[tuple[Any, ...]]) -> None:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                copy = f"COPY {self._table} ({self._columns}) FROM STDIN"
                with cursor.copy(copy) as stream:
                    for row in rows:
                        stream.write_row(row)
                return
            # The names are our own models'; the values are bound.
            places = ", ".join(["%s"] * len(self._fields))
            insert = f"INSERT INTO {self._table} ({self._columns}) VALUES ({places})"  # noqa: S608
            cursor.executemany(insert, rows)


@contextmanager
def without_indexes(written: Iterable[type[models.Model]]) -> Iterator[None]:
    """Take the indexes and foreign keys of these tables away and make them anew at the end, all or nothing.

    To build an index at once takes a small part of the time of keeping it in accord row by row.
    """
    tables = [model._meta.db_table for model in written]
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL_FOREIGN_KEYS, {"tables": tables})
            dropped = cursor.fetchall()
            cursor.execute(_POSTGRESQL_INDEXES, {"tables": tables})
            dropped += cursor.fetchall()
        else:
            # Its small cache of pages would be written out and read again for every other row.
            cursor.execute("PRAGMA cache_size = -1000000")
            places = ", ".join(["%s"] * len(tables))
            cursor.execute(_SQLITE_INDEXES.format(places), tables)
            dropped = cursor.fetchall()
        for drop, _ in dropped:
            cursor.execute(drop)
        yield
        for _, make in reversed(dropped):
            cursor.execute(make)


def settle() -> None:
    """Leave the database as it would be after a night: the planner knows how large the tables have become."""
    with connection.cursor() as cursor:
        # PostgreSQL reads an index alone only where it knows that all rows of a page are seen by everybody.
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


_POSTGRESQL_FOREIGN_KEYS = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
       format('ALTER TABLE %%s ADD CONSTRAINT %%I ', conrelid::regclass, conname) || pg_get_constraintdef(oid)
FROM pg_constraint WHERE contype = 'f' AND conrelid::regclass::text = ANY(%(tables)s)
"""
_POSTGRESQL_INDEXES = """
SELECT format('DROP INDEX %%I', indexname), indexdef FROM pg_indexes
WHERE schemaname = current_schema() AND tablename = ANY(%(tables)s)
  AND indexname NOT IN (SELECT conname FROM pg_constraint)
"""
_SQLITE_INDEXES = """
SELECT 'DROP INDEX "' || name || '"', sql FROM sqlite_master
WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({})
"""
