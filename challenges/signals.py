"""What challenges announce to apps they do not know. Sent within the transaction of the change."""

from __future__ import annotations

from django.dispatch import Signal

#: A submission was made, scored, edited or moderated. ``submission``: as it is now.
submission_changed = Signal()
#: A submission is gone. ``submission``: as it was.
submission_deleted = Signal()
