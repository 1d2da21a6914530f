"""What is announced to the apps whose dances are talked about."""

from __future__ import annotations

from django.dispatch import Signal

#: Somebody asked a moderator to look at something; sent once that is kept. ``report``: the new `Report`.
reported = Signal()
