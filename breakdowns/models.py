"""Videos that were broken down into steps, and what each person was told of them.

A `Footage` is one video, whoever asks for it: fetched once, measured once. A `Breakdown` is one person's:
its words, its settings and who may see it. Uploads stay their owner's: no other person's key leads to them.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from analysis.models import Job
from idance.files.models import StoredFile
from idance.models import StoredObject

#: The kinds of jobs: making a breakdown, and making the picture of a footage anew.
MAKE = "breakdown"
PICTURE = "footage_picture"


class Source(models.TextChoices):
    """Where a video is from."""

    YOUTUBE = "youtube", "YouTube"
    INSTAGRAM = "instagram", "Instagram"
    UPLOAD = "upload", "Upload"


class Footage(StoredObject):
    """One source video, what it is called and what was measured in it. Shared by all who ask for it."""

    key = models.CharField(
        max_length=80, unique=True, editable=False, help_text="Such as youtube:ID, instagram:CODE, upload:ID."
    )
    source = models.CharField(max_length=10, choices=Source.choices, editable=False)
    url = models.URLField(max_length=200, blank=True, editable=False, help_text="Empty for uploads.")
    upload = models.ForeignKey(
        StoredFile, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    # The attempt of a job that fetches or measures it at the moment; it counts while that attempt runs.
    holder = models.CharField(max_length=40, blank=True, editable=False)
    title = models.CharField(max_length=200, blank=True, editable=False)
    video_key = models.CharField(max_length=300, blank=True, editable=False)
    thumbnail_key = models.CharField(max_length=300, blank=True, editable=False)
    pose_key = models.CharField(max_length=300, blank=True, editable=False)
    duration = models.FloatField(null=True, editable=False, help_text="Seconds.")
    # What the engine of this version found; a newer one looks again.
    engine_version = models.CharField(max_length=32, blank=True, editable=False)
    refusal_code = models.CharField(max_length=40, blank=True, editable=False)

    class Meta:
        verbose_name_plural = "footage"
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return self.title or self.key


class Mode(models.TextChoices):
    """Who writes the words."""

    AUTO = "auto"  # OpenAI, from what was measured; we, where it cannot
    MANUAL = "manual"  # we


class Difficulty(models.TextChoices):
    """For whom: how finely the routine is cut and how it is explained."""

    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


class Status(models.TextChoices):
    """How far a breakdown is."""

    PROCESSING = "processing"  # queued or being made
    COMPLETED = "completed"
    FAILED = "failed"


class Words(models.TextChoices):
    """Who wrote the words in the end."""

    MOVEMENT = "movement"
    OPENAI = "openai"


class Breakdown(StoredObject):
    """A video step by step, for one person. Changes in `services.py` alone."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="breakdowns", editable=False
    )
    footage = models.ForeignKey(Footage, on_delete=models.PROTECT, related_name="breakdowns", editable=False)
    # As the owner gave it; a key of an upload as `idance.files.links` keeps it.
    video = models.CharField(max_length=2000, editable=False)
    mode = models.CharField(max_length=10, choices=Mode.choices, editable=False)
    target_difficulty = models.CharField(max_length=16, choices=Difficulty.choices, editable=False)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+", editable=False)
    status = models.CharField(
        max_length=10, choices=Status.choices, default=Status.PROCESSING, editable=False
    )
    error_code = models.CharField(max_length=40, blank=True, editable=False)
    error_message = models.TextField(blank=True, editable=False)
    completed_at = models.DateTimeField(null=True, editable=False)

    # Null or empty until completed.
    title = models.CharField(max_length=200, blank=True, editable=False)
    duration = models.FloatField(null=True, editable=False, help_text="Seconds.")
    bpm = models.FloatField(null=True, editable=False, help_text="Empty where no music was heard.")
    beats = models.JSONField(default=list, editable=False, help_text="Seconds of each beat of the music.")
    difficulty_level = models.CharField(max_length=16, blank=True, editable=False)
    total_steps = models.PositiveIntegerField(null=True, editable=False)
    routine_analysis = models.JSONField(null=True, editable=False)
    steps = models.JSONField(default=list, editable=False)
    description_source = models.CharField(max_length=10, choices=Words.choices, blank=True, editable=False)
    words_note = models.CharField(
        max_length=200, blank=True, editable=False, help_text="Why OpenAI did not write the words."
    )
    outline_key = models.CharField(max_length=300, blank=True, editable=False)
    outline_black_key = models.CharField(max_length=300, blank=True, editable=False)
    timings = models.JSONField(default=dict, editable=False, help_text="Seconds of each stage.")

    is_public = models.BooleanField(default=False, editable=False)
    shared_to_feed = models.BooleanField(default=False, editable=False)
    # What the share link is signed with: empty, there is none; another one, and old links are void.
    share_nonce = models.CharField(max_length=32, blank=True, editable=False)

    class Meta:
        permissions = (("moderate_breakdown", "Can make breakdowns private"),)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["owner", "footage", "mode", "target_difficulty"], name="breakdown_once"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["owner", "-id"], name="breakdown_mine"),
            models.Index(fields=["owner", "status", "-id"], name="breakdown_mine_done"),
            models.Index(
                fields=["-id"], name="breakdown_shown", condition=Q(is_public=True, status=Status.COMPLETED)
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"Breakdown {self.pk}"

    @property
    def success(self) -> bool:
        """Whether there is a result."""
        return self.status == Status.COMPLETED

    @property
    def is_visible(self) -> bool:
        """Whether others see it."""
        return self.is_public and self.success


class KeptPrivate(StoredObject):
    """A moderator's decision: nobody but this person sees what they have of this video, now or later.

    It names the video as `Footage.key` does, and so outlives the breakdowns and the footage: deleting them
    and asking again ends nothing.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", editable=False
    )
    footage_key = models.CharField(max_length=80, editable=False)
    reason = models.CharField(max_length=500, editable=False)

    class Meta:
        verbose_name_plural = "kept private"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["footage_key", "owner"], name="kept_private_once"),
        ]

    def __str__(self) -> str:
        return f"{self.footage_key}: {self.reason}"


class SpendingDay(models.Model):
    """Tokens that OpenAI read and wrote on one day (UTC), those set aside for running requests among them."""

    day = models.DateField(primary_key=True, db_column="_id", editable=False)
    tokens = models.PositiveBigIntegerField(default=0, editable=False)

    def __str__(self) -> str:
        return f"{self.day}: {self.tokens} tokens"
