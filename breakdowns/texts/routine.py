"""What a breakdown says of a dance: one text per step and the characteristics of the whole.

Whoever writes the words (``describe``, ``openai_texts.rewrite``) fills these; ``steps_json`` and
``analysis_json`` give them in the form of the API.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from analysis.engine.types import Difficulty

Level: TypeAlias = Literal["Beginner", "Intermediate", "Advanced"]


@dataclass(frozen=True, slots=True)
class BodyWords:
    """What each part of the body does in a step."""

    head: str
    hands: str
    shoulders: str
    torso: str
    legs: str
    body_angle: str


@dataclass(frozen=True, slots=True)
class TechnicalNotes:
    """What to watch while practising a step."""

    alignment: str
    timing: str
    energy: str
    precision: str


@dataclass(frozen=True, slots=True)
class QualityMetrics:
    """How the step was danced in the clip, each in a word; "Not measured" where it could not be."""

    smoothness: str
    stability: str
    precision: str
    energy: str
    balance: str


@dataclass(frozen=True, slots=True)
class StepText:
    """One step in words. Times and numbers are the engine's, whoever writes the rest."""

    number: int  # 1-based
    start: float  # s
    end: float  # s
    counts: tuple[int, int] | None  # first and last, 1 to 8; None without beats
    name: str
    global_description: str
    description: BodyWords
    style_and_history: str
    spice_it_up: str
    connection_to_next: str
    technical_notes: TechnicalNotes
    quality_metrics: QualityMetrics
    repeats: int | None = None  # number of the step that it does again
    facts: tuple[str, ...] = ()  # what was measured, in short: the ground on which other words may stand


@dataclass(frozen=True, slots=True)
class Characteristics:
    """The routine as a whole, a sentence each."""

    tempo: str
    rhythm_consistency: str
    flow_smoothness: str
    symmetry: str
    difficulty_level: str
    energy_level: str


@dataclass(frozen=True, slots=True)
class Routine:
    """The whole dance in words."""

    steps: tuple[StepText, ...]
    bpm: float | None  # None: no music was heard
    difficulty_level: Level
    energy_level: str  # Low, Medium, High; "Not measured" like the three below
    rhythm_consistency: str  # Low, Medium, High
    flow_smoothness: str  # Low, Medium, High
    symmetry: str  # Balanced, Left-led, Right-led
    characteristics: Characteristics
    reader: Difficulty  # whom the words are for
    source: Literal["movement", "openai"] = "movement"  # who wrote the sentences

    def steps_json(self) -> list[dict[str, Any]]:
        """The ``steps`` of the API."""
        return [_step_json(step) for step in self.steps]

    def analysis_json(self) -> dict[str, Any]:
        """The ``routine_analysis`` of the API."""
        return {
            "bpm": None if self.bpm is None else round(self.bpm, 1),
            "total_segments": len(self.steps),
            "style_indicators": {
                "rhythm_consistency": self.rhythm_consistency,
                "flow_smoothness": self.flow_smoothness,
                "symmetry": self.symmetry,
            },
            "difficulty_level": self.difficulty_level,
            "energy_level": self.energy_level,
            "overall_routine_characteristics": asdict(self.characteristics),
        }


def timestamp(seconds: float) -> str:
    """A moment as ``MM:SS.mmm``."""
    thousandths = max(0, round(seconds * 1000))
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def _step_json(step: StepText) -> dict[str, Any]:
    words = asdict(step.description)
    return {
        "step_number": step.number,
        "start_timestamp": timestamp(step.start),
        "end_timestamp": timestamp(step.end),
        "counts": None if step.counts is None else list(step.counts),
        "step_name": step.name,
        "global_description": step.global_description,
        "description": {
            **{k: v for k, v in words.items() if k != "body_angle"},
            "bodyAngle": step.description.body_angle,
        },
        "style_and_history": step.style_and_history,
        "spice_it_up": step.spice_it_up,
        "connection_to_next": step.connection_to_next,
        "technical_notes": asdict(step.technical_notes),
        "quality_metrics": asdict(step.quality_metrics),
    }
