"""When something happens, as dancers say it: on 1, on 2 and 4, on 3&.

Moments are whole numbers of *ticks*: two per beat, 0 on the first count of the step. Where no beats are heard
there is nothing to count; then only the order is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from analysis.engine.types import Difficulty, FloatArray, Step

NUMBERS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
TIMES = ("never", "once", "twice", "three times", "four times", "five times", "six times")


#: Beats from a whole count within which something is on it; further off it is told on the half count.
WHOLE: dict[Difficulty, float] = {"beginner": 0.34, "intermediate": 0.34, "advanced": 0.25}


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of one step; ``beats`` has fewer than two where no music is counted."""

    step: Step
    beats: FloatArray  # s, without gaps, from before the clip to its end
    difficulty: Difficulty

    @property
    def counted(self) -> bool:
        """There are beats to count."""
        return self.step.counts is not None and len(self.beats) > 1

    @property
    def length(self) -> int:
        """Whole counts of the step; 0 where nothing is counted."""
        return self._place(self.step.end) - self._place(self.step.start) if self.counted else 0

    def tick(self, time: float) -> int:
        """The nearest half count; without beats, quarters of a second since the step began."""
        if not self.counted:
            return round((time - self.step.start) * 4)
        beat = float(np.interp(time, self.beats, np.arange(len(self.beats)))) - self._place(self.step.start)
        whole = int(np.floor(beat + 0.5))  # so that 1.5 and 2.5 do not meet on 2
        near = abs(beat - whole) <= WHOLE[self.difficulty]
        return 2 * whole if near else 2 * int(np.floor(beat)) + 1

    def inside(self, tick: int) -> bool:
        """Whether a tick belongs to this step and not to the one before or after."""
        return 0 <= tick < self.tick(self.step.end)

    def when(self, ticks: Sequence[int]) -> str:
        """ "on 1 and 3", "on 2&", "on every count"; "twice" without beats, nothing for once."""
        if not self.counted:
            return (
                "" if len(ticks) < 2 else TIMES[len(ticks)] if len(ticks) < len(TIMES) else "again and again"
            )
        for rest, words in ((0, "on every count"), (1, "on every &")):
            if len(ticks) == self.length >= 3 and all(tick % 2 == rest for tick in ticks):
                return words
        offbeat = all(tick % 2 for tick in ticks)
        if offbeat and len(ticks) > 3 and 2 * len(ticks) > self.length:
            return "on most of the &s"
        return "on " + listed(self.name(tick) for tick in sorted(ticks))

    def name(self, tick: int) -> str:
        """What is called out at a tick: "3", or "3&" for the moment half-way to 4."""
        assert self.step.counts is not None  # noqa: S101 - only asked where there is something to count
        beat = self.step.counts[0] - 1 + tick // 2
        number = str(beat % 8 + 1)
        again = "the second " if tick // 2 >= 8 else ""
        return f"{again}{number}{'&' if tick % 2 else ''}"

    def _place(self, time: float) -> int:
        return int(np.argmin(np.abs(self.beats - time)))


def steady_beats(heard: FloatArray, begin: float, end: float) -> FloatArray:
    """Beats from before ``begin`` to after ``end``, with those filled in that the music left out. [s]"""
    if len(heard) < 2:
        return np.zeros(0)
    interval = float(np.median(np.diff(heard)))
    parts = [np.arange(heard[0] - interval, begin - 2 * interval, -interval)[::-1]]
    for one, two in pairwise(heard):
        parts.append(np.linspace(one, two, max(1, round((two - one) / interval)), endpoint=False))
    parts.append(np.arange(heard[-1], end + 2 * interval, interval))
    return np.concatenate(parts)


def listed(words: Iterable[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    all_words = list(words)
    if len(all_words) < 2:
        return "".join(all_words)
    return ", ".join(all_words[:-1]) + " and " + all_words[-1]


def number(count: int) -> str:
    """Small numbers in words."""
    return NUMBERS[count] if 0 <= count < len(NUMBERS) else str(count)
