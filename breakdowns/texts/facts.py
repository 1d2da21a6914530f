"""What was measured of each step, ready to be put into words: moves on their counts, poses, manner."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from analysis.engine.step_names import measure_step
from analysis.engine.types import Analysis, BoolArray, Difficulty, Step
from breakdowns.texts import levels
from breakdowns.texts.body import SIDES, Body, look_at
from breakdowns.texts.counts import Counts, steady_beats
from breakdowns.texts.events import Event, find_events, hand_place
from breakdowns.texts.phrases import can_be_both

#: How much a move of each part tells a learner.
TELLING: Final = {
    "foot": 1.4,
    "hand": 1.1,
    "lean": 1.0,
    "level": 1.0,
    "weight": 0.7,
    "dip": 0.8,
    "nod": 0.7,
    "gaze": 0.5,
    "tilt": 0.4,
    "shoulder": 0.4,
}

#: Words of events that only undo another; they are told when there is nothing better.
UNDONE: Final = ("onto", "upright", "level", "front", "rise", "stretch", "up")


#: Height of the hips, of standing 1, below which a step is danced on the floor.
FLOOR: Final = 0.55
#: Torso lengths / s of the quickest limb (80th percentile), below which somebody holds still.
QUIET: Final = 0.8
#: What a foot does that ends in the air.
IN_THE_AIR: Final = ("kick out", "kick across", "knee up", "lift")
#: What a foot does to come back.
BACK: Final = ("close", "in", "down")

#: Last words of what happens in depth.
DEPTH: Final = ("front", "behind", "forward", "back")


@dataclass(frozen=True, slots=True)
class Move:
    """The same thing done on one or several counts of a step."""

    event: Event
    ticks: tuple[int, ...]

    @property
    def weight(self) -> float:
        """How much it tells."""
        what = self.event.what
        undone = 0.5 if what in UNDONE else 0.6 if what.startswith("within") or what in BACK else 1.0
        size = min(self.event.size, 4.0) * (1 + 0.25 * (len(self.ticks) - 1))
        return TELLING[self.event.part] * size * undone


@dataclass(frozen=True, slots=True)
class Pose:
    """How the dancer stands at one moment; empty strings where it was not seen."""

    hands: dict[str, str]
    weight: str  # left, right, both
    gap: float  # torso lengths between the feet
    level: float  # of the tallest stance 1
    facing: str


@dataclass(frozen=True, slots=True)
class StepFacts:
    """Everything that the words of one step stand on."""

    number: int
    step: Step
    counts: Counts
    moves: tuple[Move, ...]  # in order of time
    measures: dict[str, float]  # of ``measure_step``
    begin: Pose
    end: Pose
    seen: dict[str, bool]  # hands, feet, head, shoulders, torso
    pace: float
    contrast: float
    shake: float
    left_share: float
    smoothness: float | None
    leaves: int  # how often the weight left the feet
    misses: int  # how often it was caught late
    lean: float  # degrees to the left, usual
    floor: bool  # down on the floor, where limbs cannot be told apart

    def of(self, *parts: str) -> list[Move]:
        """The moves of some parts of the body."""
        return [move for move in self.moves if move.event.part in parts]

    @property
    def still(self) -> bool:
        """Nothing happens and no limb moves much; moves too small to be told are not stillness."""
        return not self.moves and not self.floor and self.measures["quickest"] < QUIET

    @property
    def flowing(self) -> bool:
        """It hardly ever stops, and softly."""
        soft = self.smoothness is not None and self.smoothness >= levels.SHARE.low
        return self.contrast < levels.CONTRAST.low and soft

    @property
    def sharp(self) -> bool:
        """It stops clearly, and not softly."""
        soft = self.smoothness is not None and self.smoothness >= levels.SHARE.high
        return self.contrast >= levels.CONTRAST.high and not soft

    @property
    def lead(self) -> str:
        """The part that has most to do: hands, feet, torso; nothing when hardly anything happens."""
        groups = {"hands": ("hand",), "feet": ("foot",), "torso": ("weight", "level", "lean", "dip")}
        sums = {name: sum(m.weight for m in self.of(*parts)) for name, parts in groups.items()}
        best = max(sums, key=lambda name: sums[name])
        return best if sums[best] > 1.5 else ""

    @property
    def turn(self) -> float:
        """Degrees turned to the dancer's left; 0 below a quarter."""
        return _turned(self.measures)


def _turned(measures: dict[str, float]) -> float:
    left = measures["turn_left"]
    return left if np.isfinite(left) and abs(left) >= 100.0 else 0.0


def gather(found: Analysis, difficulty: Difficulty) -> tuple[list[StepFacts], list[Event]]:
    """The facts of every step, and all events of the clip."""
    body = look_at(found.motion)
    events = find_events(body)
    heard = found.music.beats if found.music is not None else np.zeros(0)
    beats = steady_beats(heard, float(body.t[0]), float(body.t[-1]))
    facts = []
    for number, step in enumerate(found.steps, start=1):
        counts = Counts(step, beats, difficulty)
        facts.append(_of_step(found, body, events, counts, number))
    return facts, events


def _down_on_the_floor(body: Body, step: Step) -> bool:
    """Whether the hips stay low for most of the step. Who is far away is small, and not for that low."""
    during = (body.t >= step.start) & (body.t < step.end)
    size = body.dip[during]
    size = size[np.isfinite(size)]
    nearness = min(1.0, float(np.quantile(size, 0.9))) if len(size) else 1.0
    return bool(levels.usual(body.level[during]) < FLOOR * nearness)


def _of_step(found: Analysis, body: Body, events: Sequence[Event], counts: Counts, number: int) -> StepFacts:
    step = counts.step
    measures = measure_step(found.motion, found.kinematics, step.start, step.end)
    moves = _moves(events, counts)
    floor = _down_on_the_floor(body, step)
    if floor:
        moves = ()
    if _turned(measures):  # while the body turns, forward and back are not told from left and right
        moves = tuple(m for m in moves if m.event.what.split(" ")[-1] not in DEPTH)
    rows = (body.t >= step.start - 1e-9) & (body.t < step.end - 1e-9)
    kin = found.kinematics
    excursions = [e for e in _excursions(found) if step.start <= float(e["start"]) < step.end]
    return StepFacts(
        number=number,
        step=step,
        counts=counts,
        moves=moves,
        floor=floor,
        measures=measures,
        begin=_pose(body, step.start),
        end=_pose(body, step.end - 0.1),
        seen=_seen(body, rows),
        pace=levels.pace(kin, rows),
        contrast=levels.contrast(kin, rows),
        shake=levels.shake(kin, rows),
        left_share=levels.left_share(kin, rows),
        smoothness=levels.smoothness_within(found, step.start, step.end),
        leaves=len(excursions),
        misses=sum(not e["caught"] for e in excursions),
        lean=levels.usual(body.lean[rows]),
    )


def _excursions(found: Analysis) -> list[dict[str, float]]:
    score = found.scores.get("balance")
    return [] if score is None else list(score.series.get("excursions", []))


def _moves(events: Sequence[Event], counts: Counts) -> tuple[Move, ...]:
    """Events of the step: both sides at once made one, the same on several counts made one."""
    inside = [(counts.tick(event.time), event) for event in events]
    inside = _both_sides([(tick, event) for tick, event in inside if counts.inside(tick)])
    feet = _near(tick for tick, event in inside if event.part == "foot")
    spread = _near(tick for tick, event in inside if event.part == "foot" and event.side == "both")
    jumps = _near(tick for tick, event in inside if event.what == "jump")
    kept: dict[tuple[str, str, str], Move] = {}
    for tick, event in _one_at_a_time(inside):
        if event.part == "weight" and tick in feet:
            continue  # a step takes the weight along
        if event.part == "level" and event.what != "jump" and tick in jumps | spread:
            continue  # a jump begins and ends in the knees; feet apart lower the hips without them
        key = (event.part, event.side, _about(event))
        before = kept.get(key)
        if before is None:
            kept[key] = Move(event, (tick,))
        elif tick not in before.ticks:
            larger = event if event.size > before.event.size else before.event
            kept[key] = Move(replace(before.event, size=larger.size), (*before.ticks, tick))
    if not counts.counted or counts.difficulty == "beginner":
        busy = {m.event.part for m in kept.values() if m.event.what not in UNDONE} - {"foot"}
        kept = {k: m for k, m in kept.items() if m.event.what not in UNDONE or m.event.part not in busy}
    return tuple(sorted(kept.values(), key=lambda m: (m.ticks[0], -round(m.weight, 6), m.event.part)))


def _one_at_a_time(inside: list[tuple[int, Event]]) -> list[tuple[int, Event]]:
    """What a part does on one count is one thing: the most telling."""
    best: dict[tuple[int, str, str], Event] = {}
    for tick, event in inside:
        # Where one foot crosses the other, the other crosses the one.
        at = (tick, event.part, "" if event.what == "cross" else event.side)
        if at not in best or Move(event, (tick,)).weight > Move(best[at], (tick,)).weight:
            best[at] = event
    return [(at[0], event) for at, event in best.items()]


def _about(event: Event) -> str:
    """What an event does, without the small differences of reach: beside the head is near it."""
    return event.what.replace(" near", " out") if event.part == "hand" else event.what


def _near(ticks: Iterable[int]) -> set[int]:
    """These moments and half a count around."""
    return {tick + beside for tick in ticks for beside in (-1, 0, 1)}


def _both_sides(inside: list[tuple[int, Event]]) -> list[tuple[int, Event]]:
    """What left and right do alike on the same count is done by both."""
    out: list[tuple[int, Event]] = []
    waiting: dict[tuple[int, str, str], int] = {}
    for tick, event in inside:
        alike = (tick, event.part, _about(event))
        at = waiting.get(alike)
        if at is not None and can_be_both(event) and out[at][1].side not in (event.side, "both"):
            larger = max(out[at][1], event, key=lambda each: round(each.size, 6))
            out[at] = (tick, replace(larger, side="both"))
            continue
        waiting[alike] = len(out)
        out.append((tick, event))
    return out


def _pose(body: Body, time: float) -> Pose:
    row = int(np.clip(np.searchsorted(body.t, time), 0, len(body.t) - 1))
    left, right = body.feet["left"][row], body.feet["right"][row]
    gap = float(abs(left[0] - right[0]))
    return Pose(
        hands={side: hand_place(body, side, row) for side in SIDES},
        weight=_carrying(body, row, gap),
        gap=gap,
        level=float(body.level[row]),
        facing=_facing(body, row),
    )


def _carrying(body: Body, row: int, gap: float) -> str:
    """Which foot carries: the one on the floor, else the one that the hips are over."""
    heights = {side: float(body.feet[side][row, 1]) for side in SIDES}
    if not np.isfinite(sum(heights.values())):
        return ""
    if abs(heights["left"] - heights["right"]) > 0.2:
        return min(heights, key=lambda side: heights[side])
    beside = float(body.weight[row])
    if gap < 0.25 or not np.isfinite(beside) or body.side[row] == 0 or abs(beside) < 0.18 * gap:
        return "both"
    return "left" if beside > 0 else "right"


def _facing(body: Body, row: int) -> str:
    """front, left, right (half turned), side left, side right, back; empty when not seen."""
    turn = body.turn[max(0, row - 1) : row + 2]
    turn = turn[np.isfinite(turn)]
    if not len(turn):
        return ""
    angle = float(np.median(turn))
    side = "left" if angle > 0 else "right"
    size = abs(angle)
    if size < 38:
        return "front"
    return f"half {side}" if size < 68 else f"side {side}" if size < 125 else "back"


def _seen(body: Body, rows: BoolArray) -> dict[str, bool]:
    """Which parts were in sight for most of a step."""
    signals = {
        "hands": np.isfinite(body.hands["left"][rows, 1]) | np.isfinite(body.hands["right"][rows, 1]),
        "feet": np.isfinite(body.feet["left"][rows, 1]) & np.isfinite(body.feet["right"][rows, 1]),
        "head": np.isfinite(body.nose[rows]),
        "shoulders": np.isfinite(body.turn[rows]),
        "torso": np.isfinite(body.dip[rows]),
    }
    return {name: bool(len(values)) and float(values.mean()) >= 0.6 for name, values in signals.items()}
