"""What breakdowns announce to apps they do not know. Sent within the transaction of the change."""

from __future__ import annotations

from django.dispatch import Signal

#: A breakdown was completed, or who sees it has changed. ``breakdown``: as it is now.
breakdown_changed = Signal()
#: A breakdown is gone. ``breakdown``: as it was.
breakdown_deleted = Signal()
