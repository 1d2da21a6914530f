"""A challenge's demo video: its own analysis, made once and kept, with which submissions are compared.

With the first submission it is settled, like all that decides about scores: a demo that is uploaded later is
shown and no more. One that is still being analysed then is waited for: what was scored without it is scored
again.

Its tempo is only suggested. Submissions are not judged by it until somebody has put it into
`Challenge.target_bpm`: a tempo may be counted double or half, and which is meant only people know.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.db import transaction

from analysis import services as analyses
from analysis.jobs import JobContext, Outcome
from analysis.models import Analysis
from analysis.services import Results
from challenges import leaderboard, submitting
from challenges.models import DEMO, Challenge, ChallengeType, Submission, SubmissionStatus
from idance.files import links, storage
from idance.files.models import StoredFile

if TYPE_CHECKING:
    from accounts.models import User

#: What the analysis depends on.
DECIDES: Final = frozenset({"demo_video", "target_bpm", "type"})
#: A tempo that was heard and one that somebody gives are the same up to this share.
SAME_TEMPO: Final = 0.04


# --- Which analysis a challenge has -----------------------------------------------------------------------
def look(challenge: Challenge, by: User) -> None:
    """Have an uploaded demo video analysed, unless it is already; forget the analysis of another one."""
    current = challenge.demo_analysis
    if is_settled(challenge) or (current is not None and _suits(current, challenge)):
        return
    key = links.key_of(challenge.demo_video)
    with transaction.atomic():
        _point(challenge, None)
        drop(current)
        if key is not None:
            _point(challenge, _start(challenge, key, by))


def is_settled(challenge: Challenge) -> bool:
    """Whether it can no longer change what submissions are compared with, since there are some."""
    current = challenge.demo_analysis
    return bool(challenge.total_submissions) and (current is None or not current.is_under_way)


def share(challenge: Challenge, copy: Challenge) -> None:
    """Give a copy of a challenge the analysis of the demo they share."""
    current = challenge.demo_analysis
    if current is None:
        return
    if current.is_under_way:
        # Each has one of its own then: whoever changes the demo of one stops only that.
        look(copy, current.owner)
    elif _suits(current, copy):
        _point(copy, current, challenge.demo_bpm)


def drop(analysis: Analysis | None) -> None:
    """Remove an analysis that no challenge has any more, and stop its job."""
    if analysis is not None and not Challenge.objects.filter(demo_analysis=analysis).exists():
        analyses.delete(analysis)


def _point(challenge: Challenge, analysis: Analysis | None, bpm: float | None = None) -> None:
    Challenge.objects.filter(pk=challenge.pk).update(demo_analysis=analysis, demo_bpm=bpm)
    challenge.demo_analysis, challenge.demo_bpm = analysis, bpm


def _start(challenge: Challenge, key: str, by: User) -> Analysis:
    return analyses.start(
        owner=by,
        video_key=key,
        challenge_type=challenge.type,
        kind=DEMO,
        subject_id=challenge.pk,
        target_bpm=challenge.target_bpm,
        difficulty=challenge.difficulty,
        duration=StoredFile.objects.filter(key=key).values_list("duration", flat=True).first(),
        anew=True,
    )


def _suits(analysis: Analysis, challenge: Challenge) -> bool:
    """Whether it is of this video, and another one would come to the same."""
    same = (analysis.video_key, analysis.challenge_type)
    if same != (links.key_of(challenge.demo_video), challenge.type) or analysis.status == "cancelled":
        return False
    asked, heard = challenge.target_bpm, analysis.bpm
    # A hint settles which multiple of the pulse is the beat: the one that was found needs no settling.
    found = asked is not None and heard is not None and abs(heard / asked - 1.0) <= SAME_TEMPO
    return asked == analysis.target_bpm or found


# --- Comparing with it ------------------------------------------------------------------------------------
def beside(challenge: Challenge) -> Analysis | None:
    """The analysis that submissions are compared with, once there is one.

    None in freestyle, where nobody follows the demo: dancing otherwise would be taken for early or late.
    """
    found = challenge.demo_analysis
    if found is None or found.completed_at is None or challenge.type == ChallengeType.FREESTYLE:
        return None
    return found


def catch_up(submission: Submission, analysis: Analysis) -> None:
    """Score a submission again when the demo was analysed while it was being scored without."""
    wanted = beside(submission.challenge)
    if analysis.pose_key and analysis.reference_id != (wanted.pk if wanted else None):
        submitting.rescore(submission)


# --- The job ----------------------------------------------------------------------------------------------
def watch(job: JobContext) -> Outcome:
    """Analyse the demo video. Its tempo is kept even when the dancer in it cannot be judged."""
    analysis = analyses.of_job(job.job)
    with storage.open_local(analysis.video_key) as path:
        job.progress("music", 0.0)
        bpm = _tempo(path)
        Challenge.objects.filter(demo_analysis=analysis).update(demo_bpm=bpm)
        results = analyses.run(analysis, path, job.progress)
    job.set_size(results.columns["duration"])
    return Outcome(
        result={"analysis_id": analysis.pk, "bpm": bpm},
        effect=partial(_keep, analysis, results),
        undo=partial(analyses.discard, results),
    )


def _tempo(path: Path) -> float | None:
    """The tempo as nobody's hint makes it; None without music."""
    # The engine is heavy to import and only workers need it.
    from analysis.engine.music import hear
    from analysis.engine.music.decode import decode_sound

    sound = decode_sound(path)
    music = None if sound is None else hear(sound)
    return None if music is None or music.bpm is None else round(music.bpm, 1)


def _keep(analysis: Analysis, results: Results) -> None:
    # Without the fingerprint: everybody who follows the demo would look like a copy of it.
    analyses.save(analysis, replace(results, fingerprint=None))
    for challenge in Challenge.objects.filter(demo_analysis=analysis):
        # From here on whoever scores in this challenge finds the demo.
        leaderboard.hold(challenge.pk)
        scored = Submission.objects.filter(challenge=challenge, status=SubmissionStatus.COMPLETED)
        for submission in scored.select_related("challenge__demo_analysis", "analysis", "dancer"):
            if submission.analysis is not None:
                catch_up(submission, submission.analysis)
