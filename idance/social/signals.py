"""What is announced to the apps whose dances are talked about. Sent within the transaction of the change."""

from __future__ import annotations

from django.dispatch import Signal

#: Somebody asked a moderator to look at something. ``report``: the new `Report`.
reported = Signal()
