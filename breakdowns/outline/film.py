"""One pass over a clip: every picture decoded, drawn upon and encoded, the sound carried along.

Pictures are decoded, made smaller and dimmed in one thread, drawn upon in another; each encoder has its own.

Time stamps are the source's own, counted from its first picture as everything that was measured is, so that
uneven frames stay uneven and the sound stays where it was. Memory does not grow with the length of the clip.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any, Final, Literal, Self, TypeAlias, cast

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from av.video.stream import VideoStream

from analysis.engine.config import DEFAULT
from analysis.engine.errors import Refusal
from analysis.engine.media import open_clip, picture_stream, pixel_aspect_of, rotation_of, sound_stream
from analysis.engine.types import RawPose, Step
from breakdowns.outline import skeleton
from breakdowns.outline.ahead import read_ahead
from breakdowns.outline.canvas import Canvas, Colour, colour
from breakdowns.outline.counting import Counting
from breakdowns.outline.labels import Labels

Style: TypeAlias = Literal["video", "black"]
#: A piece of the sound: as it is in the file when that is AAC already, else decoded.
_Heard: TypeAlias = "Packet[Any] | AudioFrame"

#: The most a picture measures on its shorter and longer side, in px, and the most pictures per second.
#: 540p is as much as a phone shows beside the steps, and costs little more than half of 720p.
_SHORT, _LONG, _FASTEST = 540, 960, 30
#: Between two pictures, in s. A quarter of leeway: the frames of a phone come a little early or late.
_LEAST_GAP = 0.75 / _FASTEST
#: Shares of light and colour that the dancer keeps behind the skeleton.
_LIGHT, _TINT = 0.5, 0.55
_TICK: Final = Fraction(1, 90_000)
#: A key frame at least twice a second: a player that jumps to a step need not decode much. The preset that
#: costs least (half of the next): an outline is soon watched and seldom kept. One quality for all pictures
#: spares x264 to look at each of them twice, which it does for a rate that fits them (`crf`).
_OPTIONS: Final = {"preset": "ultrafast", "qp": "26", "profile": "main"}
_KEY_EVERY: Final = 15
#: Of each encoder: one picture is written while the next is drawn.
_THREADS: Final = 2
#: Pictures and pieces of sound that are read in one go. The processor keeps the decoder's code at hand for so
#: long instead of fetching it anew for every picture, and two of these are all that waits in memory.
_BATCH: Final = 16
_FLASH: Final[Colour] = colour(255, 214, 84)


def render(
    source: Path,
    target: Path,
    *,
    pose: RawPose,
    beats: Sequence[float],
    steps: Sequence[Step],
    style: Style = "video",
    progress: Callable[[float], None] | None = None,
) -> None:
    """Make one outline video; see `render_all`."""
    render_all(source, {style: target}, pose=pose, beats=beats, steps=steps, progress=progress)


def render_all(
    source: Path,
    targets: Mapping[Style, Path],
    *,
    pose: RawPose,
    beats: Sequence[float],
    steps: Sequence[Step],
    progress: Callable[[float], None] | None = None,
) -> None:
    """Make outline videos of several styles in one pass.

    Parameters
    ----------
    source : a clip that the engine has read.
    targets : where each style goes (`.mp4`); nothing is left there when the pass fails.
    pose, beats, steps : what was measured in it, on the clip's own zero.
    progress : called with the share done, 0 to 1; may raise to cancel.

    Raises
    ------
    Refusal : as the engine does, when the source cannot be read.
    """
    try:
        with ExitStack() as stack:
            reading = stack.enter_context(_Reading(source))
            drawing = _Drawing(reading.width, reading.height, pose, beats, steps)
            films = {style: stack.enter_context(_Film(target, reading)) for style, target in targets.items()}
            duration = max(float(pose.t[-1]) if len(pose.t) else 0.0, 1e-3)
            # Entered last, so that nobody reads any more when what is read from is closed.
            for item in stack.enter_context(read_ahead(reading.items(tuple(targets)), batch=_BATCH)):
                if not isinstance(item, _Picture):
                    for film in films.values():
                        film.hear(item)
                    continue
                moment = drawing.at(item.t)
                for style, canvas in item.grounds.items():
                    drawing.draw(canvas, moment, shaded=style == "video")
                    films[style].show(canvas, item.t)
                if progress is not None:
                    progress(min(1.0, item.t / duration))
    except BaseException:
        for target in targets.values():
            target.unlink(missing_ok=True)
        raise


@dataclass(frozen=True, slots=True)
class _Picture:
    """A picture of the source: when it is shown, and what each style is drawn on."""

    t: float  # s since the first picture
    grounds: Mapping[Style, Canvas]


@dataclass(frozen=True, slots=True)
class _Moment:
    """What is shown at a moment, reckoned once for all styles."""

    body: skeleton.Figure | None
    flash: float  # 0..1
    step: int | None
    count: int | None


class _Drawing:
    """What is drawn on a picture of a moment, whatever lies behind."""

    def __init__(
        self, width: int, height: int, pose: RawPose, beats: Sequence[float], steps: Sequence[Step]
    ) -> None:
        ordered = sorted(steps, key=lambda step: step.start)
        self._skeleton = skeleton.Skeleton(pose) if len(pose.t) else None
        self._size = width, height
        self._counting = Counting(beats, ordered)
        self._labels = Labels(width, height, ordered)
        self._edge = max(4, round(0.012 * max(width, height)))

    def at(self, t: float) -> _Moment:
        counting = self._counting
        return _Moment(
            skeleton.Figure(*self._skeleton.at(t), *self._size) if self._skeleton else None,
            counting.flash_at(t),
            counting.step_at(t),
            counting.count_at(t),
        )

    def draw(self, canvas: Canvas, moment: _Moment, *, shaded: bool) -> None:
        if moment.body is not None:
            moment.body.draw(canvas, shaded=shaded)
        if moment.flash > 0:
            canvas.border(_FLASH, self._edge, 0.9 * moment.flash)
        self._labels.draw(canvas, moment.step, moment.count)


class _Reading:
    """The source: its pictures and the packets of its sound, in the order of the file."""

    def __init__(self, source: Path) -> None:
        self._container = open_clip(source)
        try:
            largest = DEFAULT.media.largest_picture
            self.pictures: VideoStream = picture_stream(self._container, largest)
            # Filtering the edges of blocks is a fifth of decoding, and in half light nobody sees it.
            self.pictures.codec_context.options = {"max_pixels": str(largest), "skip_loop_filter": "all"}
            self.pictures.codec_context.thread_count = 1  # who reads ahead is a thread already
            self.sound: AudioStream | None = sound_stream(self._container)
            self.sound_is_aac = self.sound is not None and _is_aac(self.sound, self._container.format.name)
            self._frames = self._decode()
            self._early: list[_Heard] = []
            self._first = self._first_picture()
            self._turn = rotation_of(self._first)
            self._size = _fitted(
                round(self._first.width * pixel_aspect_of(self.pictures)), self._first.height
            )
            self.width, self.height = self._size[::-1] if self._turn in (90, 270) else self._size
            self.zero = Fraction(self._stamp(self._first) * (self.pictures.time_base or _TICK))
            self._reformatter = VideoReformatter()
        except BaseException:
            self._container.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._container.close()

    def items(self, styles: Sequence[Style]) -> Iterator[_Picture | _Heard]:
        """Pictures, at most `_FASTEST` a second and each later than the one before, and the sound."""
        yield from self._early
        due = 0.0
        for item in chain([self._first], self._frames):
            if not isinstance(item, VideoFrame):
                yield item
                continue
            t = float(self._stamp(item) * (self.pictures.time_base or _TICK) - self.zero)
            if t >= due:
                yield _Picture(t, {style: self._ground(item, style) for style in styles})
                due = t + _LEAST_GAP

    def _ground(self, frame: VideoFrame, style: Style) -> Canvas:
        """What to draw on: the dancer in half light, or nothing."""
        if style == "black":
            return Canvas.black(self.width, self.height)
        # A canvas makes pictures smaller faster, but at most to half the size.
        far = frame.width > 2 * self._size[0] or frame.height > 2 * self._size[1]
        width, height = self._size if far else (frame.width, frame.height)
        plain = self._reformatter.reformat(
            frame, width=width, height=height, format="yuv420p", interpolation=Interpolation.AREA, threads=1
        )
        return Canvas.dimmed(plain, self._size, self._turn, _LIGHT, _TINT)

    def _stamp(self, frame: VideoFrame) -> int:
        # AVI has no presentation times: frames come in order at the times of decoding.
        stamp = frame.dts if self._container.format.name == "avi" else frame.pts
        return stamp or 0

    def _first_picture(self) -> VideoFrame:
        for item in self._frames:
            if isinstance(item, VideoFrame):
                return item
            self._early.append(item)
        raise Refusal("corrupt_video", "no frame could be decoded")

    def _decode(self) -> Iterator[VideoFrame | _Heard]:
        streams = [self.pictures] + ([self.sound] if self.sound else [])
        try:
            for packet in self._container.demux(cast("list[Any]", streams)):
                if packet.stream is not self.pictures and self.sound_is_aac:
                    if packet.size and packet.pts is not None:
                        yield packet
                    continue
                try:
                    yield from cast("list[VideoFrame | AudioFrame]", packet.decode())
                except av.FFmpegError:
                    continue  # what is damaged is left out: the rest counts, as it does for the engine
        except av.FFmpegError:  # the end is missing; what the decoder's threads have is not
            with suppress(av.FFmpegError):
                yield from self.pictures.decode(None)


class _Film:
    """One outline video that is being written."""

    def __init__(self, target: Path, reading: _Reading) -> None:
        self._zero = reading.zero
        self._container = av.open(str(target), "w", format="mp4", options={"movflags": "faststart"})
        try:
            rate = reading.pictures.average_rate or reading.pictures.guessed_rate or Fraction(30)
            rate = min(rate, Fraction(_FASTEST)).limit_denominator(1001)
            self._pictures = self._container.add_stream("libx264", rate=rate, options=dict(_OPTIONS))
            context = self._pictures.codec_context
            context.width, context.height, context.pix_fmt = reading.width, reading.height, "nv12"
            context.time_base = self._pictures.time_base = _TICK
            context.gop_size, context.thread_count = _KEY_EVERY, _THREADS
            self._step = round(1 / (rate * _TICK))
            self._sound, self._resampler = self._open_sound(reading)
        except BaseException:
            self._container.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        try:
            if kind is None:
                self._container.mux(self._pictures.encode(None))
                if self._resampler is not None:
                    self._encode(None)
        finally:
            self._container.close()

    def show(self, canvas: Canvas, t: float) -> None:
        """The next picture."""
        frame = canvas.frame
        frame.pts, frame.time_base, frame.duration = round(t / _TICK), _TICK, self._step
        self._container.mux(self._pictures.encode(frame))

    def hear(self, heard: _Heard) -> None:
        """The next piece of sound, moved to the clock of the pictures."""
        if isinstance(heard, AudioFrame):
            if heard.pts is not None and heard.time_base is not None:
                heard.pts = round((heard.pts * heard.time_base - self._zero) * heard.sample_rate)
                heard.time_base = Fraction(1, heard.sample_rate)
                self._encode(heard)
            return
        base = Fraction(heard.time_base)
        copy: Packet[Any] = Packet(bytes(heard))
        copy.stream, copy.time_base, copy.duration = self._sound, base, heard.duration
        copy.pts = copy.dts = (heard.pts or 0) - round(self._zero / base)
        self._container.mux(copy)

    def _open_sound(self, reading: _Reading) -> tuple[AudioStream | None, AudioResampler | None]:
        source = reading.sound
        if source is None:
            return None, None
        if reading.sound_is_aac:
            return self._container.add_stream_from_template(source), None
        rate = min(source.codec_context.sample_rate, 48_000)
        layout = "mono" if source.codec_context.channels == 1 else "stereo"
        made = self._container.add_stream("aac", rate=rate, layout=layout)
        return made, AudioResampler(format="fltp", layout=layout, rate=rate, frame_size=1024)

    def _encode(self, frame: AudioFrame | None) -> None:
        """Sound that is not AAC; `None` ends it."""
        if self._sound is None or self._resampler is None:
            return
        for piece in self._resampler.resample(frame):
            self._container.mux(self._sound.encode(piece))
        if frame is None:
            self._container.mux(self._sound.encode(None))


def _is_aac(sound: AudioStream, container: str) -> bool:
    """Whether the sound may be copied as it is: AAC as MP4 keeps it."""
    context = sound.codec_context
    return context.codec.canonical_name == "aac" and container != "avi" and bool(context.extradata)


def _fitted(width: int, height: int) -> tuple[int, int]:
    """The largest even size of this shape that is not larger than it was, nor than 540p either way up."""
    share = min(1.0, _SHORT / min(width, height), _LONG / max(width, height))
    return max(2, int(width * share) // 2 * 2), max(2, int(height * share) // 2 * 2)
