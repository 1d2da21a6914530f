"""A challenge's submissions as a CSV file that may be of any length and opens safely in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from challenges.models import DIMENSIONS, Challenge, Submission

_ROWS_AT_ONCE: Final = 500
#: column -> where it is read
COLUMNS: Final = {
    "submission": "id",
    "sent_in": "created_at",
    "dancer": "dancer_id",
    "name": "dancer__display_name",
    "status": "status",
    "error": "error_code",
    "moderation": "moderation_status",
    "public": "is_public",
    "score": "score",
    **{name: name for name in DIMENSIONS},
    "points": "points_awarded",
    "badge": "badge_awarded",
    "likes": "likes_count",
    "comments": "comments_count",
    "shares": "shares_count",
    "caption": "caption",
    "location": "location",
}


class _Line:
    """What `csv` writes to: gives each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def safe(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula; times in ISO 8601."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, str):
        formula = value.lstrip().startswith(("=", "+", "-", "@")) or value.startswith(("\t", "\r", "\n"))
        return f"'{value}" if formula else value
    return value


def lines(challenge: Challenge) -> Iterator[str]:
    """The file, line by line, oldest submission first. Reads a few hundred rows at a time."""
    writer = csv.writer(_Line())
    # Tells spreadsheets that this is UTF-8.
    yield "\ufeff" + str(writer.writerow(COLUMNS))
    rows = Submission.objects.filter(challenge=challenge).order_by("id").values_list(*COLUMNS.values())
    for row in rows.iterator(chunk_size=_ROWS_AT_ONCE):
        yield str(writer.writerow([safe(value) for value in row]))
