"""What is worth knowing about a clip beside its scores: a name for programs, a sentence for the dancer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from analysis.engine.body import Landmark
from analysis.engine.confidence import Evidence
from analysis.engine.config import DEFAULT, EngineConfig, FlagsConfig
from analysis.engine.types import Motion, Music, RawPose, Score, Video

_FEET: Final = (Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE)
_HANDS: Final = (Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST)


class Facts(NamedTuple):
    """What flags are raised from."""

    video: Video
    pose: RawPose
    motion: Motion
    music: Music | None
    evidence: Evidence
    scores: dict[str, Score]


class Flag(NamedTuple):
    """One thing to know."""

    name: str
    raised: Callable[[Facts, FlagsConfig], bool]
    sentence: str


FLAGS: Final[tuple[Flag, ...]] = (
    Flag(
        "low_confidence",
        lambda facts, limits: facts.evidence.confidence < limits.low_confidence,
        "Take these scores as a rough guide: there is too little to judge by.",
    ),
    Flag(
        "no_audio",
        lambda facts, limits: facts.music is None,
        "The video has no sound, so your rhythm could not be compared with music.",
    ),
    Flag(
        "no_music",
        lambda facts, limits: facts.music is not None and facts.music.bpm is None,
        "No clear beat could be heard in the sound, so your rhythm could not be compared with music.",
    ),
    Flag(
        "feet_out_of_picture",
        lambda facts, limits: _seen(facts.motion, _FEET) < limits.part_seen,
        "Your feet are out of the picture for much of the video; film the whole body to have your balance "
        "judged properly.",
    ),
    Flag(
        "hands_out_of_picture",
        lambda facts, limits: _seen(facts.motion, _HANDS) < limits.part_seen,
        "Your hands are hidden or out of the picture for much of the video.",
    ),
    Flag(
        "several_people",
        lambda facts, limits: facts.pose.people > 1,
        "There are several people in the picture; the one nearest to the middle and the camera was judged.",
    ),
    Flag(
        "cuts",
        lambda facts, limits: bool(facts.pose.cuts),
        "The video is cut from several shots; what happens across a cut was not judged.",
    ),
    Flag(
        "small",
        lambda facts, limits: facts.evidence.size < 1.0,
        "You are small in the picture; come closer for a surer result.",
    ),
    Flag(
        "dark",
        lambda facts, limits: facts.video.brightness is not None and facts.video.brightness < limits.dark,
        "The picture is dark; more light gives a surer result.",
    ),
    Flag(
        "short",
        lambda facts, limits: facts.video.duration < limits.short,
        "This is a short clip; ten seconds or more tell much more about a dance.",
    ),
    Flag(
        "truncated",
        lambda facts, limits: facts.video.truncated,
        "The video file is incomplete; only the part that could be read was judged.",
    ),
)

#: By name; a dimension without points is flagged as ``balance_not_measured`` and so on, and says why itself.
SENTENCES: Final = {flag.name: flag.sentence for flag in FLAGS}


def find_flags(facts: Facts, *, config: EngineConfig = DEFAULT) -> tuple[str, ...]:
    """Names of all flags that are raised, in the order of ``FLAGS``."""
    raised = [flag.name for flag in FLAGS if flag.raised(facts, config.flags)]
    missing = [f"{name}_not_measured" for name, score in facts.scores.items() if score.points is None]
    return (*raised, *missing)


def _seen(motion: Motion, landmarks: tuple[Landmark, ...]) -> float:
    """Share of the moments in which these landmarks were seen, where anything was."""
    anyone = motion.observed.any(axis=1)
    return float(np.mean(motion.observed[anyone][:, list(landmarks)])) if anyone.any() else 0.0
