"""`POST /api/s3/upload` and what is served of it."""

from __future__ import annotations

import base64
import errno
import io
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from analysis.engine.config import DEFAULT
from idance.files import ffmpeg, pictures, probe, services, storage
from idance.files.intake import Intake
from idance.files.kinds import PNG
from idance.files.models import FileState, StoredFile
from idance.lib.problems import Missing
from tests.api_client import ApiClient
from tests.files import clips

UPLOAD = "/api/s3/upload"


def part(content: bytes, name: str = "dance.mp4", declared: str = "video/mp4") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, declared)


def send(client: ApiClient, content: bytes, **fields: Any) -> Any:
    return client.post(UPLOAD, {"file": part(content), **fields}, format="multipart")


def picture(format: str = "JPEG", size: tuple[int, int] = (60, 40), **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 60)).save(out, format=format, **options)
    return out.getvalue()


def path_of(url: str) -> str:
    return url.removeprefix("http://testserver")


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def passing_files() -> list[Path]:
    """What lies in the folder of passing files, besides the folder that workers keep for their own."""
    found = Path(django_settings.FILE_UPLOAD_TEMP_DIR).iterdir()
    return [path for path in found if path.name != "workers"]


def test_a_video_is_stored_and_can_be_watched(dancer: ApiClient, outsider: ApiClient, clip: Path) -> None:
    answer = send(dancer, clip.read_bytes(), filename="my dance.mp4", content_type="video/mp4")
    assert answer.status_code == 200, answer.content
    found = answer.json()
    file = StoredFile.objects.get(key=found["file_key"])
    assert found["file_key"] == f"uploads/{dancer.user.id}/{file.id}.mp4"
    assert (file.kind, file.content_type, file.state) == ("video", "video/mp4", FileState.READY)
    assert (file.width, file.height) == (320, 240)
    assert file.duration == pytest.approx(2.0, abs=0.05)
    # The link works without a token, gives what is said, and the place of filming is gone from it.
    watched = outsider.get(path_of(found["file_url"]))
    content = body_of(watched)
    assert watched.status_code == 200 and watched["Content-Type"] == "video/mp4"
    assert len(content) == found["size"] == file.size
    assert b"loci" in clip.read_bytes() and b"loci" not in content
    thumbnail = outsider.get(path_of(storage.url_for(file.thumbnail_key, answer.wsgi_request)))
    assert Image.open(io.BytesIO(body_of(thumbnail))).size == (320, 240)
    # Nothing is left behind in the folder of passing files.
    assert passing_files() == []


def test_the_same_in_base64(dancer: ApiClient, clip: Path) -> None:
    text = base64.b64encode(clip.read_bytes()).decode()
    answer = dancer.post(UPLOAD, {"file": text, "filename": "a.mp4", "content_type": "video/mp4"})
    assert answer.status_code == 200, answer.content
    small = dancer.post(UPLOAD, {"file": base64.b64encode(picture()).decode()})
    assert small.status_code == 200, small.content
    assert small.json()["file_key"].endswith(".jpg")


def test_a_phone_video_is_made_streamable_under_the_same_key(
    dancer: ApiClient, outsider: ApiClient, phone_clip: Path
) -> None:
    found = send(dancer, phone_clip.read_bytes()).json()
    file = StoredFile.objects.get(key=found["file_key"])
    assert file.state == FileState.STORED
    assert (file.width, file.height) == (240, 320)
    before = body_of(outsider.get(path_of(found["file_url"])))
    assert b"com.apple" not in before and b"12.97" not in before and b"hvc1" in before

    assert services.make_streamable(file.id, seconds=60)
    assert not services.make_streamable(file.id, seconds=60), "doing it again changes nothing"

    file.refresh_from_db()
    assert (file.state, file.width, file.height) == (FileState.READY, 240, 320)
    after = body_of(outsider.get(path_of(found["file_url"])))
    assert len(after) == file.size and b"avc1" in after


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_pictures_lose_their_metadata_and_stand_upright(
    dancer: ApiClient, outsider: ApiClient, format: str
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # stored sideways
    exif.get_ifd(0x8825)[2] = (12.0, 58.0, 17.0)  # degrees of latitude
    content = picture(format, exif=exif)
    assert Image.open(io.BytesIO(content)).getexif().get_ifd(0x8825)
    found = send(dancer, content).json()
    stored = Image.open(io.BytesIO(body_of(outsider.get(path_of(found["file_url"])))))
    assert stored.format == format and stored.size == (40, 60)
    assert not stored.getexif() and not stored.info.get("exif")


def test_content_decides_and_not_the_name(dancer: ApiClient, clip: Path) -> None:
    disguised = dancer.post(
        UPLOAD, {"file": part(clip.read_bytes(), "x.jpg", "image/jpeg")}, format="multipart"
    )
    assert disguised.json()["file_key"].endswith(".mp4")
    for content in (b"", b"GIF89a" + b"\0" * 100, b"<html>" * 50, b"\x1aE\xdf\xa3" + b"matroska" * 20, b"x"):
        refused = send(dancer, content)
        assert refused.status_code == 415, (content[:10], refused.content)
    broken = send(dancer, clip.read_bytes()[:2000])
    assert broken.status_code == 415
    assert send(dancer, picture()[:200]).status_code == 415
    assert StoredFile.objects.count() == 1
    assert passing_files() == []


def test_a_picture_that_unpacks_to_gigabytes_is_refused(dancer: ApiClient) -> None:
    out = io.BytesIO()
    Image.new("1", (7200, 7200)).save(out, format="PNG", compress_level=1)
    assert len(out.getvalue()) < 100_000
    assert send(dancer, out.getvalue()).status_code == 415


def layered(scans: int) -> bytes:
    """A progressive JPEG of 64 x 64 pixels that goes over its picture so many times."""

    def segment(marker: int, content: bytes) -> bytes:
        return b"\xff" + bytes([marker]) + (len(content) + 2).to_bytes(2) + content

    parts = [
        b"\xff\xd8" + segment(0xDB, b"\0" + b"\x01" * 64),
        segment(0xC2, b"\x08\0\x40\0\x40\x01\x01\x11\0"),
        segment(0xC4, b"\0" + bytes([1] + [0] * 15) + b"\0"),
        segment(0xC4, b"\x10" + bytes([1, 1] + [0] * 14) + b"\x50\0"),
        segment(0xDA, b"\x01\x01\0\0\0\0") + b"\0" * 8,  # one bit for each of 64 blocks
        (segment(0xDA, b"\x01\x01\0\x01\x3f\0") + b"\x7d") * (scans - 1),  # the end of 63 blocks, then of one
    ]
    return b"".join(parts) + b"\xff\xd9"


def test_a_picture_of_thousands_of_layers_is_refused_unread(dancer: ApiClient) -> None:
    # A few megabytes of them would keep a processor busy for minutes.
    assert send(dancer, layered(10)).status_code == 200
    refused = send(dancer, layered(1000))
    assert refused.status_code == 415
    assert "too many layers" in refused.json()["detail"]


def film_of(size: str, path: Path, codec: str = "png") -> bytes:
    video = ("-c:v", codec, "-pix_fmt", "rgb24" if codec == "png" else "yuvj420p")
    return clips.make(path, size=size, fps=1, seconds=1, video=video, audio=None).read_bytes()


def test_a_film_of_layered_pictures_is_refused_undecoded(dancer: ApiClient, tmp_path: Path) -> None:
    whole = film_of("64x64", tmp_path / "film.avi", "mjpeg")
    assert send(dancer, whole).status_code == 200
    start, end = whole.index(b"\xff\xd8"), whole.index(b"\xff\xd9") + 2
    picture = layered(1000)
    # The chunk's own length is that of the picture in it.
    longer = whole[: start - 4] + len(picture).to_bytes(4, "little") + picture + whole[end:]
    refused = send(dancer, longer)
    assert refused.json() == {"detail": "This video is damaged: no picture of it can be read."}


def test_a_picture_of_a_film_is_not_decoded_before_its_size_is_known(
    dancer: ApiClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    huge = film_of("4112x4096", tmp_path / "huge.mov")
    opened: list[Any] = []
    look = probe._video_stream

    def note(container: Any) -> Any:
        opened.extend(stream.codec_context.pix_fmt for stream in container.streams.video)
        return look(container)

    with monkeypatch.context() as noted:
        noted.setattr(probe, "_video_stream", note)
        noted.setattr(probe, "_first_frame", None)
        assert send(dancer, huge).json()["detail"].startswith("This video has too many pixels.")
    assert opened == [None], "opening has decoded a picture"

    small = (320).to_bytes(2) + (240).to_bytes(2)
    lies = huge.replace((4112).to_bytes(2) + (4096).to_bytes(2), small)
    assert lies != huge
    refused = send(dancer, lies)
    assert refused.json() == {"detail": "This video is damaged or of a kind that cannot be read."}


def test_two_pictures_are_unpacked_at_once_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, most, lock = 0, 0, threading.Lock()

    def unpack(*given: Any) -> tuple[int, int]:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.05)
        with lock:
            now -= 1
        return 1, 1

    monkeypatch.setattr(pictures, "_rewrite", unpack)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: pictures.clean(tmp_path, PNG, tmp_path), range(12)))
    assert most == 2


def test_what_is_refused_for_its_size_is_what_the_engine_refuses() -> None:
    # Files are below the engine and cannot ask it, so each has its own figures.
    assert (probe.MOST_PIXELS, probe.SLIMMEST) == (DEFAULT.media.largest_picture, DEFAULT.media.slimmest)


@pytest.mark.parametrize(
    ("size", "why"),
    [
        ("32x130", "One side of the picture may be at most 4 times the other."),
        ("4096x4098", "This video has too many pixels. Please film in 4K or less."),
    ],
)
def test_videos_that_could_never_be_scored_are_refused_at_once(
    dancer: ApiClient, tmp_path: Path, size: str, why: str
) -> None:
    fast = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
    odd = clips.make(tmp_path / "odd.mp4", size=size, fps=10, seconds=0.2, video=fast, audio=None)
    refused = send(dancer, odd.read_bytes())
    assert refused.status_code == 415, refused.content
    assert refused.json()["detail"] == why


def test_files_over_their_limit_are_refused(dancer: ApiClient, clip: Path, settings: Any) -> None:
    settings.MAX_PICTURE_BYTES = 100
    assert send(dancer, picture()).status_code == 413
    settings.MAX_VIDEO_BYTES = 1000
    assert send(dancer, clip.read_bytes()).status_code == 413
    assert dancer.post(UPLOAD, {"file": base64.b64encode(clip.read_bytes()).decode()}).status_code == 413


def test_a_body_announced_too_large_is_refused_unread(dancer: ApiClient) -> None:
    class Endless(io.BytesIO):
        given = 0

        def read(self, size: int | None = -1) -> bytes:
            self.given += size or 0
            return bytes(size or 0)

    for kind in ("multipart/form-data; boundary=x", "application/json"):
        body = Endless()
        sent = {"CONTENT_LENGTH": "900000000", "wsgi.input": body}
        assert dancer.generic("POST", UPLOAD, b"", kind, **sent).status_code == 413
        # No more than politeness towards a client that is still sending.
        assert body.given < 20_000_000


def test_bodies_that_make_no_sense(dancer: ApiClient, outsider: ApiClient) -> None:
    missing = dancer.post(UPLOAD, {})
    assert missing.status_code == 422
    assert missing.json()["errors"][0]["loc"] == ["body", "file"]
    assert dancer.post(UPLOAD, {"file": "%%%"}).status_code == 422
    assert dancer.post(UPLOAD, {"file": ["x"]}).status_code == 422
    assert dancer.post(UPLOAD, "[1]", content_type="application/json").status_code == 422
    assert dancer.post(UPLOAD, "{", content_type="application/json").status_code == 400
    assert dancer.post(UPLOAD, b"video", content_type="video/mp4").status_code == 415
    assert dancer.post(UPLOAD, {"file": "text part!"}, format="multipart").status_code == 422
    assert outsider.post(UPLOAD, {}).status_code == 401


def test_uploads_have_a_limit_of_their_own(dancer: ApiClient, other: ApiClient, settings: Any) -> None:
    settings.LIMIT_UPLOADS = 2
    assert [dancer.post(UPLOAD, {}).status_code for _ in range(3)] == [422, 422, 429]
    assert other.post(UPLOAD, {}).status_code == 422


def test_files_belong_to_their_owner_alone(dancer: ApiClient, other: ApiClient, clip: Path) -> None:
    key = send(dancer, clip.read_bytes()).json()["file_key"]
    assert services.own_file(dancer.user, key).key == key
    tricks = [
        key,
        key.upper(),
        f"uploads/{other.user.id}/../{dancer.user.id}/{key.rpartition('/')[2]}",
        "/" + key,
        f"{django_settings.MEDIA_ROOT}/{key}",
        key.replace("/", "%2f"),
        key + "\0",
        key + "\n",
        "",
    ]
    for trick in tricks:
        with pytest.raises(Missing):
            services.own_file(other.user, trick)
    for trick in tricks[1:]:
        with pytest.raises(Missing):
            services.own_file(dancer.user, trick)
        with pytest.raises(Missing), storage.open_local(trick):
            pass


def test_a_file_whose_row_cannot_be_written_leaves_nothing(
    dancer: ApiClient, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(StoredFile, "save", full)
    arrived = Intake()
    arrived.write(clip.read_bytes())
    arrived.finish()
    with pytest.raises(OSError, match="disk full"):
        services.receive(dancer.user, arrived)
    folder = Path(django_settings.MEDIA_ROOT) / "uploads" / dancer.user.id
    assert [p for p in folder.rglob("*") if p.is_file()] == []


def test_the_answer_names_the_host_that_was_asked(dancer: ApiClient, settings: Any) -> None:
    assert send(dancer, picture()).json()["file_url"].startswith("http://testserver/files/")
    settings.PUBLIC_URL_GIVEN, settings.PUBLIC_URL = True, "https://dance.example"
    found = json.loads(send(dancer, picture()).content)
    assert found["file_url"].startswith("https://dance.example/files/")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_full_disk_is_no_fault_of_the_video(clip: Path) -> None:
    with pytest.raises(OSError, match="No space left on device"):
        ffmpeg.run(clip, "-c", "copy", "-f", "matroska", target=Path("/dev/full"), seconds=20)


def test_a_full_disk_is_no_fault_of_a_picture(dancer: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    content = picture()
    monkeypatch.setattr(Image.Image, "save", full)
    assert send(dancer, content).status_code == 503
