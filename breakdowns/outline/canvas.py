"""A picture as video codecs keep it: brightness in full, colour at half the size each way.

Drawing on these planes spares the way to RGB and back, which would cost more than the drawing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Self, TypeAlias

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

Plane: TypeAlias = NDArray[np.uint8]
Colour: TypeAlias = tuple[int, int, int]  # Y, U, V in video range
Point: TypeAlias = tuple[float, float]  # px
Fixed: TypeAlias = NDArray[np.int32]  # [shape=(n, 2)] points as OpenCV takes them

_BLACK, _GREY = 16, 128
#: Of the planes Y, U, V.
_SCALES = (1.0, 0.5, 0.5)
#: Bits behind the binary point of OpenCV's coordinates.
_SHIFT = 4
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
    """Lines over two or more points each, reckoned once and drawn on several canvases and planes."""

    planes: tuple[list[Fixed], ...]  # for Y, U and V

    @classmethod
    def of(cls, lines: Iterable[NDArray[np.float64]]) -> Self:
        """From places in px. [shape=(n, 2)] each; twice the same place is a dot."""
        full, half = zip(*((_fixed(line, 1.0), _fixed(line, 0.5)) for line in lines), strict=True)
        return cls((list(full), list(half), list(half)))


@dataclass(frozen=True, slots=True)
class Patch:
    """A small picture with transparency, made once and laid over many frames; of even size."""

    planes: tuple[NDArray[np.uint16], ...]  # already times their share
    rest: tuple[NDArray[np.uint16], ...]  # 0..256, what is left of the picture below

    @classmethod
    def of(cls, rgba: NDArray[np.uint8]) -> Self:
        """From an RGBA picture. [shape=(height, width, 4)]"""
        values = rgba.astype(np.float32)
        share = values[..., 3] / 255
        red, green, blue = (values[..., i] for i in range(3))
        y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        full = (
            _BLACK + y * 219 / 255,
            _GREY + (blue - y) / 1.8556 * 224 / 255,
            _GREY + (red - y) / 1.5748 * 224 / 255,
        )
        shares = (share, _half(share), _half(share))
        tinted = (full[0] * share, _half(full[1] * share), _half(full[2] * share))
        return cls(
            tuple((256 * plane).astype(np.uint16) for plane in tinted),
            tuple((256 * (1 - plane)).astype(np.uint16) for plane in shares),
        )

    @property
    def height(self) -> int:
        return len(self.planes[0])

    @property
    def width(self) -> int:
        return self.planes[0].shape[1]


class Canvas:
    """Three planes to draw on. Sizes are even."""

    def __init__(self, width: int, height: int) -> None:
        #: What is drawn is drawn straight into what the encoder will read.
        self.frame = VideoFrame(width, height, "yuv420p")
        self._planes = [_plane(self.frame, i) for i in range(3)]
        self.width, self.height = width, height

    @classmethod
    def black(cls, width: int, height: int) -> Self:
        """An empty stage."""
        made = cls(width, height)
        for plane, value in zip(made._planes, (_BLACK, _GREY, _GREY), strict=True):
            plane.fill(value)
        return made

    @classmethod
    def dimmed(cls, frame: VideoFrame, turn: int, light: float, tint: float) -> Self:
        """A yuv420p frame, turned clockwise by ``turn`` degrees, with a share of its light and colour."""
        turned = turn in (90, 270)
        made = cls(*((frame.height, frame.width) if turned else (frame.width, frame.height)))
        for i, (middle, share) in enumerate(((_BLACK, light), (_GREY, tint), (_GREY, tint))):
            plane = _plane(frame, i)
            if turn:
                plane = np.asarray(cv2.rotate(plane, _TURNS[turn]), dtype=np.uint8)
            cv2.LUT(plane, _table(middle, share), dst=made._planes[i])
        return made

    def lines(self, lines: Lines, of: Colour, width: float, alpha: float = 1.0) -> None:
        """Lines with round ends and corners."""
        for plane, fixed, value, scale in zip(self._planes, lines.planes, of, _SCALES, strict=True):
            thick = max(1, round(width * scale))
            if alpha >= 1:
                cv2.polylines(plane, fixed, False, (value,), thick, _edge(scale), _SHIFT)
                continue
            box = _box(plane, fixed, thick)
            if box is None:
                continue
            part = plane[box]
            drawn = part.copy()
            off = np.array([box[1].start << _SHIFT, box[0].start << _SHIFT], np.int32)
            cv2.polylines(drawn, [line - off for line in fixed], False, (value,), thick, _edge(scale), _SHIFT)
            plane[box] = cv2.addWeighted(drawn, alpha, part, 1 - alpha, 0)

    def ring(self, centre: Point, radius: float, of: Colour, width: float) -> None:
        """A circle."""
        place = np.array([centre])
        for plane, value, scale in zip(self._planes, of, _SCALES, strict=True):
            (at,) = _fixed(place, scale).tolist()
            thick = max(1, round(width * scale))
            size = max(1, round(radius * scale * (1 << _SHIFT)))
            cv2.circle(plane, at, size, (value,), thick, _edge(scale), _SHIFT)

    def border(self, of: Colour, width: int, alpha: float) -> None:
        """A frame along the edges."""
        for plane, value, scale in zip(self._planes, of, _SCALES, strict=True):
            w = max(1, round(width * scale))
            table = np.clip(np.arange(256) * (1 - alpha) + value * alpha, 0, 255).astype(np.uint8)
            for box in (np.s_[:w], np.s_[-w:], np.s_[w:-w, :w], np.s_[w:-w, -w:]):
                plane[box] = cv2.LUT(plane[box], table)

    def lay(self, patch: Patch, left: int, top: int) -> None:
        """Lay a patch over the picture; its place is rounded to even numbers and must lie inside."""
        left, top = left // 2 * 2, top // 2 * 2
        for plane, tinted, rest, step in zip(self._planes, patch.planes, patch.rest, (1, 2, 2), strict=True):
            rows, columns = tinted.shape
            part = plane[top // step : top // step + rows, left // step : left // step + columns]
            part[:] = (part * rest + tinted) >> 8


def _plane(frame: VideoFrame, index: int) -> Plane:
    plane = frame.planes[index]
    # PyAV's types do not say that a plane is a buffer.
    rows: Plane = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)  # type: ignore[call-overload]
    return rows[: plane.height, : plane.width]


@cache
def _table(middle: int, share: float) -> NDArray[np.uint8]:
    return np.clip(middle + (np.arange(256) - middle) * share, 0, 255).round().astype(np.uint8)


def _half(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    height, width = plane.shape
    return np.asarray(plane.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3)))


def _edge(scale: float) -> int:
    """Smooth edges cost as much as the line itself; in the planes of colour nobody sees them."""
    return cv2.LINE_AA if scale == 1 else cv2.LINE_8


def _fixed(line: NDArray[np.float64], scale: float) -> Fixed:
    # The middle of a pixel of colour lies between those of two of brightness.
    shift, unit = (scale - 1) / 2, 1 << _SHIFT
    return np.asarray(np.rint(line * (scale * unit) + shift * unit), dtype=np.int32)


def _box(plane: Plane, lines: Sequence[Fixed], thick: int) -> tuple[slice, slice] | None:
    """The part of a plane that lines may touch; None when it lies outside."""
    height, wide = plane.shape
    points, room = np.concatenate(lines) / (1 << _SHIFT), thick / 2 + 2
    left, top = (max(0, int(low - room)) for low in points.min(axis=0))
    right, bottom = (int(high + room) + 1 for high in points.max(axis=0))
    right, bottom = min(wide, right), min(height, bottom)
    return (slice(top, bottom), slice(left, right)) if left < right and top < bottom else None
