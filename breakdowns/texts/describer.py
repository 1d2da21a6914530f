"""Words from the movement: facts of each step in, a teacher's sentences out. No chance, no invention."""

from __future__ import annotations

from analysis.engine.types import Analysis, Difficulty
from breakdowns.texts import levels, notes
from breakdowns.texts.events import Event, busy
from breakdowns.texts.facts import StepFacts, gather
from breakdowns.texts.names import name_steps
from breakdowns.texts.overall import characterise
from breakdowns.texts.parts import body_words
from breakdowns.texts.phrases import call
from breakdowns.texts.routine import Routine, StepText
from breakdowns.texts.step_words import connection, overview
from breakdowns.texts.voice import Voice


def describe(found: Analysis, *, difficulty: Difficulty) -> Routine:
    """The routine in words: the same analysis gives the same words.

    Parameters
    ----------
    found : an analysis made with the same ``difficulty`` (it decides how finely the routine is cut).
    difficulty : how much is said at once, and how finely the counts are told.
    """
    facts, events = gather(found, difficulty)
    voice = Voice(difficulty)
    names = name_steps(facts)
    steps = tuple(_step(step, name, facts, voice) for step, name in zip(facts, names, strict=True))
    return _routine(found, steps, events, difficulty)


def _step(facts: StepFacts, name: str, all_facts: list[StepFacts], voice: Voice) -> StepText:
    following = all_facts[facts.number] if facts.number < len(all_facts) else None
    return StepText(
        number=facts.number,
        start=facts.step.start,
        end=facts.step.end,
        counts=facts.step.counts,
        name=name,
        global_description=overview(facts, all_facts, voice),
        description=body_words(facts, voice),
        style_and_history=notes.style(facts, voice),
        spice_it_up=notes.spice(facts, voice),
        connection_to_next=connection(facts, following, voice),
        technical_notes=notes.technical(facts, voice),
        quality_metrics=notes.quality(facts),
        repeats=facts.step.repeats,
        facts=_told(facts),
    )


def _told(facts: StepFacts) -> tuple[str, ...]:
    """The facts in short lines, for whoever writes other words."""
    counts = facts.counts
    lines = [
        f"{counts.length} counts" if counts.counted else f"{facts.step.end - facts.step.start:.1f} seconds"
    ]
    if facts.step.repeats is not None:
        lines.append(f"repeats step {facts.step.repeats}")
    if facts.floor:
        lines.append("danced on the floor, limbs not told apart")
    if facts.turn:
        lines.append(
            f"whole body turns about {abs(facts.turn):.0f} degrees to the dancer's "
            f"{'left' if facts.turn > 0 else 'right'}"
        )
    lines += [f"{counts.when(move.ticks)}: {call(move.event)}".removeprefix(": ") for move in facts.moves]
    lines += [f"{part} not in the picture" for part, seen in facts.seen.items() if not seen]
    return tuple(lines)


def _routine(
    found: Analysis, steps: tuple[StepText, ...], events: list[Event], difficulty: Difficulty
) -> Routine:
    music = found.music
    bpm = None if music is None or music.bpm is None else round(music.bpm, 1)
    rows = slice(None)
    density, at_once = busy(events, 0.0, found.motion.duration)
    speed = levels.pace(found.kinematics, rows)
    level = levels.difficulty(speed, density, at_once)
    left = levels.left_share(found.kinematics, rows)
    return characterise(
        Routine(
            steps=steps,
            bpm=bpm,
            difficulty_level=level,
            energy_level=levels.PACE.name(speed),
            rhythm_consistency=levels.SHARE.name(levels.score_share(found, "rhythm")),
            flow_smoothness=levels.SHARE.name(levels.score_share(found, "smoothness")),
            symmetry=levels.LEFT_SHARE.name(left, ("Right-led", "Balanced", "Left-led")),
            characteristics=notes.EMPTY,
            reader=difficulty,
        ),
        own_pulse=found.rhythm_basis == "motion",
    )
