"""Events in words: what a teacher calls out, in the imperative, without the counts.

The words are data. Nothing is said of fingers, wrists or the face: they are not measured.
"""

from __future__ import annotations

from typing import Final

from breakdowns.texts.events import Event

_HEIGHTS: Final = {
    "above": "above your head",
    "head": "at head height",
    "shoulder": "at shoulder height",
    "chest": "at chest height",
    "waist": "at waist height",
    "down": "low",
}

#: Where a hand arrives: (height, reach) -> words after "lift your right hand".
_PLACES: Final = {
    ("above", "out"): "up high and out to the side",
    ("above", "near"): "above your head",
    ("above", "middle"): "above your head",
    ("above", "across"): "above your head and across",
    ("head", "out"): "out to the side at head height",
    ("head", "near"): "to head height",
    ("head", "middle"): "to the middle at head height",
    ("head", "across"): "across at head height",
    ("shoulder", "out"): "out to the side at shoulder height",
    ("shoulder", "near"): "to shoulder height",
    ("shoulder", "middle"): "to the middle at shoulder height",
    ("shoulder", "across"): "across your body at shoulder height",
    ("chest", "out"): "out to the side at chest height",
    ("chest", "near"): "to chest height",
    ("chest", "middle"): "to the middle of your chest",
    ("chest", "across"): "across your chest",
    ("waist", "out"): "out to the side at waist height",
    ("waist", "near"): "to your waist",
    ("waist", "middle"): "to the middle at waist height",
    ("waist", "across"): "across your waist",
    ("down", "out"): "low out to the side",
    ("down", "near"): "to your side",
    ("down", "middle"): "low to the middle",
    ("down", "across"): "low across your body",
}

_FEET: Final = {
    "out": "step {foot} out to the {side}",
    "touch": "touch {foot} out to the {side}",
    "close": "close {foot} to the {other} foot",
    "in": "bring {foot} in",
    "cross": "cross {foot} past the {other} foot",
    "forward": "step {foot} forward",
    "back": "step {foot} back",
    "down": "put {foot} down",
    "onto": "step onto {foot}",
    "lift": "pick up {foot}",
    "knee up": "lift your {side} knee",
    "kick out": "kick your {side} leg out to the {side}",
    "kick across": "kick your {side} leg across",
}

_BOTH_FEET: Final = {
    "out": "take both feet apart",
    "touch": "take both feet apart",
    "close": "bring both feet together",
    "in": "bring both feet in",
    "forward": "take both feet forward",
    "back": "take both feet back",
}

_OTHERS: Final = {
    ("weight", "left"): "shift your weight to the left",
    ("weight", "right"): "shift your weight to the right",
    ("level", "bend"): "bend your knees",
    ("level", "deep"): "sink deep into your knees",
    ("level", "rise"): "come up a little",
    ("level", "stretch"): "come up tall",
    ("level", "jump"): "jump",
    ("lean", "left"): "lean to the left",
    ("lean", "right"): "lean to the right",
    ("lean", "upright"): "come upright",
    ("tilt", "left"): "tilt your head to the left",
    ("tilt", "right"): "tilt your head to the right",
    ("tilt", "level"): "bring your head back to the middle",
    ("gaze", "left"): "turn your head to the left",
    ("gaze", "right"): "turn your head to the right",
    ("gaze", "front"): "turn your head back to the front",
    ("nod", "down"): "lower your head",
    ("nod", "up"): "raise your head",
    ("shoulder", "left"): "lift your left shoulder",
    ("shoulder", "right"): "lift your right shoulder",
    ("dip", "dip"): "dip your upper body",
    ("dip", "rise"): "bring your upper body up again",
}

_VERBS: Final = {"up": "lift", "down": "drop", "over": "take", "within": "swing"}


def call(event: Event) -> str:
    """What is called out for an event: "lift your right hand above your head"."""
    if event.part == "hand":
        verb, height, reach = event.what.split(" ")
        hand = "both hands" if event.side == "both" else f"your {event.side} hand"
        if verb == "within":
            return f"swing {hand} {_HEIGHTS[height]}"
        return f"{_VERBS[verb]} {hand} {place_words(f'{height} {reach}', event.side)}"
    if event.part == "foot":
        if event.side == "both":
            return _BOTH_FEET[event.what]
        other = "right" if event.side == "left" else "left"
        return _FEET[event.what].format(foot=f"your {event.side} foot", side=event.side, other=other)
    return _OTHERS[event.part, event.what]


def can_be_both(event: Event) -> bool:
    """Whether both sides may do it in one breath."""
    return event.part == "hand" or (event.part == "foot" and event.what in _BOTH_FEET)


def place_words(place: str, side: str = "") -> str:
    """Where a hand goes: ``shoulder out`` -> "out to the side at shoulder height"."""
    height, reach = place.split(" ")
    if reach in ("front", "behind"):
        return f"{'forward' if reach == 'front' else 'back'} {_HEIGHTS[height]}"
    words = _PLACES[height, reach]
    return (
        words.replace("the side", "the sides").replace("your side", "your sides") if side == "both" else words
    )


def rest_words(place: str, side: str = "") -> str:
    """Where a hand is: "out to the side at shoulder height", "at waist height", "by your side"."""
    height, reach = place.split(" ")
    if reach == "near" and height not in ("above", "down"):
        return _HEIGHTS[height]
    words = place_words(place, side)
    if reach == "near" and height == "down":
        return "by" + words[2:]
    return "in " + words[3:] if words.startswith("to ") else words
