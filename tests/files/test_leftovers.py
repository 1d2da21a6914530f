"""What killed requests leave is removed, and nothing else."""

from __future__ import annotations

import os
import time
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db.models import Model
from django.utils import timezone

from analysis.models import Analysis
from breakdowns.models import Breakdown, Footage
from feed.models import DanceSession
from idance.files import keys, leftovers
from idance.files.models import StoredFile
from idance.lib.ids import new_object_id
from tests.api_client import ApiClient
from tests.files.test_uploads import send


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


@pytest.fixture
def alone(settings: Any, tmp_path: Path) -> None:
    """A storage with nothing else in it."""
    backend = {**settings.STORAGES["default"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": backend}


@pytest.fixture
def stored(alone: None, dancer: ApiClient, clip: Path) -> dict[str, Path]:
    """What is stored, by what is to become of it."""
    key = send(dancer, clip.read_bytes()).json()["file_key"]
    owner, numbers = dancer.user.pk, [new_object_id() for _ in range(4)]
    names = {
        "video": key,
        "picture": keys.thumbnail_of(key),
        "lost": f"uploads/{owner}/{numbers[0]}.mp4",
        "half": f"uploads/{owner}/.incoming-abc/file",
        "new": f"uploads/{owner}/{numbers[1]}.mp4",
        "report": f"analyses/{owner}/{numbers[2]}/{numbers[3]}/report.json",
    }
    for name in names.values():
        if not default_storage.exists(name):
            default_storage.save(name, ContentFile(b"lost"))
    paths = {what: Path(default_storage.path(name)) for what, name in names.items()}
    yesterday = time.time() - leftovers.OLD - 60
    for what, path in paths.items():
        if what != "new":
            os.utime(path, (yesterday, yesterday))
    return paths


def said(*options: str) -> str:
    out = StringIO()
    call_command("leftovers", *options, stdout=out)
    return out.getvalue()


def test_stored_files_that_no_row_speaks_of_are_listed_and_removed(stored: dict[str, Path]) -> None:
    *names, summary = said().splitlines()
    media = Path(default_storage.path(""))
    lost = {stored[what] for what in ("lost", "half", "report")}
    assert {media / name for name in names} == lost
    assert summary.startswith("Nothing speaks of 3 of 6 stored files")
    assert all(path.exists() for path in stored.values()), "nothing is removed unasked"

    assert said("--remove").startswith("Removed 3 of 6 stored files")
    assert {path for path in stored.values() if not path.exists()} == lost
    assert said() == "None of the 3 stored files is left over.\n"


def test_a_storage_of_another_database_is_left_alone(stored: dict[str, Path]) -> None:
    StoredFile.objects.all().delete()
    with pytest.raises(CommandError, match="knows none of the 6 stored files"):
        said("--remove")
    assert all(path.exists() for path in stored.values())


def test_what_is_made_of_videos_is_known(alone: None, dancer: ApiClient) -> None:
    user, number = dancer.user, new_object_id()
    analysis = Analysis(owner=user, challenge_type="freestyle", engine_version="1")
    folder = f"analyses/{user.pk}/{analysis.pk}/{number}"
    analysis.pose_key, analysis.report_key = f"{folder}/pose_data.json", f"{folder}/report.json"
    analysis.thumbnail_key = f"{folder}/thumbnail.jpg"
    footage = Footage(key="youtube:abcdefghijk", source="youtube")
    folder = f"footage/{footage.pk}/{number}"
    footage.video_key, footage.pose_key = f"{folder}/video.mp4", f"{folder}/pose_data.json"
    footage.thumbnail_key = f"{folder}/thumbnail.jpg"
    breakdown = Breakdown(owner=user, footage=footage, mode="manual", target_difficulty="beginner")
    folder = f"outlines/{user.pk}/{breakdown.pk}/{number}"
    breakdown.outline_key, breakdown.outline_black_key = (
        f"{folder}/outline.mp4",
        f"{folder}/outline_black.mp4",
    )
    session = DanceSession(user=user, style="salsa", session_type="freestyle", start_time=timezone.now())
    session.processed_key = f"sessions/{user.pk}/{number}.mp4"
    names = [keys.thumbnail_of(session.processed_key)]
    rows: list[Model] = [analysis, footage, breakdown, session]
    for row in rows:
        row.save(force_insert=True)
        columns = [column.name for column in row._meta.concrete_fields if column.name.endswith("_key")]
        names += [name for column in columns if "/" in (name := str(getattr(row, column) or ""))]
    assert len(names) == 10
    for name in names:
        default_storage.save(name, ContentFile(b"made"))
    found = leftovers.unknown()
    assert (found.known, found.looked_at) == (10, 10)
