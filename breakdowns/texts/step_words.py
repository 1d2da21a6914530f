"""A step as a whole, and how it leads into the next one."""

from __future__ import annotations

from dataclasses import replace

from breakdowns.texts import levels
from breakdowns.texts.counts import number
from breakdowns.texts.facts import BACK, IN_THE_AIR, Pose, StepFacts
from breakdowns.texts.parts import turn_words
from breakdowns.texts.phrases import call, rest_words
from breakdowns.texts.voice import TOLD, Voice, joined, most_telling, sentence

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
OTHER = {"left": "right", "right": "left"}
_TRAVELS = 0.6  # torso lengths of the centre of mass


def overview(facts: StepFacts, all_facts: list[StepFacts], voice: Voice) -> str:
    """The opening, what happens on which count, and where it carries the dancer."""
    told = voice.whole(facts.moves, facts.counts)
    if facts.step.repeats is not None:
        opening = _again(facts, all_facts[facts.step.repeats - 1], voice)
    else:
        opening = _opening(facts, voice) if len(facts.moves) > 1 else _hold(facts)
    if facts.floor:
        opening = f"{length_words(facts)} down on the floor"
        told = "Arms and legs cross each other in the picture there, so take the moves from the video"
    return joined(_explained(facts, voice), opening, told, _way(facts))


def _again(facts: StepFacts, original: StepFacts, voice: Voice) -> str:
    """A step that is danced again, and the one thing a dancer would trip over: the other foot goes first."""
    again = voice.choose(
        "Step {n} again",
        "The same as step {n}",
        "Back to step {n}",
        "Once more step {n}",
        n=str(original.number),
    )
    first, before = (_first_side(step) for step in (facts, original))
    return (
        f"{again}; this time the {first} foot goes first" if first and before and first != before else again
    )


def _first_side(facts: StepFacts) -> str:
    """The foot that goes first; empty where both go or none does."""
    feet = [move for move in facts.of("foot") if move.event.what not in ("onto", *BACK)]
    return "" if not feet or feet[0].event.side == "both" else feet[0].event.side


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
    if not facts.counts.counted:
        return sides
    return f"Count along with the beat, one number to a beat, with “&” (say “and”) between two; {sides}"


def _opening(facts: StepFacts, voice: Voice) -> str:
    length, how = length_words(facts), manner(facts)
    ways = {
        "hands": (
            "The arms lead this step: {length}, {how}",
            "{length}, {how}, and most of it is in the arms",
            "Here the hands draw the shape over {length}, {how}",
            "Mostly arms: {length}, {how}",
        ),
        "feet": (
            "The feet do the work here: {length}, {how}",
            "{length} of footwork, {how}",
            "This step belongs to the legs: {length}, {how}",
            "Mostly legs and feet: {length}, {how}",
        ),
        "torso": (
            "This step lives in the middle of the body: {length}, {how}",
            "{length} from the hips and torso, {how}",
            "The torso leads here: {length}, {how}",
        ),
        "": ("A small step of {length}, {how}", "{length} of small moves, {how}"),
    }[facts.lead]
    return voice.choose(*ways, length=length, how=how)


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
    pose = facts.end
    carried = _carried(facts, voice)
    if carried and carried != pose.weight:
        pose = replace(pose, weight="")  # the words before would say otherwise
    end = _pose_words(pose)
    if following is None:
        return joined(
            f"The routine ends here, {end}" if end else "The routine ends here",
            "Hold that picture, or go back to step 1" if end else "Finish clearly, or go back to step 1",
        )
    arriving = voice.choose("You end", "You arrive", "The last count leaves you") if end else ""
    first = _first_move(following)
    free = _free_foot(pose, following)
    again = f", which repeats step {following.step.repeats}," if following.step.repeats is not None else ""
    leads = voice.choose(
        "from there step {next} begins",
        "that leads into step {next}",
        "step {next} takes over from there",
        next=f"{following.number}{again}",
    )
    return joined(
        f"{arriving} {end}" if end else "",
        f"{leads.rstrip(',')}: {first}" if first else leads.rstrip(","),
        free,
    )


def _carried(facts: StepFacts, voice: Voice) -> str:
    """The foot that the last moves told leave the weight on; empty where they do not tell."""
    told = most_telling(facts.of("foot", "level", "weight"), TOLD[voice.difficulty][1])
    last = max((move.ticks[-1] for move in told), default=-1)
    ends = [move.event for move in told if move.ticks[-1] == last]
    if any(event.what == "jump" or event.side == "both" for event in ends):
        return ""
    sides = {
        event.side if event.what == "onto" else OTHER[event.side]
        for event in ends
        if event.part == "foot" and event.what in ("onto", "touch", *IN_THE_AIR)
    } | {event.what for event in ends if event.part == "weight"}
    return sides.pop() if len(sides) == 1 else ""


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
        return ""  # it is free to go
    return sentence(
        f"The {side} foot goes first there, so take your weight over to the {OTHER[side]} in time"
    )
