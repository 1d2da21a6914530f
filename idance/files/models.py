"""What is stored: one row per file, whose key says where its bytes are and whose they are."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from idance.models import StoredObject


class Purpose(models.TextChoices):
    """What a file is for; also the first part of its key."""

    UPLOAD = "uploads"
    CHALLENGE = "challenges"
    BREAKDOWN = "dance-breakdowns"
    SESSION = "sessions"


class FileState(models.TextChoices):
    """How far a file has come."""

    AWAITED = "awaited"  # announced; its bytes are still to come
    STORED = "stored"  # checked, without metadata, in the format it was sent in
    READY = "ready"  # as every phone and browser can play or show it


class StoredFile(StoredObject):
    """A video or picture of one owner. Its bytes are under ``key`` in the storage, local disk or S3."""

    key = models.CharField(max_length=200, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="files", editable=False
    )
    purpose = models.CharField(max_length=20, choices=Purpose.choices, editable=False)
    kind = models.CharField(max_length=10, editable=False, help_text="`video` or `picture`.")
    content_type = models.CharField(max_length=50, editable=False)
    size = models.PositiveBigIntegerField(default=0, editable=False, help_text="Bytes.")
    duration = models.FloatField(null=True, editable=False, help_text="Seconds; empty for pictures.")
    width = models.PositiveIntegerField(default=0, editable=False, help_text="Pixels, upright.")
    height = models.PositiveIntegerField(default=0, editable=False, help_text="Pixels, upright.")
    thumbnail_key = models.CharField(max_length=200, blank=True, editable=False)
    state = models.CharField(max_length=10, choices=FileState.choices, editable=False)

    class Meta:
        verbose_name = "file"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "created_at"], name="file_state"),
            # The console's filters, newest first.
            models.Index(fields=["state", "-id"], name="file_state_newest"),
            models.Index(fields=["purpose", "-id"], name="file_purpose"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def size_mb(self) -> float:
        """Size in megabytes, to two digits."""
        return megabytes(self.size)


def megabytes(size: int) -> float:
    """Bytes in megabytes, to two digits."""
    return round(size / 1_000_000, 2)


class Removal(StoredObject):
    """Bytes that belong to nobody any more and are still to be removed."""

    name = models.CharField(max_length=200, editable=False, help_text="A key, or the start of keys.")
    is_folder = models.BooleanField(default=False, editable=False)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["created_at"], name="removal_oldest")]

    def __str__(self) -> str:
        return self.name
