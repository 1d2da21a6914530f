"""What flows through the engine, stage by stage. Every stage takes some of these and returns one.

``Video -> RawPose -> Motion -> Kinematics`` for the eyes, ``Video -> Sound -> Music`` for the ears; then
``MotionBeats``, ``Step`` and the four ``Score`` objects, gathered in one ``Analysis``.

Conventions
-----------
Times are seconds on the clip's own zero (the first presented video frame). Arrays along time sit on the
fixed grid of ``config.RATE`` Hz and have ``n`` rows. x grows to the right of the picture, y grows down.
``nan`` means "not measured"; no stage ever fills it with a guess.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]

#: Called with (stage name, share done 0..1 of the whole analysis); may raise to cancel the analysis.
Progress: TypeAlias = Callable[[str, float], None]

ChallengeType: TypeAlias = Literal["freestyle", "choreography", "static", "spin", "combo"]
Difficulty: TypeAlias = Literal["beginner", "intermediate", "advanced"]
RhythmBasis: TypeAlias = Literal["music", "motion", "reference", "none"]


@dataclass(frozen=True, slots=True)
class Video:
    """What the container says of a clip, and after the pass what its pictures show.

    Width and height are upright, after rotation.
    """

    duration: float  # s
    width: int  # px
    height: int  # px
    fps: float  # average; the frames themselves may be spaced unevenly
    rotation: int  # degrees clockwise that the player must turn the stored picture: 0, 90, 180, 270
    codec: str
    container: str
    has_audio: bool
    truncated: bool = False  # the file ends before the time it announces; ``duration`` is what there is
    brightness: float | None = None  # 0..1, mean of the median picture; None: not looked at yet


@dataclass(frozen=True, slots=True)
class Sound:
    """Mono sound of a clip on the video's zero. Silence pads a late start."""

    samples: NDArray[np.float32]  # [shape=(m,)]
    rate: int  # Hz


@dataclass(frozen=True, slots=True)
class RawPose:
    """Landmarks as the pose network gave them, on the fixed grid.

    xy is in frame heights: x in 0..width/height, y in 0..1, whatever crop was looked at.
    """

    t: FloatArray  # [shape=(n,)] s
    xy: FloatArray  # [shape=(n, 33, 2)] frame heights; nan where no body was found
    visibility: FloatArray  # [shape=(n, 33)] 0..1; 0 where no body was found
    people: int = 1  # bodies seen at the start of the clip
    cuts: tuple[float, ...] = ()  # s, where the picture changes to another shot

    @property
    def detected(self) -> BoolArray:
        """Frames in which a body was found. [shape=(n,)]"""
        return np.asarray(np.isfinite(self.xy[:, :, 0]).any(axis=1))


@dataclass(frozen=True, slots=True)
class Motion:
    """Cleaned movement. xy is in torso lengths (median of mid-shoulder to mid-hip over the clip).

    The origin is the clip's median mid-hip; distance and position of the camera are thereby gone.
    """

    t: FloatArray  # [shape=(n,)] s
    xy: FloatArray  # [shape=(n, 33, 2)] torso lengths; nan where missing
    visibility: FloatArray  # [shape=(n, 33)]
    observed: BoolArray  # [shape=(n, 33)] seen in this very frame, before gaps were bridged
    torso: float  # frame heights per torso length
    rate: float  # Hz
    people: int = 1
    cuts: tuple[float, ...] = ()

    @property
    def duration(self) -> float:
        """Seconds covered by the grid."""
        return len(self.t) / self.rate


@dataclass(frozen=True, slots=True)
class Kinematics:
    """What the body does, derived from ``Motion``. nan where the landmarks behind it are missing."""

    velocity: FloatArray  # [shape=(n, 33, 2)] torso lengths / s
    speed: FloatArray  # [shape=(n, 33)] torso lengths / s
    angles: FloatArray  # [shape=(n, k)] rad, unwrapped; columns in ``angle_names``
    angle_names: tuple[str, ...]
    angular_velocity: FloatArray  # [shape=(n, k)] rad / s
    angular_acceleration: FloatArray  # [shape=(n, k)] rad / s2
    com: FloatArray  # [shape=(n, 2)] torso lengths, centre of mass (de Leva)
    com_velocity: FloatArray  # [shape=(n, 2)] torso lengths / s
    energy: FloatArray  # [shape=(n,)] kinetic energy per body mass, (torso lengths / s)^2
    limb_speed: FloatArray  # [shape=(n,)] median over wrists, elbows, knees, ankles that are seen


@dataclass(frozen=True, slots=True)
class Music:
    """What is heard. ``bpm`` and ``beats`` are empty where there is no music."""

    clarity: float  # pulse clarity 0..1: peak of the onset autocorrelation, 60..200 BPM
    bpm: float | None
    beats: FloatArray  # [shape=(b,)] s
    alternatives: tuple[tuple[float, float], ...]  # (BPM, salience 0..1), best first
    onset: FloatArray  # [shape=(m,)] onset strength envelope
    onset_rate: float  # Hz
    duration: float  # s


@dataclass(frozen=True, slots=True)
class MotionBeats:
    """Moments at which the body comes to rest between two movements."""

    times: FloatArray  # [shape=(m,)] s, refined between grid points
    prominence: FloatArray  # [shape=(m,)] torso lengths / s


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the routine."""

    start: float  # s
    end: float  # s
    name: str
    repeats: int | None = None  # number (1-based) of the earlier step it repeats
    counts: tuple[int, int] | None = None  # first and last count within the 8-count
    eight: int | None = None  # which 8-count of the routine (1-based)


@dataclass(frozen=True, slots=True)
class Measure:
    """One measured thing behind a score."""

    name: str  # stable, snake_case
    value: float | None  # None: could not be measured, see ``note``
    unit: str
    share: float | None = None  # 0..1, what it earned of its part of the score
    weight: float = 0.0  # part of the score it stands for
    note: str = ""  # one sentence for a person


@dataclass(frozen=True, slots=True)
class Score:
    """One of the four dimensions. ``points`` is None when it was not measurable, never a default."""

    name: str  # balance, rhythm, smoothness, creativity
    points: float | None
    out_of: int
    confidence: float  # 0..1
    measures: tuple[Measure, ...]
    note: str = ""
    series: dict[str, Any] = field(default_factory=dict)  # for the report; plain numbers and lists

    def measure(self, name: str) -> Measure:
        """The measure of that name; KeyError when there is none."""
        for measure in self.measures:
            if measure.name == name:
                return measure
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Feedback:
    """What the dancer is told."""

    text: str  # the whole, a few sentences
    strongest: str  # name of a dimension
    weakest: str
    evidence: tuple[str, ...]
    exercise: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a clip is recognised by (``fingerprint.py``). Rows are even in time and begin with the clip."""

    pictures: BoolArray  # [shape=(m, 64)] signs of the lowest frequencies, every ``picture_step`` grid points
    changes: BoolArray  # [shape=(m, 64)] the same, of what differs from the median picture
    scene: BoolArray  # [shape=(64,)] those of the median picture
    movement: NDArray[np.int8]  # [shape=(n, 12, 2)] 1/32 torso lengths from the hips; -128 where not seen


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything the engine found out about one clip."""

    engine_version: str
    video: Video
    pose: RawPose
    motion: Motion
    kinematics: Kinematics
    music: Music | None  # None: the clip has no audio stream
    motion_beats: MotionBeats
    steps: tuple[Step, ...]
    scores: dict[str, Score]
    total: int
    confidence: float
    rhythm_basis: RhythmBasis
    feedback: Feedback
    flags: tuple[str, ...]  # e.g. "several_people", "cuts", "feet_out_of_picture", "no_audio"
    timings: dict[str, float]  # s per stage
    thumbnail: bytes | None = None  # JPEG of one good frame, upright
    fingerprint: Fingerprint | None = None  # None: scored again, without the video
