"""Fit the norms: ``python -m benchmarks.fit_norms`` writes ``scoring/norms.json``.

The reference population are the dancers (professional, amateur, phone) of the development half. Long
sequences are cut into windows of 12 s (4 s for Balance, which is the mean of such windows), so that length
plays no part, and every source has the same weight, however much there is of it. There are few sources, so
the distribution of each measure is smoothed with a Gaussian kernel before its percentiles are read.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Literal

import numpy as np
from scipy.special import ndtr

from analysis.engine.config import DEFAULT
from analysis.engine.kinematics import derive
from analysis.engine.scoring import balance, creativity, norms, smoothness
from analysis.engine.scoring.norms import Norm, Norms
from analysis.engine.types import FloatArray, Kinematics, Motion, Music, Score
from benchmarks.population import Half, Sequence, music_of, population

VERSION = "5"
WINDOW, HOP = 12.0, 6.0  # s
#: s, of the windows that each dimension is fitted on; hop half of it.
WINDOWS = {"balance": DEFAULT.balance.window, "smoothness": WINDOW, "creativity": WINDOW}
BLENDS = tuple(WINDOWS)
KERNEL = 0.75  # of Silverman's bandwidth, which is meant for smooth single humps

#: Every measure with a norm: its scale, and whether more of it is better.
MEASURES: dict[str, tuple[Literal["linear", "log"], bool]] = {
    "balance.holds": ("log", False),
    "balance.wobble": ("log", False),
    "balance.reach": ("log", True),
    "smoothness.jerk": ("linear", True),
    "smoothness.slow_power": ("linear", True),
    "creativity.entropy": ("linear", True),
    "creativity.recurrence": ("linear", False),
    "creativity.effort": ("linear", True),
}


class Piece:
    """One window of one sequence with everything that the scores are made from."""

    def __init__(self, sequence: Sequence) -> None:
        self.sequence = sequence
        self.motion: Motion = sequence.motion
        self.kin: Kinematics = derive(self.motion)
        self.music: Music | None = music_of(sequence)

    def raw(self) -> dict[str, float | None]:
        """Raw values by the name of their norm."""
        return {
            **balance.raw_measures(self.motion, self.kin, self.music),
            **smoothness.raw_measures(self.motion, self.kin),
            **creativity.raw_measures(self.motion, self.kin, self.music),
        }

    def scores(self, table: Norms | None = None) -> dict[str, Score]:
        """The three scores of the movement."""
        return {
            "balance": balance.score_balance(self.motion, self.kin, self.music, norms=table),
            "smoothness": smoothness.score_smoothness(self.motion, self.kin, norms=table),
            "creativity": creativity.score_creativity(self.motion, self.kin, self.music, norms=table),
        }


def main() -> None:
    """Fit, write, print."""
    references = {name: reference("development", seconds) for name, seconds in WINDOWS.items()}
    table: dict[str, Norm] = {}
    for name, (scale, more) in MEASURES.items():
        pieces = references[name.partition(".")[0]]
        table[name] = fit([piece.raw()[name] for piece in pieces], equal_sources(pieces), scale, more)
    # What is earned on the average by each measure must be known before they can be blended, and the blends
    # before they can have norms of their own.
    usual: dict[str, float] = {}
    for name, pieces in references.items():
        scores = [piece.scores(Norms(VERSION, table))[name] for piece in pieces]
        usual |= usual_shares(scores, equal_sources(pieces))
    blends = {}
    for name, pieces in references.items():
        scores = [piece.scores(Norms(VERSION, table, usual))[name] for piece in pieces]
        blends[name] = fit([blend_of(score) for score in scores], equal_sources(pieces), "linear", True)
    table |= blends
    content = {
        "version": VERSION,
        "fitted_by": "benchmarks/fit_norms.py on the development half of benchmarks/population.py",
        "windows": {name: len(pieces) for name, pieces in references.items()},
        "sources": sorted({piece.sequence.source for pieces in references.values() for piece in pieces}),
        "norms": {name: asdict(norm) for name, norm in table.items()},
        "usual": usual,
    }
    file = Path(norms.__file__).with_name("norms.json")
    file.write_text(json.dumps(content, indent=2) + "\n")
    for name, norm in table.items():
        print(f"{name:24} {norm.poor:9.4f} {norm.median:9.4f} {norm.good:9.4f}  {norm.scale}")
    for name, share in usual.items():
        print(f"{name:24} {share:9.4f}  usual share")


def reference(half: Half, seconds: float = WINDOW) -> list[Piece]:
    """Windows of the dancers of a half."""
    found = population(half=half, kinds=("professional", "amateur", "phone"), media=("keypoints", "video"))
    return [Piece(window) for sequence in found for window in sequence.windows(seconds, seconds / 2)]


def equal_sources(pieces: Iterable[Piece]) -> FloatArray:
    """Weight of each piece, so that every source has the same. Sums to 1. [shape=(m,)]"""
    sources = [piece.sequence.source for piece in pieces]
    count = Counter(sources)
    return np.array([1.0 / count[source] / len(count) for source in sources])


def usual_shares(scores: Iterable[Score], weights: FloatArray) -> dict[str, float]:
    """Mean share that each measure earns, by "dimension.measure"; where it counts more it weighs more."""
    earned: dict[str, list[tuple[float, float]]] = {}
    for score, weight in zip(scores, weights, strict=True):
        for measure in score.measures:
            if measure.share is not None and measure.weight > 0.0:
                told = float(weight) * measure.weight
                earned.setdefault(f"{score.name}.{measure.name}", []).append((measure.share, told))
    return {
        name: round(sum(share * weight for share, weight in rows) / sum(weight for _, weight in rows), 4)
        for name, rows in sorted(earned.items())
    }


def blend_of(score: Score) -> float | None:
    """The blended share of a score whose blend has no norm yet."""
    return None if score.points is None else score.points / score.out_of


def fit(
    values: list[float | None], weights: FloatArray, scale: Literal["linear", "log"], more_is_better: bool
) -> Norm:
    """Percentiles 10, 50 and 90 of a smoothed, weighted distribution, worst first."""
    there = np.array([value is not None and np.isfinite(value) for value in values])
    known = np.array([value for value, ok in zip(values, there, strict=True) if ok], dtype=float)
    weight = weights[there] / weights[there].sum()
    if scale == "log":
        known = np.log(np.maximum(known, 1e-9))
    low, median, high = smoothed_percentiles(known, weight)
    if not more_is_better:
        low, high = high, low
    if scale == "log":
        low, median, high = np.exp([low, median, high])
    poor, middle, good = (float(f"{x:.5g}") for x in (low, median, high))
    return Norm(poor, middle, good, scale)


def smoothed_percentiles(values: FloatArray, weights: FloatArray) -> tuple[float, float, float]:
    """10th, 50th and 90th percentile of a Gaussian kernel estimate of the distribution."""
    mean = float((weights * values).sum())
    spread = float(np.sqrt((weights * (values - mean) ** 2).sum()))
    effective = 1.0 / float((weights**2).sum())
    width = max(KERNEL * 1.06 * spread * effective**-0.2, 1e-9)
    grid = np.linspace(values.min() - 4 * width, values.max() + 4 * width, 4001)
    cumulated = (weights * ndtr((grid[:, None] - values) / width)).sum(axis=1)
    low, median, high = np.interp([0.1, 0.5, 0.9], cumulated, grid)
    return float(low), float(median), float(high)


if __name__ == "__main__":
    main()
