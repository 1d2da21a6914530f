"""Queries whose SQL is written once.

Django writes the SQL of a queryset anew each time it is read, which for a list takes longer than the database
takes to answer. A `Prepared` is told how its queryset is made; the first call writes the SQL with
placeholders, and each call fills them in. Rows are made by Django's own code, so they are what the queryset
would have given. PostgreSQL can keep the plan too, since the text of the query stays the same.

For what every request or every list asks. Elsewhere a plain queryset is simpler and quick enough.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from datetime import datetime
from types import SimpleNamespace
from typing import Any, Final, Generic, NamedTuple, TypeAlias, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import Count, Expression, QuerySet
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    NamedValuesListIterable,
    ValuesListIterable,
)
from django.db.models.sql.compiler import SQLCompiler

R = TypeVar("R")
#: A value of a query: one, or those of an `__in`; None is as if it were not given.
Value: TypeAlias = str | int | datetime | list[str] | None
#: Where the SQL is Django's own; with another database each call reads a plain queryset.
_VENDORS: Final = ("postgresql", "sqlite")
_ITERABLES: Final = (ModelIterable, ValuesListIterable, NamedValuesListIterable, FlatValuesListIterable)


class Placeholder(Expression):
    """Stands in a queryset for a value that is known when it is read."""

    def __init__(self, name: str, number: int = 0) -> None:
        super().__init__()
        self.name = name
        self.number = number

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


class _Written(NamedTuple):
    """A query whose SQL is written."""

    sql: str
    parameters: tuple[Any, ...]  # values, and placeholders for those that each call brings
    compiler: SQLCompiler
    queryset: QuerySet[Any, Any]


class Prepared(Generic[R]):
    """A query of which only the values change.

    Parameters
    ----------
    make : makes the queryset of the values, each by its name. It may depend on which are given, but not on
        what they are; it names those that must be given, so that None is refused there. Rows are model
        instances or a `values_list`.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, R]]) -> None:
        self._make = make
        self._written: dict[tuple[tuple[str, int], ...], _Written] = {}

    def __call__(self, **values: Value) -> list[R]:
        """Every row."""
        return self._read(values)

    def first(self, **values: Value) -> R | None:
        """The first row in the order of the queryset, or None."""
        return next(iter(self._read(values, 0, 1)), None)

    def slice(self, start: int, limit: int, **values: Value) -> list[R]:
        """``limit`` rows from ``start``."""
        return self._read(values, start, limit)

    def _read(self, values: dict[str, Value], start: int = 0, limit: int | None = None) -> list[R]:
        if [] in values.values():
            return []
        values = {name: _padded(one) for name, one in values.items() if one is not None}
        connection = connections[DEFAULT_DB_ALIAS]
        if connection.vendor not in _VENDORS:
            rows = self._make(**values)
            return list(rows if limit is None else rows[start : start + limit])
        # As many placeholders as a list has values, so there is one text for each power of two.
        shape = tuple((name, len(one) if isinstance(one, list) else 0) for name, one in values.items())
        written = self._written.get(shape)
        if written is None:
            written = self._written[shape] = self._write(values)
        sql = written.sql
        if limit is not None:
            # Numbers, not placeholders: how far a query goes decides how it is best planned.
            sql += f" LIMIT {limit:d} OFFSET {start:d}" if start else f" LIMIT {limit:d}"
        parameters = [_value(one, values, connection) for one in written.parameters]
        return _rows(written, connection, sql, parameters)

    def _write(self, values: dict[str, Value]) -> _Written:
        places = {
            name: [Placeholder(name, number) for number in range(len(one))]
            if isinstance(one, list)
            else Placeholder(name)
            for name, one in values.items()
        }
        queryset: Any = self._make(**places)
        plain = not queryset.query.is_sliced and not queryset._prefetch_related_lookups
        if not plain or queryset._iterable_class not in _ITERABLES:
            raise TypeError("A prepared query gives model instances or a values_list, all of them.")
        compiler = queryset.query.get_compiler(using=DEFAULT_DB_ALIAS)
        sql, parameters = compiler.as_sql()
        wanted = {one for place in places.values() for one in (place if isinstance(place, list) else [place])}
        if not wanted <= {one for one in parameters if isinstance(one, Placeholder)}:
            # Some lookups, as `__in` of a foreign key, turn what they are given into text at once.
            raise TypeError("This query takes no placeholders.")
        compiler.connection = None  # that of the thread which happened to come first; `_rows` sets its own
        return _Written(sql, tuple(parameters), compiler, queryset)


class PreparedList(Generic[R]):
    """A long ordered list that is read in slices.

    The primary keys are found first, over an index alone, and the rows read by them; on the first page only
    where that is worth it.

    Parameters
    ----------
    make : makes the ordered queryset of the values, with no other table joined but to choose by.
    show : adds what is shown: columns, one of them ``pk``, or related objects.
    """

    def __init__(
        self,
        make: Callable[..., QuerySet[Any, Any]],
        show: Callable[[QuerySet[Any, Any]], QuerySet[Any, R]],
    ) -> None:
        self._near = Prepared(lambda **values: show(make(**values)))
        self._keys: Prepared[str] = Prepared(lambda **values: make(**values).values_list("pk", flat=True))
        # Not `count()`, which asks at once. Grouped by a constant, that is by nothing.
        self._count: Prepared[tuple[int, int]] = Prepared(
            lambda **values: make(**values).order_by().values_list(models.Value(1)).annotate(Count("pk"))
        )
        self._by_key = Prepared(lambda keys, **values: show(make(**values).order_by().filter(pk__in=keys)))

    def count(self, **values: Value) -> int:
        """How many rows there are."""
        found = self._count.first(**values)
        return found[1] if found else 0

    def slice(self, start: int, limit: int, **values: Value) -> list[R]:
        """``limit`` rows from ``start``."""
        # Hardly anything to skip; but SQLite joins every row there is before it sorts them.
        if start < limit and connections[DEFAULT_DB_ALIAS].vendor != "sqlite":
            return self._near.slice(start, limit, **values)
        keys = self._keys.slice(start, limit, **values)
        found: dict[str, R] = {row.pk: row for row in self._by_key(keys=keys, **values)}  # type: ignore[attr-defined]
        return [found[key] for key in keys if key in found]


def _padded(value: Value) -> Value:
    """A list as long as the next power of two, its last value repeated, which is the same to an `__in`."""
    if not isinstance(value, list):
        return value
    return value + value[-1:] * ((1 << (len(value) - 1).bit_length()) - len(value))


def _value(parameter: Any, values: dict[str, Value], connection: Any) -> Any:
    if not isinstance(parameter, Placeholder):
        return parameter
    value = values[parameter.name]
    if isinstance(value, list):
        return value[parameter.number]
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def _rows(written: _Written, connection: Any, sql: str, parameters: list[Any]) -> list[Any]:
    """Rows made by Django's own iterables, which are given the SQL instead of writing it."""
    compiler: Any = copy(written.compiler)
    compiler.connection = connection  # each thread has its own
    compiler.as_sql = lambda: (sql, parameters)
    queryset: Any = written.queryset
    asked = SimpleNamespace(
        db=DEFAULT_DB_ALIAS,
        model=queryset.model,
        query=SimpleNamespace(get_compiler=lambda using: compiler),
        _fields=queryset._fields,
        _known_related_objects={},
    )
    return list(queryset._iterable_class(asked))
