"""The bundled clip, analysed once, and the browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser import browser, page, phone  # noqa: F401

if TYPE_CHECKING:
    from challenges.models import Challenge, Submission


@dataclass(frozen=True)
class Clip:
    """What the real engine says of the bundled clip."""

    columns: dict[str, Any]
    files: dict[str, bytes]


@pytest.fixture(scope="session")
def clip() -> Clip:
    """The bundled clip, analysed by the real engine once for all tests."""
    import json

    from analysis.engine import pipeline, posedata
    from analysis.results import columns
    from tests.media import DANCER

    found = pipeline.analyze(
        DANCER,
        challenge_type="freestyle",
        target_bpm=None,
        difficulty="intermediate",
        progress=lambda stage, share: None,
    )
    assert found.thumbnail is not None
    return Clip(
        columns=columns(found),
        files={
            "pose_data.json": posedata.dump(found),
            "report.json": json.dumps(pipeline.report(found), allow_nan=False).encode(),
            "thumbnail.jpg": found.thumbnail,
        },
    )


@pytest.fixture
def danced(clip: Clip) -> Callable[..., Submission]:
    """Makes submissions of the bundled clip, with all that its analysis keeps."""
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    from analysis.models import Analysis
    from idance.lib.ids import new_object_id
    from tests.challenges import make
    from tests.media import DANCER

    def dance(challenge: Challenge, *args: Any, **words: Any) -> Submission:
        points = {name: clip.columns[name] for name in make.POINTS}
        submission = make.submission(challenge, *args, points=points, **words)
        folder = f"analyses/{submission.dancer_id}/{submission.analysis_id}/{new_object_id()}"
        keys = {
            f"{name.partition('.')[0].replace('pose_data', 'pose')}_key": default_storage.save(
                f"{folder}/{name}", ContentFile(content)
            )
            for name, content in clip.files.items()
        }
        Analysis.objects.filter(pk=submission.analysis_id).update(**clip.columns, **keys)
        default_storage.save(submission.video.key, ContentFile(DANCER.read_bytes()))
        default_storage.save(submission.video.thumbnail_key, ContentFile(clip.files["thumbnail.jpg"]))
        submission.refresh_from_db()
        return submission

    return dance
