"""Public ids."""

from __future__ import annotations

import os
import time

import pytest

from idance.lib import ids
from idance.lib.ids import is_object_id, new_object_id


def test_an_id_is_24_hex_and_tells_its_second() -> None:
    before = int(time.time())
    made = new_object_id()
    assert is_object_id(made)
    assert before <= int(made[:8], 16) <= int(time.time())


def test_later_ids_are_greater_and_none_comes_twice() -> None:
    made = [new_object_id() for _ in range(10_000)]
    assert made == sorted(set(made))


def test_a_clock_that_is_set_back_does_not_set_ids_back(monkeypatch: pytest.MonkeyPatch) -> None:
    source = ids._Source()
    monkeypatch.setattr(ids.time, "time", lambda: 2000.0)
    first = source.new()
    monkeypatch.setattr(ids.time, "time", lambda: 1000.0)
    assert source.new() > first


def test_a_full_counter_borrows_from_the_next_second(monkeypatch: pytest.MonkeyPatch) -> None:
    import itertools

    source = ids._Source()
    monkeypatch.setattr(ids.time, "time", lambda: 2000.0)
    source._counter = itertools.count((1 << 24) - 2)
    made = [source.new() for _ in range(4)]
    assert made == sorted(set(made))
    assert all(is_object_id(each) for each in made)


def test_a_forked_process_makes_ids_of_its_own() -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, new_object_id().encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reader, 24).decode()
    assert theirs[8:18] != new_object_id()[8:18]


@pytest.mark.parametrize(
    "value",
    [
        "",
        "6887786",
        "68877865E63D6BD72CDDA440",
        "68877865e63d6bd72cdda44g",
        "68877865e63d6bd72cdda4400",
        None,
        7,
    ]
    + ["68877865e63d6bd72cdda440\n", "٦8877865e63d6bd72cdda440"],
)
def test_what_is_no_id(value: object) -> None:
    assert not is_object_id(value)
