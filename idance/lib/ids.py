"""Public ids: 24 lower-case hex characters laid out like a BSON ObjectId, sortable by time of creation.

4 bytes of seconds, 5 random bytes of this process, 3 bytes of a counter. Within a process later ids are
always greater; between processes they are ordered to the second.
"""

from __future__ import annotations

import itertools
import os
import re
import secrets
import threading
import time
from datetime import datetime

OBJECT_ID_PATTERN = "[0-9a-f]{24}"
OBJECT_ID = re.compile(OBJECT_ID_PATTERN)
JOB_PREFIX = "job_"


class _Source:
    """Makes ids; one per process."""

    def __init__(self) -> None:
        self.reseed()

    def reseed(self) -> None:
        self._lock = threading.Lock()
        self._process = secrets.token_bytes(5)
        self._last_second = 0
        self._counter = itertools.count(secrets.randbelow(1 << 20))

    def new(self) -> str:
        with self._lock:
            # The clock may be set back; ids never go back with it.
            self._last_second = max(self._last_second, int(time.time()))
            count = next(self._counter)
            if count >= 1 << 24:
                self._last_second += 1
                self._counter = itertools.count(1)
                count = 0
            second = self._last_second
        return (second.to_bytes(4, "big") + self._process + count.to_bytes(3, "big")).hex()


_source = _Source()
# A forked worker must not repeat its parent's ids.
os.register_at_fork(after_in_child=_source.reseed)


def new_object_id() -> str:
    """A fresh id: 24 lower-case hex characters."""
    return _source.new()


def first_id_of(moment: datetime) -> str:
    """The least id that can have been made at a moment: ids from it on are from then on."""
    return int(moment.timestamp()).to_bytes(4, "big").hex() + 16 * "0"


def is_object_id(value: object) -> bool:
    """Whether ``value`` has the form of an id."""
    return isinstance(value, str) and OBJECT_ID.fullmatch(value) is not None
