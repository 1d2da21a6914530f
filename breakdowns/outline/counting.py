"""What is shown at a moment besides the body: the step, the count and how fresh the beat is."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from analysis.engine.types import Step

#: How long the flash of a beat takes to fade, in s.
FLASH = 0.18


class Counting:
    """The beats of a clip, counted in eights as its steps are."""

    def __init__(self, beats: Sequence[float], steps: Sequence[Step]) -> None:
        self._beats = [float(beat) for beat in beats]
        self._steps = sorted(steps, key=lambda step: step.start)
        self._period = median(b - a for a, b in pairwise(self._beats)) if len(self._beats) > 1 else 0.5
        self._first = self._first_count()

    def step_at(self, t: float) -> int | None:
        """Index of the step that is danced at a moment."""
        i = bisect.bisect_right([step.start for step in self._steps], t + 1e-6) - 1
        return i if i >= 0 and t < self._steps[i].end else None

    def count_at(self, t: float) -> int | None:
        """1 to 8: the count of the last beat; None before the first and after the last one has faded."""
        i = self._beat_before(t)
        return None if i is None else (self._first - 1 + i) % 8 + 1

    def flash_at(self, t: float) -> float:
        """1 on a beat, falling to 0."""
        i = self._beat_before(t)
        return 0.0 if i is None else max(0.0, 1.0 - (t - self._beats[i]) / FLASH)

    def _beat_before(self, t: float) -> int | None:
        i = bisect.bisect_right(self._beats, t + 1e-3) - 1
        return i if i >= 0 and t - self._beats[i] < 1.5 * self._period else None

    def _first_count(self) -> int:
        """The count of the first beat, from a step that knows on which count it starts."""
        for step in self._steps:
            if step.counts and self._beats:
                nearest = min(range(len(self._beats)), key=lambda i: abs(self._beats[i] - step.start))
                return (step.counts[0] - 1 - nearest) % 8 + 1
        return 1
