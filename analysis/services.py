"""Starting an analysis, running it, keeping what came out, scoring again."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from analysis import fingerprints, jobs, selectors
from analysis.engine.config import ENGINE_VERSION
from analysis.engine.errors import Refusal
from analysis.models import Analysis, Job
from analysis.results import columns
from idance.files import removals
from idance.lib.ids import new_object_id
from idance.lib.problems import NotNow

if TYPE_CHECKING:
    from accounts.models import User
    from analysis.engine.scoring import Reference
    from analysis.engine.types import ChallengeType, Difficulty, Fingerprint

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Results:
    """What one run of the engine made: the columns of its analysis, the files they name, the fingerprint."""

    columns: dict[str, Any]
    files: tuple[str, ...]
    fingerprint: Fingerprint | None = None

    @property
    def total(self) -> int:
        """Points of 100."""
        return int(self.columns["total"])


def start(
    *,
    owner: User,
    video_key: str,
    challenge_type: str,
    kind: str,
    subject_id: str,
    target_bpm: float | None = None,
    difficulty: str = "intermediate",
    duration: float | None = None,
    anew: bool = False,
) -> Analysis:
    """The analysis of this video with these settings: a finished or running one if there is one, else new.

    A new one is queued as a job of ``kind`` for ``subject_id``; its handler finds the analysis by
    ``of_job(job)``, calls ``run`` and hands ``save`` over as the effect.

    Parameters
    ----------
    duration : seconds of video, when known, for the estimate of when it will be done.
    anew : look at the video once more, though there is a finished analysis.

    Raises ``NotNow`` while the same subject is being analysed with other settings.
    """
    asked: dict[str, Any] = {
        "owner": owner,
        "video_key": video_key,
        "challenge_type": challenge_type,
        "target_bpm": target_bpm,
        "difficulty": difficulty,
        "engine_version": ENGINE_VERSION,
    }
    with transaction.atomic():
        finished = None if anew else selectors.finished(kind=kind, subject_id=subject_id, **asked)
        if finished is not None:
            return finished
        analysis = Analysis(**asked)
        job = jobs.enqueue(kind, subject_id, owner, {"analysis_id": analysis.id}, size=duration)
        if job.options["analysis_id"] == analysis.id:
            analysis.job = job
            analysis.save(force_insert=True)
            return analysis
    running = of_job(job)
    if any(getattr(running, name) != value for name, value in asked.items()):
        raise NotNow("This video is being analysed with other settings. Wait for that or cancel it first.")
    return running


def of_job(job: Job) -> Analysis:
    """The analysis a job works on."""
    return Analysis.objects.select_related("job").get(pk=job.options["analysis_id"])


def run(
    analysis: Analysis,
    local_path: Path,
    progress: Callable[[str, float], None],
    *,
    beside: Analysis | None = None,
) -> Results:
    """Analyse the video at ``local_path`` and store the files that came out.

    Files get a folder of this run's own, so that two runs of one analysis never mix. Raises the engine's
    ``Refusal`` when the video cannot be scored, and whatever ``progress`` raises.

    Parameters
    ----------
    beside : the finished analysis of the demo that the dancer follows.
    """
    # The engine is heavy to import and only workers need it.
    from analysis.engine import pipeline, posedata

    found = pipeline.analyze(
        local_path,
        challenge_type=cast("ChallengeType", analysis.challenge_type),
        target_bpm=analysis.target_bpm,
        difficulty=cast("Difficulty", analysis.difficulty),
        reference=_timing_of(beside),
        progress=progress,
    )
    files = {"pose_key": ("pose_data.json", posedata.dump(found))}
    files["report_key"] = ("report.json", _json(pipeline.report(found)))
    if found.thumbnail is not None:
        files["thumbnail_key"] = ("thumbnail.jpg", found.thumbnail)
    folder = f"{_folder(analysis)}/{new_object_id()}"
    keys = {
        column: default_storage.save(f"{folder}/{name}", ContentFile(content))
        for column, (name, content) in files.items()
    }
    return Results(
        columns={**columns(found), **keys, "reference": beside},
        files=tuple(keys.values()),
        fingerprint=found.fingerprint,
    )


def _timing_of(demo: Analysis | None) -> Reference | None:
    """The timing that others are compared with; None when the demo has no clear pulse to music.

    A demo that another version of the engine has seen is scored again first: its numbers mean something else.
    So is one whose report is lost.
    """
    if demo is None:
        return None
    from analysis.engine.scoring import Reference

    if demo.engine_version != ENGINE_VERSION or not default_storage.exists(demo.report_key):
        try:
            demo = rescore(demo)
        except Refusal as refusal:
            # By today's rules the demo cannot be scored; that is no fault of who dances after it.
            log.warning("%s is no reference any more: %s", demo, refusal)
            return None
    stored = selectors.timing(demo)
    return None if stored is None else Reference.from_series(stored)


def save(analysis: Analysis, results: Results) -> None:
    """Keep what came out: the effect of the analysis's job."""
    Analysis.objects.filter(pk=analysis.pk).update(**results.columns, completed_at=timezone.now())
    if results.fingerprint is not None:
        fingerprints.keep(analysis, results.fingerprint)


def discard(results: Results) -> None:
    """Remove the files of a run that nobody will use."""
    removals.remove(*results.files)


def rescore(analysis: Analysis, *, beside: Analysis | None = None) -> Analysis:
    """Score again from the stored pose data, without the video, and keep the new scores and report.

    The fingerprint stays: it is the video's, whatever the scores are.

    Raises ``NotNow`` when there is no pose data, and the engine's ``Refusal`` when its rules have changed
    and the movement is no longer enough.

    Parameters
    ----------
    beside : the finished analysis of the demo that the dancer follows.
    """
    if not analysis.pose_key:
        raise NotNow("There is no pose data to score from yet.")
    from analysis.engine import pipeline

    with default_storage.open(analysis.pose_key) as stored:
        pose_data = stored.read()
    found = pipeline.rescore(
        pose_data,
        challenge_type=cast("ChallengeType", analysis.challenge_type),
        target_bpm=analysis.target_bpm,
        difficulty=cast("Difficulty", analysis.difficulty),
        reference=_timing_of(beside),
    )
    report_key = default_storage.save(
        f"{_folder(analysis)}/{new_object_id()}/report.json", ContentFile(_json(pipeline.report(found)))
    )
    # Only on top of the report we started from: of two at once, one wins and the other's file goes.
    kept = Analysis.objects.filter(pk=analysis.pk, report_key=analysis.report_key).update(
        **columns(found), report_key=report_key, reference=beside
    )
    removals.remove(analysis.report_key if kept else report_key)
    analysis.refresh_from_db()
    return analysis


def delete(analysis: Analysis) -> None:
    """Remove an analysis with all its files, and stop its job."""
    with transaction.atomic():
        if analysis.job is not None and not analysis.job.ended:
            # Unless it has just ended by itself.
            with suppress(NotNow):
                jobs.cancel(analysis.job)
        folder = _folder(analysis)
        analysis.delete()
        removals.remove_folder(folder)


def _folder(analysis: Analysis) -> str:
    return f"analyses/{analysis.owner_id}/{analysis.pk}"


def _json(value: Any) -> bytes:
    return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()
