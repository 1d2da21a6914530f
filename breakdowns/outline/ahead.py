"""Reading ahead: the next items are made in a thread of their own while the last ones are used."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def read_ahead(items: Iterable[T], *, batch: int) -> Iterator[Iterator[T]]:
    """The same items in the same order, made up to two batches before they are asked for.

    Threads meet once a batch: waking each other for every item would cost more than many items do. What
    making an item raises is raised where its batch is used. No thread is left when the block ends, however it
    ends, so that what the items are read from may be closed after it.
    """
    source = iter(items)

    def make() -> list[T]:
        return list(islice(source, batch))

    def used() -> Iterator[T]:
        waiting = deque([thread.submit(make), thread.submit(make)])
        while made := waiting.popleft().result():
            yield from made
            waiting.append(thread.submit(make))

    thread = ThreadPoolExecutor(1, thread_name_prefix="read ahead")
    try:
        yield used()
    finally:
        thread.shutdown(cancel_futures=True)
