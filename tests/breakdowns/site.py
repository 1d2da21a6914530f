"""A video site on this machine, and what teaches yt-dlp to read it: real pages and downloads, no internet."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from yt_dlp.extractor.common import InfoExtractor
from yt_dlp.utils import ExtractorError

from breakdowns.models import Source
from breakdowns.sources.fetching import Site


@dataclass
class VideoSite:
    """Pages by the id of their video (`info` of yt-dlp, or a saying it fails with), and files by path."""

    address: str = ""
    pages: dict[str, dict[str, Any] | str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def video(self, video_id: str, content: bytes, **info: Any) -> None:
        """A page with one progressive MP4."""
        self.files[f"/{video_id}.mp4"] = content
        film = {"url": f"{self.address}/{video_id}.mp4", "format_id": "18", "ext": "mp4"}
        film |= {"vcodec": "avc1.42001E", "acodec": "mp4a.40.2", "width": 360, "height": 640}
        self.pages[video_id] = {"id": video_id, "title": "A dance", "formats": [film], **info}

    def extractor(self) -> type[InfoExtractor]:
        """Reads this site's pages at the addresses of YouTube and Instagram."""
        site = self

        class LocalIE(InfoExtractor):  # type: ignore[misc]
            _VALID_URL = r"https://www\.(?:youtube\.com/watch\?v=|instagram\.com/reel/)(?P<id>[\w-]+)"

            def _real_extract(self, url: str) -> Any:
                video_id = self._match_id(url)
                page = self._download_json(f"{site.address}/{video_id}.json", video_id)
                if isinstance(page, str):
                    raise ExtractorError(page, expected=True)
                return page

        return LocalIE

    @property
    def sites(self) -> dict[Source, Site]:
        """In place of the real ones."""
        here = Site(self.extractor(), (urlsplit(self.address).hostname or "",))
        return {Source.YOUTUBE: here, Source.INSTAGRAM: here}


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, site: VideoSite, *arguments: Any) -> None:
        self._site = site
        super().__init__(*arguments)

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self._site.asked.append(path)
        if path in self._site.redirects:
            self.send_response(302)
            self.send_header("Location", self._site.redirects[path])
            self.end_headers()
            return
        page = self._site.pages.get(path.removeprefix("/").removesuffix(".json"))
        content = self._site.files.get(path)
        if path.endswith(".json") and page is not None:
            content = json.dumps(page).encode()
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *words: Any) -> None:
        """Say nothing."""


@contextmanager
def served() -> Iterator[VideoSite]:
    """The site, as long as the block lasts."""
    site = VideoSite()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, site))
    site.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
