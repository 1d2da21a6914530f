"""What a step is called: by the moves its words tell, so that names are as many as the words.

The moves of a step are gathered into themes (kicks of both legs are one theme), the one that tells most gives
the name, and a second one goes with it when it tells nearly as much or when an earlier step has the name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from breakdowns.texts.facts import Move, StepFacts
from breakdowns.texts.phrases import rest_words

#: Of the weight of the first theme, from which on the second one belongs to the name.
_NEARLY: Final = 0.6
#: What a turn of the whole body weighs: more than any limb.
_TURN: Final = 12.0

#: What a theme is called: once, several times, on both sides; short, so that it fits on the outline.
#: ``{side}`` is left or right.
_WORDS: Final[dict[tuple[str, str], tuple[str, str, str]]] = {
    ("foot", "kick out"): ("{side} leg kick", "{side} leg kicks", "side kicks"),
    ("foot", "kick across"): ("{side} kick across", "{side} kicks across", "kicks across"),
    ("foot", "knee up"): ("{side} knee lift", "{side} knee lifts", "knee lifts"),
    ("foot", "lift"): ("{side} foot lift", "{side} foot lifts", "foot lifts"),
    ("foot", "out"): ("step to the {side}", "steps to the {side}", "side steps"),
    ("foot", "apart"): ("feet apart", "feet apart", "feet apart"),
    ("foot", "touch"): ("{side} foot touch", "{side} foot touches", "side touches"),
    ("foot", "cross"): ("cross step", "cross steps", "cross steps"),
    ("foot", "forward"): ("step forward", "steps forward", "steps forward"),
    ("foot", "back"): ("step back", "steps back", "steps back"),
    ("hand", "high"): ("{side} hand up high", "{side} hand up high", "hands up high"),
    ("hand", "head"): ("{side} hand to head height", "{side} hand to head height", "hands to head height"),
    ("hand", "out"): ("{side} arm out", "{side} arm out", "arms out"),
    ("hand", "across"): ("{side} arm across", "{side} arm across", "arms across"),
    ("hand", "up"): ("{side} arm lift", "{side} arm lifts", "arm lifts"),
    ("hand", "drop"): ("{side} arm drop", "{side} arm drops", "arm drops"),
    ("hand", "swing"): ("{side} arm swing", "{side} arm swings", "arm swings"),
    ("level", "jump"): ("jump", "jumps", "jumps"),
    ("level", "bend"): ("knee bend", "knee bends", "knee bends"),
    ("level", "deep"): ("deep knee bend", "deep knee bends", "deep knee bends"),
    ("lean", ""): ("lean to the {side}", "leans to the {side}", "side leans"),
    ("weight", ""): ("shift to the {side}", "shifts to the {side}", "side sway"),
    ("gaze", ""): ("head turn to the {side}", "head turns to the {side}", "head turns"),
    ("tilt", ""): ("head tilt to the {side}", "head tilts to the {side}", "head tilts"),
    ("shoulder", ""): ("{side} shoulder lift", "{side} shoulder lifts", "shoulder lifts"),
    ("nod", "down"): ("head drop", "head drops", "head drops"),
    ("nod", "up"): ("head lift", "head lifts", "head lifts"),
    ("dip", "dip"): ("upper body dip", "upper body dips", "upper body dips"),
}  # fmt: skip


class _Theme(NamedTuple):
    """What several moves of a step have in common."""

    weight: float  # how much it tells
    tick: int  # when it begins
    words: str


def name_steps(all_facts: Sequence[StepFacts]) -> list[str]:
    """A name for each step. A step that comes again has the name it had; no others share one."""
    names: list[str] = []
    for facts in all_facts:
        again = facts.step.repeats
        names.append(_name(facts, set(names)) if again is None else names[again - 1])
    return names


def _name(facts: StepFacts, taken: set[str]) -> str:
    themes = _themes(facts)
    enough = 1 + (len(themes) > 1 and themes[1].weight >= _NEARLY * themes[0].weight)
    for count in range(enough, min(len(themes), 3) + 1):
        name = _joined(themes[:count])
        if name not in taken:
            return name
    name = _joined(themes[:enough])
    numbers = (f"{name}, variation {number}" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(other for other in numbers if other not in taken)


def _joined(themes: list[_Theme]) -> str:
    """In the order in which they are danced."""
    words = [theme.words for theme in sorted(themes, key=lambda theme: theme.tick)]
    text = ", ".join(words[:-1]) + " and " + words[-1] if len(words) > 1 else words[0]
    return text[:1].upper() + text[1:]


def _themes(facts: StepFacts) -> list[_Theme]:
    """All themes of a step, the most telling first; at least one."""
    if facts.floor:
        return [_Theme(1.0, 0, "floor move")]
    moves: dict[tuple[str, str], list[tuple[str, Move]]] = {}
    for move in facts.moves:
        part, kind, side = _theme(move.event.part, move.event.what, move.event.side)
        if (part, kind) in _WORDS:
            moves.setdefault((part, kind), []).append((side, move))
    found = [
        _Theme(sum(move.weight for _, move in done), done[0][1].ticks[0], _called(key, done))
        for key, done in moves.items()
    ]
    if facts.turn:
        size = "half" if abs(facts.turn) < 230 else "full"
        found.append(_Theme(_TURN, 0, f"{size} turn to the {'left' if facts.turn > 0 else 'right'}"))
    found.sort(key=lambda theme: -round(theme.weight, 6))
    return found or [_Theme(1.0, 0, _quiet(facts))]


def _theme(part: str, what: str, side: str) -> tuple[str, str, str]:
    """Part, kind and side of a move, as ``_WORDS`` has them."""
    if part == "foot":
        return part, "apart" if side == "both" and what in ("out", "touch") else what, side
    if part != "hand":
        return (part, "", what) if what in ("left", "right") else (part, what, "")
    verb, height, reach = what.split(" ")
    if verb == "within":
        kind = "swing"
    elif height == "above":
        kind = "high"
    elif reach in ("out", "across") and height != "down":
        kind = reach
    elif height == "head":
        kind = "head"
    else:
        kind = {"up": "up", "down": "drop"}.get(verb, "swing")
    return part, kind, side


def _called(key: tuple[str, str], done: list[tuple[str, Move]]) -> str:
    once, often, both = _WORDS[key]
    sides, times = {side for side, _ in done}, sum(len(move.ticks) for _, move in done)
    if "both" in sides or len(sides) > 1:
        return both
    return (once if times == 1 else often).format(side=next(iter(sides)))


def _quiet(facts: StepFacts) -> str:
    """A step without moves to tell."""
    if not facts.still:
        return "small moves in place"
    raised = [s for s, place in facts.begin.hands.items() if place.startswith(("above", "head", "shoulder"))]
    hands = {facts.begin.hands[side] for side in raised}
    if len(raised) == 2 and len(hands) == 1:
        return f"hold with both hands {rest_words(hands.pop(), 'both')}"
    if raised:
        return f"hold with the {raised[0]} hand {rest_words(facts.begin.hands[raised[0]])}"
    return "hold"
