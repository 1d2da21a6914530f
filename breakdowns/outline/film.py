"""One pass over a clip: every picture decoded, drawn upon and encoded, the sound carried along."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from analysis.engine.types import RawPose, Step

Style: TypeAlias = Literal["video", "black"]


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
    """
    raise NotImplementedError
