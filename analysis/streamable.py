"""The job that makes a stored video streamable: encoding, which no request waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from analysis import jobs
from analysis.jobs import JobContext, Outcome
from idance.files import services as files
from idance.files.models import FileState, StoredFile

if TYPE_CHECKING:
    from accounts.models import User

STREAMABLE = "streamable"
#: Of the time that a job has, so that what cannot be encoded in it is left as it is instead of tried again.
SHARE_OF_TIME = 0.8


def queue_streamable(file: StoredFile, owner: User) -> None:
    """Have a video made streamable, if it is not yet."""
    if file.kind == "video" and file.state == FileState.STORED:
        jobs.enqueue(STREAMABLE, file.pk, owner, size=file.duration)


def make_streamable(job: JobContext) -> Outcome:
    """Encode the video under its own key."""
    job.progress("encode", 0.05)
    replaced = files.make_streamable(job.job.subject_id, seconds=settings.JOB_TIMEOUT * SHARE_OF_TIME)
    return Outcome(result={"replaced": replaced})
