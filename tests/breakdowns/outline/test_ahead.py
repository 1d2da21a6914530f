"""Reading ahead: the same items in the same order, errors where they belong, and no thread left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from breakdowns.outline.ahead import read_ahead


def test_the_same_items_in_the_same_order() -> None:
    for count in (0, 1, 4, 9):
        with read_ahead(range(count), batch=4) as ahead:
            assert list(ahead) == list(range(count))


def test_another_thread_makes_the_next_items_while_one_is_used() -> None:
    makers = []
    second_batch = threading.Event()

    def items() -> Iterator[int]:
        for i in range(40):
            makers.append(threading.current_thread())
            if i == 3:
                second_batch.set()
            yield i

    with read_ahead(items(), batch=2) as ahead:
        assert next(ahead) == 0
        assert second_batch.wait(5), "made although nobody has asked for it"
        assert len(makers) == 4, "and no further"
        assert list(ahead) == list(range(1, 40))
    assert set(makers) == {makers[0]} != {threading.current_thread()}


def test_what_goes_wrong_is_raised_where_it_is_used() -> None:
    def items() -> Iterator[int]:
        yield from (0, 1, 2)
        raise OSError("damaged")

    used = []
    with pytest.raises(OSError, match="damaged"), read_ahead(items(), batch=2) as ahead:
        used += [next(ahead), next(ahead)]
        next(ahead)
    assert used == [0, 1]


def test_nothing_is_read_and_no_thread_is_left_after_the_block() -> None:
    before = threading.active_count()
    made: list[int] = []

    def items() -> Iterator[int]:
        for i in range(10_000):
            made.append(i)
            yield i

    with pytest.raises(InterruptedError), read_ahead(items(), batch=3) as ahead:
        next(ahead)
        raise InterruptedError
    assert threading.active_count() == before
    assert len(made) <= 6
