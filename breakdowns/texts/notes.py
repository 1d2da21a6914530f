"""What a teacher adds to a step: style, spice, technical notes; and how it was danced, in a word each."""

from __future__ import annotations

import numpy as np

from breakdowns.texts import levels
from breakdowns.texts.facts import BACK, IN_THE_AIR, UNDONE, Move, StepFacts
from breakdowns.texts.phrases import call
from breakdowns.texts.routine import Characteristics, QualityMetrics, TechnicalNotes
from breakdowns.texts.voice import TOLD, Voice, joined, most_telling

EMPTY = Characteristics(*[""] * 6)


def style(facts: StepFacts, voice: Voice) -> str:
    """The quality of the movement and what it is like, with the doubt that belongs to it."""
    if facts.step.repeats is not None:
        return f"As in step {facts.step.repeats}."
    quality, kin = _kinship(facts, voice)
    doubt = (
        ""
        if facts.number % 3 != 1
        else voice.choose(
            "That is a likeness in movement; where the step comes from cannot be measured",
            "Take it as a likeness, not as a label",
            "Its history is not something that measuring can tell",
            "Other styles move like this, too",
        )
    )
    return joined(quality, kin, doubt)


def _kinship(facts: StepFacts, voice: Voice) -> tuple[str, str]:
    whats = {move.event.what for move in facts.moves}
    sharp = facts.sharp
    flowing = facts.flowing
    sways = [m for m in facts.moves if m.event.part == "weight" and len(m.ticks) > 1]
    low = np.isfinite(facts.begin.level + facts.end.level) and max(facts.begin.level, facts.end.level) < 0.85
    rows = (
        (
            "jump" in whats,
            "It is danced off the floor, with a spring in every landing",
            "such light, hopping footwork is shared by house, many folk dances and aerobics",
        ),
        (
            "jump" in whats,
            "It hops from foot to foot rather than walks" if facts.of("foot") else "It springs in place",
            "hops like these are danced in swing, in Charleston and in many folk dances",
        ),
        (
            bool(facts.turn),
            "The whole body turns",
            "turns like this are common to jazz, Latin and social dances alike",
        ),
        (
            bool({"kick out", "kick across", "knee up"} & whats),
            "Lifted legs give it its look",
            "leg lifts like these are at home in jazz and show dance as much as in folk dances",
        ),
        (
            {"left", "right"} <= {m.event.what for m in facts.of("lean")},
            "The torso answers the legs from side to side",
            "a body that swings against its legs like this is common in jazz and swing",
        ),
        (
            bool(sways),
            "The weight goes from side to side and the rest follows",
            "such a sway is the ground of many Latin and social dances",
        ),
        (low, "It stays low, with bent knees", "many street styles are grounded like that"),
        (
            sharp,
            "Moves stop clearly before the next begins",
            "stop-and-go like this is known from popping and other street styles",
        ),
        (
            flowing and facts.lead == "hands",
            "The arms run on without stopping",
            "arms that flow like this remind of contemporary and lyrical dance",
        ),
        (flowing, "One move runs into the next without a stop", "contemporary dance often moves like that"),
    )
    special = [(quality, kin) for fits, quality, kin in rows if fits]
    plain: tuple[tuple[str, str], ...] = (_STILL,) if facts.still else _PLAIN[facts.lead]
    if special and facts.lead == "feet":
        plain = ()  # feet that do something special do not walk plainly
    # What an earlier step was told already gives way to what is as true of this one.
    fitting = [one for one in special if not voice.used[one[0]]] or [*plain, *special]
    chosen = voice.choose(*(quality for quality, _ in fitting))
    return chosen, dict(fitting)[chosen]


#: What is said where nothing special is found.
_PLAIN = {
    "hands": (
        (
            "Clear arm shapes make the step",
            "arm pictures like these are common in commercial and show choreography",
        ),
        (
            "What there is to see is in the arms",
            "waacking, jazz and many folk dances work with them like that",
        ),
        (
            "The hands draw and the body carries them",
            "dances as different as vogue and hula let the arms speak",
        ),
    ),
    "feet": (
        ("Plain steps carry it", "step patterns like this are found in most social dances"),
        ("The feet set the pattern", "line dances are put together from steps like these"),
        ("It is walked more than posed", "footwork like this turns up from folk dance to hip hop"),
    ),
    "torso": (
        ("It comes from the middle of the body", "grooves like this are the ground of most club dances"),
        ("The middle moves and the limbs follow", "hip hop and many Latin dances begin there, too"),
    ),
    "": (
        ("It is a small move", "something like it fits under almost any style"),
        ("It stays close to the body", "moves of this size link larger ones in every style"),
    ),
}
_STILL = ("It is a moment of rest", "dances of every kind have such holds")

_SPICE = {
    "hand": (
        "Once the path is safe, let the elbow start and the hand arrive last",
        "Look where the hand goes a moment before it gets there",
        "Make the same path larger, as if you drew it on a wall behind you",
        "Stretch the arm on the way and soften it only after it has arrived",
    ),
    "foot": (
        "Take the step wider than feels polite, but keep your hips over the foot that carries",
        "Sink a little into the standing leg before the foot leaves",
        "Let the hips answer every step with a small sway",
        "Place the foot without a sound, then once with all your weight, and choose",
    ),
    "leg": (
        "Let the knee lead on the way up and the foot follow",
        "Hold the leg in the air a moment longer than you need to",
        "Lower the leg more slowly than it went up",
    ),
    "jump": (
        "Land without a sound",
        "Use each landing as the start of the next move",
        "Jump for height, not for noise",
    ),
    "level": (
        "Go lower than in the clip and come up a touch later than you want to",
        "Add a small bounce at the lowest point",
        "Let your chest answer the knees half a count later",
    ),
    "torso": (
        "Exaggerate the line once as far as you can, then dance it at two thirds of that",
        "Breathe out into the movement of your torso and let the arms hang from it",
        "Let your shoulders arrive half a count after your hips",
    ),
    "head": ("Let the eyes go first and the head follow", "Keep the chin level and let the head arrive last"),
    "still": (
        "Make the stillness loud: grow a little taller with every breath",
        "Breathe in through the hold and start the next step on the out-breath",
    ),
    "again": (
        "It is the second time: change one thing, its size, its level or its speed",
        "They know this step already: dance it smaller, then surprise with what follows",
        "Since it comes again, give it more weight than before",
    ),
}
_SPICE_OF = {
    "weight": "torso", "lean": "torso", "dip": "torso", "tilt": "head", "gaze": "head", "nod": "head",
    "shoulder": "torso",
}  # fmt: skip


def spice(facts: StepFacts, voice: Voice) -> str:
    """Something to try that grows out of the step's main move."""
    if facts.floor:
        return "Press the floor away from you, and leave it as quietly as you came."
    if facts.step.repeats is not None:
        return joined(voice.choose(*_SPICE["again"]))
    top = most_telling(facts.moves, 1)
    if not top:
        return joined(voice.choose(*_SPICE["still" if facts.still else "torso"]))
    part = top[0].event.part
    what = top[0].event.what
    group = "jump" if what == "jump" else "leg" if what in IN_THE_AIR else _SPICE_OF.get(part, part)
    return joined(voice.choose(*_SPICE[group]))


def technical(facts: StepFacts, voice: Voice) -> TechnicalNotes:
    """Alignment, timing, energy, precision: each from what was measured of it."""
    if facts.floor:
        return TechnicalNotes(
            alignment="Keep your weight over the hands and feet that carry it.",
            timing=_floor_timing(facts),
            energy=_energy(facts, voice),
            precision="Know where each hand and foot will be before you put weight on it.",
        )
    return TechnicalNotes(
        alignment=_alignment(facts, voice),
        timing=_timing(facts, voice),
        energy=_energy(facts, voice),
        precision=_precision(facts, voice),
    )


def _floor_timing(facts: StepFacts) -> str:
    length = facts.counts.length
    return (
        f"It takes {length} counts; take the rest from the music."
        if length
        else "Take the time from the video."
    )


def _alignment(facts: StepFacts, voice: Voice) -> str:
    if facts.misses:
        return voice.choose(
            "The weight gets ahead of the feet in the clip: bring a foot under your hips before you go on.",
            "Here the clip loses its base for a moment: set the foot down under you, then move on.",
        )
    if facts.of("lean"):
        return voice.choose(
            "Lean in one line from the hips to the head, without breaking in the waist.",
            "Let the lean begin in the feet and keep the neck in line with the back.",
        )
    if facts.of("level") and facts.seen["feet"]:
        return voice.choose(
            "When the knees bend let them go over the toes, and keep the back long.",
            "Bend in the knees, not in the waist.",
        )
    return voice.choose(
        "Ears over shoulders, shoulders over hips.",
        "Keep your weight over the middle of your feet.",
        "Grow tall through the top of the head before you start.",
        "Keep both sides of the waist equally long.",
    )


def _timing(facts: StepFacts, voice: Voice) -> str:
    if not facts.counts.counted:
        return voice.choose(
            "No beat was heard, so there are no counts: keep the order and an even pace.",
            "Without a beat to count on, follow the pace of the clip.",
            "Take the time of each move from the video.",
        )
    if not facts.moves:
        what = "of stillness" if facts.still else "of small moves"
        return f"Count all of it: {facts.counts.length} counts {what}."
    beginner = facts.counts.difficulty == "beginner"
    told = most_telling(facts.moves, TOLD["beginner"][0] if beginner else 6)
    ands = sorted({tick for move in told for tick in move.ticks if tick % 2})
    if beginner and not ands:
        return voice.choose(
            "Arrive on the number, do not start on it.",
            "Say the numbers aloud and be there when you say them.",
            "Start early enough to be there on the count.",
            "Count it once without moving, then dance it.",
        )
    whole = {tick for move in told for tick in move.ticks if tick % 2 == 0}
    if not ands:
        return voice.choose(
            "What is told here lands on whole counts: arrive on the number, do not start on it.",
            "All of these moves are on whole counts: be there when you say the number.",
        )
    if len(ands) > len(whole):
        return voice.choose(
            "Most of it falls between the counts: say the “and” aloud while you learn it.",
            "The off-beat leads here: count “one and two and” and arrive on the “and”.",
        )
    return voice.choose(
        "Most moves land on the count; be ready for what comes {when}.",
        "Mind what comes {when}: it does not wait for the number.",
        "Hear the “and” {when} before you dance it; the rest is on the numbers.",
        when=facts.counts.when(ands[:2]),
    )


def _energy(facts: StepFacts, voice: Voice) -> str:
    if facts.still:
        return "Hold it awake rather than hard: ready to move, without stiffness."
    stops = levels.CONTRAST.name(
        facts.contrast, ("flow" if facts.flowing else "on", "even", "stop" if facts.sharp else "rest")
    )
    ways = {
        "Low": ("little force", "an easy, low effort", "calm energy"),
        "Medium": ("medium energy", "medium effort", "moderate force"),
        "High": ("full energy", "a lot of drive", "high energy"),
    }.get(levels.PACE.name(facts.pace))
    if ways is None:
        return "Too little of the limbs was seen to tell how much energy it takes."
    amount = voice.choose(*ways)
    end = {
        "flow": "and let one move run into the next",
        "rest": "and let it settle softly between the moves",
        "on": "and keep going, without real stops",
        "stop": "and put it into clear stops",
        "even": "and spread it evenly",
    }.get(stops, "and spread it evenly")
    return joined(f"Dance it with {amount} {end}")


def _precision(facts: StepFacts, voice: Voice) -> str:
    shapes = [m for m in facts.moves if m.event.part in ("hand", "foot", "lean", "level")]
    shapes = [m for m in shapes if m.event.what not in (*UNDONE, *BACK)] or shapes
    # A moment that the overview tells: else the dancer meets it here for the first time.
    told = most_telling(facts.moves, TOLD[voice.difficulty][0])
    shapes = [m for m in shapes if m in told] or shapes
    if facts.still:
        return voice.choose("Be as still at the end as at the beginning.", "Arrive once, then move nothing.")
    if not shapes:
        return voice.choose("Small is fine; vague is not.", "Make it the same size every time.")
    kept = max(shapes, key=lambda m: (round(min(m.event.stays, 1.5), 2), round(m.weight, 6)))
    move = Move(kept.event, kept.ticks[:1])
    when = facts.counts.when(move.ticks) if facts.counts.counted else ""
    picture = f"{call(move.event)} {when}".strip()
    return voice.choose(
        "The picture to hit: {picture}.",
        "Show one moment clearly: {picture}.",
        "If you get one thing exact, let it be this: {picture}.",
        picture=picture,
    )


def quality(facts: StepFacts) -> QualityMetrics:
    """How the step was danced in the clip."""
    if facts.floor or not facts.seen["feet"]:
        balance = levels.NOT_MEASURED
    elif facts.misses:
        balance = "Lost for a moment"
    else:
        balance = "Caught by steps" if facts.leaves else "Maintained"
    return QualityMetrics(
        smoothness=levels.SHARE.name(facts.smoothness),
        stability=levels.SHAKE.name(facts.shake, ("High", "Medium", "Low")),
        precision=levels.CONTRAST.name(facts.contrast),
        energy=levels.PACE.name(facts.pace),
        balance=balance,
    )
