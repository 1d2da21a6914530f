"""Balance 0..25: is the centre of mass under control?

Dancing is leaving the base of support and catching oneself, so the share of time in which the body stands
safely over its feet is a trap: it rewards standing still. What a teacher sees is measured instead, all of it
in the travelling frame of :mod:`.stance`:

``capture``
    the extrapolated centre of mass (x + v / omega, Hof 2005 [1]_) leaves the base: is it caught, that is
    back inside for .2 s within half a second after the next contact (which may be .75 s away), without an
    extra corrective step?
    Value: how far outside the body still was after that, as a mean over the time upright. Flight counts
    neither way.
``holds``
    sideways speed of the centre of mass, leg lengths per second, in the moments in which the body stays; how
    still a moment is goes smoothly from 1 to 0.
``wobble``
    share of the sideways power of the centre of mass between 1.5 and 5 Hz that is not in the metre of the
    music, or of trunk and arms where no music is heard (:mod:`.wobble`).
``alignment``
    upright with both feet down: degrees by which shoulders or head lean out beyond the feet, plus degrees of
    trunk lean beyond 25, on the average. Inside these limits leaning is style. Added on whatever carries:
    degrees beyond 4 by which the centre of mass is beside the feet over windows of 4 s.
``reach``
    how far the centre of mass is slowly moved over the base while it is under control: spread about the
    straight way of the feet in windows of 2 s, without excursions. Someone who only stands shows little
    balance, however still.

Each is read in windows (:mod:`.windows`), of 4 s but for reach; every window earns its share, and the clip
their mean: so a fault costs what it spoils of a dance, however long that is.

Limits, honestly: one camera from the front sees left and right, not depth, so leaning forwards or backwards
goes unseen but for its trace in the wobble; on turns and in profile the base looks narrower or wider than it
is; a wide base swallows a stumble; jumps and landings within .2 s blur together at 15 Hz. Floor work, where
hands carry, is not judged. When the feet are out of the picture, only holds and wobble remain and the
confidence falls.

References
----------
.. [1] Hof, Gazendam, Sinke (2005), The condition for dynamic stability, J. Biomech. 38(1).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np

from analysis.engine.body import Landmark as L
from analysis.engine.clean import finite_runs, shots
from analysis.engine.config import DEFAULT, BalanceConfig, EngineConfig
from analysis.engine.kinematics import LIMBS, head, midpoint
from analysis.engine.sayings import in_times
from analysis.engine.scoring.level import levelled
from analysis.engine.scoring.norms import Norms, Part, assemble, length_factor, load_norms, seen_share
from analysis.engine.scoring.stance import (
    Stance,
    find_stance,
    lean_over_feet,
    settled_lean,
    slow_path,
    touchdowns,
)
from analysis.engine.scoring.windows import Window, Windowed, windows_of
from analysis.engine.scoring.wobble import own_pulse, wobble_share
from analysis.engine.types import BoolArray, ChallengeType, FloatArray, Kinematics, Motion, Music, Score

OUT_OF: Final = 25
#: From the 10th to the 90th, 20th to 80th and 30th to 70th percentile of a normal distribution of width 1.
_NORMAL_RANGES: Final = np.array([2.5631, 1.6832, 1.0488])
NAMES: Final = ("capture", "holds", "wobble", "alignment", "reach")
_UNITS: Final = ("torso lengths", "leg lengths/s", "share", "degrees", "torso lengths")
_ROLL_TOLD: Final = 5.0  # degrees of a camera held askew; level films are found to be so by up to 4
_MOVERS: Final = (*LIMBS, L.LEFT_SHOULDER, L.RIGHT_SHOULDER, L.LEFT_HIP, L.RIGHT_HIP)
_CARRIERS: Final = (
    L.LEFT_SHOULDER,
    L.RIGHT_SHOULDER,
    L.LEFT_HIP,
    L.RIGHT_HIP,
    L.LEFT_KNEE,
    L.RIGHT_KNEE,
)


class Excursion(NamedTuple):
    """A stretch in which the extrapolated centre of mass is outside the base. Rows ``[start, stop)``."""

    start: int
    stop: int
    deadline: int  # row by which a controlled dancer is inside again
    depth: float  # torso lengths, farthest

    @property
    def caught(self) -> bool:
        """Inside again in time."""
        return self.stop <= self.deadline


class Hold(NamedTuple):
    """A stretch in which the body stays, long enough to be told of. Rows ``[start, stop)``."""

    start: int
    stop: int
    sway: float  # leg lengths / s, sideways speed of the centre of mass


class BalanceReading(NamedTuple):
    """Raw measures in windows, and what the report tells of."""

    measures: dict[str, Windowed]
    excursions: list[Excursion]
    holds: list[Hold]
    stance: Stance

    @property
    def values(self) -> dict[str, float | None]:
        """Mean of each measure over the clip; None where it does not occur or cannot be seen."""
        return {name: measure.mean() for name, measure in self.measures.items()}

    @property
    def evidence(self) -> dict[str, float]:
        """How much of the clip speaks about each, 0..1."""
        return {name: measure.told for name, measure in self.measures.items()}


def score_balance(
    motion: Motion,
    kin: Kinematics,
    music: Music | None,
    *,
    challenge_type: ChallengeType = "freestyle",
    config: EngineConfig = DEFAULT,
    norms: Norms | None = None,
) -> Score:
    """Points for balance, with what they were measured from.

    Parameters
    ----------
    motion, kin : cleaned movement and what was derived from it.
    music : its tempo says which fast sway is dancing; without it the movement's own pulse does.
    challenge_type : in ``static`` challenges holds matter most and nobody has to show reach.

    Returns
    -------
    Score : ``points`` is None when nothing could be measured. ``series`` holds, for the report, ``t`` (s),
        ``com``, ``left``, ``right`` (torso lengths, travelling frame; null where unknown), ``excursions`` and
        ``holds`` (spans in s).
    """
    norms = norms or load_norms()
    rules = config.balance
    motion, kin, roll = levelled(motion, kin, config=config)
    reading = measure_balance(motion, kin, music, config=config)
    weights = rules.static_weights if challenge_type == "static" else rules.weights
    earned, notes = _earned(norms, rules), _notes(reading)
    parts = [
        Part(name, measure.mean(), unit, measure.mean(earned[name]), weight, measure.told, notes[name])
        for (name, measure), unit, weight in zip(reading.measures.items(), _UNITS, weights, strict=True)
    ]
    told = sum(part.weight * part.evidence for part in parts if part.share is not None)
    if told < rules.least_evidence:
        parts = [part._replace(share=None) for part in parts]
    feet = float(reading.stance.feet_seen.mean())
    confidence = seen_share(motion, _CARRIERS) * length_factor(motion) * (0.4 + 0.6 * feet)
    confidence *= min(1.0, told / rules.full_evidence)
    return assemble(
        "balance",
        OUT_OF,
        parts,
        norms,
        confidence=confidence,
        note=_note(feet, told < rules.least_evidence, roll),
        series=_series(motion, kin, reading),
    )


def raw_measures(
    motion: Motion, kin: Kinematics, music: Music | None, *, config: EngineConfig = DEFAULT
) -> dict[str, float | None]:
    """The raw values by the name of their norm; what ``benchmarks/fit_norms.py`` fits on. None also where too
    little of the clip speaks about a measure."""
    motion, kin, _ = levelled(motion, kin, config=config)
    reading, least = measure_balance(motion, kin, music, config=config), config.balance.norm_evidence
    return {
        f"balance.{name}": measure.mean() if measure.told >= least else None
        for name, measure in reading.measures.items()
    }


def measure_balance(
    motion: Motion, kin: Kinematics, music: Music | None, *, config: EngineConfig = DEFAULT
) -> BalanceReading:
    """Everything Balance is made of, before norms, from a level picture."""
    rules = config.balance
    stance = find_stance(motion, kin, config=config)
    takes = list(shots(motion.t, motion.cuts))
    windows = windows_of(takes, round(rules.window * motion.rate))
    excursions = _excursions(stance, motion.rate, rules)
    heard = music.bpm if music is not None else None
    metre = {heard: 1.0} if heard else own_pulse(motion, kin, config=config)
    standing = stance.upright & np.isfinite(stance.margin)
    overshoot = _overshoot(excursions, stance, rules)
    sway = np.where(stance.upright, kin.com_velocity[:, 0] - stance.path_velocity, np.nan)
    wobble = wobble_share(sway, motion.rate, metre, config=config)
    stillness, holds = _stillness(motion, kin, stance, windows, rules)
    measures = (
        _capture(overshoot, standing, windows, rules),
        stillness,
        wobble if heard else wobble._replace(evidence=rules.silent_evidence * wobble.evidence),
        _alignment(motion, kin, stance, windows, rules),
        _reach(motion, kin, stance, excursions, overshoot, rules),
    )
    return BalanceReading(dict(zip(NAMES, measures, strict=True)), excursions, holds, stance)


def _earned(norms: Norms, rules: BalanceConfig) -> dict[str, Callable[[float], float]]:
    """What the value of a window earns. Capture and alignment are perfect for most dancers, so they have a
    fixed scale (all of it when perfect, half at the constants of the configuration); the others go by their
    norms."""
    return {
        "capture": lambda far: 1.0 / (1.0 + far / rules.capture_half),
        "holds": norms.table["balance.holds"].share,
        "wobble": norms.table["balance.wobble"].share,
        "alignment": lambda degrees: 1.0 / (1.0 + (degrees / rules.align_half) ** 2),
        "reach": norms.table["balance.reach"].share,
    }


def _enough(seen: BoolArray, rules: BalanceConfig) -> float:
    """Evidence of a window in which the body was seen upright in some rows; those between moves on the floor
    say nothing."""
    return float(np.interp(seen.mean(), rules.pose_evidence, (0.0, 1.0)))


def _excursions(stance: Stance, rate: float, rules: BalanceConfig) -> list[Excursion]:
    """Every time the extrapolated centre of mass leaves the base of an upright body; is it caught?

    Not counted: what ends by going down on purpose, by leaving the picture, or with the clip before the
    time for a catch has passed. A second contact before that is an extra step and ends this time.
    """
    margin, touchdown = stance.margin, touchdowns(stance.contact)
    known = stance.upright & (np.isfinite(margin) | stance.flight)
    inside = np.nan_to_num(margin, nan=-1.0) >= -rules.out_margin
    settled = max(1, round(rules.settled * rate))
    found: list[Excursion] = []
    row = 0
    while row < len(margin):
        if not known[row] or inside[row] or np.isnan(margin[row]):
            row += 1
            continue
        stop = row
        while stop < len(margin) and known[stop] and not inside[stop : stop + settled].all():
            stop += 1
        landings = row + 1 + np.flatnonzero(touchdown[row + 1 : stop + 1])
        first = int(landings[0]) - row if len(landings) else 0
        deadline = row + round(min(first, rules.contact_wait * rate) + rules.catch * rate)
        if len(landings) > 1:
            deadline = min(deadline, int(landings[1]))
        back = stop < len(margin) and bool(known[stop])
        if back or stop > deadline:
            found.append(Excursion(row, stop, deadline, float(-np.nanmin(margin[row:stop]))))
        row = stop + 1
    return found


def _overshoot(excursions: list[Excursion], stance: Stance, rules: BalanceConfig) -> FloatArray:
    """Distance outside the base after the time for a catch, 0 in all other rows. [shape=(n,)]"""
    outside = np.maximum(np.nan_to_num(-stance.margin) - rules.out_margin, 0.0)
    late = np.zeros(len(outside), dtype=bool)
    for excursion in excursions:
        late[excursion.deadline : excursion.stop] = True
    return np.where(late, outside, 0.0)


def _capture(
    overshoot: FloatArray, standing: BoolArray, windows: list[Window], rules: BalanceConfig
) -> Windowed:
    """Mean distance outside the base after the time for a catch, over the time upright."""

    def look(rows: slice) -> tuple[float, float]:
        return _mean(overshoot[rows], standing[rows]), _enough(standing[rows], rules)

    return Windowed.read(windows, look)


def _mean(far: FloatArray, known: BoolArray) -> float:
    """Mean over the known rows of what is 0 in the others."""
    return float(far.sum()) / max(1, int(known.sum()))


def _stillness(
    motion: Motion, kin: Kinematics, stance: Stance, windows: list[Window], rules: BalanceConfig
) -> tuple[Windowed, list[Hold]]:
    """Sway in the moments in which the limbs, slowly followed, stay where they are; and the longer of them.

    How still a row is goes smoothly from 1 to 0, so that no hold is just there and just not. A limb that
    moves with the body (or stays in the room: the feet) does not shake: a tremble must not end the hold that
    it spoils.
    """
    velocity, body = kin.velocity[:, list(_MOVERS)].copy(), kin.com_velocity.copy()
    velocity[:, :, 0] -= stance.path_velocity[:, None]
    body[:, 0] -= stance.path_velocity
    half = max(1, round(rules.hold_smoothing * motion.rate) // 2)
    takes = list(shots(motion.t, motion.cuts))
    slow = np.linalg.norm(slow_path(velocity, half, takes), axis=2)
    quick = np.fmin(np.linalg.norm(velocity, axis=2), np.linalg.norm(velocity - body[:, None], axis=2))
    # One wrist may be seen badly, so the fastest limb but one says whether the body stays.
    pace, shaking = (np.sort(speed, axis=1)[:, -2] for speed in (slow, quick))
    shaking = np.maximum(slow_path(shaking, half, takes), 0.0)
    still = 1.0 / (1.0 + (pace / rules.hold_speed) ** 4) / (1.0 + (shaking / rules.hold_shaking) ** 4)
    sway = np.abs(body[:, 0]) / stance.leg
    still[~np.isfinite(still * sway)] = 0.0
    holds = [
        Hold(start, stop, float(sway[start:stop].mean()))
        for start, stop in finite_runs(still > 0.5)
        if stop - start >= rules.hold_shortest * motion.rate
    ]
    swayed = still * np.nan_to_num(sway)

    def look(rows: slice) -> tuple[float, float]:
        held = float(still[rows].sum())
        evidence = held / (rows.stop - rows.start) / rules.hold_evidence
        return float(swayed[rows].sum()) / max(held, 1e-9), min(1.0, evidence)

    return Windowed.read(windows, look), holds


def _alignment(
    motion: Motion, kin: Kinematics, stance: Stance, windows: list[Window], rules: BalanceConfig
) -> Windowed:
    """Degrees of leaning out, upright with a foot down.

    Two faults add up. From moment to moment on both feet: shoulders or head beyond them, and too much lean of
    the trunk. Over a window on whatever carries: who hops from foot to foot swings about them, but is above
    them in the middle.
    """
    shoulders = midpoint(motion.xy, (L.LEFT_SHOULDER, L.RIGHT_SHOULDER))
    floor = midpoint(motion.xy, (L.LEFT_ANKLE, L.RIGHT_ANKLE))[:, 1]
    beyond = np.zeros(len(motion.t))
    for point in (shoulders, head(motion.xy)):
        outside = np.fmax(np.fmax(stance.left - point[:, 0], point[:, 0] - stance.right), 0.0)
        beyond = np.fmax(beyond, np.degrees(np.arctan2(outside, floor - point[:, 1])))
    fault = beyond + np.fmax(stance.lean - rules.lean_limit, 0.0)
    both = stance.upright & stance.contact.all(axis=1) & np.isfinite(fault)
    lean = np.where(stance.upright, lean_over_feet(motion.xy, stance.contact, kin.com), np.nan)
    standing = np.isfinite(lean)

    def look(rows: slice) -> tuple[float, float]:
        degrees = float(fault[rows][both[rows]].mean()) if both[rows].any() else 0.0
        beside = settled_lean(lean[rows], stance.contact[rows])
        if beside is not None:
            degrees += max(0.0, abs(float(np.degrees(beside))) - rules.hang_limit)
        return degrees, _enough(standing[rows], rules)

    return Windowed.read(windows, look)


def _reach(
    motion: Motion,
    kin: Kinematics,
    stance: Stance,
    excursions: list[Excursion],
    overshoot: FloatArray,
    rules: BalanceConfig,
) -> Windowed:
    """Spread of the slow way of the centre of mass beside the straight way of the feet in each window.

    So a foot that comes down or goes up does not count as a way of the body, and what is seen in a window is
    the same wherever the clip begins. Only what lies over the base counts: where the body is thrown to is not
    what it reaches for. So the spread counts by the share of the window in which that was so, and by how far
    a fall in it went.
    """
    takes = list(shots(motion.t, motion.cuts))
    upright = stance.upright & np.isfinite(stance.margin)
    way = slow_path(kin.com[:, 0], max(1, round(rules.reach_smoothing * motion.rate) // 2), takes)
    inside = upright & (way >= stance.left) & (way <= stance.right)
    for excursion in excursions:
        inside[excursion.start : excursion.stop] = False
    feet = motion.xy[:, [L.LEFT_ANKLE, L.RIGHT_ANKLE], 0].mean(axis=1)

    def look(rows: slice) -> tuple[float, float]:
        over, known = inside[rows], upright[rows]
        place = way[rows] - _straight(feet[rows])
        fallen = _mean(overshoot[rows], known) / rules.reach_half
        return _spread(place[over]) * _mean(over.astype(float), known) / (1.0 + fallen), _enough(known, rules)

    return Windowed.read(windows_of(takes, round(rules.reach_window * motion.rate)), look)


def _straight(x: FloatArray) -> FloatArray:
    """The straight line (least squares) along which something went; level where it is hardly seen."""
    rows, seen = np.arange(len(x), dtype=float), np.isfinite(x)
    if seen.sum() < 3:
        return np.zeros(len(x))
    since = rows[seen] - rows[seen].mean()
    slope = float(since @ x[seen]) / float(since @ since)
    return np.asarray(x[seen].mean() + slope * (rows - rows[seen].mean()))


def _spread(places: FloatArray) -> float:
    """Standard deviation as a mean of three quantile ranges tells it: steadier than quartiles, and deaf to
    single places far away as the standard deviation is not. 0 for fewer than two places."""
    if len(places) < 2:
        return 0.0
    quantiles = np.percentile(places, [10, 20, 30, 70, 80, 90])
    return float(((quantiles[:2:-1] - quantiles[:3]) / _NORMAL_RANGES).mean())


def _note(feet: float, unmeasured: bool, roll: float) -> str:
    """What the dancer should know about the score as a whole."""
    if feet < 0.5:
        return "Your feet are out of the picture most of the time, so balance is uncertain."
    if unmeasured:
        return "You are hardly ever upright on your feet in this dance."
    if abs(roll) >= _ROLL_TOLD:
        return f"The camera seems to be askew by about {abs(roll):.0f} degrees, which is taken out."
    return ""


def _notes(reading: BalanceReading) -> dict[str, str]:
    """One sentence for each measure: what was seen, or why there is no value."""
    feet = "Your feet cannot be seen." if not reading.stance.feet_seen.any() else ""
    caught, left = sum(e.caught for e in reading.excursions), len(reading.excursions)
    told = (
        f"Your weight went beyond your feet {in_times(left)} and was caught {in_times(caught)}."
        if left
        else "Your weight stayed over your feet."
    )
    held = f"{len(reading.holds)} holds." if len(reading.holds) != 1 else "One hold."
    missing = {
        "capture": feet or "You never stand upright.",
        "holds": "There is no hold in this dance.",
        "wobble": "The body is never seen for long enough without a gap.",
        "alignment": feet or "You never stand upright.",
        "reach": feet or "You never stand upright.",
    }
    said = {
        "capture": told,
        "holds": held if reading.holds else "Moments only, no hold.",
        "wobble": "",
        "alignment": "",
        "reach": "",
    }
    return {name: said[name] if reading.values[name] is not None else missing[name] for name in NAMES}


def _series(motion: Motion, kin: Kinematics, reading: BalanceReading) -> dict[str, Any]:
    """Curves and spans for the report, as plain numbers; nan becomes None."""
    stance = reading.stance

    def plain(values: FloatArray) -> list[float | None]:
        return [round(float(v), 3) if np.isfinite(v) else None for v in values]

    def time(row: int) -> float:
        return round(float(motion.t[0] + row / motion.rate), 3)

    return {
        "t": plain(motion.t),
        "com": plain(kin.com[:, 0] - stance.path),
        "left": plain(stance.left - stance.path),
        "right": plain(stance.right - stance.path),
        "excursions": [
            {"start": time(e.start), "end": time(e.stop), "caught": e.caught, "depth": round(e.depth, 3)}
            for e in reading.excursions
        ],
        "holds": [
            {"start": time(hold.start), "end": time(hold.stop), "sway": round(hold.sway, 3)}
            for hold in reading.holds
        ],
    }
