"""Reading likes and comments: for one subject by pages, for a list of subjects the newest of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from django.db.models import Q, QuerySet

from accounts.people import shown
from idance.api.pages import Page, take_page
from idance.social.models import Comment, Like, Popular

#: How many likes and comments a list embeds of each subject.
EMBEDDED = 50


class Counted(Protocol):
    """A subject as lists read it: its id, and the counters of `Popular`."""

    @property
    def id(self) -> str: ...
    @property
    def likes_count(self) -> int: ...
    @property
    def likes_ever(self) -> int: ...
    @property
    def comments_count(self) -> int: ...
    @property
    def comments_ever(self) -> int: ...


@dataclass(slots=True)
class Buzz:
    """The newest likes and comments of one subject, newest first."""

    likes: list[str] = field(default_factory=list)  # ids of people
    comments: list[Comment] = field(default_factory=list)


def newest(subjects: Iterable[Counted]) -> dict[str, Buzz]:
    """At most the newest 50 likes and comments of each subject, in two queries however many there are.

    After many likes were taken back there may be fewer than 50 though older ones exist.
    """
    found: dict[str, Buzz] = defaultdict(Buzz)
    listed = list(subjects)
    liked = _newest({one.id: one.likes_ever for one in listed if one.likes_count})
    said = _newest({one.id: one.comments_ever for one in listed if one.comments_count})
    if liked:
        likes = Like.objects.filter(liked).order_by("-number")
        for subject_id, user_id in likes.values_list("subject_id", "user_id"):
            found[subject_id].likes.append(user_id)
    if said:
        for comment in _with_people(Comment.objects.filter(said)):
            found[comment.subject_id].comments.append(comment)
    return found


def _newest(ever: dict[str, int]) -> Q:
    """Which rows are among the newest of their subject: {subject: number of its last row}; none for none."""
    few = [subject for subject, last in ever.items() if last <= EMBEDDED]
    wanted = Q(subject_id__in=few) if few else Q()
    for subject, last in ever.items():
        if last > EMBEDDED:
            wanted |= Q(subject_id=subject, number__gt=last - EMBEDDED)
    return wanted


def comments(subject: Popular, *, page: int, limit: int) -> Page[Comment]:
    """One page of what is said about a subject, newest first."""
    rows = _with_people(Comment.objects.filter(subject_id=subject.pk))
    return take_page(rows, page=page, limit=limit, total=subject.comments_count)


def _with_people(rows: QuerySet[Comment]) -> QuerySet[Comment]:
    """With all that is shown of comments, newest first."""
    newest_first = rows.select_related("user").order_by("-number")
    return newest_first.only("id", "subject_id", "text", "created_at", *shown("user"))
