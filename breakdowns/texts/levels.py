"""From measured numbers to words such as High and Low: the thresholds, and where they come from.

Every pair of thresholds is the 33rd and the 67th percentile of the measure over the dancers of
``benchmarks/population.py`` (both halves, every source weighing the same), as
``python -m benchmarks.breakdown_levels`` prints them: a third of what dancers do is Low, a third High.
Shares of scores need none of their own: the norms of scoring place the median dancer at .60.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.engine.body import Landmark as L
from analysis.engine.kinematics import LIMBS
from analysis.engine.types import Analysis, BoolArray, FloatArray, Kinematics
from breakdowns.texts.routine import Level

NOT_MEASURED: Final = "Not measured"
LOW_MEDIUM_HIGH: Final = ("Low", "Medium", "High")


@dataclass(frozen=True, slots=True)
class Thirds:
    """Where the middle third of the reference population begins and ends."""

    low: float
    high: float

    def name(self, value: float | None, names: tuple[str, str, str] = LOW_MEDIUM_HIGH) -> str:
        """The word for a value; what was not measured is called that."""
        if value is None or not np.isfinite(value):
            return NOT_MEASURED
        return names[0] if value < self.low else names[1] if value < self.high else names[2]

    def place(self, value: float) -> float:
        """Where a value stands, 0..1: a third at ``low``, two thirds at ``high``, linear."""
        return float(np.clip(1 / 3 + (value - self.low) / (self.high - self.low) / 3, 0.0, 1.0))


#: Torso lengths per second, median over limbs and time.
PACE: Final = Thirds(0.71, 1.59)
#: Things to do per second: events of all parts.
DENSITY: Final = Thirds(6.25, 11.5)
#: Parts of the body that have something to do at once.
AT_ONCE: Final = Thirds(3.0, 4.62)
#: (quick - slow) / (quick + slow) of the body's speed, 85th and 15th percentile: 1 stops dead.
CONTRAST: Final = Thirds(0.42, 0.53)
#: Degrees, deviation of the trunk from its own mean over .6 s.
SHAKE: Final = Thirds(1.43, 3.27)
#: Share of the left side in the way of hands and feet. Even is .5, and a third of the stretches is further
#: from it than this; left and right are treated alike.
LEFT_SHARE: Final = Thirds(0.42, 0.58)
#: Shares of a score: .45 and .75 are about the 33rd and 67th percentile by the norms of scoring.
SHARE: Final = Thirds(0.45, 0.75)


def pace(kin: Kinematics, rows: BoolArray | slice) -> float:
    """Usual speed of the limbs, torso lengths / s; nan when hardly seen."""
    return _quantile(kin.limb_speed[rows], 0.5)


def contrast(kin: Kinematics, rows: BoolArray | slice) -> float:
    """How clearly the limbs start and stop, 0..1."""
    speed = kin.speed[rows][:, list(LIMBS)]
    seen = np.isfinite(speed)
    mean = np.where(seen, speed, 0.0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    mean = np.where(seen.any(axis=1), mean, np.nan)
    quick, slow = _quantile(mean, 0.85), _quantile(mean, 0.15)
    return (quick - slow) / max(quick + slow, 1e-6)


def shake(kin: Kinematics, rows: BoolArray | slice) -> float:
    """Restlessness of the trunk, degrees."""
    lean = np.degrees(kin.angles[:, kin.angle_names.index("trunk")])
    padded = np.pad(lean, 4, mode="edge")
    mean = np.lib.stride_tricks.sliding_window_view(padded, 9).mean(axis=1)
    return _quantile(np.abs(lean - mean)[rows], 0.75)


def left_share(kin: Kinematics, rows: BoolArray | slice) -> float:
    """Share of the left hand and foot in what both hands and feet travel; .5 is even."""
    ways = {
        side: sum(_mean(kin.speed[rows][:, L[f"{side}_{part}"]]) for part in ("WRIST", "ANKLE"))
        for side in ("LEFT", "RIGHT")
    }
    if not np.isfinite(sum(ways.values())):  # feet out of the picture: the hands alone
        ways = {side: _mean(kin.speed[rows][:, L[f"{side}_WRIST"]]) for side in ways}
    return ways["LEFT"] / max(ways["LEFT"] + ways["RIGHT"], 1e-6)


def usual(values: FloatArray) -> float:
    """The median of what was seen; nan when less than half was."""
    return _quantile(values, 0.5)


def score_share(found: Analysis, name: str) -> float | None:
    """Points of a score of what was to be had; without music rhythm is out of 15."""
    score = found.scores.get(name)
    if score is None or score.points is None:
        return None
    most = 15.0 if name == "rhythm" and found.rhythm_basis == "motion" else float(score.out_of)
    return score.points / most


def smoothness_within(found: Analysis, start: float, end: float) -> float | None:
    """Mean share of the smoothness windows that lie about a step; None where none was measured."""
    series = found.scores["smoothness"].series if "smoothness" in found.scores else {}
    pairs = zip(series.get("t", []), series.get("share", []), strict=True)
    near = [float(share) for t, share in pairs if share is not None and start - 0.5 <= t <= end + 0.5]
    return float(np.mean(near)) if near else None


def difficulty(speed: float, density: float, at_once: float) -> Level:
    """How hard the routine is to dance: the mean place of pace, density and coordination."""
    values = ((PACE, speed), (DENSITY, density), (AT_ONCE, at_once))
    places = [thirds.place(value) for thirds, value in values if np.isfinite(value)]
    place = float(np.mean(places)) if places else 0.5
    return "Beginner" if place < 1 / 3 else "Intermediate" if place < 2 / 3 else "Advanced"


def _quantile(values: FloatArray, share: float) -> float:
    seen = values[np.isfinite(values)]
    return float(np.quantile(seen, share)) if len(seen) >= max(2, len(values) / 2) else float("nan")


def _mean(values: FloatArray) -> float:
    seen = values[np.isfinite(values)]
    return float(seen.mean()) if len(seen) >= max(2, len(values) / 2) else float("nan")
