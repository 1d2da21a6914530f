"""What is asked of OpenAI and what must come back: instructions, facts, the JSON schema, the checks."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from breakdowns.texts.routine import BodyWords, Routine, StepText, TechnicalNotes

PROMPT: Final = """
You are a warm, precise dance teacher. For each step you get the facts that were measured in a video (counts,
which part of the body arrives where, left and right as the dancer's own) and a plain text made from them.
Write better texts: vivid, short, in the imperative, for the level that is named. Keep every left and right
and every count as the facts have them; "3&" is half-way between 3 and 4. Never mention seconds, BPM or other
numbers than the counts. Say nothing about fingers, wrists, palms, eyes, mouth or expression: they were not
measured. Do not name a dance style as a fact, only as a likeness, and invent no history. Say that a step
repeats another one where the facts do. One to four sentences per field, plain text without markup.
""".strip()

_BODY: Final = ("head", "hands", "shoulders", "torso", "legs", "bodyAngle")
_NOTES: Final = ("alignment", "timing", "energy", "precision")
_PLAIN: Final = ("global_description", "style_and_history", "spice_it_up", "connection_to_next")
_LONGEST: Final = {"global_description": 900}
_LONGEST_OTHER: Final = 600

#: Markup, addresses and times have no place in a teacher's sentence.
_FOREIGN: Final = re.compile(r"https?:|www\.|[<>{}\[\]`*#|]|\d:\d|\b\d+(\.\d+)?\s*(bpm|seconds?|ms)\b", re.I)
_UNMEASURED: Final = re.compile(
    r"\b(fingers?|fingertips?|wrists?|palms?|fists?|smil\w*|eyebrows?|lips)\b", re.I
)
#: Words of limbs, and the part that moves with them.
_LIMBS: Final = {
    "hand": "arm", "hands": "arm", "arm": "arm", "arms": "arm",
    "foot": "leg", "feet": "leg", "leg": "leg", "legs": "leg", "knee": "leg", "knees": "leg",
}  # fmt: skip
_SIDED: Final = re.compile(r"\b(left|right|both) (hands?|arms?|foot|feet|legs?|knees?)\b")
_COUNT: Final = re.compile(r"\d&?")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")


class Unfit(ValueError):
    """An answer that cannot be used; the message says why, for the log."""


def schema(count: int) -> dict[str, Any]:
    """The JSON schema of an answer for so many steps, within what strict mode allows."""
    step = _object(
        {
            "step_number": {"type": "integer"},
            **{name: {"type": "string"} for name in _PLAIN},
            "description": _object({name: {"type": "string"} for name in _BODY}),
            "technical_notes": _object({name: {"type": "string"} for name in _NOTES}),
        }
    )
    steps = {"type": "array", "items": step, "minItems": count, "maxItems": count}
    return _object({"steps": steps})


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def question(routine: Routine, steps: Sequence[StepText]) -> str:
    """The facts and our words of some steps, as JSON."""
    ours = {entry["step_number"]: entry for entry in routine.steps_json()}
    wanted = (*_PLAIN, "description", "technical_notes")
    return json.dumps(
        {
            "level_of_the_reader": routine.reader,
            "steps_in_the_routine": len(routine.steps),
            "steps": [
                {
                    "step_number": step.number,
                    "step_name": step.name,
                    "measured": list(step.facts),
                    "plain_text": {name: ours[step.number][name] for name in wanted},
                }
                for step in steps
            ],
        },
        ensure_ascii=False,
    )


def read_answer(content: str, steps: Sequence[StepText], total: int) -> list[StepText]:
    """The steps with the sentences of an answer.

    Raises
    ------
    Unfit : it is not of the schema, or says what it must not.
    """
    try:
        answer = json.loads(content)
    except ValueError as error:
        raise Unfit(f"no JSON: {error}") from error
    found = answer.get("steps") if isinstance(answer, dict) else None
    if not isinstance(found, list) or len(found) != len(steps):
        raise Unfit("another number of steps than asked for")
    return [_step(entry, step, total) for entry, step in zip(found, steps, strict=True)]


def _step(entry: Any, step: StepText, total: int) -> StepText:
    keys = {"step_number", *_PLAIN, "description", "technical_notes"}
    if not isinstance(entry, dict) or set(entry) != keys or entry["step_number"] != step.number:
        raise Unfit(f"step {step.number} is not of the schema")
    body = _texts(entry["description"], _BODY, step, total)
    notes = _texts(entry["technical_notes"], _NOTES, step, total)
    plain = _texts({name: entry[name] for name in _PLAIN}, _PLAIN, step, total)
    return replace(
        step,
        global_description=plain["global_description"],
        style_and_history=plain["style_and_history"],
        spice_it_up=plain["spice_it_up"],
        connection_to_next=plain["connection_to_next"],
        description=BodyWords(**{"body_angle" if k == "bodyAngle" else k: v for k, v in body.items()}),
        technical_notes=TechnicalNotes(**notes),
    )


def _texts(entry: Any, names: Sequence[str], step: StepText, total: int) -> dict[str, str]:
    if not isinstance(entry, dict) or set(entry) != set(names):
        raise Unfit(f"step {step.number} is not of the schema")
    return {name: _text(entry[name], name, step, total) for name in names}


def _text(value: Any, name: str, step: StepText, total: int) -> str:
    """One checked sentence or a few, ending with a full stop."""
    where = f"{name} of step {step.number}"
    if not isinstance(value, str):
        raise Unfit(f"{where} is no text")
    text = " ".join(value.split())
    if not 3 <= len(text) <= _LONGEST.get(name, _LONGEST_OTHER):
        raise Unfit(f"{where} is empty or too long")
    if _FOREIGN.search(text):
        raise Unfit(f"{where} has markup, an address or a time")
    if _UNMEASURED.search(text):
        raise Unfit(f"{where} tells of what was not measured")
    known = {str(number) for number in range(1, max(8, total) + 1)}
    known |= {number for line in step.facts for number in _NUMBER.findall(line)}
    strange = [number for number in _NUMBER.findall(text) if number not in known]
    if strange:
        raise Unfit(f"{where} has a number that was not measured: {strange[0]}")
    swapped = _swapped(text, step.facts)
    if swapped:
        raise Unfit(f"{where} takes the other side: {swapped}")
    return text if text.endswith((".", "!", "?", ".”", '."')) else f"{text}."


def _swapped(text: str, facts: Sequence[str]) -> str:
    """A side that contradicts the facts: on this count this part moves, but on the other side alone."""
    known = {
        (count, side, _LIMBS[part])
        for when, _, what in (line.partition(": ") for line in facts)
        for count in _COUNT.findall(when)
        for sides, part in _SIDED.findall(what)
        for side in (("left", "right") if sides == "both" else (sides,))
    }
    for clause in re.split(r"[.,;:]", text.lower()):
        when = re.match(r"\s*(?:and |then )?on (\d&?) ", clause)
        sided = _SIDED.findall(clause)
        if when is None or len(sided) != 1 or sided[0][0] == "both":
            continue
        side, limb = sided[0][0], _LIMBS[sided[0][1]]
        other = "left" if side == "right" else "right"
        if (when[1], other, limb) in known and (when[1], side, limb) not in known:
            return clause.strip()
    return ""
