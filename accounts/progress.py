"""What people earn: points, and how often and how long they danced. Counters, so no profile counts tables."""

from __future__ import annotations

from django.db.models import F
from django.db.models.functions import Greatest

from accounts.models import User

POINTS_PER_SESSION = 10
POINTS_PER_BREAKDOWN = 5


def earn(user_id: str, *, points: int = 0, sessions: int = 0, seconds: int = 0) -> None:
    """Add to somebody's counters, or take away with negative numbers; right however many do it at once."""
    User.objects.filter(pk=user_id).update(
        points=Greatest(F("points") + points, 0),
        total_sessions=Greatest(F("total_sessions") + sessions, 0),
        total_seconds=Greatest(F("total_seconds") + seconds, 0),
    )
