"""Words that people type: without control characters, and without the invisible ones that play tricks."""

from __future__ import annotations

import re
import unicodedata

# Directions that spill over into the words around them, and characters that show nothing. The joiners stay:
# emoji, Arabic, Persian and the scripts of India are written with them.
_TRICKS = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BLANKS = re.compile(r"\s+")
# Letters and signs by name, blank to look at.
_BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"


def clean_text(text: str) -> str:
    """Several lines: trimmed, line ends as `\\n`, at most one empty line in a row, no control characters."""
    text = re.sub("\r\n?|\u2028|\u2029", "\n", text)
    text = _TRICKS.sub("", _CONTROLS.sub("", text))
    return re.sub(r"\n\s*\n\s*\n+", "\n\n", text).strip()


def clean_line(text: str) -> str:
    """One line: every run of blanks and line ends becomes one space, no control characters."""
    return _BLANKS.sub(" ", _TRICKS.sub("", _CONTROLS.sub(" ", text))).strip()


def is_visible(text: str) -> bool:
    """Whether there is anything to see."""
    return any(
        unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zs", "Zl", "Zp")
        and character not in _BLANK_LETTERS
        for character in text
    )
