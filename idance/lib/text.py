"""Words that people type: without control characters, and without the invisible ones that play tricks."""

from __future__ import annotations

import re
import unicodedata

# Directions that spill over into the words around them, and characters of no width. The joiners stay:
# emoji, Arabic, Persian and the scripts of India are written with them.
_TRICKS = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BLANKS = re.compile(r"\s+")


def clean_text(text: str) -> str:
    """Several lines: trimmed, line ends as `\\n`, at most one empty line in a row, no control characters."""
    text = re.sub(r"\r\n?", "\n", text)
    text = _TRICKS.sub("", _CONTROLS.sub("", text))
    return re.sub(r"\n\s*\n\s*\n+", "\n\n", text).strip()


def clean_line(text: str) -> str:
    """One line: every run of blanks and line ends becomes one space, no control characters."""
    return _BLANKS.sub(" ", _TRICKS.sub("", _CONTROLS.sub(" ", text))).strip()


def is_visible(text: str) -> bool:
    """Whether there is anything to see."""
    return any(unicodedata.category(character)[0] not in "ZC" for character in text)
