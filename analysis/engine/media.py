"""One pass over a clip: what the container says, upright pictures near the grid points, and the sound.

A file is opened once and read once, packet by packet; neither pictures nor packets are kept, so memory does
not grow with the length of the clip. All times are taken from the presentation time stamps: frames of phones
are unevenly spaced, and number / fps is not a time.

What costs nothing is not done: frames that are nearest to no grid point are not converted, and where the
codec allows it (H.264 and HEVC frames that no other frame refers to) they are not even decoded. The pictures
that come out are the same, bit for bit.

A film of 16 or 24 frames a second that was coded anew with 30 or 60 shows many frames twice or more. A frame
that repeats the one before is not another moment: the picture keeps the time at which it was first shown.
"""

from __future__ import annotations

import bisect
import math
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from analysis.engine.config import DEFAULT, RATE, EngineConfig
from analysis.engine.errors import Refusal
from analysis.engine.soundtrack import Soundtrack
from analysis.engine.types import Sound, Video

#: Only these demuxers are tried, and only local files: playlists and references to other files or hosts,
#: which FFmpeg would follow, are not videos to us.
_OPTIONS = {"format_whitelist": "mov,avi,matroska", "protocol_whitelist": "file"}

#: How files that we could read begin: (offset, bytes). A file that begins so and still fails is damaged.
_BEGINNINGS = ((4, b"ftyp"), (4, b"moov"), (4, b"mdat"), (0, b"RIFF"), (0, b"\x1aE\xdf\xa3"))

#: Codecs whose decoders leave out frames that no other frame refers to, when asked.
_SKIPPING_CODECS = frozenset({"h264", "hevc"})


def probe(path: str | Path, *, config: EngineConfig = DEFAULT) -> Video:
    """What the container says of a clip, after its first picture was decoded.

    Raises
    ------
    Refusal : ``unsupported_format``, ``corrupt_video``, ``no_video_stream``, ``too_short``, ``too_long``.
    OSError : the file cannot be opened at all.
    """
    with Reader(path, config=config) as reader:
        return reader.video


@dataclass(frozen=True, slots=True)
class Picture:
    """One frame of the clip and the grid points it is the nearest to (several when the clip is slow)."""

    t: float  # s on the clip's own zero
    rows: range
    frame: VideoFrame
    _painter: Painter
    _painted: dict[int, NDArray[np.uint8]] = field(default_factory=dict)

    @property
    def largest(self) -> int:
        """Height of the upright picture in the file, in px."""
        return self._painter.height

    def rgb(self, height: int) -> NDArray[np.uint8]:
        """The whole picture, upright, at least ``height`` high, but never larger than it is in the file.

        [shape=(height, width, 3)] contiguous. Heights come in steps of a fifth, because setting up the
        conversion for another size costs more than a few more pixels.
        """
        level = min(self._painter.height, math.ceil(2 ** (math.ceil(4 * math.log2(max(1, height))) / 4)))
        if level not in self._painted:
            self._painted[level] = self._painter.paint(self.frame, level)
        return self._painted[level]

    def grey(self, side: int) -> NDArray[np.uint8]:
        """The whole picture, upright, pressed into a small square of grey. [shape=(side, side)]"""
        return self._painter.paint_grey(self.frame, side)


class Reader:
    """The one pass. Use it as a context manager: take ``pictures()`` to their end, then ``sound()``.

    Attributes
    ----------
    video : what the container says; after the pass it tells of truncation, with the true duration.
    """

    def __init__(self, path: str | Path, *, config: EngineConfig = DEFAULT) -> None:
        self._config = config
        self._damaged = False
        self._container = open_clip(Path(path))
        try:
            self._stream = picture_stream(self._container, config.media.largest_picture)
            self._stream.thread_type = "NONE"  # threads cost more CPU in all; processes share the work
            self._tick = self._stream.time_base
            self._stream.codec_context.options = {"max_pixels": str(config.media.largest_picture)}
            self._audio = sound_stream(self._container)
            self._soundtrack = Soundtrack(self._audio, config=config) if self._audio else None
            self._skipper = _Skipper(self._stream) if _may_skip(self._container, self._stream) else None
            self._frames = self._decode()
            first = next(self._frames, None)
            if first is None:
                raise Refusal("corrupt_video", "no frame could be decoded")
            self._first = first
            # AVI has no presentation times: frames come in order at the times of decoding, the first at 0.
            self._avi = self._container.format.name == "avi"
            self._zero = 0.0 if self._avi else first.time or 0.0
            self._painter = Painter(first, pixel_aspect_of(self._stream))
            self.video = self._describe(Path(path), first)
            self._check_limits()
        except BaseException:
            self._container.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._container.close()

    def pictures(self) -> Iterator[Picture]:
        """Frames nearest to the grid points 0, 1/RATE, 2/RATE ... up to the last frame, in order.

        Raises
        ------
        Refusal : ``corrupt_video`` when less can be decoded than the shortest clip, ``too_long`` when
            the frames go on for longer than the container said.
        """
        longest = self._config.limits.longest + self._config.media.tolerance
        before, before_t, last_t, row = self._first, 0.0, 0.0, 0
        shown = _Glance(self._first)
        for frame in self._frames:
            t = self._time_of(frame, last_t)
            if t <= last_t:
                continue
            if t > longest:
                raise Refusal("too_long", f"frames at {t:.1f} s")
            last_t, glance = t, _Glance(frame)
            if t - before_t <= self._config.media.repeat and glance.repeats(shown):
                if self._skipper is not None:
                    self._skipper.stop()
                continue
            # Grid points up to the middle between the two frames belong to the earlier one.
            until = math.floor((before_t + t) / 2 * RATE + 1e-6) + 1
            if until > row:
                yield Picture(before_t, range(row, until), before, self._painter)
                row = until
            before, before_t, shown = frame, t, glance
        until = math.floor(last_t * RATE + 1e-6) + 1
        if until > row:
            yield Picture(before_t, range(row, until), before, self._painter)
        self._finish(last_t)

    def sound(self) -> Sound | None:
        """The sound from the clip's zero to its end; None without an audio stream. Call after the pass."""
        if self._soundtrack is None:
            return None
        return self._soundtrack.finish(self._zero, self.video.duration)

    def _decode(self) -> Iterator[VideoFrame]:
        """Video frames in order of presentation; the packets of the sound are heard on the way."""
        skipper = self._skipper
        for packet in self._packets():
            if packet.stream is not self._stream:
                if self._soundtrack is not None:
                    self._soundtrack.hear(packet)
                continue
            for chosen in skipper.pass_on(packet) if skipper else (packet,):
                try:
                    frames = chosen.decode()
                except av.FFmpegError:
                    self._damaged = True
                    continue
                for frame in frames:
                    if skipper and not skipper.started:
                        skipper.start(frame)
                    if isinstance(frame, VideoFrame):
                        yield frame

    def _packets(self) -> Iterator[Packet[Any]]:
        streams = [self._stream] + ([self._audio] if self._audio else [])
        try:
            yield from self._container.demux(streams)
        except av.FFmpegError:
            self._damaged = True
            # The decoders still hold frames of what was read.
            for stream in streams:
                yield _flush(stream)

    def _time_of(self, frame: VideoFrame, before: float) -> float:
        stamp, first = (frame.dts, self._first.dts) if self._avi else (frame.pts, self._first.pts)
        if stamp is None or first is None or self._tick is None:
            return before + 1 / self.video.fps
        return (stamp - first) * self._tick.numerator / self._tick.denominator

    def _describe(self, path: Path, first: VideoFrame) -> Video:
        stream = self._stream
        rate = stream.average_rate or stream.guessed_rate
        return Video(
            duration=_announced(self._container, stream)
            or _scanned_duration(path, self._config.media.largest_picture),
            width=self._painter.width,
            height=self._painter.height,
            fps=float(rate) if rate else RATE,
            rotation=self._painter.rotation,
            codec=stream.codec_context.codec.canonical_name,
            container=self._container.format.name.split(",")[0],
            has_audio=self._audio is not None,
        )

    def _check_limits(self) -> None:
        limits, media = self._config.limits, self._config.media
        short, long = sorted((self.video.width, self.video.height))
        if long > media.slimmest * short:
            raise Refusal("unsupported_format", f"a strip of {self.video.width} x {self.video.height}")
        if self.video.duration < limits.shortest - media.tolerance:
            raise Refusal("too_short", f"{self.video.duration:.2f} s")
        if self.video.duration > limits.longest + media.tolerance:
            raise Refusal("too_long", f"{self.video.duration:.1f} s")

    def _finish(self, last: float) -> None:
        """Compare what came with what was announced."""
        end, announced = last + 1 / self.video.fps, self.video.duration
        heard = self._soundtrack.end - self._zero if self._soundtrack else 0.0
        # Matroska announces the longer of picture and sound.
        came = max(end, heard) if self._stream.duration is None else end
        truncated = self._damaged or came < announced - self._config.media.missing_end
        self.video = replace(self.video, duration=min(end, announced), truncated=truncated)
        if end < self._config.limits.shortest - self._config.media.tolerance:
            raise Refusal("corrupt_video" if truncated else "too_short", f"{end:.2f} s of {announced:.2f}")


class Painter:
    """Turns decoded frames into upright RGB pictures: one scaling, then a turn by quarters."""

    def __init__(self, first: VideoFrame, pixel_aspect: float = 1.0) -> None:
        self.rotation = rotation_of(first)
        stored = (round(first.width * pixel_aspect), first.height)
        self.width, self.height = stored[::-1] if self.rotation in (90, 270) else stored
        # One for each size and format: setting a conversion up costs more than several conversions.
        self._reformatters: defaultdict[tuple[int, str], VideoReformatter] = defaultdict(VideoReformatter)

    def paint(self, frame: VideoFrame, height: int) -> NDArray[np.uint8]:
        """The upright picture, ``height`` high. [shape=(height, width, 3)]"""
        width = max(1, round(height * self.width / self.height))
        if self.rotation in (90, 270):
            width, height = height, width
        return self._converted(frame, width, height, "rgb24")

    def paint_grey(self, frame: VideoFrame, side: int) -> NDArray[np.uint8]:
        """The upright picture as a square of grey. [shape=(side, side)]"""
        return self._converted(frame, side, side, "gray")

    def _converted(self, frame: VideoFrame, width: int, height: int, kind: str) -> NDArray[np.uint8]:
        reformatter = self._reformatters[height, kind]
        picture = reformatter.reformat(frame, width, height, kind, interpolation=Interpolation.AREA)
        # rot90 turns counterclockwise, players turn clockwise.
        return np.ascontiguousarray(np.rot90(picture.to_ndarray(), -self.rotation // 90))


class _Glance:
    """As little of a frame as tells it from the next: grey at every fourth pixel of every eighth row."""

    _ROWS, _COLUMNS, _BLOCK = 8, 4, (2, 4)  # together blocks of 16 x 16 px
    _SAME = 6.0  # grey levels, mean over the block that changed most; repeated frames 1 to 5, dances over 20
    _OTHER, _FEW = 60, 4  # grey levels of one pixel that settle it; looked for in every fourth row first

    def __init__(self, frame: VideoFrame) -> None:
        self._grey: NDArray[np.int16] | None = None
        if frame.format.name in ("yuv420p", "yuvj420p", "nv12"):
            plane = frame.planes[0]
            rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
            grey = rows[:: self._ROWS, : plane.width : self._COLUMNS].astype(np.int16)
            high, wide = self._BLOCK
            self._grey = grey[: len(grey) // high * high, : grey.shape[1] // wide * wide]

    def repeats(self, other: _Glance) -> bool:
        """Is it the same picture, but for what coding does to it?"""
        mine, theirs = self._grey, other._grey
        if mine is None or theirs is None or mine.shape != theirs.shape or not mine.size:
            return False
        if np.abs(mine[:: self._FEW] - theirs[:: self._FEW]).max() > self._OTHER:
            return False
        high, wide = self._BLOCK
        blocks = np.abs(mine - theirs).reshape(len(mine) // high, high, -1, wide)
        return bool(blocks.mean(axis=(1, 3)).max() <= self._SAME)


class _Skipper:
    """Tells the decoder which frames need not be decoded: those nearest to no grid point.

    Packets are held back until the time stamps around each are known. When in doubt a frame is decoded; the
    decoder itself leaves out only frames that no other frame refers to.
    """

    _HELD = 48  # packets; more than any codec reorders

    def __init__(self, stream: VideoStream) -> None:
        self._codec = stream.codec_context
        self._grid_per_tick = float(stream.time_base or 0) * RATE
        self._skips = False  # what the decoder is set to
        self._held: deque[Packet[Any]] = deque()
        self._known: list[int] = []  # time stamps around the held packets, sorted
        self._zero = 0
        self.started = False
        self._stopped = False

    def stop(self) -> None:
        """Leave out nothing more: where frames repeat, the first of them tells the time."""
        self._stopped = True

    def start(self, first: VideoFrame) -> None:
        """Fix the zero of the grid; before, every frame is decoded."""
        self._zero, self.started = first.pts or 0, True

    def pass_on(self, packet: Packet[Any]) -> Iterator[Packet[Any]]:
        """Packets that may go to the decoder now, with the decoder set for each."""
        if packet.size == 0:  # the end: flush
            while self._held:
                yield self._release()
            self._set_skipping(False)
            yield packet
            return
        self._held.append(packet)
        if packet.pts is not None:
            bisect.insort(self._known, packet.pts)
        if len(self._held) > self._HELD:
            yield self._release()

    def _release(self) -> Packet[Any]:
        packet = self._held.popleft()
        self._set_skipping(self.started and packet.pts is not None and not self._needed(packet.pts))
        while len(self._known) > 4 * self._HELD:
            self._known.pop(0)
        return packet

    def _set_skipping(self, skips: bool) -> None:
        if skips != self._skips:
            self._codec.skip_frame = "NONREF" if skips else "DEFAULT"
            self._skips = skips

    def _needed(self, pts: int) -> bool:
        place = bisect.bisect_left(self._known, pts)
        if self._stopped or place == 0 or place + 1 >= len(self._known):
            return True
        step = self._grid_per_tick
        start = (self._known[place - 1] + pts) / 2 - self._zero
        end = (self._known[place + 1] + pts) / 2 - self._zero
        return math.floor(end * step + 1e-3) >= math.ceil(start * step - 1e-3)


def open_clip(path: Path) -> InputContainer:
    with path.open("rb") as file:
        beginning = file.read(16)
    if not beginning:
        raise Refusal("corrupt_video", "the file is empty")
    try:
        return av.open(str(path), options=dict(_OPTIONS), metadata_errors="replace")
    except av.FFmpegError as error:
        known = any(beginning[at : at + len(mark)] == mark for at, mark in _BEGINNINGS)
        raise Refusal("corrupt_video" if known else "unsupported_format", error.strerror or "") from error


def picture_stream(container: InputContainer, largest: int) -> VideoStream:
    pictures = Disposition.attached_pic | Disposition.still_image
    for stream in container.streams.video:
        if not stream.disposition & pictures:
            break
    else:
        raise Refusal("no_video_stream", f"{len(container.streams)} other streams")
    if getattr(stream, "codec_context", None) is None:
        raise Refusal("unsupported_format", "no decoder for the video stream")
    if not stream.codec_context.width:
        raise Refusal("corrupt_video", "the video stream has no size")
    if stream.codec_context.width * stream.codec_context.height > largest:
        size = f"{stream.codec_context.width} x {stream.codec_context.height}"
        raise Refusal("unsupported_format", f"pictures of {size} would not fit into a worker's memory")
    return stream


def sound_stream(container: InputContainer) -> AudioStream | None:
    for stream in container.streams.audio:
        if getattr(stream, "codec_context", None) is not None and stream.codec_context.sample_rate:
            return stream
    return None


def _may_skip(container: InputContainer, stream: VideoStream) -> bool:
    """AVI has no presentation times in its packets."""
    return stream.codec_context.codec.canonical_name in _SKIPPING_CODECS and container.format.name != "avi"


def _flush(stream: VideoStream | AudioStream) -> Packet[Any]:
    packet = Packet()
    packet.stream = stream
    return packet


def _announced(container: InputContainer, stream: VideoStream) -> float | None:
    """Duration as the header has it, in s: the stream's own, else the container's."""
    if stream.duration is not None and stream.time_base is not None and stream.duration > 0:
        return float(stream.duration * stream.time_base)
    if container.duration is not None and container.duration > 0:
        return container.duration / av.time_base
    return None


def _scanned_duration(path: Path, largest: int) -> float:
    """Duration from the time stamps of all video packets, for files that announce none (live recordings)."""
    times: list[float] = []
    with av.open(str(path), options=dict(_OPTIONS), metadata_errors="replace") as container:
        stream = picture_stream(container, largest)
        try:
            for packet in container.demux(stream):
                stamp = packet.pts if packet.pts is not None else packet.dts
                if stamp is not None and stream.time_base is not None:
                    times.append(float(stamp * stream.time_base))
        except av.FFmpegError:
            pass  # what is there counts; the pass itself will tell that the end is missing
    if len(times) < 2:
        raise Refusal("corrupt_video", "no time stamps")
    shown = max(times) - min(times)
    return shown * len(times) / (len(times) - 1)


def rotation_of(frame: VideoFrame) -> int:
    """Clockwise quarter turns to stand upright, in degrees. FFmpeg gives them counterclockwise."""
    return round(-frame.rotation / 90) * 90 % 360


def pixel_aspect_of(stream: VideoStream) -> float:
    """Width of a pixel over its height: 1 with phones, not with some camcorders."""
    return float(stream.sample_aspect_ratio or 1)
