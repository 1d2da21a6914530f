"""What a teacher says about each measure: data, read by ``feedback``, and what the notes of measures share.

Each entry is a list of templates; the first whose fields are all known is used. Times are written as 0:14.
Nothing here claims more than the measure behind it says.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple


class Saying(NamedTuple):
    """What one measure lets a teacher say."""

    good: tuple[str, ...]
    poor: tuple[str, ...]
    exercise: tuple[str, ...]
    #: Another measure of the dimension that must have earned ``GROUND``, or this one says nothing that holds:
    #: where there is no pulse, it cannot wander.
    stands_on: str = ""


#: See ``Saying.stands_on``.
GROUND: Final = 0.3


NAMES: Final = {
    "balance": "Balance",
    "rhythm": "Rhythm",
    "smoothness": "Smoothness",
    "creativity": "Creativity",
}

#: How the strongest dimension is introduced, by the least share of its points.
STRONGEST: Final = (
    (0.75, "{name} is your strong side here ({points} of {out_of})."),
    (0.5, "{name} is what works best here ({points} of {out_of})."),
    (0.0, "There is room to grow everywhere; {name} is furthest along ({points} of {out_of})."),
)

#: How the weakest is introduced, likewise.
WEAKEST: Final = (
    (0.7, "Even your lowest side, {name}, is solid ({points} of {out_of}); there is a little more in it."),
    (0.4, "There is most to gain in {name} ({points} of {out_of})."),
    (0.0, "Work on {name} first ({points} of {out_of})."),
)

ONLY: Final = "Only {name} could be judged ({points} of {out_of})."
NOT_JUDGED: Final = "{name} has no points. {why}"
EXERCISE: Final = "Try this: {exercise}"

ORDINALS: Final = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
)

SAYINGS: Final[dict[tuple[str, str], Saying]] = {
    ("balance", "capture"): Saying(
        good=(
            "You take your weight beyond your feet {excursions} and catch it {caught}.",
            "Your weight {stays} over your feet.",
        ),
        poor=(
            "At {missed_at}, in “{missed_step}”, your weight falls outside your feet and the step that "
            "should catch it comes late.",
            "At {missed_at} your weight falls outside your feet and the step that should catch it comes "
            "late.",
            "Your weight is often outside your feet without a step that catches it.",
        ),
        exercise=(
            "walk “{missed_step}” at half speed and put every foot under your hips before the weight "
            "follows; speed up only while no step comes late.",
            "walk the routine at half speed and put every foot under your hips before the weight "
            "follows; speed up only while no step comes late.",
        ),
    ),
    ("balance", "holds"): Saying(
        good=("Your holds are quiet, as at {hold_at}.",),
        poor=("When you hold, as at {sway_at}, the body keeps swaying.",),
        exercise=(
            "freeze where you hold, as at {sway_at}, and stay there for four slow breaths without moving "
            "your feet; then dance on.",
        ),
    ),
    ("balance", "wobble"): Saying(
        good=(
            "Your weight travels without shaking: only {value_percent} of its sideways movement is wobble.",
        ),
        poor=("Your weight wobbles: {value_percent} of its sideways movement belongs to no beat.",),
        exercise=(
            "take your side steps at half speed with the hands on the hips and soft knees; let the hips "
            "arrive first and the shoulders after them, then add the arms.",
        ),
    ),
    ("balance", "alignment"): Saying(
        good=("Your body stays over the feet that carry it.",),
        poor=("Your body leans out past the feet that carry it.",),
        exercise=(
            "put a line of tape on a mirror; each time both feet are down, bring your nose back over the"
            " space between them before you go on.",
        ),
    ),
    ("balance", "reach"): Saying(
        good=("You carry your weight far over your feet and keep it under control.",),
        poor=(
            "Most of the time your weight stays over the middle of your feet, so there is little balance to "
            "see.",
        ),
        exercise=(
            "dance “{main_step}” and make every change of weight as wide as you can still control: sink into "
            "the standing leg until the other foot leaves the floor for a moment.",
            "take one eight and make every change of weight as wide as you can still control: sink into "
            "the standing leg until the other foot leaves the floor for a moment.",
        ),
    ),
    ("rhythm", "entrainment"): Saying(
        good=(
            "The beat is in your movement, most of all in your {leaders}.",
            "The beat is in your movement.",
        ),
        poor=(
            "The beat (about {bpm} BPM) hardly shows in your movement.",
            "The beat hardly shows in your movement.",
        ),
        exercise=(
            "put on the music, or a metronome at {bpm}, and for two eights only bend your knees on every "
            "beat; then add one arm, then the steps, and go back whenever the bounce is lost.",
            "put on music with a clear beat and for two eights only bend your knees on every beat; then add "
            "one arm, then the steps.",
        ),
    ),
    ("rhythm", "steadiness"): Saying(
        good=("{note}",),
        poor=("Your pulse wanders against the beat: now it comes earlier, now later.",),
        exercise=(
            "dance one eight, stand for one eight while you count on aloud, and come in again on the one; "
            "five times, without looking at anything that shows the beat.",
        ),
        stands_on="entrainment",
    ),
    ("rhythm", "coverage"): Saying(
        good=("You keep the pulse {all_along}.", "You keep the pulse for most of the dance."),
        poor=(
            "You lose the pulse from {lost_from} to {lost_to}, in the {lost_eight} eight.",
            "You lose the pulse from {lost_from} to {lost_to}.",
            "The pulse is there only in parts of your dance.",
        ),
        exercise=(
            "dance the part from {lost_from} to {lost_to} alone, counting aloud from one to eight, and join "
            "it to what comes before only when the counts hold three times running.",
            "count aloud from one to eight through the whole dance; where the counting stops is the part to "
            "practise alone.",
        ),
        stands_on="entrainment",
    ),
    ("rhythm", "timing"): Saying(
        good=("{note}",),
        poor=("{note}",),
        exercise=(
            "dance beside the demo and say “now” with each of its accents; then let the movement arrive on "
            "your “now”.",
        ),
    ),
    ("smoothness", "jerk"): Saying(
        good=(
            "Your movement flows, most of all your {smooth_part}, and best from {smooth_from} to "
            "{smooth_to}.",
            "Your movement flows, most of all your {smooth_part}.",
            "Your movement flows.",
        ),
        poor=(
            "From {rough_from} to {rough_to}, in “{rough_step}”, the movement starts and stops abruptly,"
            " most of all in your {rough_part}.",
            "From {rough_from} to {rough_to} the movement starts and stops abruptly.",
            "The movement starts and stops abruptly.",
        ),
        exercise=(
            "stretch “{rough_step}” over twice the counts without a stop on the way; then bring it back "
            "to speed on the same path.",
            "stretch one move over twice the counts without a stop on the way; then bring it back to "
            "speed on the same path.",
        ),
    ),
    ("smoothness", "slow_power"): Saying(
        good=(
            "There is hardly any shaking in your moves; the best flow is from {smooth_from} to {smooth_to}.",
            "There is hardly any shaking in your moves.",
        ),
        poor=(
            "Small quick shakes run through your {rough_part}, most of all from {rough_from} to {rough_to}.",
            "Small quick shakes run through your moves.",
        ),
        exercise=(
            "breathe out through each move and lead your {rough_part} from the {rough_root}; let the "
            "{rough_end} arrive last.",
            "breathe out through each move and let it begin in the middle of the body; hands and feet "
            "arrive last.",
        ),
    ),
    ("creativity", "entropy"): Saying(
        good=("Your poses are very different from each other.",),
        poor=(
            "Your poses are much alike; from {dull_from} to {dull_to} they change least.",
            "Your poses are much alike.",
        ),
        exercise=(
            "dance one eight with the arms below the hips only, the next above the shoulders only, the "
            "third across the body; then mix them.",
        ),
    ),
    ("creativity", "recurrence"): Saying(
        good=("You rarely come back to a pose you had before.",),
        poor=(
            "Your poses come back often, most of all from {dull_from} to {dull_to}.",
            "Your poses come back often: “{repeated_step}” is danced {times_danced}.",
            "Your poses come back often.",
        ),
        exercise=(
            "dance “{repeated_step}” in three ways, small, large and slow; then take another one each time "
            "it comes again.",
            "each time a move comes again, change one thing: its level, its direction or its speed.",
        ),
    ),
    ("creativity", "novelty"): Saying(
        good=("Your movements keep changing: {value_percent} of the time they are new.",),
        poor=("“{repeated_step}” is danced {times_danced}.", "Most of your movements come again soon."),
        exercise=(
            "when “{repeated_step}” comes for the second time, answer it with another step of the same "
            "length.",
            "when a step comes for the second time, answer it with another one of the same length.",
        ),
    ),
    ("creativity", "effort"): Saying(
        good=("You play with energy, from calm to brisk.",),
        poor=("You dance at nearly one level of energy throughout.",),
        exercise=("dance one eight as small and slow as you dare and the next as large as the room allows.",),
    ),
}

#: The signals that may carry the pulse, in words that follow "your"; see ``leading_parts``.
LEADERS: Final = {
    "head": "head",
    "shoulders": "shoulders",
    "hips": "hips",
    "hips_sideways": "hips",
    "hip_speed": "hips",
    "body": "whole body",
    "wrists": "hands",
    "feet": "feet",
    "knees": "knees",
}

#: Parts of the body as the scores name them: what to call them, where they are led from, what arrives last.
PARTS: Final = {
    "left_arm": ("left arm", "shoulder", "hand"),
    "right_arm": ("right arm", "shoulder", "hand"),
    "left_leg": ("left leg", "hip", "foot"),
    "right_leg": ("right leg", "hip", "foot"),
    "trunk": ("torso", "middle of the body", "head"),
}


def leading_parts(signals: Iterable[str]) -> str:
    """The two signals that carry the pulse best, in words that follow "your"; empty for none."""
    parts = list(dict.fromkeys(LEADERS[signal] for signal in signals))[:2]
    # Which includes the other.
    whole = LEADERS["body"]
    return whole if whole in parts else " and ".join(parts)


def in_times(number: int) -> str:
    """How often, in words."""
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")
