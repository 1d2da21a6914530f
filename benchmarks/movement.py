"""How Balance, Smoothness and Creativity judge: ``python -m benchmarks.movement`` prints the tables.

1. Every clip and sequence with its scores: professionals, amateurs, phone clips, others, controls.
2. Known faults (``benchmarks/spoil.py``): does the score change as it must?
3. The span that each score uses over the validation half.
4. Rank correlation with things that must not matter: distance, length and frame rate, each varied on the
   clips of the validation half, and, as found, the size of the dancer in the picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy.stats import mannwhitneyu, spearmanr

from analysis.engine.config import RATE
from analysis.engine.scoring.norms import load_norms
from analysis.engine.types import FloatArray, RawPose
from benchmarks import spoil
from benchmarks.fit_norms import BLENDS, Piece, equal_sources, reference
from benchmarks.population import Sequence, population

Points = dict[str, float]  # score -> points, nan where not measurable


class Fault(NamedTuple):
    """Something done to a clip and what must follow."""

    name: str
    score: str
    make: Callable[[Sequence], Sequence]
    expected: Callable[[float, float], bool]  # (points before, points after)
    words: str


def main() -> None:
    """Print everything."""
    print(f"norms version {load_norms().version}\n")
    everything = population()
    ordering(everything)
    dancers = [
        s for s in everything if s.kind in ("professional", "amateur", "phone") and s.medium != "truth"
    ]
    upright = [s.cut(0.0, 16.0) if s.duration > 20.0 else s for s in dancers if s.source != "aist_d04"]
    faults(upright)
    span()
    correlations([s for s in upright if s.half == "validation"])


def points(sequence: Sequence) -> Points:
    """Points of the three scores."""
    return {
        name: float("nan") if score.points is None else score.points
        for name, score in Piece(sequence).scores().items()
    }


def ordering(sequences: Iterable[Sequence]) -> None:
    """Table 1: every clip, and the median of each kind."""
    print("| kind | half | from | clip | " + " | ".join(BLENDS) + " |\n|" + "---|" * (4 + len(BLENDS)))
    by_kind: dict[str, list[Points]] = {}
    for sequence in sequences:
        got = points(sequence)
        if sequence.medium != "truth":
            by_kind.setdefault(sequence.kind, []).append(got)
        cells = " | ".join("-" if np.isnan(got[name]) else f"{got[name]:.1f}" for name in BLENDS)
        print(f"| {sequence.kind} | {sequence.half[:3]} | {sequence.medium} | {sequence.name} | {cells} |")
    print("\n| median of | clips | " + " | ".join(BLENDS) + " |\n|" + "---|" * (2 + len(BLENDS)))
    for kind, rows in by_kind.items():
        cells = " | ".join(f"{np.nanmedian([row[name] for row in rows]):.1f}" for name in BLENDS)
        print(f"| {kind} | {len(rows)} | {cells} |")


def faults(sequences: list[Sequence]) -> None:
    """Table 2: what each fault does to the score that must see it."""
    before = [points(sequence) for sequence in sequences]
    print("\n| change | score | must | holds | median change | AUC |\n|---|---|---|---|---|---|")
    for fault in FAULTS:
        old = np.array([got[fault.score] for got in before])
        new = np.array([points(fault.make(sequence))[fault.score] for sequence in sequences])
        both = np.isfinite(old) & np.isfinite(new)
        held = [fault.expected(a, b) for a, b in zip(old[both], new[both], strict=True)]
        auc = mannwhitneyu(old[both], new[both]).statistic / both.sum() ** 2
        print(
            f"| {fault.name} | {fault.score} | {fault.words} | {sum(held)} of {len(held)} "
            f"| {np.median(new[both] - old[both]):+.2f} | {auc:.2f} |"
        )


def span() -> None:
    """Table 3: 10th, 50th and 90th percentile over windows of 12 s, sources weighing the same."""
    print("\n| score | half | 10 % | 50 % | 90 % | share of its points |\n|---|---|---|---|---|---|")
    for half in ("development", "validation"):
        pieces = reference(half)
        weights = equal_sources(pieces)
        scores = [piece.scores() for piece in pieces]
        for name in BLENDS:
            values = np.array([np.nan if s[name].points is None else s[name].points for s in scores], float)
            low, middle, high = _percentiles(values, weights)
            out_of = scores[0][name].out_of
            print(
                f"| {name} | {half} | {low:.1f} | {middle:.1f} | {high:.1f} | {(high - low) / out_of:.0%} |"
            )


def correlations(sequences: list[Sequence]) -> None:
    """Table 4: Spearman's rank correlation of each score with what must not matter."""
    print("\n| varied | " + " | ".join(BLENDS) + " |\n|" + "---|" * (1 + len(BLENDS)))
    for name, values, vary in VARIED:
        rows = [(value, points(vary(s, value))) for s in sequences for value in values]
        print(_correlation_row(name, rows))
    seen = [s for s in population(kinds=("professional", "amateur", "phone"), media=("video",))]
    found = [(s.motion.torso, points(s)) for s in seen]
    print(_correlation_row("size in the picture, as found (all video clips)", found))


def _correlation_row(name: str, rows: list[tuple[float, Points]]) -> str:
    cells = []
    for score in BLENDS:
        pairs = np.array([(value, got[score]) for value, got in rows if np.isfinite(got[score])])
        cells.append(f"{spearmanr(pairs[:, 0], pairs[:, 1]).statistic:+.2f}")
    return f"| {name} | " + " | ".join(cells) + " |"


def _percentiles(values: FloatArray, weights: FloatArray) -> FloatArray:
    there = np.isfinite(values)
    order = np.argsort(values[there])
    cumulated = np.cumsum(weights[there][order]) / weights[there].sum()
    return np.interp([0.1, 0.5, 0.9], cumulated, values[there][order])


def _pose(change: Callable[[RawPose], RawPose]) -> Callable[[Sequence], Sequence]:
    return lambda sequence: replace(sequence, raw=change(sequence.raw))


def _twice(sequence: Sequence) -> Sequence:
    length = len(sequence.raw.t) / RATE
    beats = None if sequence.beats is None else np.concatenate([sequence.beats, sequence.beats + length])
    return replace(sequence, raw=spoil.twice(sequence.raw), beats=beats)


def _stumbles(sequence: Sequence) -> list[float]:
    return [float(t) for t in np.arange(1.0, max(sequence.duration - 2.0, 1.5), 4.0)]


def _far(sequence: Sequence, share: float) -> Sequence:
    """As small as ``share`` of its size, with the noise that real clips gained when they were made so small
    and looked at again (.011 torso lengths from frame to frame at 40 %)."""
    noise = 0.011 / np.sqrt(2.0) * (1.0 - share) / 0.6
    return replace(sequence, raw=spoil.jittered(spoil.scaled(sequence.raw, share), noise))


def _first(sequence: Sequence, seconds: float) -> Sequence:
    return sequence.cut(0.0, min(seconds, sequence.duration))


def _at_fps(sequence: Sequence, fps: float) -> Sequence:
    """Each grid point shows the nearest frame of a film of ``fps``, and knows its time."""
    raw = sequence.raw
    shown = np.clip(np.round(raw.t * fps) / fps, raw.t[0], raw.t[-1])
    place = (shown - raw.t[0]) * RATE
    low = np.clip(np.floor(place + 1e-9).astype(int), 0, len(raw.t) - 2)
    share = (place - low)[:, None, None]
    xy = raw.xy[low] * (1.0 - share) + raw.xy[low + 1] * share
    return replace(sequence, raw=replace(raw, t=shown, xy=xy))


VARIED: tuple[tuple[str, tuple[float, ...], Callable[[Sequence, float], Sequence]], ...] = (
    ("distance (size 1 to .4)", (1.0, 0.85, 0.7, 0.55, 0.4), _far),
    ("length (4 to 16 s)", (4.0, 6.0, 8.0, 12.0, 16.0), _first),
    ("frame rate (20 to 60)", (20.0, 24.0, 25.0, 30.0, 60.0), _at_fps),
)

FAULTS: tuple[Fault, ...] = (
    Fault(
        "lean of 20 degrees", "balance", _pose(lambda p: spoil.leaned(p, 20.0)), lambda a, b: b < a, "fall"
    ),
    Fault(
        "lean of -20 degrees", "balance", _pose(lambda p: spoil.leaned(p, -20.0)), lambda a, b: b < a, "fall"
    ),
    Fault(
        "a stumble every 4 s",
        "balance",
        lambda s: replace(s, raw=spoil.stumbling(s.raw, _stumbles(s))),
        lambda a, b: b < a,
        "fall",
    ),
    Fault(
        "one stumble",
        "balance",
        lambda s: replace(s, raw=spoil.stumbling(s.raw, [s.duration / 3])),
        lambda a, b: b < a,
        "fall",
    ),
    Fault(
        "tremble, 3 % at 3.1 Hz",
        "balance",
        _pose(lambda p: spoil.swaying(p, 0.03)),
        lambda a, b: b < a,
        "fall",
    ),
    Fault(
        "tremble, 6 % at 3.1 Hz",
        "balance",
        _pose(lambda p: spoil.swaying(p, 0.06)),
        lambda a, b: b < a,
        "fall",
    ),
    Fault(
        "travel at .3 torso/s",
        "balance",
        _pose(lambda p: spoil.travelling(p, 0.3)),
        lambda a, b: abs(b - a) < 1.0,
        "change < 1",
    ),
    *(
        Fault(
            f"camera askew by {degrees:g} degrees",
            "balance",
            _pose(lambda p, degrees=degrees: spoil.rolled(p, degrees)),  # type: ignore[misc]
            lambda a, b: abs(b - a) < 1.0,
            "change < 1",
        )
        for degrees in (3.0, 6.0, -6.0, 10.0)
    ),
    Fault("twice in a row", "balance", _twice, lambda a, b: abs(b - a) < 1.0, "change < 1"),
    Fault("twice in a row", "smoothness", _twice, lambda a, b: abs(b - a) < 1.0, "change < 1"),
    *(
        Fault(
            f"jitter {size:.0%}",
            "smoothness",
            _pose(lambda p, size=size: spoil.jittered(p, size)),  # type: ignore[misc]
            lambda a, b: b < a,
            "fall",
        )
        for size in (0.01, 0.02, 0.04)
    ),
    Fault(
        "jitter 4 %",
        "creativity",
        _pose(lambda p: spoil.jittered(p, 0.04)),
        lambda a, b: b - a <= 1.0,
        "rise <= 1",
    ),
    Fault("frames shuffled", "smoothness", _pose(spoil.shuffled), lambda a, b: b < 4.0, "< 4"),
    Fault(
        "first 2 s looped",
        "creativity",
        _pose(lambda p: spoil.looped(p, 2.0)),
        lambda a, b: b <= 0.7 * a,
        "lose 30 %",
    ),
    *(
        Fault("mirrored", name, _pose(spoil.mirrored), lambda a, b: abs(b - a) < 1e-6, "change 0")
        for name in BLENDS
    ),
    *(
        Fault(
            "40 % of the size, moved",
            name,
            _pose(lambda p: spoil.scaled(p, 0.4, 0.3)),
            lambda a, b: abs(b - a) < 0.01,
            "change < .01",
        )
        for name in BLENDS
    ),
)


if __name__ == "__main__":
    main()
