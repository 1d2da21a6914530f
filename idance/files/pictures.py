"""Pictures: opened for real, turned upright, and written again without whatever else was in the file."""

from __future__ import annotations

import warnings
from pathlib import Path
from threading import BoundedSemaphore
from typing import Final

from PIL import Image, ImageOps

from idance.away import away
from idance.files.kinds import Kind
from idance.lib.problems import Unsupported

#: A few kilobytes can unpack to gigabytes; nobody needs more than this of a phone.
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 4096  # px
#: A progressive JPEG repeats its whole picture in scans, ten or so; a small file of thousands takes minutes.
MOST_SCANS: Final = 200
SCAN: Final = b"\xff\xda"
#: So many are unpacked at once in one process: a large one takes a few hundred megabytes meanwhile.
_turns: Final = BoundedSemaphore(2)
_UNREADABLE = (
    OSError,
    ValueError,
    SyntaxError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
_FORMATS = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}


def clean(source: Path, kind: Kind, target: Path) -> tuple[int, int]:
    """Write the picture again, upright, at most 4096 px long, without metadata. Returns its size in px.

    Raises ``Unsupported`` when it cannot be read whole or would unpack to more than is sane.
    """
    wanted = _FORMATS[kind.container]
    # Within the picture such a pair of bytes is always a marker.
    if wanted == "JPEG" and source.read_bytes().count(SCAN) > MOST_SCANS:
        raise Unsupported("This picture is packed in too many layers. Please save it anew.")
    with _turns:
        return _rewrite(source, wanted, target)


def _rewrite(source: Path, wanted: str, target: Path) -> tuple[int, int]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(source, formats=[wanted]) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise Unsupported("This picture has too many pixels.")
                # First, in place: each copy of the whole would take as much memory again.
                opened.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                picture = ImageOps.exif_transpose(opened)
        # A new picture carries the pixels and nothing else: no EXIF, no XMP, no comments.
        bare = Image.new("RGBA" if _see_through(picture) else "RGB", picture.size)
        bare.paste(picture.convert(bare.mode))
        bare.save(target, format=wanted, **({} if wanted == "PNG" else {"quality": 90}))
    except _UNREADABLE as error:
        if away(error):  # a full disk is no fault of the picture
            raise
        raise Unsupported("This picture is damaged or of a kind that cannot be read.") from error
    return bare.size


def _see_through(picture: Image.Image) -> bool:
    return picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
