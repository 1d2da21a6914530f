"""What challenges announce to apps they do not know. Sent within the transaction of the change."""

from __future__ import annotations

from django.dispatch import Signal

#: A submission was made, scored, edited or moderated. ``submission``: as it is now.
submission_changed = Signal()
#: A submission was found to show the same video as an earlier one. ``duplicate``: the `Duplicate`.
#: Sent before the submission's score is given, so whoever decides by it when it is scored knows of it.
duplicate_found = Signal()
#: A submission was given its score, and neither the board nor anybody else has heard of it yet: who listens
#: may still hold it back. ``submission``: as it is now.
submission_scored = Signal()
#: An analysis of a submission ended without a result. ``submission_id``.
analysis_failed = Signal()
#: A submission is gone. ``submission``: as it was.
submission_deleted = Signal()
