"""The tempo of a demo video is suggested; the tempo of a challenge is the hint for its submissions."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.utils import timezone

from analysis.jobs import JobContext
from analysis.models import Job
from challenges import demo, services, submitting
from challenges.forms import ChallengeForm
from challenges.models import LISTEN, Challenge
from idance.files import services as files
from idance.files.intake import Intake
from tests import factories
from tests.challenges import make
from tests.media import DANCER

pytestmark = pytest.mark.django_db


def made(**fields: Any) -> Challenge:
    """A challenge as an admin makes it."""
    now = timezone.now()
    usual = {
        "title": "Shuffle",
        "type": "freestyle",
        "difficulty": "beginner",
        "start_time": now - timedelta(hours=1),
        "end_time": now + timedelta(days=1),
    }
    return services.create_challenge(fields.pop("by", None) or factories.admin(), {**usual, **fields})


def done(challenge: Challenge) -> None:
    """Do the job, as a worker does."""
    job = Job.objects.get(kind=LISTEN, subject_id=challenge.pk)
    context = SimpleNamespace(job=job, folder=Path(), progress=lambda stage, share: None)
    outcome = demo.hear(cast("JobContext", context))
    if outcome.effect:
        outcome.effect()


def test_the_tempo_of_an_uploaded_demo_is_suggested() -> None:
    boss = factories.admin()
    arrived = Intake()
    arrived.write(DANCER.read_bytes())
    arrived.finish()
    video = files.receive(boss, arrived)
    challenge = made(by=boss, demo_video_key=video.key)
    done(challenge)
    challenge.refresh_from_db()
    assert challenge.demo_bpm == pytest.approx(127.0, abs=0.2)
    assert challenge.target_bpm is None
    ChallengeForm.request = cast("Any", None)
    assert "127 were heard in the demo video." in ChallengeForm(instance=challenge)["target_bpm"].help_text

    services.change_challenge(boss, challenge, {"demo_video": "https://example.com/other.mp4"})
    challenge.refresh_from_db()
    assert challenge.demo_bpm is None


def test_nothing_is_heard_elsewhere() -> None:
    challenge = made(demo_video="https://example.com/demo.mp4")
    assert not Job.objects.filter(kind=LISTEN).exists() and challenge.demo_bpm is None


def test_the_tempo_is_the_hint_for_submissions_and_fixed_once_there_are_any() -> None:
    challenge = make.challenge(target_bpm=96.0)
    submission = make.submission(challenge)
    assert submission.analysis is not None and submission.analysis.target_bpm == 96.0
    # Who knows better for the own video says so.
    other = make.submission(make.challenge(target_bpm=96.0))
    assert submitting.analyse(other, target_bpm=192.0).target_bpm == 192.0
    assert "target_bpm" in services.JUDGING
