"""The words and counts on the picture: drawn once each with a real typeface, laid over many frames."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from analysis.engine.types import Step
from breakdowns.outline.canvas import Canvas, Patch

_PLATE = (12, 8, 24, 190)
_INK = (255, 255, 255, 255)
_SOFT = (206, 196, 232, 255)
_ACCENT = (255, 214, 84, 255)
_DARK = (24, 14, 44, 255)
#: Shares of the picture kept free at top and bottom: phones have clocks and bars there.
_SAFE = 0.045
_FINE = 2  # drawn so many times larger, then made smaller: smooth edges
_FONT = "mpl-data/fonts/ttf/DejaVuSans-Bold.ttf"


class Labels:
    """All patches for one size of picture."""

    def __init__(self, width: int, height: int, steps: Sequence[Step]) -> None:
        self._width, self._height = width, height
        self._unit = min(width, 0.62 * height)  # what sizes are measured by: wide pictures are not tall
        self._steps = [self._title(number, step.name) for number, step in enumerate(steps, start=1)]
        self._counts = {count: self._count_row(count) for count in range(1, 9)}

    def draw(self, canvas: Canvas, step: int | None, count: int | None) -> None:
        """The number and name of a step at the top, the counts of the eight at the bottom."""
        margin = round(_SAFE * self._height)
        if step is not None:
            patch = self._steps[step]
            canvas.lay(patch, (self._width - patch.width) // 2, margin)
        if count is not None:
            patch = self._counts[count]
            canvas.lay(patch, (self._width - patch.width) // 2, self._height - margin - patch.height)

    def _title(self, number: int, name: str) -> Patch:
        size = 0.058 * self._unit
        badge, gap, pad = 1.75 * size, 0.55 * size, 0.42 * size
        room = 0.92 * self._width - badge - 2 * pad - 2 * gap
        font, name = _fitting(name, size, room)
        wide = font.getlength(name) / _FINE
        picture, pen = _sheet(badge + 2 * pad + 2 * gap + wide, badge + 2 * pad)
        height, r = picture.height, badge * _FINE / 2
        pen.rounded_rectangle((0, 0, picture.width - 1, height - 1), height / 2, fill=_PLATE)
        x = pad * _FINE
        pen.ellipse((x, height / 2 - r, x + 2 * r, height / 2 + r), fill=_ACCENT)
        pen.text((x + r, height / 2), str(number), _DARK, _font(1.0 * size), anchor="mm")
        pen.text((x + 2 * r + gap * _FINE, height / 2), name, _INK, font, anchor="lm")
        return _patch(picture)

    def _count_row(self, count: int) -> Patch:
        size = 0.082 * self._unit
        pad = 0.28 * size
        picture, pen = _sheet(8 * size + 2 * pad, size + 2 * pad)
        height = picture.height
        pen.rounded_rectangle((0, 0, picture.width - 1, height - 1), height / 2, fill=_PLATE)
        for number in range(1, 9):
            x, r = (pad + (number - 0.5) * size) * _FINE, 0.5 * size * _FINE
            lit = number == count
            if lit:
                pen.ellipse((x - r, height / 2 - r, x + r, height / 2 + r), fill=_ACCENT)
            font = _font((0.66 if lit else 0.5) * size)
            pen.text((x, height / 2), str(number), _DARK if lit else _SOFT, font, anchor="mm")
        return _patch(picture)


def _sheet(width: float, height: float) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """An empty picture of even size once it is made smaller, and a pen for it."""
    size = (max(2, round(width / 2) * 2) * _FINE, max(2, round(height / 2) * 2) * _FINE)
    picture = Image.new("RGBA", size, (*_PLATE[:3], 0))
    return picture, ImageDraw.Draw(picture)


def _patch(picture: Image.Image) -> Patch:
    return Patch.of(np.asarray(picture.reduce(_FINE)))


def _fitting(text: str, size: float, room: float) -> tuple[ImageFont.FreeTypeFont, str]:
    """The font and what fits of a text: a little smaller first, then shorter."""
    for share in (1.0, 0.88, 0.76):
        font = _font(share * size)
        if font.getlength(text) / _FINE <= room:
            return font, text
    while len(text) > 1 and font.getlength(text.rstrip() + "…") / _FINE > room:
        text = text[:-1]
    return font, text.rstrip() + "…"


@cache
def _typeface() -> str:
    """DejaVu Sans, which comes with mediapipe's matplotlib and has the letters of most languages."""
    return str(files("matplotlib") / _FONT)


@cache
def _sized(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_typeface(), size)


def _font(size: float) -> ImageFont.FreeTypeFont:
    return _sized(max(8, round(size * _FINE)))
