"""From a clip to its scores: the stages in their order, and nothing else.

    probe, decode, pose, sound   pose/       one pass over the file
    music                        music/      tempo and beats
    movement                     clean, kinematics, motion_beats; what cannot be scored is refused here
    steps                        steps       the routine, cut and named
    scores                       scoring/    four dimensions, each with its measures
    feedback                     feedback    what the dancer is told

Nothing is kept between two calls but the loaded pose network, so several threads or processes may analyse at
once and the same clip gives the same result, bit for bit. The first call sets the BLAS libraries of its
process to one thread: a second one spends more on waiting than it helps, and how many cores a machine has
must not matter to a sum.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from threadpoolctl import threadpool_limits

from analysis.engine import music as hearing
from analysis.engine import pose as seeing
from analysis.engine.clean import clean
from analysis.engine.confidence import check_confidence, check_movement, check_person, weigh_evidence
from analysis.engine.config import DEFAULT, ENGINE_VERSION, EngineConfig
from analysis.engine.feedback import give_feedback
from analysis.engine.fingerprint import fingerprint
from analysis.engine.flags import Facts, find_flags
from analysis.engine.kinematics import derive
from analysis.engine.motion_beats import find_motion_beats
from analysis.engine.posedata import PoseData, load
from analysis.engine.report import report
from analysis.engine.scoring import Reference, reference_of, score_all
from analysis.engine.steps import find_steps
from analysis.engine.types import (
    Analysis,
    ChallengeType,
    Difficulty,
    Fingerprint,
    Music,
    Progress,
    RawPose,
    Score,
    Video,
)

__all__ = ["analyze", "reference_of", "report", "rescore", "total_points", "warm_up"]

#: Stage and the share of the whole that is done when it begins. Watching takes nearly all of the time.
STAGES: Final = {"pose": 0.0, "music": 0.9, "movement": 0.95, "steps": 0.96, "scores": 0.97, "feedback": 0.99}


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was seen and heard in a clip; everything else follows from it."""

    video: Video
    pose: RawPose
    music: Music | None
    thumbnail: bytes | None = None
    fingerprint: Fingerprint | None = None


class _Options(NamedTuple):
    """What the caller asks for."""

    challenge_type: ChallengeType
    target_bpm: float | None
    difficulty: Difficulty
    reference: Reference | None
    config: EngineConfig


def analyze(
    path: str | Path,
    *,
    challenge_type: ChallengeType = "freestyle",
    target_bpm: float | None = None,
    difficulty: Difficulty = "intermediate",
    reference: Reference | None = None,
    progress: Progress | None = None,
    config: EngineConfig = DEFAULT,
) -> Analysis:
    """Analyse a dance clip.

    Parameters
    ----------
    path : a video file (MP4, MOV, AVI, WebM; 3 to 300 s).
    challenge_type : in a ``static`` challenge holding a pose is no reason to refuse.
    target_bpm : a hint that settles which multiple of the pulse is called the beat.
    difficulty : how finely the routine is cut into steps; scores do not depend on it.
    reference : the demo on the same music, from ``reference_of(demo.scores["rhythm"])``; with it being early
        or late counts.
    progress : called with (stage, share of the whole); what it raises ends the analysis and reaches the
        caller.

    Raises
    ------
    Refusal : the clip was looked at and cannot be scored; ``code`` says why.
    OSError : the file cannot be opened.
    """
    _use_one_thread(os.getpid())
    run = _Run(progress)
    with run.stage("pose"):
        watched = seeing.watch(path, progress=run.within("pose"), config=config)
        check_person(watched.pose, config=config)
    run.timings = watched.timings | run.timings
    with run.stage("music"):
        sound = watched.sound
        music = None if sound is None else hearing.hear(sound, target_bpm=target_bpm, config=config)
    found = fingerprint(watched.pictures, watched.pose, config=config)
    seen = _Seen(watched.video, watched.pose, music, watched.thumbnail, found)
    del watched, sound  # half of what a long clip takes; nothing below needs it
    options = _Options(challenge_type, target_bpm, difficulty, reference, config)
    return _judge(seen, options, run)


def rescore(
    data: bytes,
    *,
    challenge_type: ChallengeType = "freestyle",
    target_bpm: float | None = None,
    difficulty: Difficulty = "intermediate",
    reference: Reference | None = None,
    progress: Progress | None = None,
    config: EngineConfig = DEFAULT,
) -> Analysis:
    """Score a clip again from what :func:`analysis.engine.posedata.dump` wrote, without the video.

    With the same engine version and the same arguments everything comes out as before; only thumbnail and
    fingerprint are missing. The music is the one that was heard then: another ``target_bpm`` does not change
    its tempo.

    Raises
    ------
    Refusal : as :func:`analyze`.
    ValueError : the data are not pose data, or damaged.
    """
    _use_one_thread(os.getpid())
    stored: PoseData = load(data)
    check_person(stored.pose, config=config)
    seen = _Seen(stored.video, stored.pose, stored.music)
    options = _Options(challenge_type, target_bpm, difficulty, reference, config)
    return _judge(seen, options, _Run(progress))


def warm_up() -> None:
    """Load the pose network and compile what is compiled, so that the first clip need not wait for it."""
    _use_one_thread(os.getpid())
    seeing.warm_up()
    hearing.warm_up()


def total_points(scores: dict[str, Score]) -> int:
    """Sum of the points, each rounded as it is shown. What was not measured adds nothing and is flagged."""
    return sum(round(score.points) for score in scores.values() if score.points is not None)


@cache
def _use_one_thread(process: int) -> None:
    """For BLAS, once in each process: after every product its second thread spins for a while."""
    threadpool_limits(limits=1, user_api="blas")


def _judge(seen: _Seen, options: _Options, run: _Run) -> Analysis:
    """From landmarks and music to the whole analysis."""
    config = options.config
    with run.stage("movement"):
        motion = clean(seen.pose, config=config)
        kin = derive(motion, config=config)
        check_movement(motion, kin, challenge_type=options.challenge_type, config=config)
        evidence = weigh_evidence(seen.pose, motion, seen.video, config=config)
        check_confidence(evidence, config=config)
        motion_beats = find_motion_beats(motion, kin, config=config)
    with run.stage("steps"):
        steps = find_steps(motion, kin, seen.music, difficulty=options.difficulty, config=config)
    with run.stage("scores"):
        scores, basis = score_all(
            motion,
            kin,
            seen.music,
            challenge_type=options.challenge_type,
            target_bpm=options.target_bpm,
            reference=options.reference,
            config=config,
        )
        # How large the dancer is concerns every score alike; the rest of the evidence each weighs itself.
        scores = {
            k: replace(score, confidence=score.confidence * evidence.size) for k, score in scores.items()
        }
    with run.stage("feedback"):
        flags = find_flags(
            Facts(seen.video, seen.pose, motion, seen.music, evidence, scores),
            config=config,
        )
        feedback = give_feedback(scores, steps, basis=basis, flags=flags)
    return Analysis(
        engine_version=ENGINE_VERSION,
        video=seen.video,
        pose=seen.pose,
        motion=motion,
        kinematics=kin,
        music=seen.music,
        motion_beats=motion_beats,
        steps=steps,
        scores=scores,
        total=total_points(scores),
        confidence=evidence.confidence,
        rhythm_basis=basis,
        feedback=feedback,
        flags=flags,
        timings=run.finish(),
        thumbnail=seen.thumbnail,
        fingerprint=seen.fingerprint,
    )


class _Run:
    """Tells the progress of one analysis and takes its times."""

    def __init__(self, progress: Progress | None) -> None:
        self.timings: dict[str, float] = {}
        self._progress = progress
        self._begun = time.perf_counter()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Announce a stage and time it; the stage that watches times its own parts instead."""
        self._tell(name, STAGES[name])
        begun = time.perf_counter()
        yield
        if name != "pose":
            self.timings[name] = time.perf_counter() - begun

    def within(self, name: str) -> Progress:
        """Progress inside a stage, as a share of the whole."""
        names = list(STAGES)
        start = STAGES[name]
        end = STAGES[names[names.index(name) + 1]]

        def tell(inner: str, share: float) -> None:
            self._tell(inner, start + share * (end - start))

        return tell

    def finish(self) -> dict[str, float]:
        """Seconds of wall time by stage, and in all."""
        self._tell("feedback", 1.0)
        return self.timings | {"total": time.perf_counter() - self._begun}

    def _tell(self, stage: str, share: float) -> None:
        if self._progress is not None:
            self._progress(stage, share)
