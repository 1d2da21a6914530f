"""Making videos that every phone and browser plays, and that do not tell where they were filmed.

Two steps, in two places:

- ``clean`` runs in the upload. It copies the streams into a fresh container, so no location, device or other
  metadata is ever stored, and nothing is encoded: it takes about as long as writing the file.
- ``transcode`` runs as a job after the analysis, and only when ``reasons`` names one. It makes what is
  not yet H.264/AAC in MP4, upright and at most 1080p.

Most phone videos need the second step (HEVC, or a picture stored sideways); until it has run they are served
as they were sent, cleaned.
"""

from __future__ import annotations

import logging
from pathlib import Path

from idance.files import ffmpeg
from idance.files.ffmpeg import FFmpegFailed
from idance.files.kinds import AVI, MOV, MP4, WEBM, Kind
from idance.files.probe import VideoFacts
from idance.lib.problems import Unsupported

log = logging.getLogger(__name__)

LONG_SIDE, SHORT_SIDE = 1920, 1080  # px
MOST_FPS = 60
THUMBNAIL_SIDE = 640  # px
#: Copying is bound by the disk; a file of the largest size takes about a second. Millions of tiny pictures
#: take longer, and the request waits for it.
CLEAN_SECONDS = 30
THUMBNAIL_SECONDS = 20
_WEB_PROFILES = ("Baseline", "Constrained Baseline", "Main", "High")
#: One film and one sound, and nothing else: no data tracks, where cameras log their position.
_STREAMS = ("-map", "0:V:0", "-map", "0:a:0?", "-dn", "-sn")
_NO_METADATA = (
    *("-map_metadata", "-1", "-map_metadata:s", "-1", "-map_chapters", "-1"),
    *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"),
)
_FAST_START = ("-movflags", "+faststart")
#: High dynamic range as phones film it, brought to what every screen shows.
_TONE_MAP = (
    "zscale=t=linear:npl=203",
    "format=gbrpf32le",
    "zscale=p=bt709",
    "tonemap=hable:desat=0",
    "zscale=t=bt709:m=bt709:r=tv",
)
_MUXERS = {MP4: "mp4", MOV: "mov", AVI: "avi", WEBM: "webm"}


def reasons(facts: VideoFacts) -> list[str]:
    """Why a video is not streamable yet; empty when it is."""
    found = {
        "container": facts.container != MP4,
        "codec": not _web_picture(facts),
        "sound": facts.audio_codec not in (None, "aac"),
        "rotation": facts.rotation != 0,
        "pixels": not facts.square_pixels,
        "size": fitted(facts.width, facts.height) != (facts.width, facts.height),
        "rate": facts.fps > MOST_FPS + 1,
    }
    return [name for name, true in found.items() if true]


def _web_picture(facts: VideoFacts) -> bool:
    plain = facts.pixel_format in ("yuv420p", "yuvj420p") and not facts.hdr
    return facts.codec == "h264" and facts.profile in _WEB_PROFILES and plain


def fitted(width: int, height: int) -> tuple[int, int]:
    """The size within 1920 x 1080 (or 1080 x 1920) that keeps the shape; never larger than given."""
    share = min(1.0, LONG_SIDE / max(width, height), SHORT_SIDE / min(width, height))
    return (width, height) if share == 1 else (round(width * share), round(height * share))


def clean(source: Path, facts: VideoFacts, target: Path) -> Kind:
    """Copy film and sound into a fresh container without metadata. Returns the container it became.

    MP4 and MOV become MP4; where that cannot hold the streams the file keeps its own container. Raises
    ``Unsupported`` when not even a copy can be made.
    """
    kept = facts.container
    for kind in dict.fromkeys((MP4 if kept == MOV else kept, kept)):
        apple_tag = ("-tag:v", "hvc1") if facts.codec == "hevc" and kind in (MP4, MOV) else ()
        fast = _FAST_START if kind in (MP4, MOV) else ()
        try:
            ffmpeg.run(
                source,
                *(*_STREAMS, "-c", "copy", *apple_tag, *_NO_METADATA, *fast, "-f", _MUXERS[kind]),
                target=target,
                seconds=CLEAN_SECONDS,
            )
            return kind
        except FFmpegFailed as error:
            log.info(
                "A %s (%s) cannot be copied as %s: %s", kept.container, facts.codec, kind.container, error
            )
    raise Unsupported("This video is damaged or of a kind that cannot be read.")


def transcode(source: Path, facts: VideoFacts, target: Path, *, seconds: float) -> None:
    """Write the streamable form: H.264/AAC MP4, faststart, upright, at most 1080p and 60 frames a second.

    What is already fine is copied. Raises ``FFmpegFailed``.
    """
    todo = set(reasons(facts))
    if todo <= {"container", "sound"}:
        picture: tuple[str, ...] = ("-c:v", "copy")
    else:
        # The encoder wants even sides.
        width, height = (max(2, side - side % 2) for side in fitted(facts.width, facts.height))
        tones = [*_TONE_MAP] if facts.hdr else []
        filters = [f"scale={width}:{height}", "setsar=1", *tones, "format=yuv420p"]
        picture = (
            *("-vf", ",".join(filters), "-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high"),
            *("-crf", "22", "-maxrate", "8M", "-bufsize", "16M", "-fpsmax", str(MOST_FPS)),
        )
    sound = ("-c:a", "aac", "-b:a", "128k", "-ac", "2") if "sound" in todo else ("-c:a", "copy")
    ffmpeg.run(
        source,
        *(*_STREAMS, *picture, *sound, *_NO_METADATA, *_FAST_START, "-f", "mp4"),
        target=target,
        seconds=seconds,
    )


def thumbnail(source: Path, facts: VideoFacts, target: Path) -> None:
    """Write one upright picture of the video as JPEG. Raises ``Unsupported`` when none can be decoded."""
    middle = (facts.duration or 0.0) / 2
    side = THUMBNAIL_SIDE
    scale = f"scale='min({side},iw)':'min({side},ih)':force_original_aspect_ratio=decrease,setsar=1"
    picture = ("-map", "0:V:0", "-frames:v", "1", "-vf", scale, "-q:v", "4", *_NO_METADATA, "-f", "image2")
    for seek in dict.fromkeys((min(1.0, middle), 0.0)):
        try:
            ffmpeg.run(source, *picture, "-update", "1", target=target, seek=seek, seconds=THUMBNAIL_SECONDS)
            return
        except FFmpegFailed as error:
            log.info("No picture at %.1f s: %s", seek, error)
    raise Unsupported("This video is damaged: no picture of it can be read.")
