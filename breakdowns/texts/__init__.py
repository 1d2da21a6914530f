"""The words of a breakdown: measured movement in, sentences out. Without Django, like the engine."""

from breakdowns.texts.describer import describe
from breakdowns.texts.routine import (
    BodyWords,
    Characteristics,
    QualityMetrics,
    Routine,
    StepText,
    TechnicalNotes,
)

__all__ = [
    "BodyWords",
    "Characteristics",
    "QualityMetrics",
    "Routine",
    "StepText",
    "TechnicalNotes",
    "describe",
]
