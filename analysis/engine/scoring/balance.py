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
    how far the centre of mass is slowly moved over the base while it is under control (spread in windows of
    4 s, without excursions; windows with an uncaught one count less). Someone who only stands shows little
    balance, however still.

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
from analysis.engine.scoring.wobble import own_pulse, told_share, wobble_share
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


class Stillness(NamedTuple):
    """How far the body sways in its still moments."""

    sway: float | None  # leg lengths / s, sideways speed of the centre of mass
    share: float  # of the clip that is still
    holds: list[Hold]


class BalanceReading(NamedTuple):
    """Raw measures (None: does not occur or cannot be seen) and how much of the clip speaks about each."""

    values: dict[str, float | None]
    evidence: dict[str, float]
    excursions: list[Excursion]
    holds: list[Hold]
    stance: Stance


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
    shares = _shares(reading.values, norms, rules)
    weights = rules.static_weights if challenge_type == "static" else rules.weights
    notes = _notes(reading)
    parts = [
        Part(name, reading.values[name], unit, shares[name], weight, reading.evidence[name], notes[name])
        for name, unit, weight in zip(NAMES, _UNITS, weights, strict=True)
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
        f"balance.{name}": reading.values[name] if reading.evidence[name] >= least else None for name in NAMES
    }


def measure_balance(
    motion: Motion, kin: Kinematics, music: Music | None, *, config: EngineConfig = DEFAULT
) -> BalanceReading:
    """Everything Balance is made of, before norms, from a level picture."""
    rules = config.balance
    stance = find_stance(motion, kin, config=config)
    excursions = _excursions(stance, motion.rate, rules)
    overshoot = _overshoot(excursions, stance, rules)
    still = _stillness(motion, kin, stance, rules)
    standing = stance.upright & np.isfinite(stance.margin)
    heard = music.bpm if music is not None else None
    metre = {heard: 1.0} if heard else own_pulse(motion, kin, config=config)
    alignment, aligned = _alignment(motion, kin, stance, rules)
    reach, reached = _reach(motion, kin, stance, excursions, overshoot, rules)
    sway = np.where(stance.upright, kin.com_velocity[:, 0] - stance.path_velocity, np.nan)
    values = {
        "capture": _capture(overshoot, standing),
        "holds": still.sway,
        "wobble": wobble_share(sway, motion.rate, metre, config=config),
        "alignment": alignment,
        "reach": reach,
    }
    covered = told_share(sway, motion.rate, config=config)
    stood = min(1.0, float(standing.mean()) / rules.pose_evidence) if len(standing) else 0.0
    evidence = {
        "capture": stood,
        "holds": min(1.0, still.share / rules.hold_evidence),
        "wobble": (1.0 if heard else rules.silent_evidence) * covered,
        "alignment": min(1.0, aligned / rules.pose_evidence),
        "reach": min(1.0, reached / rules.pose_evidence),
    }
    return BalanceReading(values, evidence, excursions, still.holds, stance)


def _shares(values: dict[str, float | None], norms: Norms, rules: BalanceConfig) -> dict[str, float | None]:
    """What each value earns. Capture and alignment are perfect for most dancers, so they have a fixed scale
    (all of it when perfect, half at the constants of the configuration); the others go by their norms."""
    capture, alignment = values["capture"], values["alignment"]
    return {
        "capture": None if capture is None else 1.0 / (1.0 + capture / rules.capture_half),
        "holds": norms.share("balance.holds", values["holds"]),
        "wobble": norms.share("balance.wobble", values["wobble"]),
        "alignment": None if alignment is None else 1.0 / (1.0 + (alignment / rules.align_half) ** 2),
        "reach": norms.share("balance.reach", values["reach"]),
    }


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


def _capture(overshoot: FloatArray, standing: BoolArray) -> float | None:
    """Mean distance outside the base after the time for a catch; None when never upright."""
    return float(overshoot.sum()) / int(standing.sum()) if standing.any() else None


def _overshoot(excursions: list[Excursion], stance: Stance, rules: BalanceConfig) -> FloatArray:
    """Distance outside the base after the time for a catch, 0 in all other rows. [shape=(n,)]"""
    outside = np.maximum(np.nan_to_num(-stance.margin) - rules.out_margin, 0.0)
    late = np.zeros(len(outside), dtype=bool)
    for excursion in excursions:
        late[excursion.deadline : excursion.stop] = True
    return np.where(late, outside, 0.0)


def _stillness(motion: Motion, kin: Kinematics, stance: Stance, rules: BalanceConfig) -> Stillness:
    """Moments in which the limbs, slowly followed, stay where they are.

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
    held = float(still.sum())
    mean = float((still * np.nan_to_num(sway)).sum()) / held if held >= 1.0 else None
    return Stillness(mean, held / max(1, len(still)), holds)


def _alignment(
    motion: Motion, kin: Kinematics, stance: Stance, rules: BalanceConfig
) -> tuple[float | None, float]:
    """Degrees of leaning out, upright with a foot down; and the share of the clip this was so.

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
    if not standing.any():
        return None, 0.0
    hanging = []
    for window in _windows(list(shots(motion.t, motion.cuts)), round(rules.hang_window * motion.rate)):
        beside = settled_lean(lean[window], stance.contact[window])
        if beside is not None and standing[window].sum() >= (window.stop - window.start) // 4:
            hanging.append(max(0.0, abs(float(np.degrees(beside))) - rules.hang_limit))
    value = (fault[both].mean() if both.any() else 0.0) + (np.mean(hanging) if hanging else 0.0)
    return float(value), float(standing.mean())


def _reach(
    motion: Motion,
    kin: Kinematics,
    stance: Stance,
    excursions: list[Excursion],
    overshoot: FloatArray,
    rules: BalanceConfig,
) -> tuple[float | None, float]:
    """Spread of the slow way of the centre of mass in windows, and the share of the clip it is from.

    Seen from the slow way of the feet, so that a foot that comes down or goes up does not count as a way of
    the body. Only what lies over the base counts: where the body is thrown to is not what it reaches for. So
    a window counts by the share of it in which that was so, and by how far a fall in it went.
    """
    upright = stance.upright & np.isfinite(stance.margin)
    half = max(1, round(rules.reach_smoothing * motion.rate) // 2)
    takes = list(shots(motion.t, motion.cuts))
    way = slow_path(kin.com[:, 0], half, takes)
    inside = upright & (way >= stance.left) & (way <= stance.right)
    for excursion in excursions:
        inside[excursion.start : excursion.stop] = False
    place = way - stance.path
    spreads = []
    for window in _windows(takes, round(rules.reach_window * motion.rate)):
        known, over = int(upright[window].sum()), place[window][inside[window]]
        if known >= max(2, (window.stop - window.start) // 2):
            fallen = float(overshoot[window].sum()) / known / rules.reach_half
            spreads.append(_spread(over) * len(over) / known / (1.0 + fallen))
    return (float(np.median(spreads)) if spreads else None), float(upright.mean())


def _spread(places: FloatArray) -> float:
    """Standard deviation as a mean of three quantile ranges tells it: steadier than quartiles, and deaf to
    single places far away as the standard deviation is not. 0 for fewer than two places."""
    if len(places) < 2:
        return 0.0
    quantiles = np.percentile(places, [10, 20, 30, 70, 80, 90])
    return float(((quantiles[:2:-1] - quantiles[:3]) / _NORMAL_RANGES).mean())


def _windows(takes: list[slice], size: int) -> list[slice]:
    """Windows with half overlap inside each shot; a shorter shot is one window."""
    found = []
    for shot in takes:
        length = min(size, shot.stop - shot.start)
        for start in range(shot.start, shot.stop - length + 1, max(1, size // 2)):
            found.append(slice(start, start + length))
    return found


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
