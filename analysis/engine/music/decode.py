"""Sound of any audio or video file, for the command line."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from analysis.engine.config import DEFAULT
from analysis.engine.errors import Refusal
from analysis.engine.types import Sound


def decode_sound(path: Path, *, rate: int = DEFAULT.music.sample_rate) -> Sound | None:
    """The first audio stream as mono, on the zero of the video stream where there is one; None without one.

    Raises
    ------
    Refusal : ``unsupported_format`` when this is no media file, ``corrupt_video`` when nothing decodes.
    """
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                return None
            return _read(container, rate)
    except av.FFmpegError as error:
        raise Refusal("unsupported_format", str(error)) from error


def _read(container: av.container.InputContainer, rate: int) -> Sound:
    stream = container.streams.audio[0]
    resampler = av.AudioResampler("fltp", "mono", rate)
    pieces: list[NDArray[np.float32]] = []
    start: float | None = None
    try:
        for frame in container.decode(stream):
            if start is None:
                start = frame.time or 0.0
            pieces += [part.to_ndarray()[0] for part in resampler.resample(frame)]
    except av.FFmpegError:
        if not pieces:
            raise
    pieces += [part.to_ndarray()[0] for part in resampler.resample(None)]
    samples = np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.float32)
    zero = start or 0.0
    if container.streams.video:
        video = container.streams.video[0]
        zero = float((video.start_time or 0) * (video.time_base or 1))
    offset = round(((start or 0.0) - zero) * rate)
    samples = np.pad(samples, (offset, 0)) if offset > 0 else samples[-offset:]
    return Sound(samples=samples.astype(np.float32), rate=rate)
