"""Fetching a video from its site: all of yt-dlp is behind `Fetcher`.

yt-dlp is used as a library with two extractors and nothing else: no configuration, plugins, cookies, cache or
other downloader, no address outside the site's own hosts. What a video is called, how long and large it is
and whether it is live is known before a byte of it is fetched.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import imageio_ffmpeg
from yt_dlp import YoutubeDL
from yt_dlp.extractor.common import InfoExtractor
from yt_dlp.extractor.instagram import InstagramIE
from yt_dlp.extractor.youtube import YoutubeIE
from yt_dlp.globals import plugin_dirs
from yt_dlp.networking.common import Request, Response
from yt_dlp.networking.exceptions import RequestError
from yt_dlp.utils import YoutubeDLError

from breakdowns.links import Link
from breakdowns.models import Source
from breakdowns.sources.refusals import SourceRefusal, code_for, too_long
from idance.lib.text import clean_line

log = logging.getLogger(__name__)

#: Plain downloads alone, the short side at most 720 if there is such: one file with film and sound that every
#: phone plays, else one file, else film and sound to be put together.
_FORMATS: Final = (
    "b[protocol^=http][ext=mp4][vcodec~='^(avc|h264)']/b[protocol^=http]/"
    "bv*[protocol^=http][ext=mp4]+ba[protocol^=http][ext=m4a]/"
    "bv*[protocol^=http]+ba[protocol^=http]/bv*[protocol^=http]"
)
_ORDER: Final = ("res:720", "vcodec:h264", "acodec:aac", "fps:30")
_TITLE_LENGTH: Final = 200
_NOT_YET: Final = ("is_live", "is_upcoming", "post_live")


@dataclass(frozen=True, slots=True)
class Site:
    """Who reads a site's pages, and the hosts its pages and films come from."""

    extractor: type[InfoExtractor]
    hosts: tuple[str, ...]

    def owns(self, address: str) -> bool:
        """Whether an address is on one of its hosts."""
        host = (urlsplit(address).hostname or "").lower()
        return any(host == one or host.endswith(f".{one}") for one in self.hosts)


SITES: Final[dict[Source, Site]] = {
    Source.YOUTUBE: Site(
        YoutubeIE, ("youtube.com", "youtube-nocookie.com", "googlevideo.com", "youtubei.googleapis.com")
    ),
    Source.INSTAGRAM: Site(InstagramIE, ("instagram.com", "cdninstagram.com", "fbcdn.net")),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What is fetched at most."""

    seconds: float
    bytes: int
    patience: float = 20.0  # s without an answer


@dataclass(frozen=True, slots=True)
class Fetched:
    """A fetched file, as its site made it."""

    path: Path
    title: str


class _Log:
    """yt-dlp's words go to our log, and none of them to a console."""

    def debug(self, text: str) -> None:
        log.debug("%s", text)

    info = warning = error = debug


class _Library(YoutubeDL):  # type: ignore[misc]
    """yt-dlp with one extractor that opens addresses of one site alone."""

    def __init__(self, site: Site, options: dict[str, Any]) -> None:
        # Before anything is looked for: code from folders of the machine has no business here.
        plugin_dirs.value = []
        self._site = site
        super().__init__(options, auto_init=False)
        self.add_info_extractor(site.extractor())

    def urlopen(self, req: Request | str) -> Response:
        address = req if isinstance(req, str) else req.url
        self._check(address)
        response: Response = super().urlopen(req)
        try:
            self._check(response.url)
        except RequestError:
            response.close()
            raise
        return response

    def _check(self, address: str) -> None:
        if urlsplit(address).scheme not in ("http", "https") or not self._site.owns(address):
            raise RequestError(f"This address is not the site's own: {urlsplit(address).hostname}")


class Fetcher:
    """Fetches videos of YouTube and Instagram into a folder."""

    def __init__(self, limits: Limits, sites: Mapping[Source, Site] = SITES) -> None:
        self._limits = limits
        self._sites = sites

    def fetch(self, link: Link, folder: Path, progress: Callable[[str, float], None]) -> Fetched:
        """Look at the video and, when it is within the limits, fetch it.

        Parameters
        ----------
        folder : where the file goes, and all that is passing.
        progress : called with (`resolve` or `download`, share of that stage); what it raises stops the work
            and reaches the caller.

        Raises ``SourceRefusal``.
        """
        progress("resolve", 0.0)
        total = _Total(self._limits.bytes, link, lambda share: progress("download", share))
        try:
            with _Library(self._sites[link.source], self._options(folder, total)) as library:
                found = _one_video(library.extract_info(link.url, download=False, process=False), link)
                self._check(found, link)
                chosen = library.process_ie_result(copy.deepcopy(found), download=False)
                self._check(chosen, link)
                progress("resolve", 1.0)
                done = library.process_ie_result(found, download=True)
        except (YoutubeDLError, RequestError) as error:
            saying = str(error)
            raise SourceRefusal(code_for(saying), link.source, saying[:500]) from error
        return Fetched(
            _file_of(done, folder, link), clean_line(str(found.get("title") or ""))[:_TITLE_LENGTH]
        )

    def _options(self, folder: Path, total: _Total) -> dict[str, Any]:
        return {
            "logger": _Log(),
            "quiet": True,
            "noprogress": True,
            "color": {"stdout": "never", "stderr": "never"},
            "cachedir": False,
            "noplaylist": True,
            "paths": {"home": str(folder), "temp": str(folder)},
            "outtmpl": {"default": "video.%(ext)s"},
            "updatetime": False,
            "format": _FORMATS,
            "format_sort": list(_ORDER),
            "merge_output_format": "mp4",
            "ffmpeg_location": imageio_ffmpeg.get_ffmpeg_exe(),
            "hls_prefer_native": True,
            "geo_bypass": False,
            "socket_timeout": self._limits.patience,
            "retries": 2,
            "extractor_retries": 1,
            "fragment_retries": 2,
            "progress_hooks": [total.note],
        }

    def _check(self, info: Mapping[str, Any], link: Link) -> None:
        """Refuse what is live, too long or too large, as far as its site tells."""
        if info.get("is_live") or info.get("live_status") in _NOT_YET:
            raise SourceRefusal("live", link.source)
        seconds = info.get("duration")
        if seconds is not None and seconds > self._limits.seconds:
            raise too_long(link.source, self._limits.seconds, f"{seconds} s")
        parts = info.get("requested_formats") or [info]
        size = sum(part.get("filesize") or part.get("filesize_approx") or 0 for part in parts)
        if size > self._limits.bytes:
            raise _too_large(link.source, self._limits.bytes)


class _Total:
    """Counts the bytes of all parts of a download, tells how far it is and stops what grows too large."""

    def __init__(self, limit: int, link: Link, progress: Callable[[float], None]) -> None:
        self._limit = limit
        self._link = link
        self._progress = progress
        self._parts: dict[str, int] = {}

    def note(self, state: Mapping[str, Any]) -> None:
        """As yt-dlp calls its progress hooks."""
        self._parts[str(state.get("filename"))] = int(state.get("downloaded_bytes") or 0)
        loaded = sum(self._parts.values())
        announced = int(state.get("total_bytes") or state.get("total_bytes_estimate") or 0)
        if max(loaded, announced) > self._limit:
            raise _too_large(self._link.source, self._limit)
        self._progress(min(1.0, loaded / announced) if announced else 0.5)


def _too_large(source: Source, limit: int) -> SourceRefusal:
    return SourceRefusal("too_large", source, megabytes=limit // 1_000_000)


def _one_video(found: Any, link: Link) -> dict[str, Any]:
    """The video itself: of a post with several, the first."""
    if isinstance(found, dict) and found.get("_type") in ("playlist", "multi_video"):
        entries: Iterable[Any] = found.get("entries") or ()
        first = next((entry for entry in entries if entry and entry.get("formats")), None)
        if first is not None:
            shared = ("extractor", "extractor_key", "webpage_url", "original_url", "title")
            return {**{name: found.get(name) for name in shared}, **first}
    elif isinstance(found, dict) and found.get("_type", "video") == "video":
        return found
    raise SourceRefusal("no_video", link.source)


def _file_of(done: Mapping[str, Any], folder: Path, link: Link) -> Path:
    """The file that was written, which has to be in the folder."""
    written = [Path(one.get("filepath") or "") for one in done.get("requested_downloads") or ()]
    path = written[0] if written else Path()
    if not path.is_file() or folder.resolve() not in path.resolve().parents:
        raise SourceRefusal("download_failed", link.source, "nothing was written")
    return path
