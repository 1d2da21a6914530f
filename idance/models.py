"""The base of every stored object, and answers remembered for clients that ask twice."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final, Self

from django.conf import settings
from django.db import models
from django.db.models import NOT_PROVIDED
from django.db.models.base import ModelState

from idance.lib.ids import new_object_id


class ObjectIdField(models.CharField[str, str]):
    """A 24-hex id, stored under the name MongoDB gives its own."""

    _EVERY: Final[dict[str, Any]] = {
        "max_length": 24,
        "default": new_object_id,
        "editable": False,
        "primary_key": True,
        "db_column": "_id",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**self._EVERY, **kwargs})

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """For migrations, which need not repeat what every id has."""
        name, path, args, kwargs = super().deconstruct()
        own = {key: value for key, value in kwargs.items() if value != self._EVERY.get(key, NOT_PROVIDED)}
        return name, path, args, own


class StoredObject(models.Model):
    """An object with an id and its times."""

    id = ObjectIdField()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any
    ) -> Self:
        """A row as an object, its columns as they are.

        Django's own goes over every column of the table for each row, read or not, which cost lists more
        than anything else; here what is not among ``field_names`` is simply missing, so still deferred.
        """
        found = cls.__new__(cls)
        found.__dict__.update(zip(field_names, values, strict=True))
        found._state = state = ModelState()
        state.adding, state.db = False, db
        return found


class KeyInUse(models.Model):
    """By a fingerprint, the `SECRET_KEY` of the web server that was started last: one row."""

    id = models.PositiveSmallIntegerField(primary_key=True)  # always 1
    fingerprint = models.CharField(max_length=16)
    machine = models.CharField(max_length=255)
    started_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.fingerprint} on {self.machine}"


class RememberedAnswer(StoredObject):
    """What one request with an `Idempotency-Key` was answered, or that it is being worked on (no status)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    operation = models.CharField(max_length=255)
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64, help_text="Of the body that was sent, SHA-256 in hex.")
    started_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "operation", "key"], name="one_per_key")]

    def __str__(self) -> str:
        return f"{self.operation} {self.key}: {self.status or 'under way'}"
