"""A step as a whole, and how it leads into the next one."""

from __future__ import annotations

from breakdowns.texts import levels
from breakdowns.texts.counts import number
from breakdowns.texts.facts import Pose, StepFacts
from breakdowns.texts.parts import turn_words
from breakdowns.texts.phrases import call, rest_words
from breakdowns.texts.voice import Voice, joined, most_telling, sentence

_MANNERS = {
    ("calm", "sharp"): "calm, with clear stops",
    ("calm", "busy"): "calm, but always moving",
    ("quick", "busy"): "quick, with no real stop",
    ("", "busy"): "always moving",
    ("quick", "flowing"): "quick and without a stop",
    ("", "sharp"): "with clear stops",
    ("calm", "soft"): "calm, with soft pauses",
    ("quick", "soft"): "quick, with soft pauses",
    ("", "soft"): "with soft pauses",
}
_TRAVELS = 0.6  # torso lengths of the centre of mass


def overview(facts: StepFacts, voice: Voice) -> str:
    """The opening, what happens on which count, and where it carries the dancer."""
    told = voice.whole(facts.moves, facts.counts)
    if facts.step.repeats is not None:
        opening = f"Repeats step {facts.step.repeats}: dance it as you did there"
    else:
        opening = _opening(facts, voice) if len(facts.moves) > 1 else _hold(facts)
    if facts.floor:
        opening = f"{length_words(facts)} down on the floor"
        told = "Arms and legs cross each other in the picture there, so take the moves from the video"
    return joined(_explained(facts, voice), opening, told, _way(facts))


def length_words(facts: StepFacts) -> str:
    """ "four counts", "two seconds"."""
    if facts.counts.counted and facts.counts.length:
        count, unit = facts.counts.length, "count"
    else:
        count, unit = max(1, round(facts.step.end - facts.step.start)), "second"
    return f"{number(count)} {unit}{'s' if count > 1 else ''}"


def manner(facts: StepFacts) -> str:
    """How it is danced: quick and sharp, calm and flowing; "even" for what is neither."""
    speed = levels.PACE.name(facts.pace, ("calm", "", "quick"))
    stops = levels.CONTRAST.name(
        facts.contrast, ("flowing" if facts.flowing else "busy", "", "sharp" if facts.sharp else "soft")
    )
    words = [w for w in (speed, stops) if w and w != levels.NOT_MEASURED]
    return _MANNERS.get((speed, stops)) or " and ".join(words) or "at an even pace"


def _explained(facts: StepFacts, voice: Voice) -> str:
    if facts.number > 1:
        return ""
    if voice.difficulty != "beginner":
        return "“&” is the moment half-way to the next count" if facts.counts.counted else ""
    sides = "left and right are the dancer's own"
    return f"Count along with the beat, one number to a beat; {sides}" if facts.counts.counted else sides


def _opening(facts: StepFacts, voice: Voice) -> str:
    length, how = length_words(facts), manner(facts)
    ways = {
        "hands": (
            f"The arms lead this step: {length}, {how}",
            f"{length}, {how}, and most of it is in the arms",
            f"Here the hands draw the shape over {length}, {how}",
        ),
        "feet": (
            f"The feet do the work here: {length}, {how}",
            f"{length} of footwork, {how}",
            f"This step belongs to the legs: {length}, {how}",
        ),
        "torso": (
            f"This step lives in the middle of the body: {length}, {how}",
            f"{length} from the hips and torso, {how}",
        ),
        "": (f"A small step of {length}, {how}", f"{length} of small moves, {how}"),
    }[facts.lead]
    return voice.choose(*ways)


def _hold(facts: StepFacts) -> str:
    if not facts.moves and not (facts.seen["hands"] or facts.seen["feet"]):
        return f"{length_words(facts)} in which too little of the body is seen to tell them: watch the video"
    if not facts.still and not facts.moves:
        return f"Small moves in place for {length_words(facts)}, too small to be told count by count"
    pose = _pose_words(facts.begin)
    how = f", {pose}" if pose else ""
    return f"{'Mostly a hold, for' if facts.moves else 'Hold still for'} {length_words(facts)}{how}"


def _way(facts: StepFacts) -> str:
    """Turning and travelling as a whole."""
    if facts.turn:
        return f"Over the whole step you turn {turn_words(facts.turn)}"
    ways = {side: facts.measures[f"travel_{side}"] for side in ("left", "right")}
    side = max(ways, key=lambda name: ways[name] if ways[name] == ways[name] else -1.0)
    return f"Over the whole step you travel to your {side}" if ways[side] > _TRAVELS else ""


def connection(facts: StepFacts, following: StepFacts | None, voice: Voice) -> str:
    """From the pose at the end of this step to the first thing of the next."""
    end = _pose_words(facts.end)
    if following is None:
        return joined(
            f"The routine ends here, {end}" if end else "The routine ends here",
            "Hold that picture, or go back to step 1" if end else "Finish clearly, or go back to step 1",
        )
    arriving = voice.choose("You end", "You arrive", "The last count leaves you") if end else ""
    first = _first_move(following)
    free = _free_foot(facts.end, following)
    again = f", which repeats step {following.step.repeats}," if following.step.repeats is not None else ""
    leads = voice.choose(
        f"from there step {following.number}{again} begins",
        f"that leads into step {following.number}{again}",
        f"step {following.number}{again} takes over from there",
    )
    return joined(
        f"{arriving} {end}" if end else "",
        f"{leads.rstrip(',')}: {first}" if first else leads.rstrip(","),
        free,
    )


def _pose_words(pose: Pose) -> str:
    weight = {
        "left": "with your weight on the left foot",
        "right": "with your weight on the right foot",
        "both": "with your weight on both feet",
    }.get(pose.weight, "")
    left, right = pose.hands["left"], pose.hands["right"]
    if left and left == right:
        hands = f"both hands {rest_words(left, 'both')}"
    else:
        raised = [s for s in ("left", "right") if pose.hands[s].startswith(("above", "head", "shoulder"))]
        hands = f"your {raised[0]} hand {rest_words(pose.hands[raised[0]])}" if len(raised) == 1 else ""
    return (
        " and ".join(part for part in (weight, hands) if part)
        if weight
        else (f"with {hands}" if hands else "")
    )


def _first_move(following: StepFacts) -> str:
    """The most telling thing of the first counts of the next step."""
    if following.floor:
        return "go down to the floor"
    if not following.moves:
        return "hold" if following.still else "stay in place"
    early = [move for move in following.moves if move.ticks[0] <= following.moves[0].ticks[0] + 2]
    move = most_telling(early, 1)[0]
    when = following.counts.when(move.ticks[:1]) if following.counts.counted else ""
    return f"{call(move.event)} {when}".strip()


def _free_foot(end: Pose, following: StepFacts) -> str:
    """Whether the foot that goes first is free to go."""
    feet = [move for move in following.of("foot") if move.event.what != "onto"]
    if not feet or end.weight not in ("left", "right") or feet[0].event.side == "both":
        return ""
    side = feet[0].event.side
    if side != end.weight:
        return sentence(f"The {side} foot goes first there, and it is free")
    other = "right" if side == "left" else "left"
    return sentence(f"The {side} foot goes first there, so take your weight over to the {other} in time")
