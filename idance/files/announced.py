"""Uploads past us: announced first, then sent straight to where bytes are stored, then checked.

The app gets a signed address that takes one PUT of exactly the announced type, and length where it was told
in bytes. On local disk the address is ours, and the file is checked as it arrives. On S3 it leads to a place
of its own (``incoming/``), and the file is checked and cleaned when it is first used. What is sent to that
address later changes nothing any more.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from django.core.files.storage import default_storage
from django.core.signing import Signer
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from rest_framework.request import Request

from idance.files import keys, removals, services, storage
from idance.files.intake import Intake
from idance.files.kinds import KINDS, PICTURES, VIDEOS, Kind
from idance.files.models import FileState, Purpose, StoredFile
from idance.lib.ids import new_object_id
from idance.lib.problems import Invalid, Missing, Problem, TooLarge

if TYPE_CHECKING:
    from accounts.models import User

#: How long the address takes the file, and how long an announced file is waited for.
SECONDS: Final = 3600
FORGOTTEN: Final = timedelta(days=1)
#: Where files arrive that are sent past us.
INCOMING: Final = "incoming"
_CHUNK = 1 << 20
KINDS_BY_TYPE: Final = {kind.content_type: kind for kind in KINDS.values()}
#: Other names of the same types that phones and libraries give.
_ALIASES: Final = {
    "image/jpg": "image/jpeg",
    "video/x-m4v": "video/mp4",
    "video/mov": "video/quicktime",
    "video/avi": "video/x-msvideo",
    "video/vnd.avi": "video/x-msvideo",
    "video/msvideo": "video/x-msvideo",
}


@dataclass(frozen=True, slots=True)
class Ticket:
    """Where and how to send the bytes of a file."""

    url: str
    headers: dict[str, str]
    seconds: int


def kind_of(content_type: str, field: str, *, among: Sequence[Kind] = (*VIDEOS, *PICTURES)) -> Kind:
    """The kind of file with this type. ``Invalid`` for a type that is not among those that are taken."""
    declared = content_type.partition(";")[0].strip().lower()
    kind = KINDS_BY_TYPE.get(_ALIASES.get(declared, declared))
    if kind is not None and kind in among:
        return kind
    taken = ", ".join(sorted(each.content_type for each in among))
    raise Invalid(field, f"This type is not taken; send one of {taken}.", kind="invalid_choice")


def announce(
    owner: User,
    kind: Kind,
    size: int,
    *,
    exact: bool = True,
    purpose: Purpose = Purpose.UPLOAD,
    about: str = "",
) -> StoredFile:
    """A file that will be sent. Raises ``TooLarge``.

    Parameters
    ----------
    size : bytes.
    exact : whether these are the very bytes that will be sent, or only about as many.
    about : id of what the file belongs to, for the key.
    """
    if size > kind.limit:
        raise TooLarge(f"A {kind.name} may have at most {kind.limit // 1_000_000} MB.")
    _forget_old(owner)
    file = StoredFile(id=new_object_id(), owner=owner, purpose=purpose, kind=kind.name)
    file.size = size if exact else 0
    file.key = keys.new_key(purpose, owner.pk, file.id, kind, about)
    file.content_type, file.state = kind.content_type, FileState.AWAITED
    file.save(force_insert=True)
    return file


def again(owner: User, key: str, kind: Kind, size: int) -> StoredFile:
    """A file of this person, to be sent once more; else ``Missing``. ``Invalid`` when it is another by now.

    It may have arrived, and the answer got lost. Then it is given as it is sent, not as it was cleaned, and
    sending it changes nothing.
    """
    found = StoredFile.objects.filter(key=key, owner=owner).first()
    if found is None:
        raise Missing("There is no such announced upload.")
    if found.state != FileState.AWAITED:
        found.content_type, found.size = kind.content_type, size
    elif found.content_type != kind.content_type or found.size not in (0, size):
        raise Invalid("fileKey", "It was announced with another type or size: announce this as a new file.")
    return found


def ticket(file: StoredFile, request: HttpRequest | Request) -> Ticket:
    """Where to send an announced file."""
    if storage.is_local():
        expires = str(int(time.time()) + SECONDS)
        query = urlencode({"expires": expires, "signature": _signature(file, expires)})
        url = storage.absolute(f"/files/{quote(file.key)}?{query}", request)
    else:
        parameters = {
            "Bucket": default_storage.bucket_name,  # type: ignore[attr-defined]
            "Key": incoming(file),
            "ContentType": file.content_type,
            **({"ContentLength": file.size} if file.size else {}),
        }
        client: Any = default_storage.connection.meta.client  # type: ignore[attr-defined]
        url = client.generate_presigned_url("put_object", Params=parameters, ExpiresIn=SECONDS)
    return Ticket(url, _headers(file), SECONDS)


def _headers(file: StoredFile) -> dict[str, str]:
    length = {"Content-Length": str(file.size)} if file.size else {}
    return {"Content-Type": file.content_type, **length}


def is_as_announced(file: StoredFile, content_type: str, length: str) -> bool:
    """Whether these headers are the announced ones."""
    size = int(length) if length.isascii() and length.isdigit() else 0
    right = size == file.size if file.size else 0 < size <= KINDS_BY_TYPE[file.content_type].limit
    return content_type == file.content_type and right


def opened_by(key: str, expires: str, signature: str) -> StoredFile | None:
    """The announced or already received file whose ticket this is; None when we made no such ticket."""
    file = StoredFile.objects.filter(key=key).first() if keys.owner_of(key) else None
    if file is None or not constant_time_compare(signature, _signature(file, expires)):
        return None
    return file if int(expires) > time.time() else None


def settle(file: StoredFile) -> None:
    """Take in a file that was sent to S3 past us: checked, cleaned, stored under its key.

    Raises ``Missing`` when it has not been sent yet, ``Unsupported`` or ``TooLarge`` when it is not what was
    announced; then it is removed.
    """
    place = incoming(file)
    if storage.is_local() or not default_storage.exists(place):
        raise Missing("This file was announced and has not arrived yet.")
    arrived = Intake()
    try:
        with default_storage.open(place) as sent:
            while chunk := sent.read(_CHUNK):
                arrived.write(chunk)
        arrived.finish()
        services.fulfil(file, arrived)
    except Problem:
        removals.remove(place)  # not what was announced
        raise
    finally:
        arrived.close()
    # Not before it is kept: while database, disk or storage fail it can be asked for again.
    removals.remove(place)


def incoming(file: StoredFile) -> str:
    """Where the bytes of an announced file arrive on S3."""
    return f"{INCOMING}/{file.key}"


def _signature(file: StoredFile, expires: str) -> str:
    # Announced once, never changed: the type and length that were asked for.
    facts = f"{file.key}\n{file.created_at.timestamp()}\n{expires}"
    return Signer(salt="idance.files.put", algorithm="sha256").signature(facts)


def _forget_old(owner: User) -> None:
    """Drop what this person announced long ago and never sent."""
    old = StoredFile.objects.filter(
        owner=owner, state=FileState.AWAITED, created_at__lt=timezone.now() - FORGOTTEN
    )
    for file in old[:20]:
        with transaction.atomic():
            if StoredFile.objects.filter(pk=file.pk, state=FileState.AWAITED).delete()[0]:
                removals.remove(incoming(file))
