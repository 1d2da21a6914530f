"""What happens in a dance and when: hands that arrive, feet that step, weight, level, lean, head.

An event says which part goes where, as words of a small closed set (``Event.what``), at which moment and how
much. Thresholds are in torso lengths and degrees; they lie well above what the landmarks jitter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analysis.engine.types import FloatArray
from breakdowns.texts.body import SIDES, Body
from breakdowns.texts.strokes import Stroke, find_strokes

HAND, FOOT, LIFT = 0.45, 0.25, 0.22  # torso lengths that are a movement of a hand, a step, a lifted foot
WEIGHT, LEVEL, DIP = 0.16, 0.11, 0.22  # torso lengths, shares of standing height and of the trunk
LEAN, TILT, SHRUG, NOD, GAZE = 9.0, 20.0, 14.0, 0.08, 0.13  # degrees, torso lengths


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that a part of the body does."""

    time: float  # s, of the arrival
    part: str  # hand, foot, weight, level, lean, dip, tilt, gaze, nod, shoulder
    side: str  # left, right, both; empty where the part has no side
    what: str  # key of the words
    size: float  # of the least that counts
    stays: float = 0.0  # s that it stays there


def find_events(body: Body) -> list[Event]:
    """All events of a clip in order of time; equal moments by size, never by side."""
    found = [*_hands(body), *_feet(body), *_scalars(body)]
    return sorted(found, key=lambda event: (round(event.time, 3), -round(event.size, 6), event.part))


def hand_place(body: Body, side: str, row: int) -> str:
    """Where a hand is: height and distance from the middle, as ``head out``. Empty when not seen."""
    across, up = body.hands[side][row]
    if not np.isfinite(across + up):
        return ""
    outward = across if side == "left" else -across
    nose = body.nose[row] if np.isfinite(body.nose[row]) else 0.42
    height = next(
        name
        for name, least in (
            ("above", nose + 0.2),
            ("head", nose - 0.25),
            ("shoulder", -0.22),
            ("chest", -0.55),
            ("waist", -0.95),
            ("down", -np.inf),
        )
        if up >= least
    )
    if body.side[row] == 0:
        if body.facing[row] == 0:
            return f"{height} near"
        return f"{height} " + ("front" if across < -0.45 else "behind" if across > 0.45 else "near")
    reach = "out" if outward > 0.7 else "near" if outward > 0.2 else "middle" if outward > -0.15 else "across"
    return f"{height} {reach}"


def _hands(body: Body) -> Iterator[Event]:
    for side in SIDES:
        for stroke in find_strokes(body.hands[side], least=HAND):
            place, before = hand_place(body, side, stroke.there), hand_place(body, side, stroke.start)
            if not place:
                continue
            rise = float(stroke.way[1])
            verb = "up" if rise > 0.3 else "down" if rise < -0.3 else "over"
            if place == before:
                verb = "within"
            yield _event(body, stroke, "hand", side, f"{verb} {place}", HAND)


def _event(body: Body, stroke: Stroke, part: str, side: str, what: str, least: float) -> Event:
    return Event(
        time=float(body.t[stroke.moment]),
        part=part,
        side=side,
        what=what,
        size=float(np.linalg.norm(stroke.way)) / least,
        stays=float(body.t[stroke.stop] - body.t[stroke.moment]),
    )


def _feet(body: Body) -> Iterator[Event]:
    for side, other in (SIDES, SIDES[::-1]):
        foot, beside = body.feet[side], body.feet[other]
        for stroke in find_strokes(foot, least=FOOT):
            what = _foot_words(body, side, other, stroke)
            if what and np.isfinite(beside[stroke.there]).all():
                yield _event(body, stroke, "foot", side, what, FOOT)


def _foot_words(body: Body, side: str, other: str, stroke: Stroke) -> str:
    """What a foot did between two places: lifted, kicked, stepped, closed, crossed; empty when unclear."""
    start, row = stroke.start, stroke.there
    foot, beside = body.feet[side], body.feet[other]
    own = body.side[row]
    outward = own if side == "left" else -own
    lifted = foot[row, 1] - min(beside[row, 1], body.floor[row])
    both = min(foot[row, 1], beside[row, 1]) - body.floor[row]
    if not np.isfinite(lifted) or both > LIFT:
        return ""
    if lifted > LIFT:
        return _in_the_air(body, side, row, outward)
    if beside[row, 1] - body.floor[row] > LIFT:
        return "onto"
    if own == 0:
        face = body.facing[row]
        way = float(stroke.way[0]) * face
        return "" if face == 0 or abs(way) < FOOT else "forward" if way > 0 else "back"
    if not np.isfinite(own):
        return ""
    gap, before = (foot[row, 0] - beside[row, 0]) * outward, (foot[start, 0] - beside[start, 0]) * outward
    if gap < -0.1:
        return "cross"
    way, deep = float(stroke.way[0]) * outward, float(stroke.way[1])
    if abs(way) < 0.6 * FOOT:
        came_down = foot[start, 1] - body.floor[start] > LIFT
        if came_down:
            return "down"
        return "" if own < 0 or abs(deep) < 0.15 else "forward" if deep < 0 else "back"
    if way > 0:
        hips = float(body.hip[row, 0] - beside[row, 0]) * outward
        return "out" if stroke.stop - row > 8 else _out(gap, lifted, hips)
    return "close" if gap < 0.45 and gap < before else "in"


def _in_the_air(body: Body, side: str, row: int, outward: float) -> str:
    """How a lifted leg is held."""
    knee = body.knees[side][row, 1] - body.hip[row, 1]
    away = (body.feet[side][row, 0] - body.hip[row, 0]) * outward
    if outward and abs(away) > 0.75:
        return "kick out" if away > 0 else "kick across"
    return "knee up" if np.isfinite(knee) and knee > -0.45 else "lift"


def _out(gap: float, lifted: float, hips: float) -> str:
    """A step takes the weight along; while the hips stay over the other foot it is a touch or a low kick."""
    if not np.isfinite(hips) or hips > 0.35 * gap:
        return "out"
    return "kick out" if lifted > 0.5 * LIFT else "touch"


def _scalars(body: Body) -> Iterator[Event]:
    yield from _signed(body, body.weight, "weight", WEIGHT, ("left", "right"), settle=0.0)
    yield from _signed(body, body.lean, "lean", LEAN, ("left", "right"), settle=5.0, rest="upright")
    yield from _signed(body, _around(body.tilt), "tilt", TILT, ("left", "right"), settle=6.0, rest="level")
    yield from _signed(body, _around(body.shoulders), "shoulder", SHRUG, ("left", "right"), settle=5.0)
    yield from _signed(
        body, body.gaze, "gaze", GAZE, ("left", "right"), settle=0.06, rest="front", front=True
    )
    yield from _signed(body, _around(body.nod), "nod", NOD, ("up", "down"), settle=0.05)
    yield from _signed(body, body.dip - 1.0, "dip", DIP, ("", "dip"), settle=0.12, rest="rise")
    for stroke in find_strokes(body.level[:, None], least=LEVEL):
        low = body.level[stroke.there]
        down = float(stroke.way[0]) < 0
        what = ("deep" if low < 0.72 else "bend") if down else ("stretch" if low > 0.93 else "rise")
        yield _event(body, stroke, "level", "", what, LEVEL)
    yield from _jumps(body)


def _signed(
    body: Body,
    values: FloatArray,
    part: str,
    least: float,
    names: tuple[str, str],
    *,
    settle: float,
    rest: str = "",
    front: bool = False,
) -> Iterator[Event]:
    """Strokes of a signal to the one or the other side of 0; within ``settle`` of 0 it came to rest."""
    for stroke in find_strokes(values[:, None], least=least):
        row = stroke.there
        end = float(values[row])
        if body.side[row] == 0 or (front and body.side[row] < 0):
            continue  # sideways is not seen in profile, the face not from behind
        if abs(end) <= settle:
            what = rest
        elif (end > 0) == (float(stroke.way[0]) > 0):
            what = names[0] if end > 0 else names[1]
        else:
            what = ""
        if what:
            yield _event(body, stroke, part, "", what, least)


def _jumps(body: Body) -> Iterator[Event]:
    lowest = np.fmin(body.feet["left"][:, 1], body.feet["right"][:, 1]) - body.floor
    for stroke in find_strokes(lowest[:, None], least=LIFT):
        sudden = stroke.arrival - stroke.start <= 6 and stroke.stop - stroke.arrival <= 5
        if sudden and float(stroke.way[0]) > 0 and lowest[stroke.there] > LIFT:
            yield _event(body, stroke, "level", "", "jump", LIFT)


def _around(values: FloatArray) -> FloatArray:
    """Beside the clip's usual value: how somebody holds the head anyway is no movement."""
    seen = values[np.isfinite(values)]
    return values - float(np.median(seen)) if len(seen) else values


def busy(events: list[Event], start: float, end: float) -> tuple[float, float]:
    """How much there is to do between two moments: events per second, and parts of the body that have
    something to do at once, as a mean over the half seconds in which any has; nan when nothing happens."""
    inside = [event for event in events if start <= event.time < end]
    slots: dict[int, set[tuple[str, str]]] = {}
    for event in inside:
        slots.setdefault(int((event.time - start) / 0.5), set()).add((event.part, event.side))
    at_once = sum(map(len, slots.values())) / len(slots) if slots else float("nan")
    return len(inside) / max(end - start, 1e-6), at_once
