"""How far the scores can be trusted, and when there is nothing to score.

Confidence is the product of four shares: how much of the clip shows the dancer, how well the joints are seen
there, how long the clip is (ten seconds are enough), and how large the dancer is in the picture. A dancer who
is clearly seen for seven seconds reaches about .65, one who is seen for half of the time about .45.

Refusals, in this order:

``no_person``
    In less than half of the clip a body is seen: at least half of its twelve joints, so that a face alone
    (from which the network guesses a body) is none.
``no_movement``
    The limbs rest for most of the clip and are never quick. Whether anything moves is judged within the
    body, so a picture of a dancer that is carried past the camera does not move. In a ``static`` challenge
    holding a pose is the task, and only what does not even sway is refused: a picture.
``low_confidence``
    The confidence is below .3. A short clip in which the dancer is clearly seen is only short: its
    confidence says so, and it is not refused.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, sosfiltfilt

from analysis.engine.body import BODY_JOINTS, Landmark
from analysis.engine.clean import alike, finite_runs
from analysis.engine.config import DEFAULT, EngineConfig
from analysis.engine.errors import Refusal
from analysis.engine.kinematics import LIMBS
from analysis.engine.types import BoolArray, ChallengeType, FloatArray, Kinematics, Motion, RawPose, Video


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the confidence is made of; all shares 0..1."""

    detected: float  # of the clip, in which a body is seen
    visibility: float  # mean over the joints in those frames
    size: float  # 1 when the torso is tall enough in the picture
    length: float  # 1 from ten seconds on

    @property
    def view(self) -> float:
        """How well the dancer is seen, whatever the length of the clip."""
        return self.detected * self.visibility * self.size

    @property
    def confidence(self) -> float:
        return self.view * self.length


def check_person(pose: RawPose, *, config: EngineConfig = DEFAULT) -> None:
    """Refuse a clip in which nobody, or only a part of somebody, is seen for most of the time.

    Raises
    ------
    Refusal : ``no_person``.
    """
    share = float(body_seen(pose, config=config).mean()) if len(pose.t) else 0.0
    if share < config.refusal.detected_share:
        raise Refusal("no_person", f"a body is seen in {share:.0%} of the clip")


def check_movement(
    motion: Motion,
    kin: Kinematics,
    *,
    challenge_type: ChallengeType = "freestyle",
    config: EngineConfig = DEFAULT,
) -> None:
    """Refuse a clip in which the dancer does not dance.

    Raises
    ------
    Refusal : ``no_movement``.
    """
    limits = config.refusal
    sway = body_sway(motion)
    if sway < (limits.static_sway if challenge_type == "static" else limits.sway):
        raise Refusal("no_movement", f"the body sways by {sway:.4f} torso lengths: a picture")
    if challenge_type == "static":
        return
    seen = kin.limb_speed[np.isfinite(kin.limb_speed)]
    usual, quick = np.percentile(seen, [50, 90]) if len(seen) else (0.0, 0.0)
    if usual < limits.limb_speed and quick < limits.quick_limb_speed:
        raise Refusal("no_movement", f"limb speed {usual:.3f} (median), {quick:.3f} (90 %) torso lengths / s")


def check_confidence(evidence: Evidence, *, config: EngineConfig = DEFAULT) -> None:
    """Refuse a clip in which the dancer is not seen well enough.

    Raises
    ------
    Refusal : ``low_confidence``.
    """
    limits = config.refusal
    if evidence.confidence < limits.confidence and evidence.view < limits.clear_view:
        raise Refusal("low_confidence", f"confidence {evidence.confidence:.2f}, {evidence}")


def weigh_evidence(
    pose: RawPose, motion: Motion, video: Video, *, config: EngineConfig = DEFAULT
) -> Evidence:
    """How well a clip shows its dancer.

    Parameters
    ----------
    pose : the landmarks as they were seen, before cleaning.
    motion : for the size of the dancer.
    video : for the size of the picture and the length of the clip.
    """
    seen = body_seen(pose, config=config)
    visibility = pose.visibility[seen][:, list(BODY_JOINTS)]
    torso = motion.torso * video.height
    return Evidence(
        detected=float(seen.mean()) if len(seen) else 0.0,
        visibility=float(visibility.mean()) if visibility.size else 0.0,
        size=min(1.0, torso / config.refusal.full_torso),
        length=min(1.0, video.duration / config.refusal.full_length),
    )


def body_seen(pose: RawPose, *, config: EngineConfig = DEFAULT) -> BoolArray:
    """Frames in which at least half of the twelve joints are visible. [shape=(n,)]"""
    visible = pose.visibility[:, list(BODY_JOINTS)] >= config.clean.visibility
    return np.asarray(pose.detected & (visible.mean(axis=1) >= 0.5))


def body_sway(motion: Motion) -> float:
    """How far the joints move against the middle of the hips, slowly (below 1 Hz).

    The noise of the network on a picture that stands still (video compression changes it a little from
    frame to frame) is quick; a person who holds a pose sways slowly.

    Returns
    -------
    Torso lengths: the spread (from the 10th to the 90th percentile) of the coordinate that moves third most;
    nan when no joint was seen for two seconds on end.
    """
    hips = motion.xy[:, [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=1)
    ways = motion.xy[:, [*LIMBS, Landmark.NOSE]] - hips[:, None]
    spreads = _slow_spreads(ways.reshape(len(ways), -1), motion.rate)
    seen = np.sort(spreads[np.isfinite(spreads)])
    return float(seen[max(-3, -len(seen))]) if len(seen) else float("nan")


def _slow_spreads(ways: FloatArray, rate: float) -> FloatArray:
    """Largest spread of each signal within a run, after a low-pass at 1 Hz; nan when none lasts two seconds.

    ``ways`` [shape=(n, m)] -> [shape=(m,)]
    """
    sos = butter(2, 1.0, fs=rate, output="sos")
    spreads = np.full(ways.shape[1], np.nan)
    for ok, signals in alike(np.isfinite(ways)):
        for start, stop in finite_runs(ok):
            if stop - start >= 2.0 * rate:
                slow = sosfiltfilt(sos, ways[start:stop, signals], axis=0)
                low, high = np.percentile(slow, [10, 90], axis=0)
                spreads[signals] = np.fmax(spreads[signals], high - low)
    return spreads
