"""The sound of a clip as one mono signal whose sample 0 is the moment of the first picture.

Every decoded piece is put where its presentation time stamp says: the silence that encoders put before the
sound (AAC priming, told by edit lists), streams that start late or early, and holes between pieces all come
out right. Time stamps are rounded in most containers, so a piece that is only a little off goes on where the
last one ended.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.packet import Packet
from numpy.typing import NDArray

from analysis.engine.config import DEFAULT, EngineConfig
from analysis.engine.types import Sound


class Soundtrack:
    """Collects one audio stream, packet by packet. Damaged packets leave silence."""

    def __init__(self, stream: AudioStream, *, config: EngineConfig = DEFAULT) -> None:
        stream.codec_context.thread_type = "NONE"
        self._rate = config.music.sample_rate
        self._slack = round(config.media.sound_slack * self._rate)
        self._most = round((config.limits.longest + config.media.tolerance) * self._rate)
        self._resampler: AudioResampler | None = None
        self._format: tuple[str, str, int] | None = None
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
                self._resample(frame)
        if packet.size == 0:
            self._end_format()

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

    def _resample(self, frame: AudioFrame) -> None:
        known = (frame.format.name, frame.layout.name, frame.sample_rate)
        if known != self._format:
            self._end_format()
            self._resampler = AudioResampler(format="flt", layout="mono", rate=self._rate)
            self._format = known
        if self._resampler is not None:
            self._keep(self._resampler.resample(frame))

    def _end_format(self) -> None:
        """Give out what the resampler still holds."""
        if self._resampler is not None:
            self._keep(self._resampler.resample(None))
        self._resampler = self._format = None

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
