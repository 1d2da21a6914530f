"""How quickly outline videos are made, and in how much memory.

    python -m benchmarks.outline [clip.mp4 ...]

CPU seconds hold on a busy machine; wall seconds are what a dancer waits there and then.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from analysis.engine.pipeline import analyze
from breakdowns.outline import Style, render_all

CLIP = Path(__file__).resolve().parents[1] / "demo" / "jesse_dance_front.mp4"
STYLES: tuple[tuple[Style, ...], ...] = (("video",), ("black",), ("video", "black"))


def measure(clip: Path) -> None:
    """Print a line for each set of styles."""
    found = analyze(clip)
    beats = () if found.music is None else tuple(found.music.beats)
    for styles in STYLES:
        with TemporaryDirectory() as folder:
            targets = {style: Path(folder) / f"{style}.mp4" for style in styles}
            wall, cpu = time.perf_counter(), time.process_time()
            render_all(clip, targets, pose=found.pose, beats=beats, steps=found.steps)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            size = sum(target.stat().st_size for target in targets.values()) / 1e6
        length, video = found.video.duration, found.video
        print(  # noqa: T201
            f"{clip.name} {video.width}x{video.height} {video.fps:.0f} fps, {' + '.join(styles)}: "
            f"{cpu / length:.3f} CPU s and {wall / length:.3f} wall s per second of video, "
            f"{length / wall:.1f} x real time, {size / length:.2f} MB/s"
        )


if __name__ == "__main__":
    for given in sys.argv[1:] or [CLIP]:
        measure(Path(given))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"peak memory, the engine included: {peak} MB")  # noqa: T201
