"""What is really in a video: opened, and its first picture decoded."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from idance.files.ffmpeg import DEMUXERS
from idance.files.kinds import MOV, Kind
from idance.files.pictures import MOST_SCANS, SCAN
from idance.lib.problems import Unsupported

#: Larger pictures cost a decoder more memory than it may have, and are never scored.
LARGEST_SIDE = 8192
MOST_PIXELS = 4096 * 4096
#: No camera films anything slimmer, and nobody can be seen in it.
SLIMMEST = 4
_TOO_MANY = "This video has too many pixels. Please film in 4K or less."
#: Opening a file decodes a picture, whatever its size; of other codecs none is before its size is known.
_DECODED_UNASKED = "h264,hevc,vp8,vp9,av1,libdav1d"
#: So many packets may be damaged before the first picture.
_PATIENCE = 300
_HDR = {16, 18}  # colour transfer: SMPTE 2084 (PQ), ARIB STD-B67 (HLG)


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What a video file says of itself. Width and height are as shown: upright, with square pixels."""

    container: Kind
    codec: str
    profile: str
    pixel_format: str
    audio_codec: str | None  # None: no sound
    width: int
    height: int
    rotation: int  # degrees by which a player must turn the stored picture
    square_pixels: bool
    hdr: bool
    fps: float
    duration: float | None  # s


def probe(path: Path, kind: Kind) -> VideoFacts:
    """Look into a file that begins like ``kind``. Raises ``Unsupported`` when it holds no readable video."""
    # A QuickTime beginning is also read by the MP4 demuxer; anything else than these four is never tried.
    options = {
        "format_whitelist": DEMUXERS,
        "protocol_whitelist": "file",
        "codec_whitelist": _DECODED_UNASKED,
    }
    try:
        with av.open(str(path), options=options, metadata_errors="ignore") as container:
            stream = _video_stream(container)
            frame = _first_frame(container, stream)
            seconds = None if container.duration is None else container.duration / av.time_base
            sounds = [s.codec_context.name for s in container.streams.audio if s.codec_context is not None]
            brand = container.metadata.get("major_brand", "")
            if kind.container == "mp4" and brand == "qt  ":
                kind = MOV
            return _facts(kind, stream, frame, seconds, sounds)
    except (av.FFmpegError, ValueError, OverflowError) as error:
        raise Unsupported("This video is damaged or of a kind that cannot be read.") from error


def check_can_be_scored(facts: VideoFacts) -> None:
    """Refuse what the engine would refuse for its size, before it is stored. Raises ``Unsupported``."""
    if facts.width * facts.height > MOST_PIXELS:
        raise Unsupported(_TOO_MANY)
    if max(facts.width, facts.height) > SLIMMEST * min(facts.width, facts.height):
        raise Unsupported(f"One side of the picture may be at most {SLIMMEST} times the other.")


def _video_stream(container: av.container.InputContainer) -> VideoStream:
    """The first film; a cover picture is none."""
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic and stream.codec_context is not None:
            break
    else:
        raise Unsupported("This file has no video in it.")
    if stream.codec_context.width * stream.codec_context.height > MOST_PIXELS:
        raise Unsupported(_TOO_MANY)
    # For a film that is larger than the file says: one picture may take gigabytes.
    stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}
    return stream


def _first_frame(container: av.container.InputContainer, stream: VideoStream) -> VideoFrame:
    stream.codec_context.thread_count = 1
    for number, packet in enumerate(container.demux(stream)):
        if stream.codec_context.name == "mjpeg" and bytes(packet).count(SCAN) > MOST_SCANS:
            break
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            frames = []
        if frames:
            return frames[0]
        if number > _PATIENCE:
            break
    raise Unsupported("This video is damaged: no picture of it can be read.")


def _facts(
    kind: Kind, stream: VideoStream, frame: VideoFrame, seconds: float | None, sounds: list[str]
) -> VideoFacts:
    aspect = stream.sample_aspect_ratio or Fraction(1)
    width, height = round(frame.width * aspect), frame.height
    rotation = round(frame.rotation) % 360
    if rotation in (90, 270):
        width, height = height, width
    if not 16 <= min(width, height) or max(width, height) > LARGEST_SIDE:
        raise Unsupported(f"The picture must be between 16 and {LARGEST_SIDE} pixels wide and high.")
    return VideoFacts(
        container=kind,
        codec=stream.codec_context.name,
        profile=stream.profile or "",
        pixel_format=frame.format.name,
        audio_codec=sounds[0] if sounds else None,
        width=width,
        height=height,
        rotation=rotation,
        square_pixels=aspect == 1,
        hdr=int(frame.color_trc or 0) in _HDR,
        fps=float(stream.average_rate or 0),
        duration=seconds,
    )
