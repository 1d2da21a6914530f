"""The job that crops a session's video."""

from __future__ import annotations

from functools import partial
from typing import Final

from analysis.jobs import JobContext, Outcome
from analysis.models import Job
from feed.models import DanceSession, Processing
from idance.files import ffmpeg, keys, storage, streamable
from idance.files.kinds import JPEG, MP4
from idance.files.models import Purpose
from idance.files.probe import probe
from idance.lib.ids import new_object_id

#: Width to height of each template.
RATIOS: Final = {"square": (1, 1), "portrait": (9, 16), "landscape": (16, 9)}
CROP_SECONDS = 600


def crop_filter(template: str) -> str:
    """The ffmpeg filter that cuts the largest centred picture of this shape out of a frame."""
    width, height = RATIOS[template]
    wide = f"trunc(min(iw\\,ih*{width}/{height})/2)*2"
    high = f"trunc(min(ih\\,iw*{height}/{width})/2)*2"
    return f"crop={wide}:{high},setsar=1,format=yuv420p"


def crop_session(job: JobContext) -> Outcome:
    """Crop the video as asked; the original is kept beside it."""
    session = DanceSession.objects.get(pk=job.job.subject_id)
    job.progress("crop", 0.1)
    cropped = job.folder / "cropped.mp4"
    with storage.open_local(session.video_key) as source:
        ffmpeg.run(
            source,
            *("-map", "0:V:0", "-map", "0:a:0?", "-vf", crop_filter(job.job.options["template"])),
            *("-c:v", "libx264", "-preset", "veryfast", "-crf", "22", "-c:a", "aac", "-b:a", "128k"),
            *("-map_metadata", "-1", "-movflags", "+faststart", "-f", "mp4"),
            target=cropped,
            seconds=CROP_SECONDS,
        )
    job.progress("thumbnail", 0.8)
    picture = job.folder / "thumbnail.jpg"
    streamable.thumbnail(cropped, probe(cropped, MP4), picture)
    job.progress("store", 0.9)
    key = keys.new_key(Purpose.SESSION, session.user_id, new_object_id(), MP4)
    thumbnail_key = keys.thumbnail_of(key)
    storage.put(key, cropped, MP4.content_type)
    storage.put(thumbnail_key, picture, JPEG.content_type)
    return Outcome(
        result={"processed_key": key},
        effect=partial(_keep, session.pk, key),
        undo=partial(storage.delete, key, thumbnail_key),
    )


def _keep(session_id: str, key: str) -> None:
    kept = DanceSession.objects.filter(pk=session_id).update(
        processed_key=key, processing_status=Processing.COMPLETED
    )
    if not kept:
        # Deleted while it was being cropped: what was just written belongs to nobody.
        storage.delete(key, keys.thumbnail_of(key))


def crop_ended(job: Job) -> None:
    """It could not be cropped: the original is what is shown."""
    DanceSession.objects.filter(pk=job.subject_id).update(processing_status=Processing.FAILED)
