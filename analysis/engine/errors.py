"""What the engine answers when it will not score a clip.

A refusal is an honest result, not a fault: the clip was looked at and there is nothing in it that can be
measured. Its ``code`` is stable (the app translates it), its sentence is for a person.
"""

from __future__ import annotations

from typing import Final

SENTENCES: Final[dict[str, str]] = {
    "no_video_stream": "This file has no video in it.",
    "unsupported_format": "This kind of file cannot be read. Please send an MP4, MOV, AVI or WebM video.",
    "too_short": "The video is too short to judge. Please film at least 3 seconds.",
    "too_long": "The video is too long. Please send at most 5 minutes.",
    "no_person": "No dancer can be seen for most of the video. Please film the whole body in good light.",
    "no_movement": "The dancer hardly moves in this video, so there is nothing to score.",
    "low_confidence": "The dancer cannot be seen well enough to score this video fairly. "
    "Please film the whole body, closer and in better light.",
    "corrupt_video": "The video is damaged and cannot be read. Please export or upload it again.",
    "timeout": "The analysis took too long and was stopped.",
    "download_failed": "The video could not be downloaded.",
}


class Refusal(Exception):
    """The clip cannot be analysed, and why.

    Parameters
    ----------
    code : one of the keys of ``SENTENCES``; stable, for programs.
    detail : what was measured, for logs and operators (never shown to dancers).
    """

    def __init__(self, code: str, detail: str = "") -> None:
        self.code = code
        self.sentence = SENTENCES[code]
        self.detail = detail
        super().__init__(f"{code}: {detail or self.sentence}")
