"""Makes challenges and submissions for tests, and does queued jobs with results that the test decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from analysis import jobs
from analysis import services as analyses
from analysis.engine.errors import Refusal
from analysis.models import Analysis, Job
from analysis.services import Results
from challenges import submitting
from challenges.models import Challenge, ChallengeLabel, LabelKind, Submission
from idance.files import keys
from idance.files.kinds import MP4
from idance.files.models import FileState, Purpose, StoredFile
from idance.lib.ids import new_object_id
from tests import factories

#: What a test's engine gives: points out of 25, 30, 25, 20.
POINTS = {"balance": 20, "rhythm": 25, "smoothness": 22, "creativity": 18}


def challenge(*, categories: tuple[str, ...] = (), tags: tuple[str, ...] = (), **fields: Any) -> Challenge:
    """A challenge that runs today."""
    now = timezone.now()
    fields = {
        "title": "Freestyle Friday",
        "type": "freestyle",
        "difficulty": "intermediate",
        "start_time": now - timedelta(hours=1),
        "end_time": now + timedelta(hours=23),
        "points": 100,
        "badge_name": "Freestyle Master",
        **fields,
    }
    made = Challenge.objects.create(**fields)
    for kind, names in ((LabelKind.CATEGORY, categories), (LabelKind.TAG, tags)):
        for name in names:
            ChallengeLabel.objects.create(challenge=made, kind=kind, name=name)
    return made


def video(owner: User, **fields: Any) -> StoredFile:
    """A stored video of this person, by its row alone."""
    file_id = new_object_id()
    key = keys.new_key(Purpose.UPLOAD, owner.pk, file_id, MP4)
    fields = {"state": FileState.READY, "duration": 12.5, "size": 1_500_000, **fields}
    return StoredFile.objects.create(
        id=file_id,
        key=key,
        owner=owner,
        purpose=Purpose.UPLOAD,
        kind="video",
        content_type="video/mp4",
        thumbnail_key=keys.thumbnail_of(key),
        width=1080,
        height=1920,
        **fields,
    )


def submission(
    challenge: Challenge,
    dancer: User | None = None,
    *,
    points: dict[str, int | None] | None = None,
    **words: Any,
) -> Submission:
    """A submission; with ``points`` it is scored."""
    dancer = dancer or factories.person()
    made = submitting.submit(dancer, challenge, video(dancer).key, words)
    if points is not None:
        score(made, points)
    return Submission.objects.get(pk=made.pk)


def score(submission: Submission, points: dict[str, int | None] | None = None) -> None:
    """Finish the submission's job with these points."""
    (job,) = Job.objects.filter(subject_id=submission.pk, kind="submission", state="queued")
    do(job, engine=Engine(points or POINTS))


def points_for(total: int) -> dict[str, int | None]:
    """Some points that add up to ``total``."""
    left, points = total, {}
    for name, most in (("balance", 25), ("rhythm", 30), ("smoothness", 25), ("creativity", 20)):
        points[name] = min(most, left)
        left -= points[name]
    return dict(points)


@dataclass
class Engine:
    """Stands where the engine would run: gives ``points``, or refuses."""

    points: dict[str, int | None] = field(default_factory=lambda: dict(POINTS))
    refusal: str = ""
    seen: list[Analysis] = field(default_factory=list)
    beside: list[Analysis | None] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None

    def run(
        self,
        analysis: Analysis,
        path: Path,
        progress: Callable[[str, float], None],
        *,
        beside: Analysis | None = None,
    ) -> Results:
        self.seen.append(analysis)
        self.beside.append(beside)
        progress("pose", 0.5)
        self.meanwhile()
        if self.refusal:
            raise Refusal(self.refusal)
        columns = {
            **self.points,
            "total": sum(value or 0 for value in self.points.values()),
            "confidence": 0.92,
            "feedback": "Great rhythm and balance!",
            "pose_key": f"analyses/{analysis.owner_id}/{analysis.pk}/{new_object_id()}/pose_data.json",
            "duration": 12.5,
            "reference": beside,
        }
        return Results(columns=columns, files=(columns["pose_key"],))


def do(job: Job, *, engine: Engine | None = None) -> None:
    """Do a queued job as a worker does, with ``engine`` in the engine's place."""
    from contextlib import nullcontext

    claimed = jobs.claim(job.pk, "test")
    assert claimed is not None

    def progress(stage: str, share: float) -> None:
        jobs.advance(claimed, stage, share)

    with pytest.MonkeyPatch.context() as patch:
        if engine is not None:
            patch.setattr(analyses, "run", engine.run)
            patch.setattr("challenges.tasks.storage.open_local", lambda key: nullcontext(Path(key)))
        try:
            outcome = jobs.KINDS[claimed.kind].handler(jobs.JobContext(claimed, Path("/nowhere"), progress))
            jobs.complete(claimed, outcome.result, outcome.effect)
        except Refusal as refusal:
            jobs.fail(claimed, refusal.code, refusal.sentence, refusal.detail)
        except jobs.Cancelled:
            pass
