"""Where videos come from: their sites, fetched by yt-dlp. `site_video` is what others need of it.

yt-dlp is imported when the first video is fetched: it is large, and only workers need it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache

from breakdowns.links import Link
from breakdowns.models import Source
from breakdowns.sources.refusals import SourceRefusal, too_long

if TYPE_CHECKING:
    from breakdowns.sources.fetching import Fetched

__all__ = ["SourceRefusal", "seconds_blocked", "site_video", "too_long"]

log = logging.getLogger(__name__)

BLOCKED = "source_blocked"


def site_video(link: Link, folder: Path, progress: Callable[[str, float], None]) -> Fetched:
    """Fetch a video from its site into ``folder``.

    A site that takes us for a robot is left alone for a while: further tries would prolong it. Every worker
    that shares the cache knows.

    Raises ``SourceRefusal``.
    """
    from breakdowns.sources.fetching import SITES, Fetcher, Limits

    if seconds_blocked(link.source) > 0:
        raise SourceRefusal(BLOCKED, link.source, "not tried: blocked a short while ago")
    limits = Limits(seconds=settings.SOURCE_MAX_SECONDS, bytes=settings.SOURCE_MAX_BYTES)
    try:
        return Fetcher(limits, SITES).fetch(link, folder, progress)
    except SourceRefusal as refusal:
        if refusal.code == BLOCKED:
            pause = settings.SOURCE_PAUSE_SECONDS
            log.warning("%s blocks us, no further try for %d s.", link.source.label, pause)
            cache.set(_key(link.source), time.time() + pause, pause)
        raise


def seconds_blocked(source: Source) -> float:
    """How long a site is still left alone."""
    return max(0.0, float(cache.get(_key(source), 0.0)) - time.time())


def _key(source: Source) -> str:
    return f"source-blocked:{source.value}"
