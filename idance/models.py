"""The base of every stored object."""

from __future__ import annotations

from typing import Any

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
