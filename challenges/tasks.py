"""The jobs of submissions: analysing the video, scoring again, and what happens when that fails."""

from __future__ import annotations

from functools import partial

from analysis import fingerprints, jobs
from analysis import services as analyses
from analysis.jobs import JobContext, Outcome
from analysis.models import Analysis, Job
from analysis.services import Results
from analysis.streamable import queue_streamable
from challenges import demo, duplicates, scoring
from challenges.models import ANALYSE, DEMO, RESCORE, Submission
from challenges.signals import analysis_failed
from idance.files import storage


def register() -> None:
    """Tell the queue who does these jobs."""
    jobs.register(ANALYSE, analyse, ended=analysis_ended, about="challenges.submission")
    jobs.register(RESCORE, rescore, about="challenges.submission")
    jobs.register(DEMO, demo.watch, about="challenges.challenge")


def analyse(job: JobContext) -> Outcome:
    """Analyse the submission's video; its score is given in the transaction that completes the job."""
    analysis = analyses.of_job(job.job)
    with storage.open_local(analysis.video_key) as path:
        results = analyses.run(analysis, path, job.progress, beside=_demo_of(job.job.subject_id))
    job.set_size(results.columns["duration"])
    compared = None if results.fingerprint is None else fingerprints.compare_ahead(results.fingerprint)
    return Outcome(
        result={"analysis_id": analysis.pk, "total": results.total},
        effect=partial(_keep, job.job.subject_id, analysis, results, compared),
        undo=partial(analyses.discard, results),
    )


def _keep(
    submission_id: str,
    analysis: Analysis,
    results: Results,
    compared: fingerprints.Compared | None,
) -> None:
    analyses.save(analysis, results)
    analysis.refresh_from_db()
    # First, so that whoever hears of the score knows whether it is for somebody else's video.
    duplicates.record(submission_id, analysis, compared)
    _give(submission_id, analysis)
    submission = Submission.objects.select_related("video", "dancer").filter(pk=submission_id).first()
    if submission is not None:
        # Only now: it takes its time, and the score does not need it.
        queue_streamable(submission.video, submission.dancer)


def _give(submission_id: str, analysis: Analysis) -> None:
    scoring.give(submission_id, analysis)
    # Scoring holds the board, and so does whoever ends the demo's analysis: one of the two sees the other.
    related = Submission.objects.select_related("challenge__demo_analysis", "analysis", "dancer")
    submission = related.filter(pk=submission_id, analysis=analysis).first()
    if submission is not None:
        demo.catch_up(submission, analysis)


def _demo_of(submission_id: str) -> Analysis | None:
    """What a submission is compared with at this moment."""
    related = Submission.objects.select_related("challenge__demo_analysis")
    submission = related.filter(pk=submission_id).first()
    return None if submission is None else demo.beside(submission.challenge)


def analysis_ended(job: Job) -> None:
    """The analysis failed or was cancelled: the submission says why and makes room for another."""
    code, message = job.error_code, job.error_message
    if not code:
        code, message = "cancelled", "The analysis was cancelled."
    scoring.fail(job.subject_id, job.options["analysis_id"], code, message)
    analysis_failed.send(sender=Job, submission_id=job.subject_id)


def rescore(job: JobContext) -> Outcome:
    """Score the stored movement again. Running it twice gives the same."""
    analysis = Analysis.objects.get(pk=job.job.options["analysis_id"])
    job.progress("score", 0.1)
    again = analyses.rescore(analysis, beside=_demo_of(job.job.subject_id))
    return Outcome(
        result={"analysis_id": again.pk, "total": again.total},
        effect=partial(_give, job.job.subject_id, again),
    )
