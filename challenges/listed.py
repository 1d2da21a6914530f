"""Submissions as lists read them: what is shown and nothing else, as values.

Objects of four models for each row would cost more than the rest of the answer. A `Submission` has all of
this too, so what shows one shows the other.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.people import Person, shown
from challenges.models import Challenge, Submission
from idance.files.models import megabytes


class Video(NamedTuple):
    """The video of a submission."""

    key: str
    thumbnail_key: str
    duration: float | None
    size: int

    @property
    def size_mb(self) -> float:
        """Size in megabytes, to two digits."""
        return megabytes(self.size)


class Judged(NamedTuple):
    """What its analysis says of it; all None when there is none."""

    feedback: str | None
    confidence: float | None
    pose_key: str | None


class Listed(NamedTuple):
    """A submission in a list of submissions."""

    id: str
    dancer_id: str
    challenge_id: str
    session_id: str
    status: str
    error_code: str
    error_message: str
    created_at: datetime
    caption: str
    tags: list[str]
    location: str
    highlight_text: str
    is_public: bool
    shared_to_feed: bool
    score: int | None
    balance: int | None
    rhythm: int | None
    smoothness: int | None
    creativity: int | None
    badge_awarded: str
    processed_at: datetime | None
    moderation_status: str
    moderation_reason: str
    likes_count: int
    likes_ever: int
    comments_count: int
    comments_ever: int
    shares_count: int
    dancer: Person
    video: Video
    analysis: Judged

    @property
    def breakdown(self) -> dict[str, Any] | None:
        """Its points in each dimension; None before it is scored."""
        if self.score is None:
            return None
        return {
            "balance": self.balance,
            "rhythm": self.rhythm,
            "smoothness": self.smoothness,
            "creativity": self.creativity,
        }


_OWN: Final = Listed._fields[:-3]
_PERSON: Final = len(_OWN)
_VIDEO: Final = _PERSON + len(Person._fields)
_JUDGED: Final = _VIDEO + len(Video._fields)


def columns(rows: QuerySet[Submission]) -> QuerySet[Submission, tuple[Any, ...]]:
    """The columns of a `Listed`."""
    video = (f"video__{name}" for name in Video._fields)
    judged = (f"analysis__{name}" for name in Judged._fields)
    return rows.values_list(*_OWN, *shown("dancer"), *video, *judged)


def listed(values: tuple[Any, ...]) -> Listed:
    """A row of these columns."""
    person, video, judged = values[_PERSON:_VIDEO], values[_VIDEO:_JUDGED], values[_JUDGED:]
    return Listed._make((*values[:_PERSON], Person._make(person), Video._make(video), Judged._make(judged)))


class Told(NamedTuple):
    """A submission in a list of many kinds of things."""

    id: str
    score: int | None
    status: str
    is_public: bool
    caption: str
    highlight_text: str
    likes_count: int
    comments_count: int
    video_key: str
    thumbnail_key: str
    challenge_title: str


def told_columns(rows: QuerySet[Submission]) -> QuerySet[Submission, tuple[Any, ...]]:
    """The columns of a `Told`."""
    # Not joined: for the titles of a page PostgreSQL would read every challenge.
    title = Challenge.objects.filter(pk=OuterRef("challenge")).values("title")
    return rows.values_list(*Told._fields[:-3], "video__key", "video__thumbnail_key", Subquery(title))
