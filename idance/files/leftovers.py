"""What requests and jobs that were killed leave: nobody else would ever remove it.

Passing files go at the start of the server. Bytes that were stored just before a row would have told of them
are found by `manage.py leftovers`.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final, TypeAlias

from django.conf import settings

from idance.files import storage
from idance.files.announced import INCOMING
from idance.files.keys import FOLDERS
from idance.files.models import FileState, StoredFile
from idance.lib.ids import OBJECT_ID_PATTERN

#: Nothing that is under way is this old, in seconds; jobs may take long, and so may phones.
OLD: Final = 24 * 3600.0
#: Workers look after their own (`analysis.workspace`).
_NOT_OURS: Final = "workers"
#: So many names are asked about at once.
_BATCH: Final = 500
_ID: Final = re.compile(OBJECT_ID_PATTERN)


def remove() -> int:
    """Remove what is old in the folder of passing files. Returns how many; harmless at any time."""
    oldest = time.time() - OLD
    removed = 0
    for path in Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir():
        try:
            if path.name == _NOT_OURS or path.lstat().st_mtime > oldest:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
            removed += 1
        except FileNotFoundError:
            continue  # Another was quicker.
    return removed


# --- Stored bytes -----------------------------------------------------------------------------------------
#: Given the ids in some stored names, all names that rows with these ids speak of.
SpeaksOf: TypeAlias = Callable[[Collection[str]], Iterable[str]]
_speakers: list[SpeaksOf] = []


def know(speaks_of: SpeaksOf) -> None:
    """Say which stored files rows speak of. Called once, by an app that is ready and stores files."""
    _speakers.append(speaks_of)


@dataclass
class Unknown:
    """Old stored files that no row speaks of."""

    names: list[str] = field(default_factory=list)
    size: int = 0  # bytes
    looked_at: int = 0
    known: int = 0


def unknown() -> Unknown:
    """Look at all that is stored and older than a day. Changes nothing."""
    found = Unknown()
    oldest = time.time() - OLD
    everything = storage.stored_under(*FOLDERS, INCOMING)
    while batch := list(islice(everything, _BATCH)):
        found.looked_at += len(batch)
        ids = {number for stored in batch for number in _ID.findall(stored.name)}
        known = {name for speaks_of in (_own, *_speakers) for name in speaks_of(ids)}
        for stored in batch:
            if stored.name in known:
                found.known += 1
            elif stored.modified < oldest:
                found.names.append(stored.name)
                found.size += stored.size
    return found


def _own(ids: Collection[str]) -> Iterable[str]:
    for key, thumbnail, state in StoredFile.objects.filter(pk__in=ids).values_list(
        "key", "thumbnail_key", "state"
    ):
        yield from (key, thumbnail)
        if state == FileState.AWAITED:
            yield f"{INCOMING}/{key}"
