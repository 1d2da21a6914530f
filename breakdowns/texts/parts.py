"""The six parts of the body in words: what moves, on its counts; and what to do with what does not."""

from __future__ import annotations

import numpy as np

from breakdowns.texts.facts import StepFacts
from breakdowns.texts.phrases import rest_words
from breakdowns.texts.routine import BodyWords
from breakdowns.texts.voice import Voice, joined

#: Feet apart, in torso lengths (hips are about .4 wide), and what a stance of that width is called.
_STANCES = (
    (0.3, "with your feet together"),
    (0.8, "with your feet hip-width apart"),
    (1.2, "with your feet apart"),
)
FLOOR_PARTS = ("head", "hands", "shoulders", "torso", "legs", "front of your body")
FLOOR = "Down on the floor the {part} cannot be followed count by count: watch the video."
_WIDE = "in a wide stance"


def body_words(facts: StepFacts, voice: Voice) -> BodyWords:
    """All six."""
    if facts.floor:
        return BodyWords(*[FLOOR.format(part=part) for part in FLOOR_PARTS])
    return BodyWords(
        head=_head(facts, voice),
        hands=_hands(facts, voice),
        shoulders=_shoulders(facts, voice),
        torso=_torso(facts, voice),
        legs=_legs(facts, voice),
        body_angle=_angle(facts, voice),
    )


def _head(facts: StepFacts, voice: Voice) -> str:
    if not facts.seen["head"]:
        return "Your head is out of the picture in this step: keep it easily over your shoulders."
    moves = voice.part(facts.of("tilt", "gaze", "nod"), facts.counts)
    if facts.turn:
        side = "left" if facts.turn > 0 else "right"
        return joined(f"Let your head lead the turn to the {side} and find the front again first")
    return moves or voice.choose(
        "Keep your head level and let it face where your body faces.",
        "Your head stays quiet: carry it tall on a long neck.",
        "Nothing for the head to do here: keep it over your shoulders.",
        "Leave your head in the middle and look straight ahead.",
    )


def _hands(facts: StepFacts, voice: Voice) -> str:
    if not facts.seen["hands"]:
        return "Your hands are out of the picture in this step: let them hang easily."
    moves = voice.part(facts.of("hand"), facts.counts)
    if moves:
        return joined(_begins(facts), moves, _other_hand(facts))
    left, right = (facts.begin.hands[side] for side in ("left", "right"))
    if left and left == right:
        return voice.choose(
            "Keep both hands {place}.", "Both hands stay {place}.", place=rest_words(left, "both")
        )
    held = [f"your {s} hand {rest_words(place)}" for s, place in facts.begin.hands.items() if place]
    if not held:
        return "Let your hands go along without a shape of their own."
    return voice.choose("Keep {hands}.", "Hold {hands}.", hands=" and ".join(sorted_by_height(held)))


def _begins(facts: StepFacts) -> str:
    """The pose from which the routine starts."""
    if facts.number > 1:
        return ""
    left, right = (facts.begin.hands[side] for side in ("left", "right"))
    if left and left == right:
        return f"Begin with both hands {rest_words(left, 'both')}"
    held = [f"your {s} hand {rest_words(place)}" for s, place in facts.begin.hands.items() if place]
    return f"Begin with {' and '.join(sorted_by_height(held))}" if held else ""


def _other_hand(facts: StepFacts) -> str:
    """A hand that does nothing while the other is busy, and is in the end where it was."""
    busy = {move.event.side for move in facts.of("hand")}
    if len(busy) != 1 or "both" in busy:
        return ""
    side = "right" if "left" in busy else "left"
    place = facts.begin.hands[side]
    stays = place and place == facts.end.hands[side]
    return f"Your {side} hand stays {rest_words(place)}" if stays else ""


def sorted_by_height(held: list[str]) -> list[str]:
    """The longer description last, so that the sentence ends where it has most to say."""
    return sorted(held, key=lambda words: len(words.replace("left", "").replace("right", "")))


def _shoulders(facts: StepFacts, voice: Voice) -> str:
    if not facts.seen["shoulders"]:
        return "Your shoulders are out of the picture in this step: keep them low and easy."
    moves = voice.part(facts.of("shoulder"), facts.counts)
    if moves:
        return moves
    high = any(place.startswith(("above", "head", "shoulder")) for place in facts.end.hands.values())
    lifted = any(m.event.what.startswith(("up above", "up head", "up shoulder")) for m in facts.of("hand"))
    if lifted:
        return voice.choose(
            "Let the hands rise without taking the shoulders along.",
            "Keep your shoulders down while the hands go up.",
        )
    if high:
        return voice.choose(
            "Keep your shoulders low while your hands are up.",
            "Shoulders stay down and level under the raised hands.",
        )
    if facts.of("lean"):
        return voice.choose(
            "Let your shoulders go with the lean of your torso.", "Shoulders follow the torso."
        )
    return voice.choose(
        "Keep your shoulders level and easy.",
        "Your shoulders have nothing of their own to do: let them rest.",
        "Stay wide and level across the shoulders.",
    )


def _torso(facts: StepFacts, voice: Voice) -> str:
    if not facts.seen["torso"]:
        return "Your torso is out of the picture in this step: stay upright."
    moves = voice.part(facts.of("lean", "dip"), facts.counts)
    if moves:
        return moves
    if np.isfinite(facts.lean) and abs(facts.lean) > 6.0 and facts.begin.facing == "front":
        side = "left" if facts.lean > 0 else "right"
        return f"Carry your torso a little to the {side} all the way through."
    return voice.choose(
        "Keep your torso upright over your hips.",
        "Your torso stays long and quiet in the middle.",
        "Stay tall: ribs over hips, no lean.",
        "Hold your middle steady and let the rest move around it.",
    )


def _legs(facts: StepFacts, voice: Voice) -> str:
    if not facts.seen["feet"]:
        return voice.choose(
            "Your feet are out of the picture in this step: take any stance that keeps you balanced.",
            "The feet cannot be seen here: stand so that your weight can go either way.",
        )
    moves = voice.part(facts.of("foot", "level", "weight"), facts.counts)
    if moves:
        return moves
    stance = next((words for width, words in _STANCES if facts.begin.gap < width), _WIDE)
    low = ", knees bent" if facts.begin.level < 0.85 else ""
    return voice.choose(
        "Your feet stay where they are: stand {stance}.",
        "Leave your feet in place, {stance}.",
        "Stay {stance}.",
        stance=f"{stance}{low}",
    )


_FACING = {
    "front": "the front",
    "half left": "half-way to your left",
    "half right": "half-way to your right",
    "side left": "your left",
    "side right": "your right",
    "back": "the back",
}


def _angle(facts: StepFacts, voice: Voice) -> str:
    begin, end = _FACING.get(facts.begin.facing, ""), _FACING.get(facts.end.facing, "")
    if facts.turn:
        return joined(f"Turn {turn_words(facts.turn)}", f"You end facing {end}" if end else "")
    if not begin or not end:
        return "Which way the body faces is not clear in the picture: follow the video."
    if begin != end:
        return f"Begin facing {begin} and end facing {end}."
    if begin != "the front":
        return f"Stay facing {begin}."
    return voice.choose(
        "Face the front throughout.", "Stay square to the front.", "Your body keeps facing the front."
    )


def turn_words(turn: float) -> str:
    """ "once round to your right" for -350 degrees."""
    side = "left" if turn > 0 else "right"
    size = abs(turn)
    how = "half-way round" if size < 230 else "nearly once round" if size < 320 else "once round"
    if size >= 420:
        how = "more than once round"
    return f"{how} to your {side}"
