"""What moderators work with: the queue of dances that need a look, its rules, and the log of decisions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from challenges.models import Submission
from idance.models import StoredObject

#: How long somebody who opened a dance has it for themselves, unless they stay with it.
CLAIM: Final = timedelta(minutes=5)
#: How long a decision can be taken back.
UNDO: Final = timedelta(seconds=10)


class Fact(models.TextChoices):
    """What a rule may ask of a submission; `facts.py` knows how each is measured."""

    REPORTS = "reports", "people who reported it"
    COPIES = "copies", "other dancers' submissions with the same video"
    OWN_COPIES = "own_copies", "the dancer's own earlier submissions with the same video"
    CONFIDENCE = "confidence", "confidence of the analysis, 0 to 1"
    PEOPLE = "people", "several people in the picture, 1 when so"
    ACCOUNT_DAYS = "account_days", "days since the dancer signed up"
    EARLIER = "earlier", "earlier submissions of the dancer"
    APPROVAL = "approval", "the challenge wants approval first, 1 when so"
    ANALYSED_AGAIN = "analysed_again", "a moderator had it analysed again, 1 when so"
    TAKEN_DOWN = "taken_down", "earlier entries of the dancer to this challenge that were held or taken down"


class Rule(StoredObject):
    """Why a submission needs a look, and how urgently. Admins change these; no rule is in the code."""

    label = models.CharField(max_length=80, help_text="What moderators read as the reason.")
    fact = models.CharField("looks at", max_length=20, choices=Fact.choices)
    threshold = models.FloatField(
        default=1,
        validators=[MinValueValidator(0)],
        help_text="From here on; for confidence, days and earlier submissions: up to here.",
    )
    weight = models.PositiveSmallIntegerField(
        default=10,
        validators=[MaxValueValidator(1000)],
        help_text="The weights of all that apply add up to the urgency.",
    )
    holds = models.BooleanField(
        "holds it back", default=False, help_text="Others see the dance only once a moderator approves it."
    )
    enabled = models.BooleanField(default=True, help_text="Switch off instead of deleting.")

    class Meta:
        ordering: ClassVar[list[str]] = ["-weight", "id"]

    def __str__(self) -> str:
        return self.label


class ReasonTemplate(StoredObject):
    """A sentence for the dancer that moderators need not type again."""

    label = models.CharField(max_length=60, help_text="What moderators choose by.")
    text = models.CharField(max_length=500, help_text="What the dancer reads.")
    order = models.PositiveSmallIntegerField(default=10)
    enabled = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["order", "id"]

    def __str__(self) -> str:
        return self.label


class ItemState(models.TextChoices):
    """Where a submission is on its way through the queue."""

    OPEN = "open", "Needs a look"
    HELD = "held", "On hold"
    ANALYSING = "analysing", "Being analysed again"
    DECIDED = "decided", "Decided"


def free_for(user: Any, now: datetime | None = None) -> models.Q:
    """The items that nobody else has in front of them, as `QueueItem.is_claimed_by_other` says of one."""
    over = models.Q(claimed_until=None) | models.Q(claimed_until__lte=now or timezone.now())
    return over | models.Q(claimed_by=user)


class QueueItem(StoredObject):
    """A submission that needs, or needed, a look.

    A row of its own with its urgency ready, so that the queue is one walk over an index.
    """

    submission = models.OneToOneField(
        Submission, on_delete=models.CASCADE, related_name="queue_item", editable=False
    )
    state = models.CharField(max_length=10, choices=ItemState.choices, default=ItemState.OPEN, editable=False)
    urgency = models.PositiveIntegerField(default=0, editable=False)
    # [{"rule", "label", "detail", "weight"}]: the weights add up to the urgency.
    reasons = models.JSONField(default=list, editable=False)
    waiting_since = models.DateTimeField(editable=False)
    decided_at = models.DateTimeField(null=True, editable=False)
    # The decision in force: whoever decides must have known it, whoever undoes must still find it.
    decision_id = models.CharField(max_length=24, blank=True, editable=False)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    claimed_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = "dance to look at"
        verbose_name_plural = "dances to look at"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "-urgency", "waiting_since", "id"], name="item_queue"),
            models.Index(fields=["state", "waiting_since"], name="item_oldest"),
        ]

    def __str__(self) -> str:
        return f"Submission {self.submission_id}"

    def is_claimed_by_other(self, user: Any, now: datetime | None = None) -> bool:
        """Whether somebody else has it in front of them."""
        until = self.claimed_until
        return until is not None and until > (now or timezone.now()) and self.claimed_by_id != user.pk


class Decision(StoredObject):
    """One decision about a submission: who, when, why, and what it changed. Never edited, only undone."""

    subject_id = models.CharField(max_length=24, editable=False, help_text="The submission.")
    # What the submission no longer tells once it is deleted.
    challenge_id = models.CharField(max_length=24, blank=True, editable=False)
    dancer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", editable=False
    )
    # Nobody: a rule held it back.
    moderator = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    action = models.CharField(max_length=20, editable=False)
    reason = models.CharField(max_length=500, blank=True, editable=False)
    template = models.ForeignKey(
        ReasonTemplate, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    before = models.JSONField(default=dict, editable=False)
    after = models.JSONField(default=dict, editable=False)
    undoable_until = models.DateTimeField(null=True, editable=False)
    undone_at = models.DateTimeField(null=True, editable=False)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["subject_id", "-id"], name="decision_subject"),
            models.Index(fields=["dancer", "-id"], name="decision_dancer"),
            # The console's filter, newest first.
            models.Index(fields=["action", "-id"], name="decision_action"),
        ]

    def __str__(self) -> str:
        return f"{self.action.replace('_', ' ')}, {self.created_at:%d %b %Y}"
