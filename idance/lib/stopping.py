"""Whether this web process was told to stop: what only waits then ends at once, with what there is."""

from __future__ import annotations

_told = False


def tell() -> None:
    """From a signal's handler: one assignment, no lock."""
    global _told
    _told = True


def is_told() -> bool:
    """Whether it was."""
    return _told
