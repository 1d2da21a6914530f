"""The sound of a clip as one mono signal whose sample 0 is the moment of the first picture.

Every decoded piece is put where its presentation time stamp says: the silence that encoders put before the
sound (AAC priming, told by edit lists), streams that start late or early, and holes between pieces all come
out right. Time stamps are rounded in most containers, so a piece that is only a little off goes on where the
last one ended.
"""

from __future__ import annotations

from collections import deque
from fractions import Fraction
from typing import Any, Final

import av
import numpy as np
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.packet import Packet
from numpy.typing import NDArray

from analysis.engine.config import DEFAULT, EngineConfig
from analysis.engine.types import Sound

#: Samples that are resampled at once, about a third of a second.
_BLOCK: Final = 16384


class Soundtrack:
    """Collects one audio stream, packet by packet. Damaged packets leave silence."""

    def __init__(self, stream: AudioStream, *, config: EngineConfig = DEFAULT) -> None:
        stream.codec_context.thread_type = "NONE"
        self._rate = config.music.sample_rate
        self._slack = round(config.media.sound_slack * self._rate)
        self._most = round((config.limits.longest + config.media.tolerance) * self._rate)
        self._resampler: AudioResampler | None = None
        self._kind: tuple[str, str, int, Fraction | None] | None = None
        self._waiting = AudioFifo()  # frames of one kind without holes
        self._count_waiting = 0  # samples
        self._stamp: int | None = None  # of the first of them
        self._due = 0.0  # s on the container's clock, when the next frame is expected
        self._pieces: deque[tuple[int, NDArray[np.float32]]] = deque()
        self._next = 0  # sample at which the next piece is expected
        self._count = 0

    @property
    def end(self) -> float:
        """Where the sound ends, in s on the container's clock."""
        return self._next / self._rate if self._count else 0.0

    def hear(self, packet: Packet[Any]) -> None:
        """Take one packet; an empty one ends the stream."""
        try:
            frames = packet.decode()
        except av.FFmpegError:
            return
        for frame in frames:
            if isinstance(frame, AudioFrame):
                self._gather(frame)
        if packet.size == 0:
            self._end_kind()

    def finish(self, zero: float, duration: float) -> Sound:
        """The signal from ``zero`` (s on the container's clock), at most ``duration`` s long.

        It ends where the sound ends; nothing is appended when the picture goes on. Call it once: the pieces
        are given up one by one, a long sound must not be held twice.
        """
        first = round(zero * self._rate)
        length = max(0, min(self._next - first, round(duration * self._rate)))
        samples = np.zeros(length, dtype=np.float32)
        while self._pieces:
            start, piece = self._pieces.popleft()
            at = start - first
            part = piece[max(0, -at) : max(0, length - at)]
            samples[max(0, at) : max(0, at) + len(part)] = part
        return Sound(samples=samples, rate=self._rate)

    def _gather(self, frame: AudioFrame) -> None:
        """Frames are resampled some at once: calling the resampler costs more than what it does for one."""
        kind = (frame.format.name, frame.layout.name, frame.sample_rate, frame.time_base)
        if kind != self._kind:
            self._end_kind()
            self._resampler = AudioResampler(format="flt", layout="mono", rate=self._rate)
            self._kind = kind
        at = frame.time
        if at is not None and abs(at - self._due) > self._slack / self._rate:
            self._resample()  # it does not go on where the last one ended
        if not self._count_waiting:
            self._stamp, self._due = frame.pts, self._due if at is None else at
        frame.pts = None  # the queue would have time begin at 0
        self._waiting.write(frame)
        self._count_waiting += frame.samples
        self._due += frame.samples / frame.sample_rate
        if self._count_waiting >= _BLOCK:
            self._resample()

    def _resample(self) -> None:
        """Take what is waiting as one frame with the time stamp of the first."""
        joined = self._waiting.read()
        if self._resampler is not None and joined is not None:
            joined.pts = self._stamp
            self._keep(self._resampler.resample(joined))
        self._count_waiting = 0

    def _end_kind(self) -> None:
        """Give out what waits and what the resampler still holds."""
        self._resample()
        if self._resampler is not None:
            self._keep(self._resampler.resample(None))
        self._resampler = self._kind = None
        self._waiting = AudioFifo()

    def _keep(self, frames: list[AudioFrame]) -> None:
        for frame in frames:
            samples = np.asarray(frame.to_ndarray(), dtype=np.float32).reshape(-1)
            if not len(samples) or self._count > self._most:
                continue
            stamp = None if frame.time is None else round(frame.time * self._rate)
            if stamp is not None and (not self._pieces or abs(stamp - self._next) > self._slack):
                self._next = stamp
            self._pieces.append((self._next, samples))
            self._next += len(samples)
            self._count += len(samples)
