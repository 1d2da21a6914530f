"""Makes moderators and queues for tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.models import User
from challenges.models import Submission
from challenges.moderation.models import QueueItem
from idance.social import services as social
from tests import factories
from tests.challenges import make

#: What a moderator needs; suspending is a permission of its own.
MODERATOR = ("challenges.moderate_submission", "moderation.view_decision", "accounts.suspend_user")


def moderator(*permissions: str, **fields: Any) -> User:
    """One of the staff with these permissions; by default all that a moderator needs."""
    user = factories.person(is_staff=True, **{"display_name": "Ana", **fields})
    for permission in permissions or MODERATOR:
        app, codename = permission.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return User.objects.get(pk=user.pk)


def known_dancer(**fields: Any) -> User:
    """A dancer whom no rule finds remarkable: an old account that has danced before."""
    dancer = factories.person(**fields)
    User.objects.filter(pk=dancer.pk).update(created_at=timezone.now() - timedelta(days=100))
    dancer.refresh_from_db()
    make.submission(make.challenge(title="An earlier one"), dancer, points=make.POINTS)
    QueueItem.objects.filter(submission__dancer=dancer).delete()
    return dancer


def report(submission: Submission, times: int = 1, *, reason: str = "spam", details: str = "") -> None:
    """As many people report it."""
    for _ in range(times):
        social.report(submission, "submission", factories.person(), reason, details)
