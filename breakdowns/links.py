"""Which video a link leads to. Hosts and paths of every site are in one table; nothing is ever fetched here.

Two links to one video give the same ``Link``, whatever host they are on and whatever they carry of playlists,
times and tracking. The address that is fetched later is made from the id alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, parse_qs, urlsplit

from breakdowns.models import Source
from idance.lib.problems import Invalid

FIELD: Final = "video_url"
_YOUTUBE_ID = "[A-Za-z0-9_-]{11}"
_INSTAGRAM_CODE = "[A-Za-z0-9_-]{5,40}"


@dataclass(frozen=True, slots=True)
class Link:
    """One video of a site."""

    source: Source
    id: str

    @property
    def key(self) -> str:
        """The same for everybody who means this video."""
        return f"{self.source.value}:{self.id}"

    @property
    def url(self) -> str:
        """Its plain address."""
        return _PLAIN[self.source].format(self.id)


_PLAIN: Final = {
    Source.YOUTUBE: "https://www.youtube.com/watch?v={}",
    Source.INSTAGRAM: "https://www.instagram.com/reel/{}/",
}


@dataclass(frozen=True, slots=True)
class _Form:
    """One form of link: on these hosts a path like this, with the id in it or in a query parameter."""

    source: Source
    hosts: frozenset[str]
    path: re.Pattern[str]
    parameter: str = ""
    id: re.Pattern[str] = re.compile(_YOUTUBE_ID)

    def id_in(self, parts: SplitResult) -> str | None:
        match = self.path.fullmatch(parts.path.rstrip("/"))
        if match is None:
            return None
        found = parse_qs(parts.query).get(self.parameter, [""])[0] if self.parameter else match["id"]
        return found if self.id.fullmatch(found) else None


_ON_YOUTUBE = frozenset({"youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com"})
_EMBEDDED = _ON_YOUTUBE | {"youtube-nocookie.com", "www.youtube-nocookie.com"}
_ON_INSTAGRAM = frozenset({"instagram.com", "www.instagram.com", "m.instagram.com", "instagr.am"})
_FORMS: Final = (
    _Form(Source.YOUTUBE, _ON_YOUTUBE, re.compile("/watch"), parameter="v"),
    _Form(Source.YOUTUBE, _ON_YOUTUBE, re.compile(f"/(?:shorts|live|v)/(?P<id>{_YOUTUBE_ID})")),
    _Form(Source.YOUTUBE, _EMBEDDED, re.compile(f"/embed/(?P<id>{_YOUTUBE_ID})")),
    _Form(Source.YOUTUBE, frozenset({"youtu.be", "www.youtu.be"}), re.compile(f"/(?P<id>{_YOUTUBE_ID})")),
    _Form(
        Source.INSTAGRAM,
        _ON_INSTAGRAM,
        # A person's name may stand before it.
        re.compile(f"(?:/[A-Za-z0-9_.]{{1,30}})?/(?:reels?|p|tv)/(?P<id>{_INSTAGRAM_CODE})"),
        id=re.compile(_INSTAGRAM_CODE),
    ),
)
_HOSTS: Final = {host: form.source for form in _FORMS for host in form.hosts}


def parse(address: str) -> Link:
    """The video an address of YouTube or Instagram leads to; ``Invalid`` with what to do for any other."""
    parts = _split(address)
    host = (parts.hostname or "").rstrip(".") if parts else ""
    if parts is not None:
        for form in _FORMS:
            found = form.id_in(parts) if host in form.hosts else None
            if found is not None:
                return Link(form.source, found)
    source = _HOSTS.get(host)
    if source is None:
        raise Invalid(
            FIELD, "Please give a YouTube or Instagram link to one video, or a video that you uploaded."
        )
    raise Invalid(
        FIELD, f"This {source.label} link does not lead to one video. Open the video and copy its own link."
    )


def whole(address: str) -> str:
    """An address as a browser takes it: people leave the https:// out."""
    address = address.strip()
    return address if "://" in address else f"https://{address}"


def _split(address: str) -> SplitResult | None:
    """The parts of a web address, with or without its http(s)."""
    try:
        parts = urlsplit(whole(address))
        parts.hostname  # noqa: B018 - some malformed ones are noticed only here
    except ValueError:
        return None
    # A name before the host is never needed, and could make it another address to a browser than to us, as
    # in `javascript:alert(1)<!--@youtube.com/`.
    return parts if parts.scheme.lower() in ("http", "https") and "@" not in parts.netloc else None
