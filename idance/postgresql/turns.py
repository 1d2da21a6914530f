"""One machine at a time: a lock in the database that ends with whoever holds it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection

#: Any number that nobody else takes: "idance" in ASCII.
_NUMBER: Final = int.from_bytes(b"idance")


@contextmanager
def in_turn() -> Iterator[None]:
    """Wait until no other machine is in such a block. SQLite is one machine's, and needs no turns."""
    if connection.vendor != "postgresql":
        yield
        return
    # In a transaction on a connection of its own: a PgBouncer that pools by transaction keeps it, too.
    own = connection.copy()
    own.set_autocommit(False)
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_NUMBER])
        yield
    finally:
        own.close()
