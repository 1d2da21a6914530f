"""Challenges, what dancers send in, and the board they are ranked on."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from analysis.models import Analysis
from idance.files.models import StoredFile
from idance.models import StoredObject
from idance.social.models import Popular

#: The four dimensions and the most points the engine gives for each.
DIMENSIONS: Final = {"balance": 25, "rhythm": 30, "smoothness": 25, "creativity": 20}

CATEGORIES: Final = (
    "hip hop",
    "ballet",
    "trendy",
    "party",
    "sexy",
    "contemporary",
    "jazz",
    "street",
    "latin",
    "afro",
    "bollywood",
    "k-pop",
    "freestyle",
    "choreography",
)
MOST_TAGS: Final = 20
TAG_LENGTH: Final = 40
#: The kinds of jobs that submissions have: judging a video, and judging its stored movement once more.
ANALYSE: Final = "submission"
RESCORE: Final = "rescore"
#: The kind of job that analyses a challenge's demo video.
DEMO: Final = "demo"
#: From this score on a submission wins the challenge's badge.
BADGE_SCORE: Final = 80


class ChallengeType(models.TextChoices):
    """What is danced; in a static one a pose is held."""

    FREESTYLE = "freestyle"
    CHOREOGRAPHY = "choreography"
    STATIC = "static"
    SPIN = "spin"
    COMBO = "combo"


class Difficulty(models.TextChoices):
    """For whom."""

    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


class ChallengeState(models.TextChoices):
    """Whether a challenge is listed."""

    DRAFT = "draft"  # seen by those alone who may change challenges
    PUBLISHED = "published"
    ARCHIVED = "archived"  # listed no more; its submissions and its board stay


class Phase(models.TextChoices):
    """What a challenge is at the moment: its state and its times in one word."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    LIVE = "live"
    ENDED = "ended"
    ARCHIVED = "archived"


def _most_points(default: int) -> models.PositiveSmallIntegerField[int, int]:
    return models.PositiveSmallIntegerField(default=default, validators=[MaxValueValidator(100)])


class Challenge(StoredObject):
    """Something to dance, within a time. The counters below the line belong to `leaderboard.py`."""

    title = models.CharField(max_length=120)
    description = models.TextField(max_length=2000, blank=True)
    type = models.CharField(max_length=20, choices=ChallengeType.choices)
    difficulty = models.CharField(max_length=20, choices=Difficulty.choices)
    start_time = models.DateTimeField()
    end_time = models.DateTimeField()
    # Addresses, or keys of uploads: see `idance.files.links`.
    demo_video = models.CharField(max_length=500, blank=True)
    thumbnail = models.CharField(max_length=500, blank=True)
    badge_icon = models.CharField(max_length=500, blank=True)
    badge_name = models.CharField(max_length=80, blank=True)
    points = models.PositiveIntegerField(
        default=100,
        validators=[MinValueValidator(1), MaxValueValidator(10_000)],
        help_text="For a score of 100; a submission earns its share.",
    )
    target_bpm = models.FloatField(
        "beats a minute",
        null=True,
        blank=True,
        validators=[MinValueValidator(40), MaxValueValidator(240)],
        help_text="If known: settles for all submissions whether the music is counted double or half.",
    )
    demo_bpm = models.FloatField(null=True, editable=False, help_text="Heard in the demo video.")
    # Under way, failed or done; `demo.py` says when submissions are compared with it.
    demo_analysis = models.ForeignKey(
        Analysis, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    # The most points of each dimension; together 100.
    balance = _most_points(DIMENSIONS["balance"])
    rhythm = _most_points(DIMENSIONS["rhythm"])
    smoothness = _most_points(DIMENSIONS["smoothness"])
    creativity = _most_points(DIMENSIONS["creativity"])
    state = models.CharField(max_length=10, choices=ChallengeState.choices, default=ChallengeState.PUBLISHED)
    approve_first = models.BooleanField(
        "approve first",
        default=False,
        help_text="Each submission waits for a moderator before others see it; otherwise it is seen at once.",
    )
    # ---
    total_submissions = models.PositiveIntegerField(default=0, editable=False)
    participant_count = models.PositiveIntegerField(default=0, editable=False)
    scored_count = models.PositiveIntegerField(default=0, editable=False, help_text="Dancers on the board.")
    score_sum = models.PositiveIntegerField(default=0, editable=False)
    top_score = models.PositiveSmallIntegerField(null=True, editable=False)
    board_changes = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "end_time", "id"], name="challenge_running"),
            models.Index(fields=["state", "start_time", "id"], name="challenge_coming"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(end_time__gt=F("start_time")),
                name="challenge_ends_after_it_starts",
                violation_error_message="The challenge must end after it starts.",
            ),
            models.CheckConstraint(
                condition=Q(balance=100 - F("rhythm") - F("smoothness") - F("creativity")),
                name="challenge_criteria_add_up",
                violation_error_message="The criteria must add up to 100.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def phase(self) -> Phase:
        """Draft, scheduled, live, ended or archived. `selectors.in_phase` finds by it."""
        if self.state != ChallengeState.PUBLISHED:
            return Phase(self.state)
        now = timezone.now()
        if now < self.start_time:
            return Phase.SCHEDULED
        return Phase.LIVE if now < self.end_time else Phase.ENDED

    @property
    def is_active(self) -> bool:
        """Whether one can submit now."""
        return self.phase == Phase.LIVE

    @property
    def criteria(self) -> dict[str, int]:
        """The most points of each dimension."""
        return {name: getattr(self, name) for name in DIMENSIONS}

    @property
    def average_score(self) -> float | None:
        """Mean of the scores on the board; None when it is empty."""
        return round(self.score_sum / self.scored_count, 1) if self.scored_count else None

    def labels_of(self, kind: LabelKind) -> list[str]:
        """Its categories or tags, from labels that were read with it."""
        return [label.name for label in self.labels.all() if label.kind == kind]


class LabelKind(models.TextChoices):
    """What a label is."""

    CATEGORY = "category"
    TAG = "tag"


class ChallengeLabel(StoredObject):
    """One category or tag of a challenge; rows of their own, so that challenges are found by them."""

    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, related_name="labels")
    kind = models.CharField(max_length=10, choices=LabelKind.choices)
    name = models.CharField(max_length=TAG_LENGTH)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["challenge", "kind", "name"], name="label_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["kind", "name", "challenge"], name="label_challenges"),
        ]

    def __str__(self) -> str:
        return self.name


class SubmissionStatus(models.TextChoices):
    """How far the judging of a submission is."""

    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"


class Moderation(models.TextChoices):
    """What moderators decided."""

    VISIBLE = "visible"
    HELD = "held"
    REJECTED = "rejected"
    HIDDEN = "hidden"


class Submission(Popular, StoredObject):
    """A dancer's video in a challenge, and its score. Scores change in `scoring.py` alone."""

    dancer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="submissions", editable=False
    )
    challenge = models.ForeignKey(
        Challenge, on_delete=models.PROTECT, related_name="submissions", editable=False
    )
    # Challenge and dancer, or null once it failed: at most one each, which the constraint decides.
    active_key = models.CharField(max_length=49, null=True, unique=True, editable=False)  # noqa: DJ001
    video = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", editable=False)
    # The analysis its scores are from; until there are any, the one under way or the one that failed.
    analysis = models.ForeignKey(
        Analysis, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    status = models.CharField(
        max_length=10, choices=SubmissionStatus.choices, default=SubmissionStatus.PENDING, editable=False
    )
    error_code = models.CharField(max_length=40, blank=True, editable=False)
    error_message = models.TextField(blank=True, editable=False)

    session_id = models.CharField(max_length=24, blank=True, editable=False)
    caption = models.CharField(max_length=500, blank=True)
    tags = models.JSONField(default=list, blank=True)
    location = models.CharField(max_length=100, blank=True)
    highlight_text = models.CharField(max_length=200, blank=True)
    is_public = models.BooleanField(default=True)
    shared_to_feed = models.BooleanField(default=False)

    # Out of the challenge's criteria; null where the dimension could not be measured.
    balance = models.PositiveSmallIntegerField(null=True, editable=False)
    rhythm = models.PositiveSmallIntegerField(null=True, editable=False)
    smoothness = models.PositiveSmallIntegerField(null=True, editable=False)
    creativity = models.PositiveSmallIntegerField(null=True, editable=False)
    score = models.PositiveSmallIntegerField(null=True, editable=False, help_text="Of 100.")
    badge_awarded = models.CharField(max_length=80, blank=True, editable=False)
    points_awarded = models.PositiveIntegerField(default=0, editable=False)
    processed_at = models.DateTimeField(null=True, editable=False, help_text="When judging ended.")
    analyzed_at = models.DateTimeField(null=True, editable=False, help_text="When it was scored.")

    moderation_status = models.CharField(
        max_length=10, choices=Moderation.choices, default=Moderation.VISIBLE, editable=False
    )
    moderation_reason = models.CharField(max_length=500, blank=True, editable=False)

    class Meta:
        permissions = (("moderate_submission", "Can decide about submissions"),)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["challenge", "is_public", "status", "moderation_status", "-id"],
                name="submission_shown",
            ),
            models.Index(fields=["challenge", "dancer", "-id"], name="submission_in_challenge"),
            models.Index(fields=["dancer", "-id"], name="submission_of_dancer"),
            # The console's filters, newest first.
            models.Index(fields=["status", "-id"], name="submission_status"),
            models.Index(fields=["moderation_status", "-id"], name="submission_moderated"),
            models.Index(fields=["is_public", "-id"], name="submission_public"),
        ]

    def __str__(self) -> str:
        return f"{self.dancer.name} in {self.challenge.title}"

    @property
    def is_visible(self) -> bool:
        """Whether others see it: public, analysed, and not taken down."""
        analysed = self.status == SubmissionStatus.COMPLETED
        return self.is_public and analysed and self.moderation_status == Moderation.VISIBLE

    @property
    def breakdown(self) -> dict[str, Any] | None:
        """Its points in each dimension; None before it is scored."""
        return None if self.score is None else {name: getattr(self, name) for name in DIMENSIONS}


class Duplicate(StoredObject):
    """That a submission shows the same video as an earlier one. Found by `duplicates.py` alone."""

    submission = models.ForeignKey(
        Submission, on_delete=models.CASCADE, related_name="duplicate_of", editable=False
    )
    original = models.ForeignKey(
        Submission, on_delete=models.CASCADE, related_name="duplicates", editable=False
    )
    same_dancer = models.BooleanField(editable=False)
    mirrored = models.BooleanField(editable=False)
    distance = models.FloatField(editable=False, help_text="Of the movement, 0 (the same) to 1.")
    offset = models.FloatField(editable=False, help_text="Seconds at which the original begins in it.")
    speed = models.FloatField(editable=False, help_text="1: as fast as the original.")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["submission", "original"], name="duplicate_once"),
        ]

    def __str__(self) -> str:
        return f"{self.submission_id} shows the same as {self.original_id}"


def active_key(challenge_id: str, dancer_id: str) -> str:
    """What may be in `Submission.active_key` of one row only."""
    return f"{challenge_id}:{dancer_id}"


class LeaderboardEntry(StoredObject):
    """A dancer in a challenge, and their best visible score while there is one."""

    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, related_name="entries")
    dancer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="entries")
    submissions = models.PositiveIntegerField(default=0, help_text="How many they have sent in.")
    submission = models.ForeignKey(Submission, null=True, on_delete=models.SET_NULL, related_name="+")
    score = models.PositiveSmallIntegerField(null=True)
    submitted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "leaderboard entries"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["challenge", "dancer"], name="entry_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["challenge", "-score", "submitted_at", "id"], name="entry_ranking"),
        ]

    def __str__(self) -> str:
        return f"{self.dancer_id} in {self.challenge_id}"


class ScoreTally(StoredObject):
    """How many dancers of a challenge stand at one score. At most 101 rows give every rank."""

    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, related_name="tally")
    score = models.PositiveSmallIntegerField()
    dancers = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "score tallies"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["challenge", "score"], name="tally_once"),
        ]

    def __str__(self) -> str:
        return f"{self.score}: {self.dancers}"
