"""The jobs of breakdowns: making one, and making the picture of its footage anew."""

from __future__ import annotations

from functools import partial

from analysis import jobs
from analysis.jobs import Cancelled, JobContext, Outcome
from breakdowns import footages, making, services
from breakdowns.models import MAKE, PICTURE, Footage
from idance.files import storage


def register() -> None:
    """Tell the queue who does these jobs."""
    jobs.register(MAKE, making.make, ended=services.fail)
    jobs.register(PICTURE, remake_picture)


def remake_picture(job: JobContext) -> Outcome:
    """Make a new picture of the footage; the old one stays until the new one is in place."""
    footage = Footage.objects.filter(pk=job.job.subject_id).exclude(video_key="").first()
    if footage is None:
        raise Cancelled("The footage is gone.")
    job.progress("thumbnail", 0.1)
    place, key = footages.remake_picture(footage, job.folder)
    return Outcome(result={"thumbnail_key": key}, effect=place, undo=partial(storage.delete, key))
