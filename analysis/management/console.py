"""What the engine's commands share: arguments, a progress bar, a clean standard output."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

#: What may be asked for as `target_bpm`; the API has the same limits.
SLOWEST, FASTEST = 40.0, 240.0


def tempo(text: str) -> float:
    """An argument in beats per minute."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not SLOWEST <= value <= FASTEST:
        raise argparse.ArgumentTypeError(f"the tempo must lie between {SLOWEST:g} and {FASTEST:g} BPM")
    return value


def one_object(value: dict[str, Any]) -> str:
    """JSON for programs: one line, nothing that is not a number pretends to be one."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


@contextmanager
def clean_output() -> Iterator[None]:
    """Send what libraries print to standard output (from C, past Python) to standard error meanwhile."""
    sys.stdout.flush()
    try:
        kept = os.dup(1)
    except OSError:  # There is no standard output to keep clean.
        yield
        return
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


class ProgressBar:
    """Draws the progress of an analysis where somebody is looking; elsewhere it does nothing."""

    WIDTH = 32

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream if stream.isatty() else None
        self._drawn = ""

    def __call__(self, stage: str, share: float) -> None:
        if self._stream is None:
            return
        full = round(self.WIDTH * share)
        line = f"{'█' * full}{'░' * (self.WIDTH - full)} {share:4.0%}  {stage}"
        if line != self._drawn:
            self._stream.write(f"\r{line:<{len(self._drawn)}}")
            self._stream.flush()
            self._drawn = line

    def clear(self) -> None:
        """Take the bar away."""
        if self._stream is not None and self._drawn:
            self._stream.write("\r" + " " * len(self._drawn) + "\r")
            self._stream.flush()
            self._drawn = ""
