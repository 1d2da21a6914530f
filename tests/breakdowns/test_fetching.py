"""Fetching through yt-dlp itself, from a video site on this machine."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from yt_dlp.networking.exceptions import RequestError

from breakdowns.links import Link
from breakdowns.models import Source
from breakdowns.sources import fetching
from breakdowns.sources.fetching import Fetched, Fetcher, Limits
from breakdowns.sources.refusals import SourceRefusal
from tests.breakdowns.site import VideoSite

LINK = Link(Source.YOUTUBE, "abcdefghijk")
CONTENT = bytes(range(256)) * 2000


def fetch(site: VideoSite, folder: Path, *, limit: int = 10_000_000, tell: Any = None) -> Fetched:
    fetcher = Fetcher(Limits(seconds=300, bytes=limit, patience=2), site.sites)
    return fetcher.fetch(LINK, folder, tell or (lambda stage, share: None))


def test_a_video_is_fetched_with_its_title_and_tells_how_far_it_is(site: VideoSite, tmp_path: Path) -> None:
    site.video(LINK.id, CONTENT, title="Salsa \x07 basics\n for two", duration=12.0, filesize=len(CONTENT))
    told: list[tuple[str, float]] = []
    fetched = fetch(site, tmp_path, tell=lambda stage, share: told.append((stage, share)))
    assert fetched.path.read_bytes() == CONTENT
    assert fetched.title == "Salsa basics for two"
    assert list(tmp_path.iterdir()) == [fetched.path]
    assert told[0] == ("resolve", 0.0)
    assert told[-1] == ("download", 1.0)
    shares = [share for stage, share in told if stage == "download"]
    assert shares == sorted(shares)


@pytest.mark.parametrize(
    ("info", "code"),
    [
        ({"is_live": True}, "live"),
        ({"live_status": "is_upcoming", "formats": []}, "live"),
        ({"duration": 301}, "too_long"),
        ({"formats": []}, "no_video"),
    ],
)
def test_what_is_not_taken_is_refused_before_a_byte_of_it_is_fetched(
    site: VideoSite, tmp_path: Path, info: dict[str, Any], code: str
) -> None:
    site.video(LINK.id, CONTENT, **info)
    with pytest.raises(SourceRefusal) as refused:
        fetch(site, tmp_path)
    assert refused.value.code == code
    assert refused.value.sentence.endswith("You can upload the file instead.")
    assert site.asked == [f"/{LINK.id}.json"]


def test_a_video_that_says_it_is_too_large_is_not_fetched(site: VideoSite, tmp_path: Path) -> None:
    site.video(LINK.id, CONTENT)
    page = site.pages[LINK.id]
    assert isinstance(page, dict)
    page["formats"][0]["filesize"] = 5_000_000
    with pytest.raises(SourceRefusal) as refused:
        fetch(site, tmp_path, limit=1_000_000)
    assert refused.value.code == "too_large"
    assert "1 MB" in refused.value.sentence
    assert site.asked == [f"/{LINK.id}.json"]


def test_a_video_that_turns_out_too_large_is_stopped(site: VideoSite, tmp_path: Path) -> None:
    site.video(LINK.id, CONTENT)
    with pytest.raises(SourceRefusal) as refused:
        fetch(site, tmp_path, limit=100_000)
    assert refused.value.code == "too_large"


def test_what_the_progress_raises_stops_the_download_and_arrives(site: VideoSite, tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    def tell(stage: str, share: float) -> None:
        if stage == "download":
            raise Stop

    site.video(LINK.id, CONTENT)
    with pytest.raises(Stop):
        fetch(site, tmp_path, tell=tell)


@pytest.mark.parametrize(
    ("saying", "code"),
    [
        # As yt-dlp words them.
        ("Private video. Sign in if you've been granted access to this video", "private"),
        ("Sign in to confirm your age. This video may be inappropriate for some users.", "age_restricted"),
        ("Sign in to confirm you’re not a bot. Use --cookies-from-browser", "source_blocked"),
        ("Video unavailable. This video has been removed by the uploader", "removed"),
        (
            "Video unavailable. This video is no longer available because the YouTube account associated "
            "with this video has been terminated.",
            "removed",
        ),
        ("Join this channel to get access to members-only content like this video", "login_required"),
        ("Premieres in 3 hours", "live"),
        ("This live event will begin in a few moments.", "live"),
        (
            "Video unavailable. The uploader has not made this video available in your country",
            "region_blocked",
        ),
        ("This video is DRM protected", "protected"),
        (
            "Requested content is not available, rate-limit reached or login required. Use --cookies",
            "login_required",
        ),
        (
            "Instagram sent an empty media response. Check if this post is accessible in your browser "
            "without being logged-in.",
            "login_required",
        ),
        ("There is no video in this post", "no_video"),
        ("Something nobody has ever seen", "download_failed"),
    ],
)
def test_every_complaint_becomes_a_code_and_words_for_a_dancer(
    site: VideoSite, tmp_path: Path, saying: str, code: str
) -> None:
    site.pages[LINK.id] = saying
    with pytest.raises(SourceRefusal) as refused:
        fetch(site, tmp_path)
    assert refused.value.code == code
    assert "cookies" not in refused.value.sentence


def test_a_missing_page_and_a_dead_server_are_told_apart(site: VideoSite, tmp_path: Path) -> None:
    with pytest.raises(SourceRefusal) as refused:
        fetch(site, tmp_path)
    assert refused.value.code == "removed"
    site.address = "http://127.0.0.1:9"
    with pytest.raises(SourceRefusal) as refused:
        fetch(site, tmp_path)
    assert refused.value.code == "download_failed"


def test_no_address_of_another_host_is_opened(site: VideoSite, tmp_path: Path) -> None:
    site.video(LINK.id, CONTENT)
    page = site.pages[LINK.id]
    assert isinstance(page, dict)
    page["formats"][0]["url"] = site.address.replace("127.0.0.1", "localhost") + f"/{LINK.id}.mp4"
    with pytest.raises(SourceRefusal):
        fetch(site, tmp_path)
    assert site.asked == [f"/{LINK.id}.json"]


def test_nothing_is_kept_of_what_another_host_answers_after_a_redirect(
    site: VideoSite, tmp_path: Path
) -> None:
    site.video(LINK.id, CONTENT)
    site.files["/secret"] = b"secret"
    other = site.address.replace("127.0.0.1", "localhost")
    site.redirects[f"/{LINK.id}.mp4"] = f"{other}/secret"
    with pytest.raises(SourceRefusal):
        fetch(site, tmp_path)
    assert not [path for path in tmp_path.iterdir() if b"secret" in path.read_bytes()]


def test_film_and_sound_that_come_apart_are_put_together(site: VideoSite, tmp_path: Path) -> None:
    film, sound = tmp_path / "film.mp4", tmp_path / "sound.m4a"
    _make(film, "-f", "lavfi", "-i", "testsrc=d=1:s=64x64", "-c:v", "libx264", "-pix_fmt", "yuv420p")
    _make(sound, "-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac")
    site.files |= {"/film.mp4": film.read_bytes(), "/sound.m4a": sound.read_bytes()}
    site.pages[LINK.id] = {
        "id": LINK.id,
        "title": "Apart",
        "formats": [
            {
                "url": f"{site.address}/film.mp4",
                "format_id": "v",
                "ext": "mp4",
                "vcodec": "avc1",
                "acodec": "none",
            },
            {
                "url": f"{site.address}/sound.m4a",
                "format_id": "a",
                "ext": "m4a",
                "vcodec": "none",
                "acodec": "aac",
            },
        ],
    }
    folder = tmp_path / "job"
    folder.mkdir()
    fetched = fetch(site, folder)
    assert list(folder.iterdir()) == [fetched.path]
    from idance.files.kinds import MP4
    from idance.files.probe import probe

    facts = probe(fetched.path, MP4)
    assert (facts.codec, facts.audio_codec) == ("h264", "aac")


def _make(path: Path, *arguments: str) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", *arguments, str(path)]
    subprocess.run(command, check=True)


def test_of_a_post_with_several_the_first_video_is_taken(site: VideoSite, tmp_path: Path) -> None:
    site.video("one", CONTENT, title="One")
    one = site.pages["one"]
    site.pages[LINK.id] = {"_type": "playlist", "id": LINK.id, "title": "Post", "entries": [one, one]}
    fetched = fetch(site, tmp_path)
    assert fetched.path.read_bytes() == CONTENT
    assert fetched.title == "One"


@pytest.mark.parametrize("source", list(fetching.SITES))
def test_the_real_extractors_read_the_addresses_we_make_and_nothing_else_is_loaded(source: Source) -> None:
    site = fetching.SITES[source]
    link = Link(source, "abcdefghijk")
    assert site.extractor.suitable(link.url)
    assert site.owns(link.url)
    for foreign in (
        "https://example.com/",
        f"https://{site.hosts[0]}.example.com/",
        "http://169.254.169.254/",
    ):
        assert not site.owns(foreign)
    with fetching._Library(site, {"quiet": True, "cachedir": False}) as library:
        assert list(library._ies) == [site.extractor.ie_key()]
        assert not library.params.get("cookiefile") and not library.cache.enabled
        with pytest.raises(RequestError):
            library.urlopen("http://127.0.0.1:9/")
        with pytest.raises(RequestError):
            library.urlopen("file:///etc/hostname")
