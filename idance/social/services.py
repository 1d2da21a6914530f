"""Liking, commenting, sharing, reporting: right however many do it at once.

Each change first updates the subject's own row. That row is then ours until the transaction ends, so the
number read from it is given to nobody else, and a broken constraint takes the counting back with it. Whoever
took a like's or comment's row before the subject's could wait for somebody who waits for them.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeVar

from django.db import IntegrityError, models, transaction
from django.db.models import F, QuerySet

from idance.lib.problems import Forbidden, Missing
from idance.social.models import Comment, Like, Popular, Report
from idance.social.signals import reported

if TYPE_CHECKING:
    from accounts.models import User

P = TypeVar("P", bound=Popular)


def _row(subject: P) -> QuerySet[P]:
    manager: models.Manager[P] = type(subject)._default_manager
    return manager.filter(pk=subject.pk)


def _count(subject: Popular, counter: str, change: int) -> int:
    """Move a counter of the subject and return what it became. ``Missing`` when the subject is gone."""
    row = _row(subject)
    if not row.update(**{counter: F(counter) + change}):
        raise Missing
    return int(row.values_list(counter, flat=True).get())


def _hold(subject: Popular) -> None:
    """Take the subject's row until the transaction ends. ``Missing`` when the subject is gone."""
    if not _row(subject).update(likes_ever=F("likes_ever")):
        raise Missing


def like(subject: Popular, user: User) -> int:
    """Like a subject, once. Returns how many like it."""
    try:
        with transaction.atomic():
            number = _count(subject, "likes_ever", 1)
            Like.objects.create(subject_id=subject.pk, user=user, number=number)
            return _count(subject, "likes_count", 1)
    except IntegrityError:
        return likes_count(subject)


def unlike(subject: Popular, user: User) -> int:
    """Take a like back, if there is one. Returns how many like it."""
    with transaction.atomic():
        _hold(subject)
        deleted, _ = Like.objects.filter(subject_id=subject.pk, user=user).delete()
        if deleted:
            return _count(subject, "likes_count", -1)
    return likes_count(subject)


def likes_count(subject: Popular) -> int:
    """How many like it at this moment. ``Missing`` when the subject is gone."""
    row = _row(subject).first()
    if row is None:
        raise Missing
    return row.likes_count


def comment(subject: Popular, user: User, text: str) -> Comment:
    """Say something about a subject."""
    with transaction.atomic():
        number = _count(subject, "comments_ever", 1)
        _count(subject, "comments_count", 1)
        return Comment.objects.create(subject_id=subject.pk, user=user, text=text, number=number)


def delete_comment(subject: Popular, comment_id: str, user: User) -> None:
    """Remove a comment: its author may, and staff. ``Missing`` when the subject has no such comment."""
    found = Comment.objects.filter(pk=comment_id, subject_id=subject.pk).first()
    if found is None:
        raise Missing
    if found.user_id != user.pk and not user.is_staff:
        raise Forbidden("Only its author can delete a comment.")
    with transaction.atomic():
        _hold(subject)
        deleted, _ = Comment.objects.filter(pk=comment_id).delete()
        if deleted:
            _count(subject, "comments_count", -1)


def share(subject: Popular) -> int:
    """Count a share. Returns how many there are."""
    with transaction.atomic():
        return _count(subject, "shares_count", 1)


def report(subject: Popular, kind: str, user: User, reason: str, details: str) -> bool:
    """Ask a moderator to look. False when this person has asked already."""
    try:
        with transaction.atomic():
            _hold(subject)
            made = Report.objects.create(
                subject_id=subject.pk, kind=kind, user=user, reason=reason, details=details
            )
    except IntegrityError:
        return False
    # Only now: who hears it takes more than the subject's row, and others take these the other way round.
    reported.send(sender=Report, report=made)
    return True


def settle(subject_id: str, decision_id: str) -> None:
    """A moderator decided: the open reports of a subject are settled by that."""
    Report.objects.filter(subject_id=subject_id, settled_by="").update(settled_by=decision_id)


def reopen(subject_id: str, decision_id: str) -> None:
    """The decision was taken back: what it settled is open again."""
    Report.objects.filter(subject_id=subject_id, settled_by=decision_id).update(settled_by="")


def forget(subject: Popular) -> None:
    """Remove everything said of a subject, when it is deleted."""
    for rows in (Like, Comment, Report):
        rows._default_manager.filter(subject_id=subject.pk).delete()


def forget_person(user: User) -> None:
    """Take back what somebody liked and said, before their account is deleted."""
    said_of: tuple[tuple[type[Like] | type[Comment], str], ...] = (
        (Like, "likes_count"),
        (Comment, "comments_count"),
    )
    for rows, counter in said_of:
        mine = rows._default_manager.filter(user=user)
        for subject_id, times in Counter(mine.values_list("subject_id", flat=True)).items():
            for kind in Popular.__subclasses__():
                kind._default_manager.filter(pk=subject_id).update(**{counter: F(counter) - times})
        mine.delete()
