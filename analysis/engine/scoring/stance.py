"""What the dancer stands on: where the feet are, which of them carry, and whether the body is upright.

All of it is seen by one camera from the front, so only the left and right of the picture counts: a base of
support has a left and a right edge, no depth. Velocities are those in the *travelling frame*, which moves
sideways with the slow way of the feet: a dancer who crosses the floor is as balanced as one who stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.signal import savgol_filter

from analysis.engine.body import Landmark as L
from analysis.engine.clean import shots
from analysis.engine.config import DEFAULT, BalanceConfig, EngineConfig
from analysis.engine.kinematics import ANGLE_NAMES, midpoint
from analysis.engine.types import BoolArray, FloatArray, Kinematics, Motion

#: What is seen of each foot; heel and toe may be missing.
_FEET: Final = (
    (L.LEFT_ANKLE, L.LEFT_HEEL, L.LEFT_FOOT_INDEX),
    (L.RIGHT_ANKLE, L.RIGHT_HEEL, L.RIGHT_FOOT_INDEX),
)
_ANKLES: Final = (L.LEFT_ANKLE, L.RIGHT_ANKLE)
_KNEES: Final = (L.LEFT_KNEE, L.RIGHT_KNEE)
_HIPS: Final = (L.LEFT_HIP, L.RIGHT_HIP)


@dataclass(frozen=True, slots=True)
class Stance:
    """Feet and support along time. Lengths in torso lengths, x to the right of the picture."""

    leg: float  # length of a leg, nan when never seen
    feet_seen: BoolArray  # [shape=(n,)] both ankles
    contact: BoolArray  # [shape=(n, 2)] left and right foot carry
    left: FloatArray  # [shape=(n,)] edges of the base, nan in flight
    right: FloatArray  # [shape=(n,)]
    stepping_left: FloatArray  # [shape=(n,)] the same, with the place of the next landing
    stepping_right: FloatArray  # [shape=(n,)]
    upright: BoolArray  # [shape=(n,)] on the legs, neither bent double nor on the floor
    lean: FloatArray  # [shape=(n,)] degrees from the vertical, without sign
    path: FloatArray  # [shape=(n,)] slow way of the feet
    path_velocity: FloatArray  # [shape=(n,)] torso lengths / s
    xcom: FloatArray  # [shape=(n,)] extrapolated centre of mass, with its velocity in the travelling frame

    @property
    def margin(self) -> FloatArray:
        """Distance of the extrapolated centre of mass to the nearer edge of the stepping base, negative
        outside. [shape=(n,)]"""
        return np.minimum(self.xcom - self.stepping_left, self.stepping_right - self.xcom)

    @property
    def centre(self) -> FloatArray:
        """Middle of the base. [shape=(n,)]"""
        return (self.left + self.right) / 2

    @property
    def flight(self) -> BoolArray:
        """Frames in which both feet are seen off the floor. [shape=(n,)]"""
        return np.asarray(self.feet_seen & ~self.contact.any(axis=1))


def find_stance(motion: Motion, kin: Kinematics, *, config: EngineConfig = DEFAULT) -> Stance:
    """Feet, base of support and extrapolated centre of mass (Hof 2005: x + v / omega) of a clip."""
    rules = config.balance
    ankles = motion.xy[:, list(_ANKLES)]
    feet_seen = np.isfinite(ankles[:, :, 0]).all(axis=1)
    middle = ankles[:, :, 0].mean(axis=1) if feet_seen.mean() > 0.3 else midpoint(motion.xy, _HIPS)[:, 0]
    takes = list(shots(motion.t, motion.cuts))
    path = slow_path(middle, round(rules.path_half_window * motion.rate), takes)
    path_velocity = np.zeros_like(path)
    contact = carrying_feet(motion, config=config)
    for shot in takes:
        if shot.stop - shot.start > 1:
            path_velocity[shot] = np.gradient(path[shot]) * motion.rate
    left, right = _edges(motion.xy[:, :, 0], contact, rules)
    ahead = round(rules.step_ahead * motion.rate)
    leg = _leg_length(motion.xy)
    lean = np.abs(np.degrees(_wrapped(kin.angles[:, ANGLE_NAMES.index("trunk")])))
    hips = midpoint(motion.xy, _HIPS)[:, 1]
    above_feet = (_lower(ankles[:, :, 1]) - hips) / leg
    above_knees = (_lower(motion.xy[:, list(_KNEES), 1]) - hips) / (leg / 2)
    raised = np.where(np.isfinite(above_feet), above_feet, above_knees)
    return Stance(
        leg=leg,
        feet_seen=feet_seen,
        contact=contact,
        left=left,
        right=right,
        stepping_left=-_stepping(-left, contact, ahead, takes),
        stepping_right=_stepping(right, contact, ahead, takes),
        upright=(raised > rules.standing_legs) & (lean < rules.standing_lean),
        lean=lean,
        path=path,
        path_velocity=path_velocity,
        xcom=kin.com[:, 0] + (kin.com_velocity[:, 0] - path_velocity) / rules.omega,
    )


def slow_path(x: FloatArray, half: int, cuts: Sequence[slice]) -> FloatArray:
    """Lines that follow only what lasts longer than ``2 * half + 1`` rows; gaps are bridged.

    A running straight-line fit (Savitzky-Golay of first order), for each shot alone: steady travelling is
    followed exactly, a cut is not travelling. ``x`` [shape=(n, ...)] gives as much.
    """
    path = np.zeros((len(x), x[:1].size))
    for shot in cuts:
        part = x[shot].reshape(shot.stop - shot.start, -1)
        rows = np.arange(len(part))
        seen = np.isfinite(part)
        columns = np.flatnonzero(seen.sum(axis=0) >= 3)
        if not len(columns):
            continue
        bridged = [np.interp(rows, rows[seen[:, i]], part[seen[:, i], i]) for i in columns]
        window = min(2 * half + 1, (len(part) - 1) // 2 * 2 + 1)
        path[shot, columns] = savgol_filter(np.stack(bridged, axis=1), window, 1, axis=0)
    return path.reshape(x.shape)


def carrying_feet(motion: Motion, *, config: EngineConfig = DEFAULT) -> BoolArray:
    """Which feet carry, left and right, along time. [shape=(n, 2)]"""
    carrying = np.zeros((len(motion.t), 2), dtype=bool)
    for shot in shots(motion.t, motion.cuts):
        heights = motion.xy[shot][:, list(_ANKLES), 1]
        carrying[shot] = _contact(heights, motion.rate, config.balance)
    return carrying


def _contact(height: FloatArray, rate: float, rules: BalanceConfig) -> BoolArray:
    """Which feet carry: those near the floor, which is where the lower foot mostly is. [shape=(n, 2)]

    ``height`` is the ankles' y, growing down. Speed is no help: at 15 Hz, quick footwork never stands still.
    """
    half = round(rules.floor_half_window * rate)
    lower = np.pad(_lower(height), half, constant_values=np.nan)
    around = np.lib.stride_tricks.sliding_window_view(lower, 2 * half + 1)
    floor = _percentiles(around, rules.floor_percentile)
    with np.errstate(invalid="ignore"):
        return np.asarray(floor[:, None] - height < rules.raised)


def _lower(height: FloatArray) -> FloatArray:
    """The lower of both ankles, the one that is seen when the other is not. [shape=(n,)]"""
    return np.fmax(height[:, 0], height[:, 1])


def _percentiles(rows: FloatArray, percent: float) -> FloatArray:
    """Percentile of the finite values of each row, nan where there are none. [shape=(n,)]"""
    ordered = np.sort(rows, axis=1)  # nan last
    last = np.maximum(np.isfinite(rows).sum(axis=1) - 1, 0)
    place = last * percent / 100.0
    low = np.floor(place).astype(int)
    high = np.minimum(low + 1, last)
    values = np.take_along_axis(ordered, np.stack([low, high], axis=1), axis=1)
    return np.asarray(values[:, 0] + (place - low) * (values[:, 1] - values[:, 0]))


def _edges(x: FloatArray, contact: BoolArray, rules: BalanceConfig) -> tuple[FloatArray, FloatArray]:
    """Left and right end of the base under the feet that carry; nan when none does."""
    left, right = np.full(len(x), np.nan), np.full(len(x), np.nan)
    for foot, landmarks in enumerate(_FEET):
        points = np.where(contact[:, [foot]], x[:, list(landmarks)], np.nan)
        only_ankle = np.isnan(points[:, 1:]).all(axis=1)
        margin = np.where(only_ankle, rules.ankle_margin, rules.foot_margin)
        left = np.fmin(left, np.fmin.reduce(points, axis=1) - margin)
        right = np.fmax(right, np.fmax.reduce(points, axis=1) + margin)
    return left, right


def _stepping(edge: FloatArray, contact: BoolArray, ahead: int, takes: Sequence[slice]) -> FloatArray:
    """The right edge of the base that a step spans: from where the body stands to where it lands next.

    Who goes, runs or hops from foot to foot is never for long inside the base of one foot: the body swings
    between the place it stands on and the one it lands on. Landings at most ``ahead`` rows away count,
    within the shot. nan in flight.
    """
    out = edge.copy()
    for shot in takes:
        rows = np.arange(shot.start, shot.stop)
        down = shot.start + np.flatnonzero(touchdowns(contact[shot]))
        landing = np.append(down, shot.stop + ahead)[np.searchsorted(down, rows, side="right")]
        near = (landing - rows <= ahead) & np.isfinite(edge[rows])
        out[rows[near]] = np.fmax(edge[rows[near]], edge[landing[near]])
    return out


def touchdowns(contact: BoolArray) -> BoolArray:
    """Rows in which a foot comes down. [shape=(n,)]"""
    began = np.zeros(len(contact), dtype=bool)
    began[1:] = (contact[1:] & ~contact[:-1]).any(axis=1)
    return began


def lean_over_feet(xy: FloatArray, contact: BoolArray, com: FloatArray) -> FloatArray:
    """Angle of the way from the feet that carry to the centre of mass, rad, positive to the right of the
    picture; nan where none carries. [shape=(n,)]"""
    ankles = np.where(contact[:, :, None], xy[:, list(_ANKLES)], np.nan)
    feet = np.where(np.isnan(ankles[:, 0]), ankles[:, 1], ankles[:, 0])
    both = np.isfinite(ankles).all(axis=(1, 2))
    feet[both] = ankles[both].mean(axis=1)
    right, down = (com - feet).T
    return np.asarray(np.arctan2(right, -down))


def settled_lean(lean: FloatArray, contact: BoolArray) -> float | None:
    """How a body is over its feet when all is taken together, rad; None when it was never seen.

    The median over the moments in which a foot carries, for each foot; the mean of both, in which one that
    hardly ever carries hardly counts. So who hops from foot to foot is above them in the middle, and who
    falls once is not taken to lean.
    """
    seen = contact & np.isfinite(lean)[:, None]
    counts = seen.sum(axis=0)
    if not counts.any():
        return None
    weights = counts / (counts + 0.1 * counts.sum())
    medians = [np.median(lean[seen[:, foot]]) if counts[foot] else 0.0 for foot in (0, 1)]
    return float(weights @ np.array(medians) / weights.sum())


def _leg_length(xy: FloatArray) -> float:
    """Upper quartile of thigh plus shank (legs towards the camera look short), or of two thighs where no
    shank is seen; nan when no thigh is either."""
    thighs, shanks = (
        np.concatenate(
            [np.linalg.norm(xy[:, a] - xy[:, b], axis=1) for a, b in zip(upper, lower, strict=True)]
        )
        for upper, lower in ((_HIPS, _KNEES), (_KNEES, _ANKLES))
    )
    whole = float(_percentiles((thighs + shanks)[None], 75.0)[0])
    return whole if np.isfinite(whole) else 2.0 * float(_percentiles(thighs[None], 75.0)[0])


def _wrapped(angle: FloatArray) -> FloatArray:
    """The same angle between -pi and pi."""
    return (angle + np.pi) % (2 * np.pi) - np.pi
