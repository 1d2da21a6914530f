"""What a step is called: the movement that stands out in it, in plain words, left and right the dancer's own.

Every possible name is a row of ``MOVES``: what is measured, from which amount on it may give the name, and
the words. The row that exceeds its amount by the largest factor wins, less half of what is usual in this clip
(in a dance full of bounces, bouncing tells nothing). A second row is added only to tell two steps apart.
"""

from __future__ import annotations

from collections import Counter
from typing import Final, NamedTuple

import numpy as np

from analysis.engine.body import Landmark as L
from analysis.engine.config import DEFAULT, EngineConfig
from analysis.engine.kinematics import LIMBS, midpoint
from analysis.engine.types import BoolArray, FloatArray, Kinematics, Motion, Step


class Move(NamedTuple):
    """One possible name of a step.

    ``least`` and ``strong`` lie near the 75th and the 95th percentile over four-beat steps of the
    professional, amateur and phone clips, so that no name is handed out more easily than another.
    """

    measure: str  # key of ``measure_step``
    part: str  # of the body or of the dance; a name tells of different parts
    least: float  # from here on the measure may give the name
    strong: float
    words: str
    within: str  # how it is said in second place, after another move
    weight: float = 1.0  # of what it tells; what nearly every dance has tells little


SHOULDERS: Final = (L.LEFT_SHOULDER, L.RIGHT_SHOULDER)
HIPS: Final = (L.LEFT_HIP, L.RIGHT_HIP)
ANKLES: Final = (L.LEFT_ANKLE, L.RIGHT_ANKLE)

MOVES: Final[tuple[Move, ...]] = (
    Move("floor", "height", 0.45, 0.7, "Floor move", "on the floor", 1.5),
    Move("spin_left", "turn", 270.0, 350.0, "Spin to the left", "spinning to the left", 1.5),
    Move("spin_right", "turn", 270.0, 350.0, "Spin to the right", "spinning to the right", 1.5),
    Move("turn_left", "turn", 110.0, 180.0, "Turn to the left", "with a turn to the left", 1.3),
    Move("turn_right", "turn", 110.0, 180.0, "Turn to the right", "with a turn to the right", 1.3),
    Move("deep_bend", "height", 0.4, 0.65, "Deep bend", "with a deep bend", 1.3),
    Move("bend", "height", 0.25, 0.4, "Knee bend", "with a knee bend"),
    Move("crouch", "height", 0.22, 0.4, "Low stance", "in a low stance"),
    Move("jump", "jump", 0.4, 0.9, "Jump", "with a jump"),
    Move("feet_out_and_in", "feet", 1.3, 2.6, "Feet out and in", "with feet out and in"),
    Move("wide_stance", "feet", 1.1, 1.5, "Wide stance", "in a wide stance"),
    Move("travel_left", "way", 1.0, 1.6, "Travel to the left", "travelling to the left", 1.2),
    Move("travel_right", "way", 1.0, 1.6, "Travel to the right", "travelling to the right", 1.2),
    Move("step_left", "way", 0.4, 0.8, "Step to the left", "stepping to the left"),
    Move("step_right", "way", 0.4, 0.8, "Step to the right", "stepping to the right"),
    Move("step_forward", "way", 0.4, 0.8, "Step forward", "stepping forward"),
    Move("step_back", "way", 0.4, 0.8, "Step back", "stepping back"),
    Move("side_to_side", "way", 0.45, 0.9, "Step side to side", "stepping side to side"),
    Move("left_kick", "leg", 0.5, 1.0, "Left leg lift", "with a left leg lift"),
    Move("right_kick", "leg", 0.5, 1.0, "Right leg lift", "with a right leg lift"),
    Move("left_knee_up", "leg", 0.4, 1.0, "Left knee lift", "with a left knee lift"),
    Move("right_knee_up", "leg", 0.4, 1.0, "Right knee lift", "with a right knee lift"),
    Move("both_arms_up", "arms", 0.25, 0.75, "Both arms up", "with both arms up", 1.1),
    Move("left_arm_up", "arms", 0.45, 0.9, "Left arm up", "with the left arm up"),
    Move("right_arm_up", "arms", 0.45, 0.9, "Right arm up", "with the right arm up"),
    Move(
        "both_arms_out",
        "arms",
        0.65,
        0.9,
        "Both arms out to the sides",
        "with both arms out to the sides",
        1.1,
    ),
    Move("left_arm_out", "arms", 0.8, 1.0, "Left arm reach", "with a left arm reach"),
    Move("right_arm_out", "arms", 0.8, 1.0, "Right arm reach", "with a right arm reach"),
    Move("both_arms_across", "arms", 0.05, 0.25, "Arms across the body", "with arms across the body", 1.1),
    Move(
        "left_arm_across", "arms", 0.25, 0.55, "Left arm across the body", "with the left arm across the body"
    ),
    Move(
        "right_arm_across",
        "arms",
        0.25,
        0.55,
        "Right arm across the body",
        "with the right arm across the body",
    ),
    Move(
        "both_hands_head", "arms", -0.85, -0.6, "Both hands at the head", "with both hands at the head", 1.1
    ),
    Move("left_hand_head", "arms", -0.7, -0.45, "Left hand at the head", "with the left hand at the head"),
    Move("right_hand_head", "arms", -0.7, -0.45, "Right hand at the head", "with the right hand at the head"),
    Move("left_arm_circle", "arms", 0.75, 1.2, "Left arm circle", "with a left arm circle"),
    Move("right_arm_circle", "arms", 0.75, 1.2, "Right arm circle", "with a right arm circle"),
    Move("both_arms_swing", "arms", 3.0, 4.8, "Arm swings", "with arm swings", 0.9),
    Move("left_arm_swing", "arms", 3.6, 5.5, "Left arm swing", "with a left arm swing", 0.9),
    Move("right_arm_swing", "arms", 3.6, 5.5, "Right arm swing", "with a right arm swing", 0.9),
    Move("lean_left", "trunk", 11.0, 20.0, "Lean to the left", "leaning to the left"),
    Move("lean_right", "trunk", 11.0, 20.0, "Lean to the right", "leaning to the right"),
    Move("body_bow", "trunk", 0.3, 0.6, "Upper body dip", "dipping the upper body"),
    Move("hip_sway", "hips", 0.4, 0.9, "Hip sway", "swaying the hips"),
    Move("bounce", "bounce", 0.4, 0.9, "Bounce", "bouncing", 0.8),
    Move("head_tilt", "head", 45.0, 90.0, "Head tilt", "tilting the head", 0.8),
)

#: Names that give way when a stronger one of their kind is reached.
STRONGER: Final = {
    "turn_left": "spin_left",
    "turn_right": "spin_right",
    "bend": "deep_bend",
    "deep_bend": "floor",
    "jump": "floor",
    "crouch": "floor",
    "step_left": "travel_left",
    "step_right": "travel_right",
}

LEAST: Final = {move.measure: move.least for move in MOVES}
WEIGHTS: Final = np.array([move.weight for move in MOVES])

#: Torso lengths from hips to ankles of anybody who stands; a dancer may never do so in the whole clip.
_LEGS: Final = 1.3

#: What both arms do is what the lesser of the two does.
PAIRS: Final = {
    "arms_up": "arm_up",
    "arms_out": "arm_out",
    "arms_across": "arm_across",
    "arms_swing": "arm_swing",
    "hands_head": "hand_head",
}

#: What a pose that is held may be told by.
HELD: Final = tuple(
    move.measure
    for move in MOVES
    if move.measure.endswith(
        ("_up", "_out", "_across", "_head", "stance", "crouch", "lean_left", "lean_right")
    )
)

#: Said when no row reaches its amount.
STILL, SMALL = "Hold", "Small moves in place"


def name_steps(
    motion: Motion, kin: Kinematics, steps: list[Step], *, config: EngineConfig = DEFAULT
) -> list[str]:
    """A name for each step; steps that differ get different names.

    Parameters
    ----------
    steps : spans; their own names are ignored.
    """
    measures = [measure_step(motion, kin, step.start, step.end) for step in steps]
    salience = np.array([[_salience(measure, move) for move in MOVES] for measure in measures])
    if not len(steps):
        return []
    usual = np.median(salience, axis=0) if len(steps) > 2 else np.zeros(len(MOVES))
    ranked = [_ranking(row, usual) for row in salience]
    names = [_first_name(measure, order) for measure, order in zip(measures, ranked, strict=True)]
    words = [_second_words(measure, order) for measure, order in zip(measures, ranked, strict=True)]
    names = _told_apart(names, words)
    names = _told_apart(names, [_manner(measure, measures) for measure in measures])
    return _numbered(names)


def measure_step(motion: Motion, kin: Kinematics, start: float, end: float) -> dict[str, float]:
    """What the body does between two moments, in plain numbers.

    Returns
    -------
    dict : distances in torso lengths, angles in degrees, speeds in torso lengths / s, shares 0..1; ``nan``
        where the joints behind a measure were not seen. Left and right are the dancer's own.
    """
    rows = (motion.t >= start - 1e-9) & (motion.t < end - 1e-9)
    xy = motion.xy[rows]
    own_left, facing = _facing(motion.xy, rows)
    legs = _legs(motion.xy, xy)
    found = {
        **_arms(xy, motion.rate),
        **legs,
        **_trunk(motion.xy, xy, kin, rows, own_left),
        **_travel(kin.com[rows, 0], own_left, facing),
        **_turning(motion.xy, rows, upright=not legs["floor"] > 0.3),
        "pace": _percentile(kin.limb_speed[rows], 50),
        "quickest": _percentile(_quickest(kin.speed[rows][:, list(LIMBS)]), 80),
    }
    return {name: float(value) for name, value in found.items()}


def _salience(measure: dict[str, float], move: Move) -> float:
    """1 at the least amount, 2 at a strong one, at most 2.5, times the weight; 0 well below the least."""
    stronger = STRONGER.get(move.measure)
    if stronger is not None and measure[stronger] >= LEAST[stronger]:
        return 0.0
    value = 1.0 + (measure[move.measure] - move.least) / (move.strong - move.least)
    return move.weight * min(value, 2.5) if value > 0.2 else 0.0


def _ranking(salience: FloatArray, usual: FloatArray) -> list[int]:
    """Rows of ``MOVES``, the most telling one first; those that fall short of their amount come last."""
    order = np.lexsort((usual / 2 - salience, salience < WEIGHTS))
    return [int(i) for i in order if salience[i] > 0]


def _first_name(measure: dict[str, float], order: list[int]) -> str:
    if _still(measure):
        return STILL
    return MOVES[order[0]].words if order else SMALL


def _second_words(measure: dict[str, float], order: list[int]) -> list[str]:
    """What may be added to the first name: other parts of the body, the most telling first."""
    if _still(measure):
        return [MOVES[i].within for i in order if MOVES[i].measure in HELD]
    return [MOVES[i].within for i in order[1:] if MOVES[i].part != MOVES[order[0]].part]


def _still(measure: dict[str, float]) -> bool:
    """No limb moves much, and neither does the body as a whole."""
    moves = any(measure[move.measure] >= move.least for move in MOVES if move.measure not in HELD)
    return measure["quickest"] < 0.6 and not moves  # torso lengths / s


def _told_apart(names: list[str], additions: list[list[str]]) -> list[str]:
    """Add to a name that an earlier step has: the first words that make it one of its own."""
    out: list[str] = []
    for name, words in zip(names, additions, strict=True):
        longer = (f"{name} {word}" for word in words if f"{name} {word}" not in out)
        out.append(next(longer, name) if name in out else name)
    return out


def _manner(measure: dict[str, float], measures: list[dict[str, float]]) -> list[str]:
    """Quick or slow, beside the other steps of the clip."""
    paces = [other["pace"] for other in measures if np.isfinite(other["pace"])]
    if not paces or not np.isfinite(measure["pace"]):
        return []
    ratio = measure["pace"] / max(float(np.median(paces)), 1e-9)
    return ["quickly"] if ratio > 1.3 else ["slowly"] if ratio < 0.7 else []


def _numbered(names: list[str]) -> list[str]:
    """What words cannot tell apart is numbered."""
    seen: Counter[str] = Counter()
    out = []
    for name in names:
        seen[name] += 1
        out.append(name if seen[name] == 1 else f"{name}, variation {seen[name]}")
    return out


def _percentile(values: FloatArray, q: float) -> float:
    """Percentile of what was seen; nan when less than half of the step was."""
    seen = np.sort(values[np.isfinite(values)])
    if len(seen) < max(2, len(values) / 2):
        return float("nan")
    place = q / 100 * (len(seen) - 1)
    below = min(int(place), len(seen) - 2)
    return float(seen[below] + (place - below) * (seen[below + 1] - seen[below]))


def _quickest(speed: FloatArray) -> FloatArray:
    """Speed of the quickest limb in each frame. [shape=(n,)] torso lengths / s"""
    seen = np.isfinite(speed)
    fastest = np.where(seen, speed, 0.0).max(axis=1)
    return np.asarray(np.where(seen.any(axis=1), fastest, np.nan))


def _spread(values: FloatArray) -> float:
    """From the 5th to the 95th percentile."""
    return _percentile(values, 95) - _percentile(values, 5)


def _facing(xy: FloatArray, rows: BoolArray) -> tuple[float, float]:
    """Where the dancer's own left is in the picture (+1: right of the picture, -1: left of it) and, when the
    dancer stands in profile (then the first is 0), where the face is (+1: right, -1: left of the picture)."""
    width = xy[:, L.LEFT_SHOULDER, 0] - xy[:, L.RIGHT_SHOULDER, 0]
    broad = _percentile(np.abs(width), 90)
    here = _percentile(width[rows], 50)
    if not np.isfinite(here) or not np.isfinite(broad):
        return 0.0, 0.0
    if abs(here) >= 0.35 * broad:
        return float(np.sign(here)), 0.0
    nose = _percentile((xy[:, L.NOSE, 0] - midpoint(xy, SHOULDERS)[:, 0])[rows], 50)
    return 0.0, float(np.sign(nose)) if abs(nose) > 0.1 else 0.0


def _arms(xy: FloatArray, rate: float) -> dict[str, float]:
    """How high, how far out, how far across the body and how much around each arm goes."""
    found: dict[str, float] = {}
    middle = midpoint(xy, SHOULDERS)[:, 0]
    for side, other in (("LEFT", "RIGHT"), ("RIGHT", "LEFT")):
        shoulder, wrist = xy[:, L[f"{side}_SHOULDER"]], xy[:, L[f"{side}_WRIST"]]
        hand = wrist - shoulder
        outward = np.sign(shoulder[:, 0] - xy[:, L[f"{other}_SHOULDER"], 0])
        reach = np.where(
            np.abs(hand[:, 1]) < 0.5, hand[:, 0] * outward, np.minimum(hand[:, 0] * outward, 0.0)
        )
        arm = f"{side.lower()}_arm"
        found[f"{arm}_up"] = _percentile(-hand[:, 1], 90)
        found[f"{arm}_out"] = _percentile(reach, 90)
        found[f"{arm}_across"] = _percentile((middle - wrist[:, 0]) * outward, 90)
        found[f"{arm}_circle"] = _circles(hand)
        found[f"{arm}_swing"] = _path(hand) * rate
        to_head = np.linalg.norm(wrist - xy[:, L.NOSE], axis=1)
        found[f"{side.lower()}_hand_head"] = -_percentile(to_head, 50)
    for pair, word in PAIRS.items():
        found[f"both_{pair}"] = min(found[f"left_{word}"], found[f"right_{word}"])
    return found


def _path(way: FloatArray) -> float:
    """Mean way per frame of a point; nan when less than half of it was seen."""
    lengths = np.linalg.norm(np.diff(way, axis=0), axis=1)
    seen = np.isfinite(lengths)
    return float(lengths[seen].mean()) if seen.any() and seen.mean() >= 0.5 else float("nan")


def _circles(hand: FloatArray) -> float:
    """Turns of the hand about its shoulder that are not taken back."""
    angle = np.arctan2(hand[:, 1], hand[:, 0])
    angle = angle[np.isfinite(angle)]
    if len(angle) < max(2, len(hand) / 2):
        return float("nan")
    return abs(float(np.unwrap(angle)[-1] - angle[0])) / (2 * np.pi)


def _legs(clip: FloatArray, xy: FloatArray) -> dict[str, float]:
    """How far knees and feet are lifted, how deep the knees bend, whether both feet leave the floor."""
    found: dict[str, float] = {}
    feet = xy[:, list(ANKLES), 1]
    for side, other in (("LEFT", "RIGHT"), ("RIGHT", "LEFT")):
        thigh = clip[:, L[f"{side}_KNEE"], 1] - clip[:, L[f"{side}_HIP"], 1]
        here = xy[:, L[f"{side}_KNEE"], 1] - xy[:, L[f"{side}_HIP"], 1]
        usual = max(_percentile(thigh, 90), 1e-3)
        beside = xy[:, L[f"{other}_KNEE"], 1] - xy[:, L[f"{other}_HIP"], 1]
        found[f"{side.lower()}_knee_up"] = _percentile(beside - here, 90) / usual
        lifted = xy[:, L[f"{other}_ANKLE"], 1] - xy[:, L[f"{side}_ANKLE"], 1]
        found[f"{side.lower()}_kick"] = _percentile(lifted, 92)
    height = np.nanmax(np.where(np.isfinite(feet), feet, -np.inf), axis=1) - midpoint(xy, HIPS)[:, 1]
    clip_height = clip[:, list(ANKLES), 1].max(axis=1) - midpoint(clip, HIPS)[:, 1]
    standing = max(_percentile(clip_height, 90), _LEGS)
    low = 1 - _percentile(np.where(np.isfinite(height), height, np.nan), 10) / standing
    found["bend"] = found["deep_bend"] = low
    lowest = feet.max(axis=1)
    found["jump"] = _percentile(lowest, 85) - _percentile(lowest, 4)
    apart = np.abs(xy[:, L.LEFT_ANKLE, 0] - xy[:, L.RIGHT_ANKLE, 0])
    found["feet_out_and_in"] = _spread(apart) if _reversals(apart, 0.3) >= 1 else 0.0
    found["wide_stance"] = _percentile(apart, 50)
    found["crouch"] = found["floor"] = 1 - _percentile(height, 50) / standing
    return found


def _trunk(
    clip: FloatArray, xy: FloatArray, kin: Kinematics, rows: BoolArray, own_left: float
) -> dict[str, float]:
    """Lean, dip, sway and bounce of the trunk, tilt of the head."""
    names = kin.angle_names
    lean = np.degrees(kin.angles[:, names.index("trunk")])
    aside = (lean[rows] - _percentile(lean, 50)) * own_left
    hips, shoulders, feet = midpoint(xy, HIPS), midpoint(xy, SHOULDERS), midpoint(xy, ANKLES)
    length = np.linalg.norm(shoulders - hips, axis=1)
    clip_length = np.linalg.norm(midpoint(clip, SHOULDERS) - midpoint(clip, HIPS), axis=1)
    sway = hips[:, 0] - (shoulders[:, 0] + feet[:, 0]) / 2
    height = hips[:, 1]
    return {
        "lean_left": _percentile(aside, 90),
        "lean_right": -_percentile(aside, 10),
        "body_bow": 1 - _percentile(length, 10) / max(_percentile(clip_length, 75), 1e-3),
        "hip_sway": _spread(sway) if _reversals(sway, 0.1) >= 1 else 0.0,
        "bounce": _spread(height) if _reversals(height, 0.06) >= 2 else 0.0,
        "head_tilt": _spread(np.degrees(kin.angles[rows, names.index("neck")])),
    }


def _travel(across: FloatArray, own_left: float, facing: float) -> dict[str, float]:
    """Way of the centre of mass across the picture, as the dancer's own directions."""
    seen = across[np.isfinite(across)]
    found = dict.fromkeys(
        (
            "step_left",
            "step_right",
            "step_forward",
            "step_back",
            "travel_left",
            "travel_right",
            "side_to_side",
        ),
        float("nan") if len(seen) < max(2, len(across) / 2) else 0.0,
    )
    if len(seen) < max(2, len(across) / 2):
        return found
    way = float(seen[-1] - seen[0])
    found["step_left"] = found["travel_left"] = way * own_left
    found["step_right"] = found["travel_right"] = -way * own_left
    found["step_forward"], found["step_back"] = way * facing, -way * facing
    if _reversals(across, 0.2) >= 1:
        found["side_to_side"] = _spread(across) - abs(way)
    return found


def _turning(clip: FloatArray, rows: BoolArray, *, upright: bool) -> dict[str, float]:
    """Turn of the whole body about the vertical, from the breadth of the shoulders and the side of the nose.

    Facing the camera is 0, the dancer's own left +90 degrees. Where the network takes the back for the front
    a turn goes unseen; it is then not named.
    """
    width = clip[:, L.LEFT_SHOULDER, 0] - clip[:, L.RIGHT_SHOULDER, 0]
    broad = _percentile(np.abs(width), 95)
    nose = clip[:, L.NOSE, 0] - midpoint(clip, SHOULDERS)[:, 0]
    angle = np.arctan2(nose / 0.35, width / max(broad, 1e-3))[rows]
    angle = angle[np.isfinite(angle)]
    if not upright or len(angle) < max(2, rows.sum() / 2):
        return dict.fromkeys(("turn_left", "turn_right", "spin_left", "spin_right"), float("nan"))
    turned = np.degrees(np.unwrap(angle))
    net = float(turned[-1] - turned[0])
    return {"turn_left": net, "turn_right": -net, "spin_left": net, "spin_right": -net}


def _reversals(values: FloatArray, least: float) -> int:
    """How often a signal turns round after a way of at least ``least``."""
    count, direction = 0, 0
    seen = values[np.isfinite(values)]
    if not len(seen):
        return 0
    low = high = float(seen[0])
    for value in seen:
        low, high = min(low, value), max(high, value)
        if direction >= 0 and high - value >= least:
            count, direction, low = count + (direction > 0), -1, value
            high = value
        elif direction <= 0 and value - low >= least:
            count, direction, high = count + (direction < 0), 1, value
            low = value
    return count
