"""The four scores. Each dimension is one module; here they are taken together."""

from __future__ import annotations

from analysis.engine.config import DEFAULT, EngineConfig
from analysis.engine.scoring.balance import score_balance
from analysis.engine.scoring.creativity import score_creativity
from analysis.engine.scoring.rhythm import Reference, reference_of, score_rhythm
from analysis.engine.scoring.showings import shown_once
from analysis.engine.scoring.smoothness import score_smoothness
from analysis.engine.types import ChallengeType, Kinematics, Motion, Music, RhythmBasis, Score

__all__ = ["Reference", "reference_of", "score_all"]


def score_all(
    motion: Motion,
    kin: Kinematics,
    music: Music | None,
    *,
    challenge_type: ChallengeType = "freestyle",
    target_bpm: float | None = None,
    reference: Reference | None = None,
    config: EngineConfig = DEFAULT,
) -> tuple[dict[str, Score], RhythmBasis]:
    """Balance, rhythm, smoothness and creativity, in this order, and what rhythm was judged by.

    A film that shows itself again is read once; but to Creativity a repetition is one.

    Parameters
    ----------
    motion, kin : cleaned movement and what was derived from it.
    music : None when the clip has no sound.
    target_bpm : what the movement's own pulse is expected to be near, where there is no music.
    reference : the demo's timing on the same music, from :func:`reference_of` its rhythm score.
    """
    once, once_kin, once_music = shown_once(motion, kin, music, config=config)
    # Not of what is shown once: it tells of every beat that is heard.
    rhythm, basis = score_rhythm(
        motion, kin, music, target_bpm=target_bpm, reference=reference, config=config
    )
    scores = (
        score_balance(once, once_kin, once_music, challenge_type=challenge_type, config=config),
        rhythm,
        score_smoothness(once, once_kin, config=config),
        score_creativity(motion, kin, music, config=config),
    )
    return {score.name: score for score in scores}, basis
