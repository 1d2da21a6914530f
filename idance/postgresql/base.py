"""Whether a kept connection still works, without asking the server.

Django sends a query before each request to find out (`CONN_HEALTH_CHECKS`), for which the request waits. But
a server that has ended, or has ended the connection, has closed it, and then there is something to read on
it. Only then, or after an error, is the query sent: it may also be a notice.
"""

from __future__ import annotations

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that looks before it asks."""

    def is_usable(self) -> bool:
        """Whether queries can be sent."""
        if self.connection is None or self.connection.closed or self.errors_occurred:
            return bool(super().is_usable())
        waiting = select.poll()
        waiting.register(self.connection.fileno(), select.POLLIN)
        return not waiting.poll(0) or bool(super().is_usable())
