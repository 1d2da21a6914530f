"""Addresses that people give us. One that leads to their own upload is kept by its key: signed links pass."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from django.http import HttpRequest
from rest_framework.request import Request

from idance.files import keys, storage
from idance.files.models import FileState, StoredFile

if TYPE_CHECKING:
    from accounts.models import User

#: No http(s) address begins like this, so nobody can write one.
_STORED = "stored:"


def key_in(address: str) -> str | None:
    """The key in a link to a stored file, whoever signed it and on whatever host; None when it has none."""
    try:
        words = unquote(urlsplit(address).path).split("/")
    except ValueError:  # such as a bracket that is never closed
        return None
    for start in range(len(words)):
        candidate = "/".join(words[start:])
        if keys.owner_of(candidate):
            return candidate
    return None


def keep(address: str, owner: User) -> str:
    """What to store of an address: as it is, or the key when it leads to an upload of ``owner``."""
    key = key_in(address)
    if key is None or keys.owner_of(key) != owner.pk:
        return address
    mine = StoredFile.objects.filter(key=key, owner=owner).exclude(state=FileState.AWAITED)
    return of_key(key) if mine.exists() else address


def of_key(key: str) -> str:
    """What to store of a file that is known to be allowed."""
    return f"{_STORED}{key}"


def key_of(kept: str) -> str | None:
    """The key that was kept, None when it is a foreign address (or nothing)."""
    return kept.removeprefix(_STORED) if kept.startswith(_STORED) else None


def show(kept: str, request: HttpRequest | Request | None) -> str | None:
    """The address to show for what was kept, None when there is none."""
    if not kept:
        return None
    key = key_of(kept)
    return storage.url_for(key, request) if key else kept
