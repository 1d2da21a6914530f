"""Reading likes and comments: for one subject by pages, for a list of subjects the newest of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from idance.api.pages import Page, take_page
from idance.social.models import Comment, Like, Popular

#: How many likes and comments a list embeds of each subject.
EMBEDDED = 50


@dataclass(slots=True)
class Buzz:
    """The newest likes and comments of one subject, newest first."""

    likes: list[str] = field(default_factory=list)  # ids of people
    comments: list[Comment] = field(default_factory=list)


def newest(subjects: Iterable[Popular]) -> dict[str, Buzz]:
    """At most the newest 50 likes and comments of each subject, in two queries however many there are.

    After many likes were taken back there may be fewer than 50 though older ones exist.
    """
    found: dict[str, Buzz] = defaultdict(Buzz)
    liked, said = Q(pk__in=[]), Q(pk__in=[])
    for subject in subjects:
        if subject.likes_count:
            liked |= Q(subject_id=subject.pk, number__gt=subject.likes_ever - EMBEDDED)
        if subject.comments_count:
            said |= Q(subject_id=subject.pk, number__gt=subject.comments_ever - EMBEDDED)
    for like in Like.objects.filter(liked).order_by("-number").only("subject_id", "user_id"):
        found[like.subject_id].likes.append(like.user_id)
    for comment in Comment.objects.filter(said).order_by("-number").select_related("user"):
        found[comment.subject_id].comments.append(comment)
    return found


def comments(subject: Popular, *, page: int, limit: int) -> Page[Comment]:
    """One page of what is said about a subject, newest first."""
    rows: QuerySet[Comment] = Comment.objects.filter(subject_id=subject.pk).order_by("-number")
    return take_page(rows.select_related("user"), page=page, limit=limit, total=subject.comments_count)
