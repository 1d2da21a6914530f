"""What the queue works on and what came out: a job is one piece of work, an analysis one judged video."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from idance.lib.ids import JOB_PREFIX, new_object_id
from idance.models import ObjectIdField, StoredObject


def new_job_id() -> str:
    """A fresh job id: `job_` and 24 hex characters."""
    return JOB_PREFIX + new_object_id()


class State(models.TextChoices):
    """The life of a job; `analysis.jobs` alone moves one along."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


#: States in which nothing will happen any more, unless somebody retries.
ENDED = (State.COMPLETED, State.FAILED, State.CANCELLED)
#: What can be cancelled, and what can be tried again.
UNDER_WAY = (State.QUEUED, State.PROCESSING)
WITHOUT_RESULT = (State.FAILED, State.CANCELLED)


class Job(models.Model):
    """One piece of work. This row is the truth; the queue only carries its id.

    Changed by `analysis.jobs` alone, each time by one conditional UPDATE.
    """

    id = ObjectIdField(max_length=28, default=new_job_id)
    kind = models.CharField(max_length=32, editable=False)
    subject_id = models.CharField(max_length=24, editable=False, help_text="The object the work is for.")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="jobs", editable=False
    )
    # Kind and subject while the job is queued or processing, else null: one unfinished job per subject.
    active_key = models.CharField(max_length=57, null=True, unique=True, editable=False)  # noqa: DJ001
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED, editable=False)
    stage = models.CharField(max_length=32, blank=True, editable=False)
    progress = models.FloatField(default=0.0, editable=False, help_text="0 to 1.")
    # Counted before the work starts, never reset: whoever works must still hold this number to write.
    attempts = models.PositiveIntegerField(default=0, editable=False)
    attempts_allowed = models.PositiveIntegerField(editable=False)
    worker = models.CharField(max_length=100, blank=True, editable=False)
    options = models.JSONField(default=dict, editable=False)
    size = models.FloatField(null=True, editable=False, help_text="Seconds of video, once known.")
    result = models.JSONField(null=True, editable=False)
    error_code = models.CharField(max_length=40, blank=True, editable=False)
    error_message = models.TextField(blank=True, editable=False)
    error_trace = models.TextField(blank=True, editable=False, help_text="For staff.")
    created_at = models.DateTimeField(editable=False)
    queued_at = models.DateTimeField(editable=False, help_text="When it last entered the queue.")
    sent_at = models.DateTimeField(editable=False, help_text="When its id was last handed to the queue.")
    started_at = models.DateTimeField(null=True, editable=False, help_text="Start of the last attempt.")
    heartbeat_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    wait_seconds = models.FloatField(null=True, editable=False)
    run_seconds = models.FloatField(null=True, editable=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "queued_at"], name="job_queue"),
            models.Index(fields=["state", "heartbeat_at"], name="job_heartbeat"),
            models.Index(fields=["kind", "state", "-finished_at"], name="job_speed"),
            # The console's filters, newest first.
            models.Index(fields=["state", "-id"], name="job_state"),
            models.Index(fields=["kind", "-id"], name="job_kind"),
            models.Index(fields=["state", "error_code", "-id"], name="job_code"),
            models.Index(fields=["state", "finished_at"], name="job_ended"),
            # Those of one thing.
            models.Index(fields=["subject_id", "-id"], name="job_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state in ENDED


class Worker(models.Model):
    """A worker process that takes jobs, and its sign of life."""

    name = models.CharField(max_length=100, primary_key=True, db_column="_id")
    cluster = models.CharField(max_length=100, db_index=True, help_text="The command that started it.")
    started_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField(db_index=True)
    ready_at = models.DateTimeField(null=True, help_text="When its pose model was loaded and warm.")
    idle_since = models.DateTimeField(null=True, help_text="Empty while it works.")

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_alive(self) -> bool:
        """Whether it gave a sign of life within the heartbeat's time."""
        silent = timezone.now() - self.heartbeat_at
        return silent <= timedelta(seconds=settings.JOB_HEARTBEAT_TIMEOUT)


class Analysis(StoredObject):
    """One analysis of one stored video: the settings it was asked with and, once completed, the results."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="analyses", editable=False
    )
    job = models.ForeignKey(
        Job, null=True, on_delete=models.SET_NULL, related_name="analyses", editable=False
    )
    video_key = models.CharField(max_length=300, editable=False)
    challenge_type = models.CharField(max_length=16, editable=False)
    target_bpm = models.FloatField(null=True, editable=False)
    difficulty = models.CharField(max_length=16, editable=False)
    # Null until completed; a dimension that could not be measured stays null and its measures say why.
    balance = models.PositiveSmallIntegerField(null=True, editable=False, help_text="Of 25.")
    rhythm = models.PositiveSmallIntegerField(null=True, editable=False, help_text="Of 30.")
    smoothness = models.PositiveSmallIntegerField(null=True, editable=False, help_text="Of 25.")
    creativity = models.PositiveSmallIntegerField(null=True, editable=False, help_text="Of 20.")
    total = models.PositiveSmallIntegerField(null=True, editable=False, help_text="Of 100.")
    confidence = models.FloatField(null=True, editable=False, help_text="0 to 1.")
    bpm = models.FloatField(null=True, editable=False)
    rhythm_basis = models.CharField(max_length=16, blank=True, editable=False)
    feedback = models.TextField(blank=True, editable=False)
    flags = models.JSONField(default=list, editable=False)
    measures = models.JSONField(default=dict, editable=False)
    engine_version = models.CharField(max_length=32, blank=True, editable=False)
    duration = models.FloatField(null=True, editable=False, help_text="Seconds.")
    reference = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
        help_text="The analysed demo that it was compared with.",
    )
    pose_key = models.CharField(max_length=300, blank=True, editable=False)
    report_key = models.CharField(max_length=300, blank=True, editable=False)
    thumbnail_key = models.CharField(max_length=300, blank=True, editable=False)
    completed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        verbose_name_plural = "analyses"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["video_key", "owner"], name="analysis_video"),
        ]

    def __str__(self) -> str:
        return f"{self.challenge_type} of {self.owner.name}"

    @property
    def status(self) -> str:
        """`queued`, `processing`, `completed`, `failed` or `cancelled`."""
        if self.completed_at is not None:
            return State.COMPLETED.value
        # Without a job nobody will ever work on it.
        return State(self.job.state).value if self.job else State.CANCELLED.value

    @property
    def is_under_way(self) -> bool:
        """Whether a worker has it, or will."""
        return self.status in UNDER_WAY

    @property
    def progress(self) -> float:
        """0 to 1."""
        if self.completed_at is not None:
            return 1.0
        return self.job.progress if self.job else 0.0

    @property
    def error_code(self) -> str:
        """Why it failed, for programs; empty when it did not."""
        return self.job.error_code if self.job and self.completed_at is None else ""

    @property
    def error_message(self) -> str:
        """Why it failed, for a person; empty when it did not."""
        return self.job.error_message if self.job and self.completed_at is None else ""

    @property
    def breakdown(self) -> dict[str, Any]:
        """The four scores by name."""
        return {name: getattr(self, name) for name in ("balance", "rhythm", "smoothness", "creativity")}


class Fingerprint(StoredObject):
    """What an analysed video is recognised by; `analysis.fingerprints` writes and reads it.

    A table of its own: nobody who lists analyses needs it.
    """

    analysis = models.OneToOneField(
        Analysis, on_delete=models.CASCADE, related_name="fingerprint", editable=False
    )
    version = models.PositiveSmallIntegerField(editable=False)
    data = models.BinaryField(editable=False)

    def __str__(self) -> str:
        return f"fingerprint of {self.analysis_id}"


class FingerprintWord(models.Model):
    """One word of a fingerprint: videos that share words are worth a comparison."""

    id = ObjectIdField()
    fingerprint = models.ForeignKey(
        Fingerprint, on_delete=models.CASCADE, related_name="words", editable=False
    )
    word = models.BigIntegerField(editable=False)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["word", "fingerprint"], name="word_fingerprints"),
        ]

    def __str__(self) -> str:
        return f"{self.word:x}"
