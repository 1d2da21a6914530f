"""The routine as a whole in a sentence per characteristic, from its measured levels."""

from __future__ import annotations

from dataclasses import replace

from breakdowns.texts.levels import NOT_MEASURED
from breakdowns.texts.routine import Characteristics, Routine

#: Beats per minute below which the tempo is called that.
_TEMPI = (
    (80.0, "a slow"),
    (105.0, "an easy"),
    (128.0, "a moderate"),
    (150.0, "a quick"),
    (1e9, "a very quick"),
)

_RHYTHM = {
    "High": "The movement keeps to the beat from beginning to end.",
    "Medium": "The beat is in the movement for much of the routine.",
    "Low": "The movement keeps only loosely to the beat.",
    NOT_MEASURED: "Whether the movement keeps a beat could not be measured.",
}
_OWN_PULSE = {
    "High": "No music was heard; the movement keeps a steady pulse of its own.",
    "Medium": "No music was heard; the movement has a pulse of its own for much of the routine.",
    "Low": "No music was heard, and the movement has no steady pulse of its own.",
    NOT_MEASURED: "No music was heard, so there is no beat to compare with.",
}
_FLOW = {
    "High": "Moves begin and end softly and flow into each other.",
    "Medium": "Most moves flow; some start or stop abruptly.",
    "Low": "Moves start and stop abruptly, by style or for want of practice.",
    NOT_MEASURED: "Too little movement was seen to tell how it flows.",
}
_SYMMETRY = {
    "Balanced": "Left and right have about equally much to do.",
    "Left-led": "The left hand and foot have more to do than the right.",
    "Right-led": "The right hand and foot have more to do than the left.",
    NOT_MEASURED: "Too little of both sides was seen to compare them.",
}
_DIFFICULTY = {
    "Beginner": "Calm enough and simple enough to be learned as a first routine.",
    "Intermediate": "Suited to dancers with some experience: several parts of the body are busy at once.",
    "Advanced": "For experienced dancers: much happens quickly, and in several parts of the body at once.",
}
_ENERGY = {
    "Low": "Calm: it can be danced for a long time without tiring.",
    "Medium": "Lively without being exhausting.",
    "High": "Energetic: warm up first and expect to be out of breath.",
    NOT_MEASURED: "Too little of the limbs was seen to tell how much energy it takes.",
}


def characterise(routine: Routine, *, own_pulse: bool) -> Routine:
    """The routine with its sentences.

    Parameters
    ----------
    own_pulse : rhythm was judged without music, by the movement's own pulse.
    """
    return replace(
        routine,
        characteristics=Characteristics(
            tempo=_tempo(routine.bpm),
            rhythm_consistency=(_OWN_PULSE if own_pulse or routine.bpm is None else _RHYTHM)[
                routine.rhythm_consistency
            ],
            flow_smoothness=_FLOW[routine.flow_smoothness],
            symmetry=_SYMMETRY[routine.symmetry],
            difficulty_level=_DIFFICULTY[routine.difficulty_level],
            energy_level=_ENERGY[routine.energy_level],
        ),
    )


def _tempo(bpm: float | None) -> str:
    if bpm is None:
        return "No music was heard, so the tempo is the dancer's own."
    words = next(words for most, words in _TEMPI if bpm < most)
    return f"The routine is set to {words} tempo of {bpm:.1f} BPM."
