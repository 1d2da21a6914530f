"""What dancers do with submissions: send one in, have it analysed, edit it, take it back."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from analysis import jobs
from analysis import services as analyses
from analysis.models import Analysis, Job
from analysis.selectors import FINAL_REFUSALS
from challenges import leaderboard, scoring, selectors
from challenges.models import ANALYSE, RESCORE, Challenge, Submission, SubmissionStatus, active_key
from challenges.signals import submission_deleted
from idance.api import throttles
from idance.files import services as files
from idance.files.intake import Intake
from idance.files.models import Purpose, StoredFile
from idance.lib.problems import Missing, NotNow
from idance.social import services as social

if TYPE_CHECKING:
    from accounts.models import User


def submit(dancer: User, challenge: Challenge, video: Intake | str, metadata: dict[str, Any]) -> Submission:
    """Send a video into a challenge and queue its analysis.

    Parameters
    ----------
    video : a file that just arrived, or the key of an earlier upload of the dancer.
    metadata : values of the submission's editable fields.

    Raises ``NotNow`` when the challenge is not running or the dancer has submitted already, ``Missing`` for a
    key that is not theirs, ``Unsupported`` for what is no video.
    """
    _check_open(dancer, challenge)
    if isinstance(video, str):
        return _enter(dancer, challenge, files.own_file(dancer, video, kind="video"), metadata)
    file = files.receive(dancer, video, purpose=Purpose.CHALLENGE, about=challenge.pk, only="video")
    try:
        return _enter(dancer, challenge, file, metadata)
    except BaseException:
        files.remove(file)
        raise


def _check_open(dancer: User, challenge: Challenge) -> None:
    """Asked before a large file is looked into; the constraint has the last word."""
    if not challenge.is_active:
        raise NotNow("This challenge is not running.")
    if Submission.objects.filter(active_key=active_key(challenge.pk, dancer.pk)).exists():
        raise _already()


def _enter(dancer: User, challenge: Challenge, file: StoredFile, metadata: dict[str, Any]) -> Submission:
    submission = Submission(
        dancer=dancer,
        challenge=challenge,
        video=file,
        active_key=active_key(challenge.pk, dancer.pk),
        **metadata,
    )
    try:
        with transaction.atomic():
            leaderboard.hold(challenge.pk)
            submission.save(force_insert=True)
            throttles.start_analysis(dancer)  # after it: one that is sent twice at once starts nothing
            leaderboard.enter(challenge.pk, dancer.pk)
            submission.analysis = _start(submission)
            submission.save(update_fields=["analysis"])
            scoring.announce(submission.pk)
    except IntegrityError:
        raise _already() from None
    return submission


def _already() -> NotNow:
    return NotNow("You have already submitted to this challenge.")


def _start(submission: Submission, target_bpm: float | None = None, *, anew: bool = False) -> Analysis:
    return analyses.start(
        owner=submission.dancer,
        video_key=submission.video.key,
        challenge_type=submission.challenge.type,
        kind=ANALYSE,
        subject_id=submission.pk,
        target_bpm=submission.challenge.target_bpm if target_bpm is None else target_bpm,
        difficulty=submission.challenge.difficulty,
        duration=submission.video.duration,
        anew=anew,
    )


def analyse(submission: Submission, *, target_bpm: float | None = None) -> Analysis:
    """The analysis of a submission: the finished or running one, else a new one.

    Parameters
    ----------
    target_bpm : the tempo as the dancer knows it. An analysis without it, or with another, is not the one
        that is asked for: an unfinished one starts over, a finished one is made anew.

    Raises ``NotNow`` when it failed and the dancer has sent in another video since, ``Missing`` when it was
    taken back at this moment.
    """
    latest = selectors.latest_analysis(submission)
    if latest is not None and target_bpm in (None, latest.target_bpm) and not _is_worth_repeating(latest):
        return latest
    throttles.start_analysis(submission.dancer)
    with transaction.atomic():
        if latest is not None and latest.job is not None and not latest.job.ended:
            # Unless it has just ended by itself.
            with suppress(NotNow):
                jobs.cancel(latest.job)
        if target_bpm is None and latest is not None:
            target_bpm = latest.target_bpm
        started = _start(submission, target_bpm)
        # Whoever takes it back waits for this, and then finds the analysis; or was first.
        if not Submission.objects.filter(pk=submission.pk).update(updated_at=timezone.now()):
            raise _missing()
        if started.status == "failed":
            return started
        _wait_for(submission, started)
        scoring.announce(submission.pk)
    return started


def _is_worth_repeating(analysis: Analysis) -> bool:
    """Whether it ended without a result for a reason that may be another next time."""
    if analysis.status == "cancelled":
        return True
    return analysis.status == "failed" and analysis.error_code not in FINAL_REFUSALS


def _wait_for(submission: Submission, analysis: Analysis) -> None:
    """Have an unscored submission wait for this analysis, in its place again if it had lost it."""
    unscored = Submission.objects.filter(pk=submission.pk).exclude(status=SubmissionStatus.COMPLETED)
    try:
        unscored.update(
            active_key=active_key(submission.challenge_id, submission.dancer_id),
            analysis=analysis,
            status=SubmissionStatus.PENDING,
            error_code="",
            error_message="",
            processed_at=None,
            updated_at=timezone.now(),
        )
    except IntegrityError:
        raise NotNow("You have sent another video into this challenge since.") from None


def analyse_anew(submission: Submission) -> Analysis:
    """Look at the video of a scored submission once more; until that is done its score stays."""
    known = submission.analysis.target_bpm if submission.analysis else None
    return _start(submission, known, anew=True)


def rescore(submission: Submission) -> Job:
    """Queue scoring once more from the stored movement, without the video. ``NotNow`` when there is none."""
    analysis = submission.analysis
    if analysis is None or not analysis.pose_key:
        raise NotNow("This submission has not been analysed yet.")
    return jobs.enqueue(RESCORE, submission.pk, submission.dancer, {"analysis_id": analysis.pk})


def edit(submission: Submission, changes: dict[str, Any]) -> Submission:
    """Change the words around a submission, and who sees it; what is not given stays.

    Raises ``Missing`` when it was taken back at this moment.
    """
    with transaction.atomic():
        leaderboard.hold(submission.challenge_id)
        if not Submission.objects.filter(pk=submission.pk).update(**changes, updated_at=timezone.now()):
            raise _missing()
        leaderboard.place(submission.challenge_id, submission.dancer_id)
        scoring.announce(submission.pk)
        submission.refresh_from_db()
    return submission


def remove(submission: Submission) -> None:
    """Take a submission back: its analyses, what it earned and its place on the board go with it."""
    # Jobs first: whoever completes one also takes the job's row before the challenge's.
    _drop_analyses(submission)
    with transaction.atomic():
        leaderboard.hold(submission.challenge_id)
        found = Submission.objects.filter(pk=submission.pk).first()
        if found is None:
            return
        found.delete()
        scoring.take_back(found)
        leaderboard.leave(found.challenge_id, found.dancer_id)
        social.forget(submission)
        submission_deleted.send(sender=Submission, submission=submission)
        if submission.video.purpose == Purpose.CHALLENGE:
            _remove_video(submission.video)
    # What was started meanwhile; from here on nothing is.
    _drop_analyses(submission)


def _drop_analyses(submission: Submission) -> None:
    for analysis in selectors.analyses_of(submission):
        analyses.delete(analysis)


def _missing() -> Missing:
    return Missing("There is no such submission.")


def _remove_video(file: StoredFile) -> None:
    """A video that was sent for this submission alone goes with it, unless another one uses it."""
    try:
        with transaction.atomic():
            files.remove(file)
    except NotNow:
        return
