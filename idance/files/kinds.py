"""Which files are taken, told by their first bytes: a name or a declared type proves nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from django.conf import settings

#: So many bytes from the start are enough to tell.
HEAD = 64


@dataclass(frozen=True, slots=True)
class Kind:
    """One file format that is taken."""

    name: Literal["video", "picture"]
    container: str
    content_type: str
    extension: str

    @property
    def limit(self) -> int:
        """The most bytes a file of this kind may have."""
        limit: int = settings.MAX_VIDEO_BYTES if self.name == "video" else settings.MAX_PICTURE_BYTES
        return limit


MP4 = Kind("video", "mp4", "video/mp4", "mp4")
MOV = Kind("video", "mov", "video/quicktime", "mov")
AVI = Kind("video", "avi", "video/x-msvideo", "avi")
WEBM = Kind("video", "webm", "video/webm", "webm")
JPEG = Kind("picture", "jpeg", "image/jpeg", "jpg")
PNG = Kind("picture", "png", "image/png", "png")
WEBP = Kind("picture", "webp", "image/webp", "webp")

VIDEOS = (MP4, MOV, AVI, WEBM)
PICTURES = (JPEG, PNG, WEBP)
KINDS = {kind.container: kind for kind in (*VIDEOS, *PICTURES)}

#: Brands of the same box format that hold pictures or sound alone.
_NOT_VIDEO = (b"hei", b"hev", b"mif", b"msf", b"avi", b"M4A", b"M4B", b"M4P", b"F4A", b"crx")
#: How QuickTime files without a brand begin.
_OLD_QUICKTIME = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")


def sniff(head: bytes) -> Kind | None:
    """The format of a file that begins with ``head`` (`HEAD` bytes or the whole), None when not taken."""
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"RIFF"):
        return {b"WEBP": WEBP, b"AVI ": AVI}.get(head[8:12])
    if head.startswith(b"\x1aE\xdf\xa3"):
        # Matroska and WebM are one format; the document type in the header tells them apart.
        return WEBM if b"webm" in head else None
    return _box_format(head)


def sniff_file(path: Path) -> Kind | None:
    """The format of a file on this machine, None when not taken."""
    with path.open("rb") as stream:
        return sniff(stream.read(HEAD))


def _box_format(head: bytes) -> Kind | None:
    """MP4, MOV, or None: the ISO base media family, boxes of size and name."""
    name, brand = head[4:8], head[8:12]
    if name == b"ftyp":
        if brand.startswith(_NOT_VIDEO):
            return None
        return MOV if brand == b"qt  " else MP4
    return MOV if name in _OLD_QUICKTIME else None
