"""An account that is deleted leaves no counter behind that counts it."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import pre_delete

from accounts.models import User
from idance.social import services


def connect() -> None:
    """Listen to accounts, which do not know what people say of dances."""
    pre_delete.connect(_person_deleted, sender=User, dispatch_uid="social")


def _person_deleted(instance: User, **more: Any) -> None:
    services.forget_person(instance)
