"""Words that people type."""

from __future__ import annotations

import pytest

from idance.lib.text import clean_line, clean_text, is_visible


@pytest.mark.parametrize(
    ("typed", "line", "text"),
    [
        ("  plain  ", "plain", "plain"),
        ("two\nlines", "two lines", "two\nlines"),
        ("dos\r\nand mac\rends", "dos and mac ends", "dos\nand mac\nends"),
        ("many\n\n\n \n\nempty", "many empty", "many\n\nempty"),
        ("tab\there", "tab here", "tab\there"),
        ("nul\x00 esc\x1b bell\x07 del\x7f c1\x9b", "nul esc bell del c1", "nul esc bell del c1"),
        ("turn\u202ed \u2066around\u2069", "turnd around", "turnd around"),
        ("zero\u200bwidth\ufeff", "zerowidth", "zerowidth"),
        ("line\u2028separator", "line separator", "line\nseparator"),
        ("👨‍👩‍👧 नमस्ते می‌خواهم", "👨‍👩‍👧 नमस्ते می‌خواهم", "👨‍👩‍👧 नमस्ते می‌خواهم"),
        ("", "", ""),
    ],
)
def test_text_is_cleaned(typed: str, line: str, text: str) -> None:
    assert clean_line(typed) == line
    assert clean_text(typed) == text


@pytest.mark.parametrize("typed", ["a\x00b", "\r\n\r\n\r\n x \u202e y", "  \u200b \n"])
def test_cleaning_twice_changes_nothing_more(typed: str) -> None:
    assert clean_text(clean_text(typed)) == clean_text(typed)
    assert clean_line(clean_line(typed)) == clean_line(typed)


def test_what_can_be_seen() -> None:
    assert is_visible("a")
    assert is_visible("💃")
    assert not is_visible("")
    assert not is_visible(" \u00a0\u3000")
    assert not is_visible("\u200d\u200c")
