"""Asking OpenAI for the words of a breakdown: its settings, the account of the day, the pictures."""

from __future__ import annotations

import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from django.conf import settings

from breakdowns.spending import DailySpend, openai_settings
from breakdowns.texts import Routine
from breakdowns.texts.openai_texts import SENTENCES, TextsUnavailable, rewrite
from idance.files import ffmpeg
from idance.files.ffmpeg import FFmpegFailed

log = logging.getLogger(__name__)

_SIDE: Final = 512  # px
_SECONDS: Final = 20


def written_by_openai(routine: Routine, video: Path) -> Routine:
    """The routine in OpenAI's words; ``TextsUnavailable`` when there are none."""
    asked = openai_settings()
    if asked is None:
        raise TextsUnavailable("not_configured", SENTENCES["not_configured"])
    pictures = _pictures(routine, video) if asked.images else []
    return rewrite(routine, settings=asked, images=pictures, spend=DailySpend())


def _pictures(routine: Routine, video: Path) -> list[bytes]:
    """A small picture of the middle of each step; none at all when one of them cannot be had."""
    scale = f"scale='min({_SIDE},iw)':'min({_SIDE},ih)':force_original_aspect_ratio=decrease"
    output = ("-map", "0:V:0", "-frames:v", "1", "-vf", scale, "-q:v", "5", "-f", "image2", "-update", "1")
    pictures = []
    with TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR, prefix="pictures-") as folder:
        for step in routine.steps:
            target = Path(folder) / f"{step.number}.jpg"
            try:
                middle = (step.start + step.end) / 2
                ffmpeg.run(video, *output, target=target, seek=middle, seconds=_SECONDS)
            except FFmpegFailed as error:
                log.info("No picture of step %d, so none is sent: %s", step.number, error)
                return []
            pictures.append(target.read_bytes())
    return pictures
