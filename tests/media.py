"""Clips for tests: the bundled dancer, changed by code in every way a phone or an upload can change a clip.

All of them are written with PyAV, so what is in a file is known to the sample: time stamps, rotation, where
the sound begins. Clips are short and small; a test that needs more asks for more.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

PROJECT = Path(__file__).resolve().parents[1]

#: Ten seconds, 720 x 1280, 30 fps, 127 BPM; see its json for the beats.
DANCER = PROJECT / "demo" / "jesse_dance_front.mp4"

Picture = NDArray[np.uint8]  # [shape=(height, width, 3)] RGB
Signal = NDArray[np.float32]  # [shape=(m,)]

#: A unit of time that all common frame rates are multiples of.
_TICK = Fraction(1, 30_000)


def data_folder() -> Path:
    """The folder with the clips, music and keypoints that "wild" tests run on; skips the test without it.

    It is ``IDANCE_TEST_DATA`` or ``../shared/data`` beside the project. In CI it must be there.
    """
    folder = Path(os.environ.get("IDANCE_TEST_DATA", PROJECT.parent / "shared" / "data"))
    if not folder.is_dir():
        message = f"no test data in {folder}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return folder


@dataclass(frozen=True)
class Clip:
    """What to write into a file; the defaults are 3.5 seconds as a phone would record them, but small."""

    times: Sequence[float] = tuple(i / 30 for i in range(105))  # s, of each frame
    picture: Callable[[float], Picture] = field(default_factory=lambda: dancer(360))
    sound: Signal | None = None  # mono
    sound_rate: int = 44_100
    sound_start: float = 0.0  # s
    codec: str = "libx264"
    pixels: str = "yuv420p"
    sound_codec: str = "aac"
    tick: Fraction = _TICK  # s, of the frames' time stamps; AVI wants that of the frame rate
    rotation: int = 0  # degrees clockwise that players must turn the stored picture
    options: dict[str, str] = field(default_factory=lambda: {"preset": "ultrafast", "crf": "20"})


def write(path: Path, clip: Clip) -> Path:
    """Write a clip; the container follows from the name."""
    with av.open(str(path), "w") as container:
        first = clip.picture(clip.times[0])
        video = container.add_stream(clip.codec, rate=30, options=clip.options)
        video.width, video.height = first.shape[1], first.shape[0]
        video.pix_fmt = clip.pixels
        video.time_base = video.codec_context.time_base = clip.tick
        if clip.rotation:
            video.set_display_rotation(-clip.rotation)
        audio = None
        if clip.sound is not None:
            audio = container.add_stream(clip.sound_codec, rate=clip.sound_rate, layout="mono")
        packets = _video_packets(video, clip)
        heard = _audio_packets(audio, clip) if audio is not None else iter(())
        _mux_in_turn(container, packets, heard)
    return path


def times(fps: float, seconds: float = 3.5) -> tuple[float, ...]:
    """Even frame times."""
    return tuple(i / fps for i in range(round(seconds * fps)))


def uneven_times(seconds: float = 3.5, *, seed: int = 7) -> tuple[float, ...]:
    """Frame times as a phone has them in poor light: 12 to 60 frames per second, changing all the time."""
    rng = np.random.default_rng(seed)
    steps = 1 / rng.uniform(12, 60, size=round(seconds * 60))
    moments = np.concatenate(([0.0], np.cumsum(steps)))
    return tuple(np.round(moments[moments < seconds], 4))


def dancer(height: int, path: Path = DANCER) -> Callable[[float], Picture]:
    """The bundled dancer at any moment, ``height`` high: the frame shown at that time."""
    frames = _frames(path, height)

    def at(t: float) -> Picture:
        return frames[min(len(frames) - 1, int(t * 30 + 1e-6))]

    return at


def flat(level: int, height: int = 360, width: int = 202) -> Callable[[float], Picture]:
    """A picture of one grey."""
    return lambda t: np.full((height, width, 3), level, dtype=np.uint8)


def room(height: int, width: int) -> Picture:
    """An empty room: a bright wall with a soft gradient, a floor, and nothing else."""
    picture = np.empty((height, width, 3), dtype=np.uint8)
    wall = np.linspace(205, 175, height)[:, None] + np.linspace(0, 15, width)
    picture[:] = wall[:, :, None].astype(np.uint8)
    picture[int(height * 0.75) :] = (120, 105, 95)
    return picture


def side_by_side(*people: Callable[[float], Picture]) -> Callable[[float], Picture]:
    """Several dancers in one picture, from left to right."""
    return lambda t: np.ascontiguousarray(np.hstack([person(t) for person in people]))


def far_away(
    person: Callable[[float], Picture], height: int, width: int, *, left: int, top: int
) -> Callable[[float], Picture]:
    """A small dancer somewhere in a large empty room."""

    def at(t: float) -> Picture:
        picture = room(height, width)
        small = person(t)
        picture[top : top + small.shape[0], left : left + small.shape[1]] = small
        return picture

    return at


def clicks(at: Iterable[float], seconds: float, rate: int = 44_100) -> Signal:
    """Silence with a sharp click at each of the moments."""
    signal = np.zeros(round(seconds * rate), dtype=np.float32)
    for moment in at:
        start = round(moment * rate)
        length = min(round(0.01 * rate), len(signal) - start)
        decay = np.exp(-np.arange(length) / (0.002 * rate))
        signal[start : start + length] = decay * np.sign(np.sin(np.arange(length) * 0.6) + 0.1)
    return 0.8 * signal


def repeated(path: Path, source: Path, seconds: float) -> Path:
    """A long clip made by writing the packets of a short one again and again."""
    with av.open(str(source)) as short, av.open(str(path), "w") as long:
        stream = short.streams.video[0]
        copy = long.add_stream_from_template(stream)
        packets = [bytes(packet) for packet in short.demux(stream) if packet.size]
        step = round(1 / (30 * _TICK))
        for i in range(round(seconds * 30)):
            packet = av.Packet(packets[i % len(packets)])
            packet.stream, packet.time_base = copy, _TICK
            packet.pts = packet.dts = i * step
            packet.duration = step
            packet.is_keyframe = i % len(packets) == 0
            long.mux(packet)
    return path


@cache
def _frames(path: Path, height: int) -> list[Picture]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        width = round(height * stream.width / stream.height / 2) * 2
        return [
            np.ascontiguousarray(frame.to_ndarray(format="rgb24", width=width, height=height))
            for frame in container.decode(stream)
        ]


def _video_packets(stream: Any, clip: Clip) -> Iterator[Any]:
    for t in clip.times:
        frame = av.VideoFrame.from_ndarray(clip.picture(t), format="rgb24")
        frame.pts, frame.time_base = round(t / clip.tick), clip.tick
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _audio_packets(stream: Any, clip: Clip) -> Iterator[Any]:
    assert clip.sound is not None
    resampler = av.AudioResampler(
        format=stream.codec_context.format.name, layout="mono", rate=clip.sound_rate,
        frame_size=stream.codec_context.frame_size or 1024,
    )  # fmt: skip
    whole = av.AudioFrame.from_ndarray(clip.sound[None, :], format="fltp", layout="mono")
    whole.sample_rate, whole.time_base = clip.sound_rate, Fraction(1, clip.sound_rate)
    whole.pts = round(clip.sound_start * clip.sound_rate)
    for frame in (*resampler.resample(whole), *resampler.resample(None)):
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _mux_in_turn(container: Any, *streams: Iterator[Any]) -> None:
    """Packets of all streams in the order of their times, as cameras write them."""
    waiting = [(next(stream, None), stream) for stream in streams]
    waiting = [(packet, stream) for packet, stream in waiting if packet is not None]
    while waiting:
        waiting.sort(key=lambda pair: float((pair[0].dts or 0) * pair[0].time_base))
        packet, stream = waiting.pop(0)
        container.mux(packet)
        following = next(stream, None)
        if following is not None:
            waiting.append((following, stream))
