"""Queries whose SQL is written once, and rows without objects of models.

Django writes the SQL of a queryset anew each time it is read, which for a list takes longer than the database
takes to answer, and objects of several models for each row take as long again. A `Prepared` is told how its
queryset is made; the first call writes the SQL with placeholders, and each call fills them in. A row is what
is made of its columns: a `NamedTuple` of what a list shows, or an object where all of one model is wanted.
PostgreSQL can keep the plan too, since the text of the query stays the same.

For what every request or every list asks. Elsewhere a plain queryset is simpler and quick enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, Generic, NamedTuple, TypeAlias, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import Count, Expression, QuerySet, Window
from django.db.models.query import FlatValuesListIterable, ModelIterable, ValuesListIterable

R = TypeVar("R")
#: A value of a query: one, or those of an `__in`; None is as if it were not given.
Value: TypeAlias = str | int | datetime | list[str] | None
#: Makes a row of its columns.
Row: TypeAlias = Callable[[tuple[Any, ...]], R]
#: Where the SQL is Django's own; with another database each call reads a plain queryset.
_VENDORS: Final = ("postgresql", "sqlite")


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
    converters: list[tuple[int, list[Any], Any]]  # of columns that the database gives in another form
    row: Row[Any]


class Prepared(Generic[R]):
    """A query of which only the values change.

    Parameters
    ----------
    make : makes the queryset of the values, each by its name. It may depend on which are given, but not on
        what they are; it names those that must be given, so that None is refused there. It gives a
        `values_list`, or objects of one model without relatives.
    row : makes a row of the columns of a `values_list`; by default a row is their tuple.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, Any]], row: Row[R] = tuple) -> None:  # type: ignore[assignment]
        self._make = make
        self._row = row
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
            return self._read_plainly(values, start, limit)
        # As many placeholders as a list has values, so there is one text for each power of two.
        shape = tuple((name, len(one) if isinstance(one, list) else 0) for name, one in values.items())
        written = self._written.get(shape)
        if written is None:
            written = self._written[shape] = self._write(values)
        sql = written.sql
        if limit is not None:
            # Numbers, not placeholders: how far a query goes decides how it is best planned.
            sql += f" LIMIT {limit:d} OFFSET {start:d}" if start else f" LIMIT {limit:d}"
        given = {name: _given(one, connection) for name, one in values.items()}
        parameters = [
            given[one.name][one.number] if type(one) is Placeholder else one for one in written.parameters
        ]
        rows = _rows(connection, sql, parameters)
        if written.converters:
            rows = list(_converted(rows, written.converters, connection))
        return list(map(written.row, rows))

    def _read_plainly(self, values: dict[str, Value], start: int, limit: int | None) -> list[R]:
        rows: Any = self._make(**values)
        if limit is not None:
            rows = rows[start : start + limit]
        return list(map(self._row, rows) if rows._iterable_class is ValuesListIterable else rows)

    def _write(self, values: dict[str, Value]) -> _Written:
        places = {
            name: [Placeholder(name, number) for number in range(len(one))]
            if isinstance(one, list)
            else Placeholder(name)
            for name, one in values.items()
        }
        queryset: Any = self._make(**places)
        connection: Any = connections[DEFAULT_DB_ALIAS]
        compiler: Any = queryset.query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        row = self._row_of(queryset, compiler)
        wanted = {one for place in places.values() for one in (place if isinstance(place, list) else [place])}
        if not wanted <= {one for one in parameters if isinstance(one, Placeholder)}:
            # Some lookups, as `__in` of a foreign key, turn what they are given into text at once.
            raise TypeError("This query takes no placeholders.")
        columns = [selected[0] for selected in compiler.select]
        converters = [(place, *found) for place, found in compiler.get_converters(columns).items()]
        return _Written(sql, tuple(parameters), converters, row)

    def _row_of(self, queryset: Any, compiler: Any) -> Row[Any]:
        """Makes the rows of a queryset. ``TypeError`` when it gives any others than those of its columns."""
        plain = not queryset.query.is_sliced and not queryset._prefetch_related_lookups
        plain &= not compiler.has_extra_select  # columns that are sorted by alone
        kind = queryset._iterable_class
        if plain and kind is ValuesListIterable:
            return self._row
        if plain and kind is FlatValuesListIterable:
            return lambda values: values[0]
        if plain and kind is ModelIterable and not compiler.annotation_col_map:
            about = compiler.klass_info
            names = [compiler.select[place][0].target.attname for place in about["select_fields"]]
            if not about.get("related_klass_infos"):
                model = about["model"]
                return lambda values: model.from_db(DEFAULT_DB_ALIAS, names, values)
        raise TypeError("A prepared query gives a values_list, or objects of one model, all of them.")


class PreparedList(Generic[R]):
    """A long ordered list that is read in slices.

    The primary keys are found first, over an index alone and from the nearer end, and the rows read by them;
    on the first page only where that is worth it.

    Parameters
    ----------
    make : makes the ordered queryset of the values, with no other table joined but to choose by.
    show : adds what is shown, of which one is the ``id``: a `values_list`, or what of the objects.
    row : makes a row of the columns of a `values_list`.
    """

    def __init__(
        self,
        make: Callable[..., QuerySet[Any, Any]],
        show: Callable[[QuerySet[Any, Any]], QuerySet[Any, Any]],
        row: Row[R] = tuple,  # type: ignore[assignment]
    ) -> None:
        self._near: Prepared[R] = Prepared(lambda **values: show(make(**values)), row)
        self._keys: Prepared[str] = Prepared(lambda **values: make(**values).values_list("pk", flat=True))
        self._last_keys: Prepared[str] = Prepared(
            lambda **values: make(**values).reverse().values_list("pk", flat=True)
        )
        self._counted: Prepared[tuple[str, int]] = Prepared(
            lambda **values: make(**values).values_list("pk", Window(Count("*")))
        )
        # Not `count()`, which asks at once. Grouped by a constant, that is by nothing.
        self._count: Prepared[tuple[int, int]] = Prepared(
            lambda **values: make(**values).order_by().values_list(models.Value(1)).annotate(Count("pk"))
        )
        self._by_key: Prepared[R] = Prepared(
            lambda keys, **values: show(make(**values).order_by().filter(pk__in=keys)), row
        )

    def page(self, start: int, limit: int, **values: Value) -> tuple[list[R], int]:
        """``limit`` rows from ``start``, and how many there are in all."""
        counted = self._counted.slice(start, limit, **values)
        if counted:
            return self._of_keys([key for key, _ in counted], values), counted[0][1]
        found = self._count.first(**values) if start else None
        return [], found[1] if found else 0

    def slice(self, start: int, limit: int, total: int, **values: Value) -> list[R]:
        """``limit`` rows from ``start``, of ``total`` rows that there are in all."""
        # Hardly anything to skip; but SQLite joins every row there is before it sorts them.
        if start < limit and connections[DEFAULT_DB_ALIAS].vendor != "sqlite":
            return self._near.slice(start, limit, **values)
        limit = min(limit, total - start)
        after = total - start - limit
        if limit <= 0:
            return []
        if after < start:
            return self._of_keys(self._last_keys.slice(after, limit, **values)[::-1], values)
        return self._of_keys(self._keys.slice(start, limit, **values), values)

    def _of_keys(self, keys: list[str], values: dict[str, Value]) -> list[R]:
        found: dict[str, R] = {row.id: row for row in self._by_key(keys=keys, **values)}  # type: ignore[attr-defined]
        return [found[key] for key in keys if key in found]


def _rows(connection: Any, sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    if connection.vendor == "postgresql":
        rows: list[tuple[Any, ...]] = connection.read(sql, parameters)
        return rows
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def _padded(value: Value) -> Value:
    """A list as long as the next power of two, its last value repeated, which is the same to an `__in`."""
    if not isinstance(value, list):
        return value
    return value + value[-1:] * ((1 << (len(value) - 1).bit_length()) - len(value))


def _given(value: Value, connection: Any) -> Sequence[Any]:
    """The value of each placeholder."""
    if isinstance(value, datetime):
        return [connection.ops.adapt_datetimefield_value(value)]
    return value if isinstance(value, list) else [value]


def _converted(
    rows: Iterable[Sequence[Any]], converters: list[tuple[int, list[Any], Any]], connection: Any
) -> Iterator[tuple[Any, ...]]:
    """The rows with each value in the form that its field has in Python, as Django's compiler gives them."""
    for row in rows:
        values = list(row)
        for place, convert, expression in converters:
            value = values[place]
            for one in convert:
                value = one(value, expression, connection)
            values[place] = value
        yield tuple(values)
