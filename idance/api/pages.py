"""Pages: `page`/`limit` or `skip`/`limit`, the true total, and an index-only way to deep pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from rest_framework import serializers

from idance.prepared import PreparedList, Value

M = TypeVar("M", bound=Model)
R = TypeVar("R")  # a row: an object, or values of which one is `pk`


class PageQuery(serializers.Serializer[Any]):
    """Query of a list by pages."""

    page = serializers.IntegerField(min_value=1, max_value=10_000_000, default=1, help_text="From 1.")
    limit = serializers.IntegerField(min_value=1, max_value=100, default=20, help_text="Items per page.")


class SkipQuery(serializers.Serializer[Any]):
    """Query of a list by offset."""

    skip = serializers.IntegerField(
        min_value=0, max_value=1_000_000_000, default=0, help_text="Items to skip."
    )
    limit = serializers.IntegerField(min_value=1, max_value=100, default=20, help_text="Items to return.")


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """One page of rows and how many there are in all."""

    rows: list[R]
    total: int
    page: int
    limit: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.total // self.limit)

    @property
    def has_more(self) -> bool:
        """Whether a further page follows."""
        return self.page * self.limit < self.total


def take_page(rows: QuerySet[M], *, page: int, limit: int, total: int | None = None) -> Page[M]:
    """The page of an ordered queryset.

    Beyond the first page the ids are found first and the rows read by them: skipping to a deep page then
    walks an index only.
    """
    if total is None:
        total = rows.order_by().count()
    start = (page - 1) * limit
    found = take_slice(rows, start, limit) if start < total else []
    return Page(rows=found, total=total, page=page, limit=limit)


def prepared_page(
    rows: PreparedList[R], *, page: int, limit: int, total: int | None = None, **values: Value
) -> Page[R]:
    """The same of a list that is asked for often."""
    start = (page - 1) * limit
    if total is None:
        found, total = rows.page(start, limit, **values)
    else:
        found = rows.slice(start, limit, total, **values) if start < total else []
    return Page(rows=found, total=total, page=page, limit=limit)


def take_slice(rows: QuerySet[Any, R], start: int, limit: int) -> list[R]:
    """``limit`` rows of an ordered queryset from ``start``, in its order."""
    if start < limit:
        return list(rows[start : start + limit])  # hardly anything to skip: one query does
    ids = list(rows.values_list("pk", flat=True)[start : start + limit])
    known: list[Any] = list(rows.order_by().filter(pk__in=ids))
    found: dict[str, R] = {row.pk: row for row in known}
    return [found[pk] for pk in ids if pk in found]
