"""Words from the movement."""

from __future__ import annotations

from analysis.engine.types import Analysis, Difficulty
from breakdowns.texts.routine import Routine


def describe(found: Analysis, *, difficulty: Difficulty) -> Routine:
    """The routine in words: the same analysis gives the same words."""
    raise NotImplementedError
