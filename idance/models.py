"""The base of every stored object, and answers remembered for clients that ask twice."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from idance.lib.ids import new_object_id


class ObjectIdField(models.CharField[str, str]):
    """A 24-hex id, stored under the name MongoDB gives its own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 24)
        kwargs.setdefault("default", new_object_id)
        kwargs.setdefault("editable", False)
        kwargs.setdefault("primary_key", True)
        kwargs.setdefault("db_column", "_id")
        super().__init__(*args, **kwargs)


class StoredObject(models.Model):
    """An object with an id and its times."""

    id = ObjectIdField()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class RememberedAnswer(StoredObject):
    """What one request with an `Idempotency-Key` was answered, or that it is being worked on (no status)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    operation = models.CharField(max_length=255)
    key = models.CharField(max_length=255)
    started_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "operation", "key"], name="one_per_key")]

    def __str__(self) -> str:
        return f"{self.operation} {self.key}: {self.status or 'under way'}"
