"""Signed links: who may fetch what, and the parts that players ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils.http import http_date

from idance.files import signing, storage
from idance.lib.ids import new_object_id

CONTENT = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 40
SIZE = len(CONTENT)


@pytest.fixture
def key() -> str:
    key = f"uploads/{new_object_id()}/{new_object_id()}.mp4"
    path = Path(django_settings.MEDIA_ROOT) / key
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT)
    return key


@pytest.fixture
def url(key: str) -> str:
    return f"/files/{signing.signer()(key)}"


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_the_whole_file(client: Client, url: str, key: str) -> None:
    response = client.get(url)
    assert response.status_code == 200 and body(response) == CONTENT
    assert response["Content-Type"] == "video/mp4"
    assert response["Content-Length"] == str(SIZE)
    assert response["Accept-Ranges"] == "bytes"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"] == f'inline; filename="{Path(key).name}"'
    assert response["Cache-Control"].startswith("private, max-age=")


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-", 0, SIZE - 1),
        ("bytes=0-0", 0, 0),
        ("bytes=100-199", 100, 199),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
        ("bytes=500-999999", 500, SIZE - 1),
        ("bytes=-7", SIZE - 7, SIZE - 1),
        ("bytes=-999999", 0, SIZE - 1),
    ],
)
def test_a_part(client: Client, url: str, asked: str, start: int, end: int) -> None:
    response = client.get(url, headers={"Range": asked})
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {start}-{end}/{SIZE}"
    assert body(response) == CONTENT[start : end + 1]
    assert response["Content-Length"] == str(end - start + 1)


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", "bytes=99999999-", "bytes=-0"])
def test_a_part_beyond_the_end(client: Client, url: str, asked: str) -> None:
    response = client.get(url, headers={"Range": asked})
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize(
    "asked", ["bytes=5-2", "bytes=-", "bytes=a-b", "lines=1-2", "bytes=0-1,5-6", "bytes=٣-"]
)
def test_what_is_no_single_range_gives_the_whole(client: Client, url: str, asked: str) -> None:
    response = client.get(url, headers={"Range": asked})
    assert response.status_code == 200 and body(response) == CONTENT


def test_head_says_the_same_without_a_body(client: Client, url: str) -> None:
    whole = client.head(url)
    assert (whole.status_code, whole["Content-Length"], whole.content) == (200, str(SIZE), b"")
    part = client.head(url, headers={"Range": "bytes=0-9"})
    assert (part.status_code, part["Content-Length"]) == (206, "10")


def test_a_part_of_another_version_is_the_whole(client: Client, url: str, key: str) -> None:
    first = client.get(url)
    same = {"Range": "bytes=0-9", "If-Range": first["ETag"]}
    assert client.get(url, headers=same).status_code == 206
    assert client.get(url, headers={**same, "If-Range": first["Last-Modified"]}).status_code == 206
    assert client.get(url, headers={**same, "If-Range": http_date(0)}).status_code == 200
    (Path(django_settings.MEDIA_ROOT) / key).write_bytes(CONTENT + b"more")
    changed = client.get(url, headers=same)
    assert changed.status_code == 200 and body(changed) == CONTENT + b"more"


def test_what_the_client_has_is_not_sent_again(client: Client, url: str) -> None:
    etag = client.get(url)["ETag"]
    for known in (etag, f'"other", W/{etag}', "*"):
        assert client.get(url, headers={"If-None-Match": known}).status_code == 304
    assert client.get(url, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.django_db
def test_only_reading(client: Client, url: str) -> None:
    for method in (client.post, client.delete, client.patch):
        answer = method(url)
        assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, PUT")
        assert answer.json()["detail"]
    assert client.put(url, b"x").status_code == 403


def test_a_link_opens_one_file_until_its_end(client: Client, url: str, key: str, monkeypatch: Any) -> None:
    other = key.replace(".mp4", "_thumb.jpg")
    (Path(django_settings.MEDIA_ROOT) / other).write_bytes(b"\xff\xd8\xff")
    query = url.partition("?")[2]
    expires, signature = (pair.partition("=")[2] for pair in query.split("&"))
    wrong = [
        f"/files/{key}",
        f"/files/{key}?expires={expires}",
        f"/files/{key}?expires={expires}&signature={signature[:-2]}AA",
        f"/files/{key}?expires={int(expires) + 1}&signature={signature}",
        f"/files/{key}?expires={expires}%0A&signature={signature}",
        f"/files/{other}?{query}",
        f"/files//{key}?{query}",
        f"/files/./{key}?{query}",
        f"/files/uploads/../{key}?{query}",
    ]
    for attempt in wrong:
        assert client.get(attempt).status_code == 404, attempt
    assert client.get(url).status_code == 200
    now = int(expires)
    monkeypatch.setattr("idance.files.signing.time.time", lambda: float(now))
    assert client.get(url).status_code == 404


def test_a_link_lasts_as_long_as_the_settings_say(key: str, settings: Any, monkeypatch: Any) -> None:
    settings.FILE_URL_SECONDS = 3600
    for now in (1_000_000, 1_001_799, 1_234_567):
        monkeypatch.setattr("idance.files.signing.time.time", lambda now=now: float(now))
        query = signing.signer()(key).partition("?")[2]
        expires, signature = (pair.partition("=")[2] for pair in query.split("&"))
        left = signing.seconds_left(key, expires, signature)
        assert left is not None and 3600 <= left <= 5400


def test_a_signed_link_to_what_is_no_key_opens_nothing(client: Client, tmp_path: Path) -> None:
    (Path(django_settings.MEDIA_ROOT)).mkdir(exist_ok=True)
    for name in (
        "../secret_key",
        "secret.txt",
        "uploads/x.mp4",
        "uploads/" + "a" * 24 + "/../../../secret_key",
    ):
        assert storage.local_path(name) is None
        assert client.get(f"/files/{signing.signer()(name)}").status_code == 404
