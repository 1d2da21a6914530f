"""Analyses with the real engine on the clip that ships: what is stored, and scoring again from it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from django.core.files.storage import default_storage

from accounts.models import User
from analysis import jobs, selectors, services, tasks
from analysis.engine.errors import SENTENCES
from analysis.models import Analysis, Job
from idance.files import storage
from idance.lib.ids import new_object_id
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
CLIP = Path(__file__).resolve().parents[2] / "demo" / "jesse_dance_front.mp4"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first seconds of the clip, which say as much here and take half the time."""
    short = tmp_path_factory.mktemp("clip") / "short.mp4"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(CLIP), "-t", "5", "-c", "copy"]
    subprocess.run([*command, str(short)], check=True, timeout=60)
    return short


@pytest.fixture
def owner() -> User:
    return factories.person()


@pytest.fixture
def reports() -> list[tuple[str, float]]:
    """What the engine told about its progress."""
    return []


@pytest.fixture(autouse=True)
def kind(monkeypatch: pytest.MonkeyPatch, reports: list[tuple[str, float]]) -> None:
    """Analyses the file whose path is given as the video's key."""

    def handler(context: jobs.JobContext) -> jobs.Outcome:
        analysis = services.of_job(context.job)

        def tell(stage: str, share: float) -> None:
            reports.append((stage, share))
            context.progress(stage, share)

        results = services.run(analysis, Path(analysis.video_key), tell)
        return jobs.Outcome(
            {"total": results.total},
            effect=lambda: services.save(analysis, results),
            undo=lambda: services.discard(results),
        )

    monkeypatch.setitem(jobs.KINDS, "work", jobs.Kind(handler))


def analyse(owner: User, clip: Path) -> Analysis:
    analysis = services.start(
        owner=owner,
        video_key=str(clip),
        challenge_type="freestyle",
        kind="work",
        subject_id=new_object_id(),
    )
    assert analysis.job is not None
    tasks.run_job(analysis.job.id)
    return Analysis.objects.get(pk=analysis.pk)


def stored(key: str) -> bytes:
    with default_storage.open(key) as file:
        content: bytes = file.read()
    return content


def results(analysis: Analysis) -> dict[str, Any]:
    """The columns that scoring decides."""
    names = ("total", "confidence", "bpm", "rhythm_basis", "feedback", "flags", "measures", "duration")
    return {**analysis.breakdown, **{name: getattr(analysis, name) for name in names}}


def test_a_clip_is_scored_stored_and_scored_again(
    owner: User,
    clip: Path,
    reports: list[tuple[str, float]],
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    analysis = analyse(owner, clip)
    assert analysis.status == "completed", Job.objects.get().error_trace
    # The shown scores add up to the shown total.
    measured = [points for points in analysis.breakdown.values() if points is not None]
    assert len(measured) == 4 and sum(measured) == analysis.total
    assert set(analysis.measures) == {"balance", "rhythm", "smoothness", "creativity"}
    assert analysis.duration and analysis.feedback
    # Progress grows from nothing to all.
    shares = [share for _, share in reports]
    assert shares == sorted(shares) and shares[0] < 0.05 and shares[-1] == 1.0
    assert Job.objects.get().progress == 1.0

    folder = f"analyses/{owner.id}/{analysis.id}/"
    for key in (analysis.pose_key, analysis.report_key, analysis.thumbnail_key):
        assert key.startswith(folder)
    assert json.loads(stored(analysis.pose_key))["format"] == "idance.pose"
    assert stored(analysis.thumbnail_key)[:3] == b"\xff\xd8\xff"
    report = selectors.report(analysis)
    assert report

    before, old_key = results(analysis), analysis.report_key
    with django_capture_on_commit_callbacks(execute=True):
        again = services.rescore(analysis)
    assert results(again) == before
    assert again.report_key != old_key and not default_storage.exists(old_key)
    assert selectors.report(again).keys() == report.keys()

    storage.delete_folder(folder.rstrip("/"))
    assert not default_storage.exists(folder)


def test_a_file_that_is_no_video_is_refused(owner: User, tmp_path: Path) -> None:
    letter = tmp_path / "clip.mp4"
    letter.write_bytes(b"not a video at all " * 100)
    analysis = analyse(owner, letter)
    assert analysis.status == "failed" and analysis.total is None
    assert analysis.error_code in ("unsupported_format", "corrupt_video", "no_video_stream")
    assert analysis.error_message == SENTENCES[analysis.error_code]


def test_a_cancelled_analysis_leaves_no_files(
    owner: User,
    clip: Path,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    run = services.run

    def cancelled_meanwhile(analysis: Analysis, *rest: Any) -> services.Results:
        made = run(analysis, *rest)
        assert analysis.job is not None
        jobs.cancel(analysis.job)
        return made

    monkeypatch.setattr(services, "run", cancelled_meanwhile)
    with django_capture_on_commit_callbacks(execute=True):
        analysis = analyse(owner, clip)
    assert analysis.status == "cancelled" and not analysis.pose_key
    _, files = default_storage.listdir(f"analyses/{owner.id}/{analysis.id}/{_only_run(analysis)}")
    assert files == []


def _only_run(analysis: Analysis) -> str:
    (run,), _ = default_storage.listdir(f"analyses/{analysis.owner_id}/{analysis.id}")
    return run
