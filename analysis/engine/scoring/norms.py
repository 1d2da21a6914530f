"""From what was measured to points: where a value stands among dancers.

A formula with fixed constants uses only a corner of its range. So every raw measure is turned into a *share*
by its norm: the 10th percentile of the reference population earns a quarter, the median 60 %, the 90th
percentile 90 %, with the logit of the share linear between those and beyond, so that it is monotone and
comes near 0 and 1 without a step. The shares of one dimension are blended by weight (a measure that does not
occur counts as it does for the usual dancer); since a mean of several shares varies less than each of them,
the blend has a norm of its own, which gives the points.

The numbers lie in ``norms.json``; ``benchmarks/fit_norms.py`` writes it from the development half of
``benchmarks/population.py``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import numpy as np

from analysis.engine.types import Measure, Motion, Score

#: Shares earned by the 10th, 50th and 90th percentile of the reference population, worst to best.
SHARES: Final = (0.25, 0.60, 0.90)
_LOGITS: Final = tuple(float(np.log(share / (1.0 - share))) for share in SHARES)
_FILE: Final = Path(__file__).with_name("norms.json")


@dataclass(frozen=True, slots=True)
class Norm:
    """Three percentiles of one measure over the reference population, from the worst to the best."""

    poor: float  # 10th percentile of quality: the 90th of the value where less is better
    median: float
    good: float
    scale: Literal["linear", "log"] = "linear"

    def share(self, value: float) -> float:
        """What a value earns, 0..1."""
        knots = np.array([self.poor, self.median, self.good])
        if self.scale == "log":
            knots, value = np.log(knots), float(np.log(max(value, 1e-9)))
        if knots[0] > knots[2]:
            knots, value = -knots, -value
        below = value < knots[1]
        (x0, x1), (y0, y1) = (knots[:2], _LOGITS[:2]) if below else (knots[1:], _LOGITS[1:])
        logit = y0 + (value - x0) / (x1 - x0) * (y1 - y0)
        return float(1.0 / (1.0 + np.exp(-np.clip(logit, -40.0, 40.0))))


@dataclass(frozen=True, slots=True)
class Norms:
    """All norms of one version."""

    version: str
    table: dict[str, Norm]
    #: What the reference population earns by each measure ("balance.reach") on the average.
    usual: dict[str, float] = field(default_factory=dict)

    def share(self, name: str, value: float | None) -> float | None:
        """What a measured value earns, 0..1; None stays None. KeyError for a measure without a norm."""
        return None if value is None or not np.isfinite(value) else self.table[name].share(value)

    def blended_share(self, name: str, blended: float | None) -> float | None:
        """What a mean of shares earns as a whole.

        Means of several shares lie close together, so their norm is steep; carried on below its 10th
        percentile it would leave next to nothing of a dimension all of whose measures earned something.
        There the points fall in proportion to the mean instead, to nothing where no measure earned anything.
        A table without a norm for it, which is being fitted, leaves the mean as it is.
        """
        if name not in self.table:
            return blended
        share = self.share(name, blended)
        poor = self.table[name].poor
        if share is None or blended is None or blended >= poor:
            return share
        return SHARES[0] * max(blended, 0.0) / poor


@cache
def load_norms(file: Path = _FILE) -> Norms:
    """The norms that ship with the engine."""
    content = json.loads(file.read_text())
    table = {name: Norm(**norm) for name, norm in content["norms"].items()}
    return Norms(content["version"], table, content["usual"])


class Part(NamedTuple):
    """One measure on its way into a score."""

    name: str
    value: float | None  # None: could not be measured, and the note says why
    unit: str
    share: float | None
    weight: float  # of the dimension, when there is full evidence
    evidence: float = 1.0  # 0..1, how much of the clip speaks about it; scales the weight
    note: str = ""


def blend(parts: Sequence[Part], usual: Mapping[str, float]) -> float | None:
    """Mean share of the parts by weight and evidence; None when nothing was measured.

    What was not measured, or by a part of the clip only, counts for the rest as much as ``usual`` says that
    dancers earn by it (nothing is said: its weight goes to the others). Else a dance in which a measure does
    not occur by which everybody earns nearly all would be behind for that alone, and ahead where it is one by
    which most earn little: the norm of the blend knows only dances in which all of them occur.
    """
    earned = total = lacking = 0.0
    for part in parts:
        told = part.evidence if part.share is not None else 0.0
        earned += part.weight * told * (part.share or 0.0)
        total += part.weight * told
        if part.name in usual:
            earned += part.weight * (1.0 - told) * usual[part.name]
            lacking += part.weight * (1.0 - told)
    return earned / (total + lacking) if total > 0.0 else None


def assemble(
    name: str,
    out_of: int,
    parts: Sequence[Part],
    norms: Norms,
    *,
    confidence: float,
    note: str = "",
    series: dict[str, Any] | None = None,
) -> Score:
    """One dimension from its parts, with where they stand among dancers.

    The weight told of each measure is the one it really had.
    """
    usual = {part.name: norms.usual[key] for part in parts if (key := f"{name}.{part.name}") in norms.usual}
    blended = blend(parts, usual)
    share = norms.blended_share(name, blended)
    total = sum(part.weight * part.evidence for part in parts if part.share is not None)
    measures = []
    for part in parts:
        counted = part.share is not None and total > 0.0
        weight = part.weight * part.evidence / total if counted else 0.0
        measures.append(Measure(part.name, part.value, part.unit, part.share, weight, part.note))
    return Score(
        name=name,
        points=None if share is None else out_of * share,
        out_of=out_of,
        confidence=confidence if share is not None else 0.0,
        measures=tuple(measures),
        note=" ".join(filter(None, (note, _among_dancers(name, blended, norms)))),
        series=series or {},
    )


def _among_dancers(name: str, blended: float | None, norms: Norms) -> str:
    """Why measures that all earned much may give few points: it is compared with what others earn."""
    if blended is None or name not in norms.table:
        return ""
    norm = norms.table[name]
    return f"Together they earn {blended:.0%}; eight of ten dancers earn {norm.poor:.0%} to {norm.good:.0%}."


def seen_share(motion: Motion, landmarks: Sequence[int]) -> float:
    """How well a part of the body was seen: share of frames times visibility in them, 0..1."""
    columns = list(landmarks)
    observed = motion.observed[:, columns]
    return float((observed * motion.visibility[:, columns]).mean()) if observed.size else 0.0


def length_factor(motion: Motion) -> float:
    """Ten seconds are enough to know a dancer by; less is less sure."""
    return min(1.0, motion.duration / 10.0)
