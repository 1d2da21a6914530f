"""The tempo of a demo video: heard by a job of its own, suggested to who edits the challenge.

Submissions are not judged by it until somebody has put it into `Challenge.target_bpm`: a tempo may be counted
double or half, and which is meant only people know.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from analysis import jobs
from analysis.jobs import JobContext, Outcome
from challenges.models import LISTEN, Challenge
from idance.files import links, storage

if TYPE_CHECKING:
    from accounts.models import User


def listen(challenge: Challenge, by: User) -> None:
    """Queue hearing the demo video, when it is an upload; forget what was heard in another one."""
    Challenge.objects.filter(pk=challenge.pk).update(demo_bpm=None)
    challenge.demo_bpm = None
    if links.key_of(challenge.demo_video):
        jobs.enqueue(LISTEN, challenge.pk, by)


def hear(job: JobContext) -> Outcome:
    """The tempo of the music in the demo video. Running it twice gives the same."""
    # The engine is heavy to import and only workers need it.
    from analysis.engine.music import hear as hear_music
    from analysis.engine.music.decode import decode_sound

    challenge = Challenge.objects.filter(pk=job.job.subject_id).first()
    key = links.key_of(challenge.demo_video) if challenge is not None else None
    if challenge is None or key is None:
        return Outcome()
    job.progress("music", 0.1)
    with storage.open_local(key) as path:
        sound = decode_sound(path)
    music = None if sound is None else hear_music(sound)
    bpm = None if music is None or music.bpm is None else round(music.bpm, 1)
    return Outcome(result={"bpm": bpm}, effect=partial(_keep, challenge, bpm))


def _keep(challenge: Challenge, bpm: float | None) -> None:
    # Only while it is the same video: another one has a job of its own.
    Challenge.objects.filter(pk=challenge.pk, demo_video=challenge.demo_video).update(demo_bpm=bpm)
