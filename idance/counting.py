"""Counting without reading a whole table: exactly while it is few, "more than 10,000" from there on."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import QuerySet

MOST: Final = 10_000


def count_up_to(rows: QuerySet[Any, Any], most: int = MOST) -> int:
    """How many rows there are; ``most + 1`` stands for more."""
    return rows.order_by()[: most + 1].count()


def in_words(count: int, most: int = MOST) -> str:
    """A number from ``count_up_to`` as people read it."""
    return f"{count:,}" if count <= most else f"more than {most:,}"
