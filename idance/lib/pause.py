"""Leaving alone for a moment what does not answer."""

from __future__ import annotations

import time


class Pause:
    """After a failure nobody asks again for a while, and waits in vain."""

    #: How long, in seconds.
    SECONDS = 5.0

    def __init__(self) -> None:
        self._until = 0.0

    @property
    def over(self) -> bool:
        """Whether to ask again, or nothing has failed yet."""
        return time.monotonic() >= self._until

    def begin(self) -> None:
        """It has just failed."""
        self._until = time.monotonic() + self.SECONDS
