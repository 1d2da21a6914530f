"""Every constant of the engine, in one frozen and versioned place.

Change a number here and raise ``ENGINE_VERSION``: the version is stored with every result, and results are
only comparable within one version. Where a number was fitted rather than chosen, the comment names the
script that fitted it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

ENGINE_VERSION = "1.0.0"

#: The fixed grid on which every movement signal lives, in Hz.
RATE = 15.0


@dataclass(frozen=True, slots=True)
class ClipLimits:
    """What is accepted at all."""

    shortest: float = 3.0  # s
    longest: float = 300.0  # s


@dataclass(frozen=True, slots=True)
class RefusalLimits:
    """When an analysis is refused rather than invented."""

    detected_share: float = 0.5  # below: no_person
    limb_speed: float = 0.15  # torso lengths / s, median; below: no_movement
    confidence: float = 0.3  # below: low_confidence
    warn_confidence: float = 0.5  # below: the feedback warns


@dataclass(frozen=True, slots=True)
class CleanConfig:
    """How raw landmarks become movement (``clean.py``)."""

    visibility: float = 0.5  # below: missing
    hampel_window: int = 7  # rows
    hampel_sigmas: float = 3.0  # of the neighbourhood's spread
    hampel_floor: float = 0.1  # torso lengths; smaller deviations are never outliers
    swap_cost: float = 0.1  # torso lengths per frame in which the legs are renamed
    swap_ratio: float = 0.5  # of the acceleration may remain where legs are renamed
    swap_gain: float = 0.5  # torso lengths, sum over hips, knees, ankles, that renaming must save
    jump_limit: float = 1.0  # torso lengths; larger second differences cost no more
    gap: float = 0.4  # s, longest stretch that is bridged
    cutoff: float = 5.0  # Hz, -3 dB
    padding: int = 9  # rows mirrored at the ends of a run before filtering


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """All constants of one engine version, by stage."""

    limits: ClipLimits = field(default_factory=ClipLimits)
    refusal: RefusalLimits = field(default_factory=RefusalLimits)
    clean: CleanConfig = field(default_factory=CleanConfig)


DEFAULT = EngineConfig()
