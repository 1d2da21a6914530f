"""Small videos made on the spot: a moving picture and a late tone, in any format a test needs."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np

#: As phones write it, in the file's own metadata and in the film's.
PLACE = "+12.9716+077.5946/"
#: Seconds of silence before the tone.
TONE_AT = 0.5
_TONE = f"aevalsrc='if(lt(t,{TONE_AT}),0,0.5*sin(2*PI*440*t))':s=48000"


@cache
def _program() -> str:
    path: str = imageio_ffmpeg.get_ffmpeg_exe()
    return path


def make(
    path: Path,
    *,
    size: str = "320x240",
    fps: int = 30,
    seconds: float = 2.0,
    video: tuple[str, ...] = ("-c:v", "libx264", "-pix_fmt", "yuv420p"),
    audio: tuple[str, ...] | None = ("-c:a", "aac"),
    rotate: int = 0,
    place: str = PLACE,
) -> Path:
    """Write a clip to ``path``; its ending names the container. ``rotate`` is the display matrix's angle."""
    source = ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={fps}:duration={seconds}"]
    sound = [] if audio is None else ["-f", "lavfi", "-i", f"{_TONE}:d={seconds}"]
    told = ["-metadata", f"location={place}", "-metadata", "title=Secret title"] if place else []
    streams = ["-metadata:s:v", "handler_name=Phone of Dancer"] if place else []
    first = path if not rotate else path.with_name(f"upright-{path.name}")
    _ffmpeg(*source, *sound, *video, *(audio or ()), *told, *streams, first)
    if rotate:
        _ffmpeg("-display_rotation", str(rotate), "-i", first, "-c", "copy", "-map_metadata", "0", path)
        first.unlink()
    return path


def _ffmpeg(*arguments: str | Path) -> None:
    subprocess.run([_program(), "-loglevel", "error", "-y", *arguments], check=True, timeout=120)


def tone_starts(path: Path) -> float:
    """Seconds from the first picture to the first loud sample, as a decoder presents them."""
    with av.open(str(path)) as container:
        zero = float(next(container.decode(video=0)).time)
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="flt", layout="mono")
        for frame in container.decode(audio=0):
            start = float(frame.time)
            for plain in resampler.resample(frame):
                loud = np.flatnonzero(np.abs(plain.to_ndarray()[0]) > 0.2)
                if len(loud):
                    return start + loud[0] / plain.sample_rate - zero
    raise AssertionError("no tone")
