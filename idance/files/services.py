"""What happens to files: taken in, made streamable, found again, removed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal, TypeAlias

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from idance.files import keys, pictures, removals, storage, streamable
from idance.files.ffmpeg import FFmpegFailed
from idance.files.intake import Intake
from idance.files.kinds import JPEG, MP4, Kind, sniff_file
from idance.files.models import FileState, Purpose, StoredFile
from idance.files.probe import check_can_be_scored, probe
from idance.lib.ids import new_object_id
from idance.lib.problems import Missing, NotNow, Unsupported

if TYPE_CHECKING:
    from accounts.models import User

log = logging.getLogger(__name__)


def receive(
    owner: User,
    arrived: Intake,
    *,
    purpose: Purpose = Purpose.UPLOAD,
    about: str = "",
    only: Literal["video", "picture"] | None = None,
) -> StoredFile:
    """Check an arrived file by its content, strip its metadata, store it and its thumbnail.

    Parameters
    ----------
    about : id of what the file belongs to, for the key.
    only : refuse the other sort.

    Raises ``Unsupported`` when it is not what it seems or nothing we take.
    """
    if only is not None and arrived.kind.name != only:
        raise Unsupported(f"This is not a {only}.")
    file = StoredFile(id=new_object_id(), owner=owner, purpose=purpose, kind=arrived.kind.name)
    file.key = keys.new_key(purpose, owner.pk, file.id, arrived.kind, about)
    _take(file, arrived)
    try:
        file.save(force_insert=True)
    except BaseException:
        storage.delete(file.key, file.thumbnail_key)
        raise
    return file


def fulfil(file: StoredFile, arrived: Intake) -> None:
    """Take in the bytes of an announced file; when it has arrived already, nothing changes.

    Raises ``Unsupported`` when it is not of the announced sort, ``Missing`` when it was deleted meanwhile.
    """
    if file.state != FileState.AWAITED:
        return
    if arrived.kind.name != file.kind:
        raise Unsupported(f"This is not a {file.kind}.")
    _take(file, arrived)
    names = ("content_type", "size", "duration", "width", "height", "thumbnail_key", "state")
    taken = {name: getattr(file, name) for name in names}
    if not StoredFile.objects.filter(pk=file.pk, state=FileState.AWAITED).update(**taken):
        if not StoredFile.objects.filter(pk=file.pk).exists():
            storage.delete(file.key, file.thumbnail_key)
            raise Missing("This upload was deleted.")
        file.refresh_from_db()


def _take(file: StoredFile, arrived: Intake) -> None:
    """Clean what arrived, store it under the file's key, and say in the row what it is."""
    with TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR, prefix="receive-") as folder:
        take = _take_video if file.kind == "video" else _take_picture
        take(file, arrived, Path(folder))


def _take_video(file: StoredFile, arrived: Intake, folder: Path) -> None:
    facts = probe(arrived.path, arrived.kind)
    check_can_be_scored(facts)
    cleaned, picture = folder / "video", folder / "thumbnail.jpg"
    kind = streamable.clean(arrived.path, facts, cleaned)
    arrived.close()
    # Once more, of what is kept: a fresh container may know its duration where the old one did not.
    facts = probe(cleaned, kind)
    streamable.thumbnail(cleaned, facts, picture)
    file.content_type = kind.content_type
    file.size = cleaned.stat().st_size
    file.duration, file.width, file.height = facts.duration, facts.width, facts.height
    file.thumbnail_key = keys.thumbnail_of(file.key)
    file.state = FileState.STORED if streamable.reasons(facts) else FileState.READY
    storage.put(file.key, cleaned, kind.content_type)
    storage.put(file.thumbnail_key, picture, JPEG.content_type)


def _take_picture(file: StoredFile, arrived: Intake, folder: Path) -> None:
    cleaned = folder / "picture"
    file.width, file.height = pictures.clean(arrived.path, arrived.kind, cleaned)
    file.content_type = arrived.kind.content_type
    file.size = cleaned.stat().st_size
    file.state = FileState.READY
    storage.put(file.key, cleaned, file.content_type)


def own_file(owner: User, key: str, *, kind: Literal["video", "picture"] | None = None) -> StoredFile:
    """A file of this person by its key; ``Missing`` for anybody else's, whether it exists or not."""
    found = own_record(owner, key)
    if found.state == FileState.AWAITED:
        # Sent past us to S3: this is its first use, so it is looked into now.
        from idance.files import announced

        announced.settle(found)
    if kind is not None and found.kind != kind:
        raise Unsupported(f"This file is not a {kind}.")
    return found


def own_record(owner: User, key: str) -> StoredFile:
    """The same, whether its bytes have arrived or not."""
    found = None
    if keys.owner_of(key) == owner.pk:
        found = StoredFile.objects.filter(key=key, owner=owner).first()
    if found is None:
        raise Missing("There is no such file.")
    return found


#: Says whether something shows a file by its key alone, where no foreign key protects it.
Shows: TypeAlias = Callable[[StoredFile], bool]
_shown: list[Shows] = []


def protect(shows: Shows) -> None:
    """Keep files as long as ``shows`` says so. Called once, by an app that is ready."""
    _shown.append(shows)


def remove(file: StoredFile) -> None:
    """Delete a file that nothing shows, arrived or not; ``NotNow`` when something does."""
    from idance.files import announced

    arriving = announced.incoming(file) if file.state == FileState.AWAITED else ""
    names = (file.key, file.thumbnail_key, arriving)
    in_use = NotNow("This file is in use: delete what shows it first.")
    if any(shows(file) for shows in _shown):
        raise in_use
    try:
        with transaction.atomic():
            file.delete()
            removals.remove(*names)
    except (ProtectedError, IntegrityError):  # the second: something came to show it at this moment
        raise in_use from None


#: The longest video that is encoded anew, in seconds; no longer one is ever scored.
LONGEST_TRANSCODED = 600.0


def make_streamable(file_id: str, *, seconds: float) -> bool:
    """Replace a stored video by its streamable form, under the same key. Run by a job, never in a request.

    Parameters
    ----------
    seconds : s that encoding may take.

    Returns whether it was replaced; a video that cannot be encoded stays as it was sent, cleaned. May run
    again at any time: what is done already is left alone.
    """
    file = StoredFile.objects.filter(pk=file_id, kind="video", state=FileState.STORED).first()
    if file is None:
        return False
    with (
        TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR, prefix="streamable-") as folder,
        storage.open_local(file.key) as source,
    ):
        target = Path(folder) / "video.mp4"
        facts = probe(source, _kind_of(source))
        if (facts.duration or 0.0) > LONGEST_TRANSCODED:
            return False
        try:
            streamable.transcode(source, facts, target, seconds=seconds)
        except FFmpegFailed as error:
            log.warning("%s stays as it was sent: %s", file.key, error)
            return False
        made, size = probe(target, MP4), target.stat().st_size
        storage.put(file.key, target, MP4.content_type)
    changed = StoredFile.objects.filter(pk=file_id, state=FileState.STORED).update(
        state=FileState.READY,
        content_type=MP4.content_type,
        size=size,
        duration=made.duration,
        width=made.width,
        height=made.height,
    )
    if not changed and not StoredFile.objects.filter(pk=file_id).exists():
        # Deleted while it was being encoded: what was just written belongs to nobody.
        storage.delete(file.key)
    return bool(changed)


def _kind_of(path: Path) -> Kind:
    kind = sniff_file(path)
    if kind is None:
        raise Unsupported("This video is damaged or of a kind that cannot be read.")
    return kind
