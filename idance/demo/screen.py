"""What the demo shows: plain lines, bars and a line of progress; colours on a terminal alone."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from typing import TextIO

_COLOURS = {"bold": "1", "dim": "2", "green": "32", "yellow": "33", "red": "31", "cyan": "36"}
_WIDEST = 100


class Screen:
    """Writes to a terminal, or plainly to a file or pipe."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out
        self.terminal = out.isatty()
        self._coloured = (
            self.terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "") != "dumb"
        )
        try:
            "█░✓✗·".encode(out.encoding or "ascii")
            self._full, self._empty, self._tick, self._cross = "█", "░", "✓", "✗"
        except (UnicodeEncodeError, LookupError):
            self._full, self._empty, self._tick, self._cross = "#", ".", "ok", "x"
        self.width = min(_WIDEST, shutil.get_terminal_size((_WIDEST, 24)).columns)
        self._progress_shown = ""

    def paint(self, text: str, *styles: str) -> str:
        """The text in these styles, where the terminal knows colours."""
        if not self._coloured or not text:
            return text
        return f"\033[{';'.join(_COLOURS[style] for style in styles)}m{text}\033[0m"

    def line(self, text: str = "") -> None:
        self._clear_progress()
        self._write(text + "\n")

    def heading(self, text: str) -> None:
        self.line()
        self.line(self.paint(text, "bold"))

    def done(self, what: str, how: str = "") -> None:
        """A step that succeeded, and the request that did it."""
        space = " " * max(2, self.width - 4 - len(what) - len(how))
        self.line(f"  {self.paint(self._tick, 'green')} {what}{space}{self.paint(how, 'dim')}".rstrip())

    def refused(self, what: str) -> None:
        self.line(f"  {self.paint(self._cross, 'yellow')} {what}")

    def failed(self, what: str) -> None:
        self.line(f"  {self.paint(self._cross, 'red')} {what}")

    def text(self, text: str, indent: int = 2) -> None:
        """A paragraph within the width of the terminal."""
        margin = " " * indent
        for paragraph in text.splitlines():
            wrapped = textwrap.wrap(
                paragraph, self.width, initial_indent=margin, subsequent_indent=margin, break_long_words=False
            )
            self.line("\n".join(wrapped))

    def bar(self, share: float, width: int = 30) -> str:
        """A bar that is filled to this share of its width."""
        filled = round(max(0.0, min(1.0, share)) * width)
        return self._full * filled + self._empty * (width - filled)

    def progress(self, what: str, share: float, stage: str) -> None:
        """Redraw the line of progress; where lines cannot be redrawn, one line whenever the stage changes."""
        if self.terminal:
            line = f"    {what}  {self.bar(share)} {share * 100:3.0f} %  {stage}"[: self.width - 1]
            self._write("\r" + line.ljust(len(self._progress_shown)))
            self._progress_shown = line
        elif stage != self._progress_shown:
            self._write(f"    {what}  {self.bar(share)} {share * 100:3.0f} %  {stage}\n")
            self._progress_shown = stage

    def _clear_progress(self) -> None:
        if self.terminal and self._progress_shown:
            self._write("\r" + " " * len(self._progress_shown) + "\r")
        self._progress_shown = ""

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()
