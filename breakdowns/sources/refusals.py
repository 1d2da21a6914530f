"""Why a video could not be had from its site: stable codes, and words a dancer understands."""

from __future__ import annotations

import re
from typing import Final

from analysis.engine.errors import Refusal
from breakdowns.models import Source
from idance.lib.words import amount

INSTEAD: Final = "You can upload the file instead."
_SENTENCES: Final = {
    "private": "This video is private.",
    "age_restricted": "{site} shows this video only to signed-in adults.",
    "removed": "This video is not there any more, or never was.",
    "login_required": "{site} shows this video only to people who are signed in.",
    "region_blocked": "{site} does not show this video in the country of our server.",
    "protected": "This video is copy-protected.",
    "live": "This is a live stream or one that is still to come; it can be broken down when it is over.",
    "no_video": "There is no video behind this link that can be fetched.",
    "too_long": "This video is too long: at most {minutes} can be broken down.",
    "too_large": "This video is too large: at most {megabytes} MB can be fetched.",
    "source_blocked": "{site} does not let our server fetch videos at the moment. Please try again later.",
    "download_failed": "The video could not be fetched from {site}. Please try again in a while.",
}


class SourceRefusal(Refusal):
    """A video that its site does not give, or that is not taken from there."""

    def __init__(self, code: str, source: Source, detail: str = "", **limits: object) -> None:
        self.code = code
        self.sentence = f"{_SENTENCES[code].format(site=source.label, **limits)} {INSTEAD}"
        self.detail = detail
        Exception.__init__(self, f"{code}: {detail or self.sentence}")


#: What yt-dlp says of it, the most telling first. Kept apart by words, since it has one class for all.
_SAYINGS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), code)
    for pattern, code in (
        (r"confirm you.{0,3}re not a bot|HTTP Error 429|too many requests|captcha", "source_blocked"),
        (r"confirm your age|age.?restricted|inappropriate for some users", "age_restricted"),
        (r"private video|video is private|account is private", "private"),
        (
            r"live event will begin|premieres? (?:will begin )?in|live stream recording is not available",
            "live",
        ),
        (r"members.only|join this channel|requires payment|rental", "login_required"),
        (r"not (?:made this video )?available in your (?:country|location)|geo.?restrict", "region_blocked"),
        (r"drm.protected", "protected"),
        (
            r"rate.limit reached or login required|empty media response|login (?:page|required)",
            "login_required",
        ),
        (r"sign in|log in|registered users|use --cookies", "login_required"),
        (r"requested format is not available|no video (?:formats|in this post)|unsupported url", "no_video"),
        (r"video unavailable|no longer available|has been removed|been terminated|HTTP Error 404", "removed"),
        (r"does ?n.t exist|not a valid|incomplete youtube id|truncated_id|HTTP Error 410", "removed"),
    )
)


def code_for(saying: str) -> str:
    """The code of what yt-dlp complained of; ``download_failed`` where it says nothing that we know."""
    return next((code for pattern, code in _SAYINGS if pattern.search(saying)), "download_failed")


def too_long(source: Source, seconds: float, detail: str = "") -> SourceRefusal:
    """The refusal of a video longer than so many seconds."""
    return SourceRefusal("too_long", source, detail, minutes=amount(round(seconds / 60), "minute"))
