"""What killed requests leave is removed, and nothing else."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from idance.files import leftovers


def test_old_passing_files_go(settings: Any, tmp_path: Path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    for name in ("upload-old", "upload-new"):
        (tmp_path / name).write_bytes(b"half a video")
    for name in ("receive-old", "workers"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "video").write_bytes(b"half a video")
    yesterday = time.time() - leftovers.OLD - 60
    for name in ("upload-old", "receive-old", "workers"):
        os.utime(tmp_path / name, (yesterday, yesterday))
    assert leftovers.remove() == 2
    assert {path.name for path in tmp_path.iterdir()} == {"upload-new", "workers"}
