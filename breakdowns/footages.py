"""Footage: found or made for a link or an upload, fetched and measured once, gone with its last breakdown.

Whoever fetches or measures holds the footage with the attempt of their job. Another job that needs it waits
for that attempt to end: it runs at this very moment, so nothing waits in a circle. A holder that died is no
longer running by its job's row, and the next one takes over.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from analysis.engine.config import ENGINE_VERSION
from analysis.engine.errors import Refusal
from analysis.jobs import Cancelled, JobContext
from analysis.models import Job, State
from analysis.selectors import FINAL_REFUSALS
from breakdowns import sources
from breakdowns.links import Link
from breakdowns.models import Footage, Source
from idance.files import removals, storage, streamable
from idance.files import services as files
from idance.files.ffmpeg import FFmpegFailed
from idance.files.kinds import JPEG, MP4, sniff_file
from idance.files.models import Purpose, StoredFile
from idance.files.probe import probe
from idance.lib.ids import new_object_id
from idance.lib.problems import NotNow, Unsupported

if TYPE_CHECKING:
    from analysis.engine.types import Analysis, Difficulty

_JSON: Final = "application/json"
#: Of the time that a job has, so that a video that cannot be encoded in it does not take all of it.
_SHARE_TO_ENCODE: Final = 0.4


# --- Rows -------------------------------------------------------------------------------------------------
def of_link(link: Link) -> Footage:
    """The footage of a video on the web."""
    return _get_or_create(link.key, source=link.source, url=link.url)


def of_upload(file: StoredFile) -> Footage:
    """The footage of an upload; the caller has made sure whose it is."""
    title = f"Dance of {file.created_at:%-d %B %Y}"
    return _get_or_create(
        f"{Source.UPLOAD.value}:{file.pk}",
        source=Source.UPLOAD,
        upload=file,
        title=title,
        duration=file.duration,
    )


def _get_or_create(key: str, **columns: Any) -> Footage:
    found = Footage.objects.filter(key=key).first()
    if found is not None:
        return found
    made = Footage(key=key, **columns)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        return Footage.objects.get(key=key)  # Somebody else was first.
    return made


def leave(footage_id: str) -> None:
    """Remove a footage with its files when no breakdown shows it any more."""
    footage = Footage.objects.select_related("upload").filter(pk=footage_id).first()
    if footage is None:
        return
    try:
        with transaction.atomic():
            footage.delete()
            removals.remove_folder(_folder(footage_id))
    except (ProtectedError, IntegrityError):
        return  # Others have it, or somebody asks for it at this moment.
    if footage.upload is not None and footage.upload.purpose == Purpose.BREAKDOWN:
        with suppress(NotNow):  # Something else shows it.
            files.remove(footage.upload)


def _folder(footage_id: str) -> str:
    return f"footage/{footage_id}"


# --- Fetching and measuring -------------------------------------------------------------------------------
def measured(footage: Footage, difficulty: str, job: JobContext) -> Analysis:
    """What the engine finds in a footage, cut into steps for this difficulty.

    From the stored movement when it was measured before, by whomever; else it is fetched and measured now,
    and kept for all. ``footage`` is as stored afterwards.

    Raises ``Refusal``, one of its site's or one of the engine's.
    """
    while not is_known(footage):
        if _take(footage, job):
            return _measure(footage, difficulty, job)
        job.progress("wait", 0.0)
        time.sleep(0.5)
        _refresh(footage)
    if footage.refusal_code:
        raise Refusal(footage.refusal_code, "as measured before")
    from analysis.engine import pipeline

    with default_storage.open(footage.pose_key) as stored:
        data = stored.read()
    return pipeline.rescore(data, difficulty=cast("Difficulty", difficulty))


def is_known(footage: Footage) -> bool:
    """Whether the present engine has looked at it, with or without success."""
    return footage.engine_version == ENGINE_VERSION and bool(footage.pose_key or footage.refusal_code)


def _refresh(footage: Footage) -> None:
    try:
        footage.refresh_from_db()
    except Footage.DoesNotExist:
        raise Cancelled("The footage is gone.") from None


def _token(job: Job) -> str:
    return f"{job.pk}:{job.attempts}"


def _take(footage: Footage, job: JobContext) -> bool:
    """Become the one who measures it; False when somebody else is and still runs, or was quicker."""
    _refresh(footage)
    token, holder = _token(job.job), footage.holder
    if is_known(footage) or (holder not in ("", token) and _runs(holder)):
        return False
    return Footage.objects.filter(pk=footage.pk, holder=holder).update(holder=token) == 1


def _runs(token: str) -> bool:
    job_id, _, attempt = token.partition(":")
    return Job.objects.filter(pk=job_id, state=State.PROCESSING, attempts=int(attempt)).exists()


@dataclass(frozen=True, slots=True)
class _Made:
    """A video as every phone plays it, on this machine."""

    path: Path
    title: str
    stored_key: str  # empty when it is still to be stored


def _measure(footage: Footage, difficulty: str, job: JobContext) -> Analysis:
    held = Footage.objects.filter(pk=footage.pk, holder=_token(job.job))
    try:
        with _playable(footage, job) as made:
            found = _keep(footage, made, difficulty, job)
    except Refusal as refusal:
        if refusal.code in FINAL_REFUSALS and type(refusal) is Refusal:
            # What the engine says of a video it will say again, to whoever asks.
            held.update(refusal_code=refusal.code, engine_version=ENGINE_VERSION, holder="")
        raise
    finally:
        held.update(holder="")
    return found


@contextmanager
def _playable(footage: Footage, job: JobContext) -> Iterator[_Made]:
    """The video on this machine: what is stored already, else fetched."""
    key = footage.video_key
    if not key and footage.upload is None:
        yield _fetch(footage, job)
        return
    if not key and footage.upload is not None:
        key = footage.upload.key
        job.progress("encode", 0.0)
        files.make_streamable(footage.upload.pk, seconds=settings.JOB_TIMEOUT * _SHARE_TO_ENCODE)
    with storage.open_local(key) as path:
        yield _Made(path, footage.title, key)


def _fetch(footage: Footage, job: JobContext) -> _Made:
    """The video from its site: looked into like an upload, without metadata, as every phone plays it."""
    source = Source(footage.source)
    link = Link(source, footage.key.partition(":")[2])
    fetched = sources.site_video(link, job.folder, job.progress)
    job.progress("encode", 0.0)
    kind = sniff_file(fetched.path)
    target = job.folder / "playable.mp4"
    try:
        if kind is None:
            raise Unsupported("Not a video that is taken.")
        facts = probe(fetched.path, kind)
        if (facts.duration or 0.0) > settings.SOURCE_MAX_SECONDS:
            raise sources.too_long(source, settings.SOURCE_MAX_SECONDS)
        streamable.transcode(fetched.path, facts, target, seconds=settings.JOB_TIMEOUT * _SHARE_TO_ENCODE)
    except (Unsupported, FFmpegFailed) as error:
        raise sources.SourceRefusal("no_video", source, str(error)) from error
    fetched.path.unlink()
    return _Made(target, fetched.title or f"{source.label} video", "")


def _keep(footage: Footage, made: _Made, difficulty: str, job: JobContext) -> Analysis:
    """Measure the video and store what is shared: film, picture, movement."""
    from analysis.engine import pipeline, posedata

    found = pipeline.analyze(
        made.path,
        difficulty=cast("Difficulty", difficulty),
        progress=lambda stage, share: job.progress("watch", share),
    )
    folder = f"{_folder(footage.pk)}/{new_object_id()}"
    columns: dict[str, Any] = {"title": made.title, "duration": found.video.duration, "refusal_code": ""}
    pose = job.folder / "pose_data.json"
    pose.write_bytes(posedata.dump(found))
    picture = job.folder / "thumbnail.jpg"
    if found.thumbnail is not None:
        picture.write_bytes(found.thumbnail)
    else:
        streamable.thumbnail(made.path, probe(made.path, MP4), picture)
    try:
        columns["pose_key"] = _put(f"{folder}/pose_data.json", pose, _JSON)
        columns["thumbnail_key"] = _put(f"{folder}/thumbnail.jpg", picture, JPEG.content_type)
        columns["video_key"] = made.stored_key or _put(f"{folder}/video.mp4", made.path, MP4.content_type)
        kept = Footage.objects.filter(pk=footage.pk, holder=_token(job.job)).update(
            **columns, engine_version=ENGINE_VERSION
        )
        if not kept:
            raise Cancelled("The footage is another's by now.")
    except BaseException:
        storage.delete_folder(folder)
        raise
    _refresh(footage)
    # What an earlier engine or an attempt that died has left.
    names = (footage.video_key, footage.thumbnail_key, footage.pose_key)
    storage.delete_folder(_folder(footage.pk), keep=names)
    return found


def _put(key: str, path: Path, content_type: str) -> str:
    storage.put(key, path, content_type)
    return key


# --- Pictures ---------------------------------------------------------------------------------------------
def remake_picture(footage: Footage, folder: Path) -> tuple[Callable[[], None], str]:
    """Make the picture of a footage anew. Returns what puts it in place, and the key it was stored under."""
    picture = folder / "thumbnail.jpg"
    with storage.open_local(footage.video_key) as path:
        streamable.thumbnail(path, probe(path, sniff_file(path) or MP4), picture)
    key = _put(f"{_folder(footage.pk)}/{new_object_id()}/thumbnail.jpg", picture, JPEG.content_type)

    def place() -> None:
        old = footage.thumbnail_key
        placed = Footage.objects.filter(pk=footage.pk, thumbnail_key=old).update(thumbnail_key=key)
        unused = old if placed else key
        removals.remove(unused)

    return place, key
