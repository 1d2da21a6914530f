"""A picture as x264 keeps it (NV12): brightness in full, the two colours in pairs at half the size each way.

Drawing on these planes spares the way to RGB and back, which would cost more than the drawing, and x264
takes them without sorting the colours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self, TypeAlias

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from analysis.engine.types import FloatArray

Plane: TypeAlias = NDArray[np.uint8]  # [shape=(height, width)], of colours [shape=(height, width, 2)]
Colour: TypeAlias = tuple[int, int, int]  # Y, U, V in video range
Size: TypeAlias = tuple[int, int]  # width, height in px
Point: TypeAlias = tuple[float, float]  # px
Fixed: TypeAlias = NDArray[np.int32]  # [shape=(n, 2)] points as OpenCV takes them
Run: TypeAlias = NDArray[np.int64]  # [shape=(n,)] indices of points

_BLACK, _GREY = 16, 128
#: OpenCV's own threads wake and wait for each other longer than a picture of this size takes one of them.
cv2.setNumThreads(1)
#: Of the planes of brightness and of colour.
_SCALES: Final = (1.0, 0.5)
#: Bits behind the binary point of OpenCV's coordinates.
_SHIFT = 4
#: A circle's corners, as many as look round on the largest head.
_ROUND: Final = np.exp(2j * np.pi * np.arange(40) / 40).view(np.float64).reshape(-1, 2)
_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


def colour(red: int, green: int, blue: int) -> Colour:
    """An RGB colour on the planes (BT.709, video range)."""
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return (
        round(_BLACK + y * 219 / 255),
        round(_GREY + (blue - y) / 1.8556 * 224 / 255),
        round(_GREY + (red - y) / 1.5748 * 224 / 255),
    )


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines over two or more points each, reckoned once and drawn on several canvases."""

    planes: tuple[list[Fixed], ...]  # of brightness and of colour


class Points:
    """Places in a picture, reckoned once, between which lines are drawn."""

    def __init__(self, places: FloatArray) -> None:
        """From places in px. [shape=(n, 2)] finite"""
        self._planes = [_fixed(places, scale) for scale in _SCALES]

    def lines(self, runs: Sequence[Run]) -> Lines:
        """Lines that run over these points; twice the same point is a dot."""
        return Lines(tuple([plane[run] for run in runs] for plane in self._planes))


@dataclass(frozen=True, slots=True)
class Patch:
    """A small picture with transparency, made once and laid over many frames; of even size."""

    planes: tuple[Plane, ...]  # already times their share
    rest: tuple[Plane, ...]  # 0..255, what is left of the picture below

    @classmethod
    def of(cls, rgba: NDArray[np.uint8]) -> Self:
        """From an RGBA picture. [shape=(height, width, 4)]"""
        red, green, blue, share = cv2.split(rgba.astype(np.float32) / 255)
        y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        colours = cv2.merge([(blue - y) / 1.8556, (red - y) / 1.5748]) * 224 + _GREY
        shares = cv2.merge([share, share])
        tinted = ((_BLACK + y * 219) * share, _half(colours * shares))
        rest = (255 - 255 * share, 255 - 255 * _half(shares))
        return cls(*(tuple(np.rint(plane).astype(np.uint8) for plane in planes) for planes in (tinted, rest)))

    @property
    def height(self) -> int:
        return len(self.planes[0])

    @property
    def width(self) -> int:
        return self.planes[0].shape[1]


class Canvas:
    """Two planes to draw on. Sizes are even."""

    def __init__(self, width: int, height: int) -> None:
        #: What is drawn is drawn straight into what the encoder will read.
        self.frame = VideoFrame(width, height, "nv12")
        pairs = _rows(self.frame, 1)[: height // 2, :width]
        self._planes = (_rows(self.frame, 0)[:height, :width], pairs.reshape(height // 2, width // 2, 2))
        self.width, self.height = width, height

    @classmethod
    def black(cls, width: int, height: int) -> Self:
        """An empty stage."""
        made = cls(width, height)
        for plane, value in zip(made._planes, (_BLACK, _GREY), strict=True):
            plane.fill(value)
        return made

    @classmethod
    def dimmed(cls, frame: VideoFrame, size: Size, turn: int, light: float, tint: float) -> Self:
        """A yuv420p frame with a share of its light and colour.

        Parameters
        ----------
        size : its width and height in px after scaling by at most two each way and before turning. Even.
        turn : degrees clockwise.
        """
        made = cls(*(size[::-1] if turn in (90, 270) else size))
        stored = [_rows(frame, i)[: plane.height, : plane.width] for i, plane in enumerate(frame.planes)]
        if (frame.width, frame.height) != size:
            half = size[0] // 2, size[1] // 2
            stored = [_scaled(plane, to) for plane, to in zip(stored, (size, half, half), strict=True)]
        if turn:
            stored = [np.asarray(cv2.rotate(plane, _TURNS[turn]), dtype=np.uint8) for plane in stored]
        brightness, colours = made._planes
        cv2.convertScaleAbs(stored[0], brightness, light, _BLACK * (1 - light))
        cv2.merge(stored[1:], colours)
        cv2.convertScaleAbs(colours, colours, tint, _GREY * (1 - tint))
        return made

    def lines(self, lines: Lines, of: Colour, width: float, alpha: float = 1.0) -> None:
        """Lines with round ends and corners."""
        for plane, fixed, value, scale in zip(self._planes, lines.planes, _values(of), _SCALES, strict=True):
            thick = _thick(width, scale)
            if alpha >= 1:
                cv2.polylines(plane, fixed, False, value, thick, _edge(scale), _SHIFT)
                continue
            box = _box(plane, fixed, thick)
            if box is None:
                continue
            part = plane[box]
            drawn = part.copy()
            off = np.array([box[1].start << _SHIFT, box[0].start << _SHIFT], np.int32)
            cv2.polylines(drawn, [line - off for line in fixed], False, value, thick, _edge(scale), _SHIFT)
            cv2.addWeighted(drawn, alpha, part, 1 - alpha, 0, dst=part)

    def ring(self, centre: Point, radius: float, of: Colour, width: float) -> None:
        """A circle."""
        for plane, value, scale in zip(self._planes, _values(of), _SCALES, strict=True):
            half = 0.5 * _thick(width, scale) / scale
            edges = [_fixed(centre + r * _ROUND, scale) for r in (radius + half, max(radius - half, 0.5))]
            # What lies between two outlines is filled in a tenth of the time that `cv2.circle` takes.
            cv2.fillPoly(plane, edges, value, _edge(scale), _SHIFT)

    def border(self, of: Colour, width: int, alpha: float) -> None:
        """A frame along the edges."""
        for plane, value, scale in zip(self._planes, _values(of), _SCALES, strict=True):
            w = max(1, round(width * scale))
            mixed = np.arange(256)[:, np.newaxis] * (1 - alpha) + np.array(value) * alpha
            table = mixed.astype(np.uint8).reshape(1, 256, -1)
            for box in (np.s_[:w], np.s_[-w:], np.s_[w:-w, :w], np.s_[w:-w, -w:]):
                cv2.LUT(plane[box], table, dst=plane[box])

    def lay(self, patch: Patch, left: int, top: int) -> None:
        """Lay a patch over the picture; its place is rounded to even numbers and must lie inside."""
        for plane, tinted, rest, step in zip(self._planes, patch.planes, patch.rest, (1, 2), strict=True):
            row, column = top // 2 * 2 // step, left // 2 * 2 // step
            part = plane[row : row + tinted.shape[0], column : column + tinted.shape[1]]
            cv2.multiply(part, rest, dst=part, scale=1 / 255)
            cv2.add(part, tinted, dst=part)


def _rows(frame: VideoFrame, index: int) -> Plane:
    """A plane as it lies in memory: each row with what is kept free behind it."""
    plane = frame.planes[index]
    # PyAV's types do not say that a plane is a buffer.
    rows: Plane = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)  # type: ignore[call-overload]
    return rows


def _scaled(plane: Plane, size: Size) -> Plane:
    # Looks at two pixels each way, which are all there are down to half the size.
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _values(of: Colour) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """A colour on each of the planes."""
    return of[:1], of[1:]


def _half(pairs: NDArray[Any]) -> NDArray[np.float32]:
    """A plane of pairs at half the size each way."""
    size = pairs.shape[1] // 2, pairs.shape[0] // 2
    return np.asarray(cv2.resize(pairs, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _thick(width: float, scale: float) -> int:
    """Colours rather reach beyond their line than leave its edge grey."""
    return max(1, round(width) if scale == 1 else math.ceil(width * scale))


def _edge(scale: float) -> int:
    """Smooth edges cost as much as the line itself; in the planes of colour nobody sees them."""
    return cv2.LINE_AA if scale == 1 else cv2.LINE_8


def _fixed(line: NDArray[np.float64], scale: float) -> Fixed:
    # The middle of a pixel of colour lies between those of two of brightness.
    shift, unit = (scale - 1) / 2, 1 << _SHIFT
    return np.asarray(np.rint(line * (scale * unit) + shift * unit), dtype=np.int32)


def _box(plane: Plane, lines: Sequence[Fixed], thick: int) -> tuple[slice, slice] | None:
    """The part of a plane that lines may touch; None when it lies outside."""
    height, wide = plane.shape[:2]
    points, room = np.concatenate(lines) / (1 << _SHIFT), thick / 2 + 2
    left, top = (max(0, int(low - room)) for low in points.min(axis=0))
    right, bottom = (int(high + room) + 1 for high in points.max(axis=0))
    right, bottom = min(wide, right), min(height, bottom)
    return (slice(top, bottom), slice(left, right)) if left < right and top < bottom else None
