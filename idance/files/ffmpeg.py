"""Running the ffmpeg that comes with imageio-ffmpeg: local files only, a time limit, no shell."""

from __future__ import annotations

import errno
import os
import subprocess  # noqa: S404 - the one place that starts a program
from functools import cache
from pathlib import Path

import imageio_ffmpeg

#: The demuxers behind the four containers that are taken. None of them opens other files or addresses.
DEMUXERS = "mov,mp4,m4a,3gp,3g2,mj2,avi,matroska,webm"


class FFmpegFailed(Exception):
    """ffmpeg could not do it; the text is its own complaint, for logs."""


@cache
def _program() -> str:
    path: str = imageio_ffmpeg.get_ffmpeg_exe()
    return path


def run(source: Path, *arguments: str, target: Path, seek: float = 0.0, seconds: float) -> None:
    """Read ``source``, write ``target``.

    Parameters
    ----------
    arguments : output options, as on the command line.
    seek : s, where to start reading.
    seconds : s, after which it is killed.

    Raises ``FFmpegFailed`` when it fails, is killed, or writes nothing; ``OSError`` when the disk is full:
    that is no fault of the video.
    """
    command = [
        *(_program(), "-hide_banner", "-nostdin", "-loglevel", "error", "-y"),
        *("-protocol_whitelist", "file", "-format_whitelist", DEMUXERS),
        *(("-ss", f"{seek:.3f}") if seek > 0 else ()),
        *("-i", f"file:{source}"),
        *arguments,
        f"file:{target}",
    ]
    try:
        # Our own program with a list of arguments; names in it are made by us.
        done = subprocess.run(  # noqa: S603
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise FFmpegFailed(f"not done after {seconds:.0f} s") from None
    if done.returncode != 0 or not target.is_file() or target.stat().st_size == 0:
        if os.strerror(errno.ENOSPC).encode() in done.stderr:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))
        complaint = done.stderr.decode(errors="replace").strip()[-500:]
        raise FFmpegFailed(complaint or f"exit code {done.returncode}")
