"""What dancers usually do: ``python -m benchmarks.breakdown_levels`` prints the thresholds of the texts.

Every dancer of the population is cut into stretches of 4 s; each source weighs the same. The 33rd and 67th
percentiles belong into ``breakdowns/texts/levels.py``; what each kind of dancer gets is printed beside them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from analysis.engine.config import RATE
from analysis.engine.errors import Refusal
from analysis.engine.kinematics import derive
from benchmarks.population import Sequence, population
from breakdowns.texts import levels
from breakdowns.texts.body import look_at
from breakdowns.texts.events import busy, find_events

STRETCH = 4.0  # s
MEASURES = ("pace", "density", "at_once", "contrast", "shake", "uneven")
PERCENTILES = (10, 33, 50, 67, 90)


def main() -> None:
    """Print the percentiles of all, and the medians by kind."""
    by_source: dict[str, list[dict[str, float]]] = defaultdict(list)
    by_kind: dict[str, list[dict[str, float]]] = defaultdict(list)
    for sequence in population(kinds=("professional", "amateur", "phone"), media=("keypoints", "video")):
        for found in stretches(sequence):
            by_source[sequence.source].append(found)
            by_kind[sequence.kind].append(found)
    print(f"{len(by_source)} sources, {sum(map(len, by_source.values()))} stretches of {STRETCH:g} s\n")
    print(f"{'':<12}" + "".join(f"{p:>8}" for p in PERCENTILES) + "".join(f"{k:>14}" for k in by_kind))
    for name in MEASURES:
        values = np.concatenate([[f[name] for f in rows] for rows in by_source.values()])
        weights = np.concatenate([np.full(len(rows), 1 / len(rows)) for rows in by_source.values()])
        medians = [np.nanmedian([f[name] for f in rows]) for rows in by_kind.values()]
        print(
            f"{name:<12}"
            + "".join(f"{weighted(values, weights, p):>8.2f}" for p in PERCENTILES)
            + "".join(f"{median:>14.2f}" for median in medians)
        )


def stretches(sequence: Sequence) -> Iterator[dict[str, float]]:
    """The measures of each stretch of a sequence."""
    try:
        motion = sequence.motion
    except Refusal:
        return
    kin, events = derive(motion), find_events(look_at(motion))
    for start in np.arange(0.0, motion.duration - STRETCH + 1 / RATE, STRETCH):
        rows = slice(round(start * RATE), round((start + STRETCH) * RATE))
        density, at_once = busy(events, float(start), float(start) + STRETCH)
        yield {
            "pace": levels.pace(kin, rows),
            "density": density,
            "at_once": at_once,
            "contrast": levels.contrast(kin, rows),
            "shake": levels.shake(kin, rows),
            "uneven": abs(levels.left_share(kin, rows) - 0.5),
        }


def weighted(values: np.ndarray, weights: np.ndarray, percentile: float) -> float:
    """Percentile of what was measured, by weight."""
    seen = np.isfinite(values)
    order = np.argsort(values[seen])
    share = np.cumsum(weights[seen][order]) / weights[seen].sum()
    return float(values[seen][order][np.searchsorted(share, percentile / 100)])


if __name__ == "__main__":
    main()
