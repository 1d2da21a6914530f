"""Uploads past us, links to one's own files, and their removal."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import IntegrityError
from django.test import Client

from idance.files import services, storage
from idance.files.intake import Intake
from idance.files.models import FileState, StoredFile
from idance.lib.problems import Missing
from tests.api_client import ApiClient


def announced(client: ApiClient, clip: Path, **more: Any) -> dict[str, Any]:
    body = {"contentType": "video/mp4", "fileSize": clip.stat().st_size, "filename": "me.mp4", **more}
    response = client.post("/api/s3/presigned-url", body)
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


def put(ticket: dict[str, Any], content: bytes, **headers: str) -> Any:
    """Send the bytes as an app does that knows nothing but the ticket."""
    parts = urlsplit(ticket["uploadUrl"])
    content_type = headers.pop("content_type", ticket["headers"]["Content-Type"])
    return Client().put(f"{parts.path}?{parts.query}", content, content_type=content_type, **headers)


def test_a_file_goes_straight_to_its_place(dancer: ApiClient, clip: Path) -> None:
    ticket = announced(dancer, clip)

    assert ticket["method"] == "PUT"
    assert dancer.get(f"/api/s3/download-url/{ticket['fileKey']}").status_code == 404
    assert put(ticket, clip.read_bytes()).status_code == 200

    file = StoredFile.objects.get(key=ticket["fileKey"])
    assert (file.state, file.kind, round(file.duration or 0)) == (FileState.READY, "video", 2)
    link = dancer.get(f"/api/s3/download-url/{ticket['fileKey']}").json()
    assert link["expiresIn"] >= 60
    parts = urlsplit(link["downloadUrl"])
    assert Client().get(f"{parts.path}?{parts.query}").status_code == 200


def test_sending_again_changes_nothing(dancer: ApiClient, clip: Path) -> None:
    ticket = announced(dancer, clip)
    put(ticket, clip.read_bytes())
    before = StoredFile.objects.get(key=ticket["fileKey"])

    assert put(ticket, b"x" * clip.stat().st_size).status_code == 200

    after = StoredFile.objects.get(key=ticket["fileKey"])
    assert (after.size, after.updated_at) == (before.size, before.updated_at)


def test_the_address_takes_only_what_was_announced(dancer: ApiClient, clip: Path) -> None:
    ticket = announced(dancer, clip)
    content = clip.read_bytes()

    assert put(ticket, content + b"x").status_code == 403
    assert put(ticket, content, content_type="image/png").status_code == 403
    forged = {**ticket, "uploadUrl": ticket["uploadUrl"].replace("expires=1", "expires=9")}
    assert put(forged, content).status_code == 403
    for wrong in ("expires=x", "expires=", "signature=", "a=b"):
        path = urlsplit(ticket["uploadUrl"]).path
        assert Client().put(f"{path}?{wrong}", content, content_type="video/mp4").status_code == 403
    assert StoredFile.objects.get(key=ticket["fileKey"]).state == FileState.AWAITED


def test_content_decides_not_the_announced_type(dancer: ApiClient, clip: Path) -> None:
    ticket = announced(dancer, clip)

    assert put(ticket, b"x" * clip.stat().st_size).status_code == 415


def test_a_link_to_read_does_not_open_for_writing(dancer: ApiClient, clip: Path) -> None:
    ticket = announced(dancer, clip)
    put(ticket, clip.read_bytes())
    link = dancer.get(f"/api/s3/download-url/{ticket['fileKey']}").json()["downloadUrl"]

    assert put({**ticket, "uploadUrl": link}, clip.read_bytes()).status_code == 403


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"contentType": "text/html"}, 422),
        ({"fileSize": 0}, 422),
        ({"fileSize": 100_000_001}, 413),
        ({"contentType": "image/png", "fileSize": 5_000_001}, 413),
        ({"fileKey": "uploads/../../etc/passwd"}, 404),
    ],
)
def test_what_cannot_be_announced(dancer: ApiClient, clip: Path, change: dict[str, Any], status: int) -> None:
    body = {"contentType": "video/mp4", "fileSize": 1000, **change}
    assert dancer.post("/api/s3/presigned-url", body).status_code == status


@pytest.mark.parametrize(
    ("named", "taken"),
    [
        ("image/jpg", "image/jpeg"),
        ("Video/MP4; codecs=avc1", "video/mp4"),
        ("video/x-m4v", "video/mp4"),
        ("video/mov", "video/quicktime"),
        ("video/avi", "video/x-msvideo"),
        ("video/vnd.avi", "video/x-msvideo"),
    ],
)
def test_a_type_by_its_other_name(dancer: ApiClient, clip: Path, named: str, taken: str) -> None:
    ticket = announced(dancer, clip, contentType=named)
    assert ticket["headers"]["Content-Type"] == taken


def test_a_phone_asks_again_for_the_same_file(dancer: ApiClient, other: ApiClient, clip: Path) -> None:
    first = announced(dancer, clip)
    again = announced(dancer, clip, fileKey=first["fileKey"])

    assert again["fileKey"] == first["fileKey"]
    assert StoredFile.objects.count() == 1
    body = {"contentType": "video/mp4", "fileSize": 1, "fileKey": first["fileKey"]}
    assert other.post("/api/s3/presigned-url", body).status_code == 404
    assert dancer.post("/api/s3/presigned-url", body).status_code == 422, (
        "it would be refused when it is sent"
    )

    # It arrives, but the answer gets lost.
    assert put(again, clip.read_bytes()).status_code == 200
    once_more = announced(dancer, clip, fileKey=first["fileKey"])
    assert once_more["headers"] == first["headers"]
    assert put(once_more, clip.read_bytes()).status_code == 200


def test_an_upload_that_is_given_up_can_be_taken_back(
    dancer: ApiClient, other: ApiClient, clip: Path
) -> None:
    ticket = announced(dancer, clip)
    row = StoredFile.objects.get(key=ticket["fileKey"])
    path = f"/api/s3/delete/{ticket['fileKey']}"
    assert other.delete(path).status_code == 404
    assert dancer.delete(path).status_code == 200
    assert dancer.delete(path).status_code == 404
    assert put(ticket, clip.read_bytes()).status_code == 403
    # Its bytes were on their way at that moment: they find no row and leave nothing.
    arrived = Intake()
    arrived.write(clip.read_bytes())
    arrived.finish()
    with pytest.raises(Missing):
        services.fulfil(row, arrived)
    assert storage.local_path(row.key) is None and storage.local_path(row.thumbnail_key) is None


def test_a_video_is_no_picture(dancer: ApiClient) -> None:
    body = {"file_extension": "png", "content_type": "image/png", "file_size_mb": 1}
    refused = dancer.post("/api/s3/upload/dance-breakdown-video", body)
    assert refused.status_code == 422, refused.content
    assert refused.json()["errors"][0]["loc"] == ["body", "content_type"]
    assert "image/" not in refused.json()["detail"] and "video/mp4" in refused.json()["detail"]


def test_a_breakdown_video_by_its_megabytes(dancer: ApiClient, clip: Path) -> None:
    size = clip.stat().st_size
    body = {"file_extension": "mp4", "content_type": "video/mp4", "file_size_mb": round(size / 1e6, 2)}
    ticket = dancer.post("/api/s3/upload/dance-breakdown-video", body).json()

    assert ticket["file_key"].startswith(f"dance-breakdowns/{dancer.user.pk}/")
    sent = put({"uploadUrl": ticket["upload_url"], "headers": ticket["headers"]}, clip.read_bytes())
    assert sent.status_code == 200
    assert StoredFile.objects.get(key=ticket["file_key"]).state == FileState.READY
    huge = dancer.post("/api/s3/upload/dance-breakdown-video", {**body, "file_size_mb": 100.5})
    assert huge.status_code == 413


def test_a_file_that_comes_into_use_while_it_is_deleted_stays(
    dancer: ApiClient, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shown_meanwhile(file: StoredFile) -> None:
        raise IntegrityError("a submission shows it")

    ticket = announced(dancer, clip)
    put(ticket, clip.read_bytes())
    monkeypatch.setattr(StoredFile, "delete", shown_meanwhile)

    assert dancer.delete(f"/api/s3/delete/{ticket['fileKey']}").status_code == 400


def test_only_its_owner_links_and_deletes(dancer: ApiClient, other: ApiClient, clip: Path) -> None:
    ticket = announced(dancer, clip)
    put(ticket, clip.read_bytes())
    key = ticket["fileKey"]

    assert other.get(f"/api/s3/download-url/{key}").status_code == 404
    assert other.delete(f"/api/s3/delete/{key}").status_code == 404
    assert dancer.delete(f"/api/s3/delete/{key}").json() == {
        "message": "File deleted successfully",
        "file_key": key,
    }
    assert dancer.delete(f"/api/s3/delete/{key}").status_code == 404
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize("key", ["../secret_key", "/etc/passwd", "uploads/%2e%2e/x.mp4", "a\x00b", "uploads"])
def test_odd_keys_are_unknown(dancer: ApiClient, key: str) -> None:
    assert dancer.get(f"/api/s3/download-url/{key}").status_code == 404
    assert dancer.delete(f"/api/s3/delete/{key}").status_code == 404


def test_a_file_in_use_stays(dancer: ApiClient, clip: Path) -> None:
    from tests.challenges import make

    submission = make.submission(make.challenge(), dancer.user)

    assert dancer.delete(f"/api/s3/delete/{submission.video.key}").status_code == 400
    assert StoredFile.objects.filter(pk=submission.video_id).exists()


def test_what_was_announced_long_ago_is_forgotten(dancer: ApiClient, clip: Path) -> None:
    from datetime import timedelta

    from django.utils import timezone

    old = announced(dancer, clip)
    StoredFile.objects.filter(key=old["fileKey"]).update(created_at=timezone.now() - timedelta(days=2))

    announced(dancer, clip)

    assert not StoredFile.objects.filter(key=old["fileKey"]).exists()


def test_a_video_for_a_challenge_goes_straight_there(dancer: ApiClient, clip: Path) -> None:
    from tests.challenges import make

    challenge = make.challenge()
    body = {
        "challenge_id": challenge.pk,
        "file_extension": "mp4",
        "content_type": "video/mp4",
        "file_size_mb": 1.5,
        "file_size": clip.stat().st_size,
    }
    ticket = dancer.post("/api/s3/upload/challenge-video", body).json()
    sent = put({"uploadUrl": ticket["upload_url"], "headers": ticket["headers"]}, clip.read_bytes())
    assert sent.status_code == 200

    entered = dancer.post(
        f"/api/challenges/{challenge.pk}/submit-unified", {"video_file": ticket["file_key"], "metadata": {}}
    )
    assert entered.status_code == 200
    assert entered.json()["video"]["file_key"] == ticket["file_key"]
    for unknown in ("0" * 24, "no id", "0" * 65):
        answer = dancer.post("/api/s3/upload/challenge-video", {**body, "challenge_id": unknown})
        assert answer.status_code == 404
