"""What is deleted goes, also when the storage does not answer at that moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from idance.files import removals, storage
from idance.files.models import Removal, StoredFile
from tests.api_client import ApiClient
from tests.files.test_uploads import send

pytestmark = pytest.mark.django_db


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A storage that does not answer, until `undo()`."""

    def fail(*names: str) -> None:
        raise EndpointConnectionError(endpoint_url="http://s3")

    monkeypatch.setattr(storage, "delete", fail)
    return monkeypatch


def test_a_file_that_could_not_be_removed_is_removed_later(
    dancer: ApiClient,
    clip: Path,
    away: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    key = send(dancer, clip.read_bytes()).json()["file_key"]
    with django_capture_on_commit_callbacks(execute=True):
        assert dancer.delete(f"/api/s3/delete/{key}").status_code == 200
    assert not StoredFile.objects.filter(key=key).exists() and default_storage.exists(key)
    assert removals.sweep() == 0  # still being done, for all one knows

    away.setattr(removals, "LEFT", timedelta(0))
    assert removals.sweep() == 0 and default_storage.exists(key)
    away.undo()
    away.setattr(removals, "LEFT", timedelta(0))
    assert removals.sweep() == 2  # with its thumbnail
    assert not default_storage.exists(key) and not Removal.objects.exists()


def test_nothing_is_removed_when_the_change_is_taken_back(
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    key = default_storage.save("analyses/a/b/report.json", ContentFile(b"{}"))
    with django_capture_on_commit_callbacks(execute=True):
        with pytest.raises(RuntimeError), transaction.atomic():
            removals.remove(key)
            raise RuntimeError
    assert default_storage.exists(key) and not Removal.objects.exists()

    with django_capture_on_commit_callbacks(execute=True):
        removals.remove_folder("analyses/a")
    assert not default_storage.exists(key) and not Removal.objects.exists()
