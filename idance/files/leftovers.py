"""Passing files of requests and jobs that were killed: nobody else would ever remove them."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Final

from django.conf import settings

#: Nothing that is under way is this old, in seconds; jobs may take long, and so may phones.
OLD: Final = 24 * 3600.0
#: Workers look after their own (`analysis.workspace`).
_NOT_OURS: Final = "workers"


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
