"""What people do with each other's dances: like, comment, share, report.

A subject is anything with an id and the counters of `Popular`: a submission, a session. Its rows here carry
the subject's id alone, which is unique among all objects.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from idance.models import StoredObject

COMMENT_LENGTH = 500


class Popular(models.Model):
    """Counters of a subject, kept beside it so that no list ever counts rows.

    ``likes_ever`` and ``comments_ever`` never go down: they number the likes and comments, so that the newest
    of many subjects are found by one query over an index.
    """

    likes_count = models.PositiveIntegerField(default=0, editable=False)
    likes_ever = models.PositiveIntegerField(default=0, editable=False)
    comments_count = models.PositiveIntegerField(default=0, editable=False)
    comments_ever = models.PositiveIntegerField(default=0, editable=False)
    shares_count = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True


class Like(StoredObject):
    """Somebody likes a subject; at most once, which the constraint decides."""

    subject_id = models.CharField(max_length=24, editable=False)
    number = models.PositiveIntegerField(editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="likes", editable=False
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["subject_id", "user"], name="like_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["subject_id", "number"], name="like_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} likes {self.subject_id}"


class Comment(StoredObject):
    """Somebody says something about a subject."""

    subject_id = models.CharField(max_length=24, editable=False)
    number = models.PositiveIntegerField(editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="comments", editable=False
    )
    text = models.CharField(max_length=COMMENT_LENGTH)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["subject_id", "number"], name="comment_newest"),
        ]

    def __str__(self) -> str:
        return self.text


class Reason(models.TextChoices):
    """Why something is reported."""

    SPAM = "spam", "Spam or advertising"
    INAPPROPRIATE = "inappropriate", "Nudity, violence or hate"
    HARASSMENT = "harassment", "Bullying or harassment"
    STOLEN = "stolen", "Somebody else's video"
    CHEATING = "cheating", "Not a fair entry"
    OTHER = "other", "Something else"


class Report(StoredObject):
    """Somebody asks a moderator to look at a subject; at most once each."""

    subject_id = models.CharField(max_length=24, editable=False)
    kind = models.CharField(max_length=20, editable=False, help_text="What the subject is: `submission`.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reports", editable=False
    )
    reason = models.CharField(max_length=20, choices=Reason.choices)
    details = models.CharField(max_length=1000, blank=True)
    # The decision that a moderator took upon it; empty while it is open.
    settled_by = models.CharField(max_length=24, blank=True, editable=False)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            # The console's filters, newest first.
            models.Index(fields=["settled_by", "-id"], name="report_settled"),
            models.Index(fields=["reason", "-id"], name="report_reason"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["subject_id", "user"], name="report_once"),
        ]

    def __str__(self) -> str:
        return f"{Reason(self.reason).label}: a {self.kind}"
