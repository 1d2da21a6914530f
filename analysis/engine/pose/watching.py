"""The seeing half of the engine: one pass over the video, from the file to landmarks, sound and thumbnail."""

from __future__ import annotations

import io
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from analysis.engine.body import BODY_JOINTS, LANDMARK_COUNT
from analysis.engine.config import DEFAULT, EngineConfig
from analysis.engine.media import Picture, Reader
from analysis.engine.pose.cuts import CutFinder, subsampled
from analysis.engine.pose.estimator import Body, Estimator, MediaPipeEstimator
from analysis.engine.pose.follow import Follower
from analysis.engine.posedata import rounded
from analysis.engine.types import Progress, RawPose, Sound, Video


@dataclass(frozen=True, slots=True)
class Watched:
    """Everything that one pass over a clip gives."""

    video: Video
    pose: RawPose  # rounded as pose_data.json stores it, so scoring from there gives the same
    sound: Sound | None  # None: the clip has no audio stream
    thumbnail: bytes | None  # JPEG, upright
    pictures: NDArray[np.uint8]  # [shape=(m, 64, 64)] grey, one for every sixth grid point, to know copies by
    timings: dict[str, float]  # s of wall time: open, decode, convert, pose, sound

    @property
    def brightness(self) -> float | None:
        """0..1, mean of the median picture."""
        return self.video.brightness

    @property
    def truncated(self) -> bool:
        """The file ends before the time it announces; what there is was watched."""
        return self.video.truncated


def watch(
    path: str | Path,
    *,
    progress: Progress | None = None,
    estimator: Estimator | None = None,
    config: EngineConfig = DEFAULT,
) -> Watched:
    """Look at a clip once and follow its dancer.

    Parameters
    ----------
    progress : called with ("pose", share of the clip seen) about once per second of video; what it raises
        ends the pass and reaches the caller.
    estimator : another pose network than MediaPipe's.

    Raises
    ------
    Refusal : see :func:`analysis.engine.media.probe`. A clip in which nobody is seen is not refused here:
        its ``pose`` is nan throughout.
    RuntimeError : the pose network cannot be loaded.
    """
    clock = _Clock()
    with clock("open"):
        estimator = estimator or loaded_estimator(os.getpid())
        reader = Reader(path, config=config)
    with reader:
        observer = _Observer(reader.video, estimator, clock, config=config)
        pictures = reader.pictures()
        while True:
            with clock("decode"):
                picture = next(pictures, None)
            if picture is None:
                break
            observer.take(picture)
            if progress is not None and picture.rows[-1] // 15 != (picture.rows[0] - 1) // 15:
                progress("pose", min(1.0, picture.t / reader.video.duration))
        with clock("sound"):
            sound = reader.sound()
        return Watched(
            video=replace(reader.video, brightness=observer.brightness()),
            pose=observer.pose(),
            sound=sound,
            thumbnail=observer.thumbnail(),
            pictures=observer.pictures(),
            timings=dict(clock.seconds),
        )


@cache
def loaded_estimator(process: int) -> Estimator:
    """The pose network of this process; it does not survive a fork."""
    return MediaPipeEstimator()


def warm_up() -> None:
    """Load the pose network now (about a second), not in the first user's analysis."""
    loaded_estimator(os.getpid())


class _Clock:
    """Wall time by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] += time.perf_counter() - start


class _Observer:
    """Takes the pictures one after the other and keeps what is worth keeping."""

    def __init__(self, video: Video, estimator: Estimator, clock: _Clock, *, config: EngineConfig) -> None:
        self._follower = Follower(estimator, aspect=video.width / video.height, config=config)
        self._cut_finder = CutFinder(config=config)
        self._clock = clock
        self._largest = config.pose.thumbnail / max(1.0, video.width / video.height)
        self._times: list[float] = []
        self._bodies: list[Body | None] = []
        self._cuts: list[float] = []
        self._light: list[float] = []
        self._step, self._side = config.fingerprint.picture_step, config.fingerprint.picture_side
        self._pictures: list[NDArray[np.uint8]] = []
        self._best: NDArray[np.uint8] | None = None
        self._best_score = -1.0

    def take(self, picture: Picture) -> None:
        with self._clock("convert"):
            pixels = self._follower.pixels(picture)
            coarse = subsampled(pixels)
            self._light.append(float(coarse.mean()) / 255)
            if self._cut_finder.is_cut(coarse):
                self._cuts.append(picture.t)
                self._follower.forget(picture.t)
        with self._clock("pose"):
            body = self._follower.follow(picture)
        with self._clock("convert"):
            self._keep_best(picture, body)
        for row in picture.rows:
            if row % self._step == 0:
                with self._clock("convert"):
                    self._pictures.append(picture.grey(self._side))
            self._times.append(picture.t)
            self._bodies.append(body)

    def pose(self) -> RawPose:
        """Landmarks on the grid."""
        n = len(self._times)
        xy, visibility = np.full((n, LANDMARK_COUNT, 2), np.nan), np.zeros((n, LANDMARK_COUNT))
        for row, body in enumerate(self._bodies):
            if body is not None and self._times[row] >= self._follower.since:
                xy[row], visibility[row] = body.xy, body.visibility
        return rounded(
            RawPose(
                t=np.array(self._times),
                xy=xy,
                visibility=visibility,
                people=max(self._follower.people, int(np.isfinite(xy).any())),
                cuts=tuple(self._cuts),
            )
        )

    def pictures(self) -> NDArray[np.uint8]:
        return np.stack(self._pictures) if self._pictures else np.zeros((0, self._side, self._side), np.uint8)

    def brightness(self) -> float:
        return round(float(np.median(self._light)), 3)

    def thumbnail(self) -> bytes | None:
        if self._best is None:
            return None
        file = io.BytesIO()
        Image.fromarray(self._best).save(file, format="JPEG", quality=85)
        return file.getvalue()

    def _keep_best(self, picture: Picture, body: Body | None) -> None:
        """The first picture, until one comes in which the body is clearly better to see."""
        score = 0.0 if body is None else float(np.mean(body.visibility[list(BODY_JOINTS)]))
        if score > self._best_score + (0.05 if self._best is not None else 0.0):
            self._best, self._best_score = picture.rgb(round(self._largest)), score
