"""Sound of any audio or video file, without its pictures."""

from __future__ import annotations

from pathlib import Path

import av
from av.container import InputContainer

from analysis.engine.config import DEFAULT, EngineConfig
from analysis.engine.errors import Refusal
from analysis.engine.soundtrack import Soundtrack
from analysis.engine.types import Sound


def decode_sound(path: Path, *, config: EngineConfig = DEFAULT) -> Sound | None:
    """The first audio stream, on the zero of the video where there is one; None without an audio stream.

    Raises
    ------
    Refusal : ``unsupported_format`` when this is no media file, ``corrupt_video`` when it breaks off before
        anything was heard.
    """
    try:
        container = av.open(str(path))
    except (av.FFmpegError, OSError) as error:
        raise Refusal("unsupported_format", f"{type(error).__name__}: {error}") from error
    with container:
        return _read(container, config) if container.streams.audio else None


def _read(container: InputContainer, config: EngineConfig) -> Sound:
    stream = container.streams.audio[0]
    track = Soundtrack(stream, config=config)
    try:
        for packet in container.demux(stream):
            track.hear(packet)
    except av.FFmpegError as error:
        if track.end == 0.0:
            raise Refusal("corrupt_video", f"{type(error).__name__}: {error}") from error
    leading = container.streams.video[0] if container.streams.video else stream
    zero = float((leading.start_time or 0) * (leading.time_base or 1))
    return track.finish(zero, config.limits.longest)
