"""Keys: ``<purpose>/<owner>/[<about>/]<id>.<extension>``. They name the owner, and nothing the owner typed.

A video's key ends in `.mp4` from the start: that is what it will be once it has been made streamable, and a
key never changes.
"""

from __future__ import annotations

import re

from idance.files.kinds import Kind
from idance.files.models import Purpose
from idance.lib.ids import OBJECT_ID_PATTERN

THUMBNAIL = "_thumb.jpg"
_KEY = re.compile(
    rf"(?:{'|'.join(Purpose.values)})/(?P<owner>{OBJECT_ID_PATTERN})/(?:{OBJECT_ID_PATTERN}/)?"
    rf"{OBJECT_ID_PATTERN}(?:_thumb)?\.[a-z0-9]{{2,5}}"
)
#: What we make ourselves: landmarks, reports and pictures, fetched videos, outlines.
_MADE = ("analyses", "footage", "outlines")
#: How every key begins.
FOLDERS = (*Purpose.values, *_MADE)
_MADE_KEY = re.compile(rf"(?:{'|'.join(_MADE)})/(?:{OBJECT_ID_PATTERN}/)+[a-z_]{{1,40}}\.[a-z0-9]{{2,5}}")


def new_key(purpose: Purpose, owner_id: str, file_id: str, kind: Kind, about: str = "") -> str:
    """The key of a new file; ``about`` is the id of what it belongs to, such as a challenge."""
    extension = "mp4" if kind.name == "video" else kind.extension
    middle = f"{about}/" if about else ""
    return f"{purpose.value}/{owner_id}/{middle}{file_id}.{extension}"


def thumbnail_of(key: str) -> str:
    """The key of a file's thumbnail."""
    return key.rpartition(".")[0] + THUMBNAIL


def owner_of(key: str) -> str | None:
    """Whose a key is by its form, None when it is not one: no `..`, no absolute path, nothing encoded."""
    match = _KEY.fullmatch(key)
    return match["owner"] if match else None


def is_key(key: str) -> bool:
    """Whether something may be stored under this key."""
    return _KEY.fullmatch(key) is not None or _MADE_KEY.fullmatch(key) is not None
