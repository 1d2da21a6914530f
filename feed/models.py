"""Practice sessions, and what is listed of everything people do.

`Activity` and `FeedItem` are rows of their own, written when the thing happens, so that a list is one walk
over one index and never a union of tables. `Day` and `DancerStats` are counters kept the same way.
"""

from __future__ import annotations

from typing import ClassVar, Final

from django.conf import settings
from django.db import models

from idance.models import StoredObject
from idance.social.models import Popular

#: The kind of job that crops a session's video.
CROP: Final = "session_crop"


class SessionType(models.TextChoices):
    """What somebody practises."""

    FREESTYLE = "freestyle"
    CHOREOGRAPHY = "choreography"
    CHALLENGE = "challenge"
    TUTORIAL = "tutorial"


class SessionStatus(models.TextChoices):
    """How far a session is."""

    ACTIVE = "active"
    COMPLETED = "completed"
    ABANDONED = "abandoned"  # forgotten; closed when the next one started


class Processing(models.TextChoices):
    """How far the cropping of a session's video is."""

    NOT_REQUIRED = "not_required"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"  # the original is kept


class DanceSession(Popular, StoredObject):
    """A practice that the app records."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sessions")
    #: The user's id while the session is active, else empty: the constraint allows one at a time.
    active_key = models.CharField(max_length=24, null=True, unique=True, editable=False)  # noqa: DJ001
    status = models.CharField(max_length=10, choices=SessionStatus.choices, default=SessionStatus.ACTIVE)
    session_type = models.CharField(max_length=20, choices=SessionType.choices)
    style = models.CharField(max_length=40)
    start_time = models.DateTimeField()
    end_time = models.DateTimeField(null=True)
    duration_minutes = models.FloatField(null=True)
    calories_burned = models.PositiveIntegerField(null=True)
    score = models.FloatField(null=True)
    stars = models.PositiveSmallIntegerField(null=True)
    rating = models.FloatField(null=True)
    location = models.CharField(max_length=100, blank=True)
    prompt_used = models.CharField(max_length=500, blank=True)
    inspiration_session_id = models.CharField(max_length=24, blank=True)
    highlight_text = models.CharField(max_length=200, blank=True)
    tags = models.JSONField(default=list)
    is_public = models.BooleanField(default=False)
    shared_to_feed = models.BooleanField(default=False)
    remixable = models.BooleanField(default=False)
    video_url = models.URLField(max_length=500, blank=True)
    video_key = models.CharField(max_length=200, blank=True)
    thumbnail_url = models.URLField(max_length=500, blank=True)
    thumbnail_key = models.CharField(max_length=200, blank=True)
    processed_key = models.CharField(max_length=200, blank=True)
    crop_data = models.JSONField(null=True)
    processing_status = models.CharField(
        max_length=12, choices=Processing.choices, default=Processing.NOT_REQUIRED
    )

    class Meta:
        verbose_name = "session"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "-id"], name="session_mine"),
            models.Index(fields=["user", "status", "-id"], name="session_mine_status"),
            models.Index(fields=["is_public", "status", "-id"], name="session_public"),
            models.Index(fields=["is_public", "status", "style", "-id"], name="session_public_style"),
        ]

    def __str__(self) -> str:
        return f"{self.style} {self.session_type}"


class Kind(models.TextChoices):
    """What happened."""

    SESSION = "session"
    SUBMISSION = "submission"
    BREAKDOWN = "breakdown"


class Activity(StoredObject):
    """One thing somebody did, for their own list and statistics."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="activities")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    subject_id = models.CharField(max_length=24, unique=True)
    at = models.DateTimeField()
    minutes = models.FloatField(default=0)
    calories = models.PositiveIntegerField(default=0)
    steps = models.PositiveIntegerField(default=0, help_text="Steps learnt.")

    class Meta:
        verbose_name_plural = "activities"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "-at", "-id"], name="activity_mine"),
            models.Index(fields=["user", "kind", "-at", "-id"], name="activity_mine_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"


class FeedItem(StoredObject):
    """Something that everybody sees in the feed; there is a row as long as it is visible and shared."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="feed_items")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    subject_id = models.CharField(max_length=24, unique=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-at", "-id"], name="feed_all"),
            models.Index(fields=["kind", "-at", "-id"], name="feed_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"


class FeedTally(StoredObject):
    """How many items of a kind the feed has of one day (UTC).

    Kept with every item, so that no page counts a million rows, and a deep page skips whole days instead of
    walking over everything that is newer.
    """

    kind = models.CharField(max_length=10, choices=Kind.choices)
    date = models.DateField()
    items = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "feed tallies"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["date", "kind"], name="feed_tally_once"),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.kind}: {self.items}"


class Day(StoredObject):
    """What somebody did on one day (UTC)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="days")
    date = models.DateField()
    activities = models.PositiveIntegerField(default=0)
    calories = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "date"], name="day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.date}: {self.activities}"


class DancerStats(models.Model):
    """What somebody did in all."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, db_column="_id"
    )
    sessions = models.PositiveIntegerField(default=0)
    submissions = models.PositiveIntegerField(default=0)
    breakdowns = models.PositiveIntegerField(default=0)
    calories = models.PositiveIntegerField(default=0)
    minutes = models.FloatField(default=0)
    steps = models.PositiveIntegerField(default=0)
    streak_days = models.PositiveIntegerField(default=0)  # as of last_active
    longest_streak_days = models.PositiveIntegerField(default=0)
    last_active = models.DateField(null=True)

    class Meta:
        verbose_name_plural = "dancer stats"

    def __str__(self) -> str:
        return f"stats of {self.user_id}"
