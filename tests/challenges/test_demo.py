"""A demo video is analysed once; submissions are scored beside it; its tempo is suggested.

But for the first test the landmarks are those of the dancer of points: all else is the real engine.
"""

from __future__ import annotations

import subprocess
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import imageio_ffmpeg
import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from analysis.engine import pipeline
from analysis.engine.errors import Refusal
from analysis.models import Analysis, Job
from analysis.services import rescore
from challenges import demo, demo_shown, services, submitting
from challenges.forms import ChallengeForm
from challenges.models import DEMO, Challenge, Submission
from idance.files import links, storage
from idance.files import services as files
from idance.files.intake import Intake
from idance.lib.ids import new_object_id
from tests import factories
from tests.analysis.engine.clips import stored
from tests.analysis.engine.dancer import point_light_dancer
from tests.challenges import make
from tests.media import DANCER

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def dances() -> dict[str, bytes]:
    """Movement of 12 s as it is stored: on the beat, late, without music, and to other music."""
    late = point_light_dancer(lag=0.1)
    return {
        "on time": stored(),
        "late": stored(late),
        "silent": stored(heard=False),
        "faster": stored(point_light_dancer(100.0), bpm=100.0),
    }


class Videos:
    """Which dance each video shows; stands where one would be watched."""

    def __init__(self, dances: dict[str, bytes]) -> None:
        self.dances, self.shows = dances, dict[str, str]()

    def open_local(self, key: str) -> nullcontext[Path]:
        return nullcontext(Path(self.shows[key]))

    def analyze(self, path: Path, **asked: Any) -> Any:
        if path.name == "nobody":
            raise Refusal("no_person")
        return pipeline.rescore(self.dances[path.name], **asked)


@pytest.fixture
def videos(monkeypatch: pytest.MonkeyPatch, dances: dict[str, bytes]) -> Videos:
    stands = Videos(dances)
    monkeypatch.setattr(pipeline, "analyze", stands.analyze)
    monkeypatch.setattr(storage, "open_local", stands.open_local)
    monkeypatch.setattr(demo, "_tempo", lambda path: None if path.name == "silent" else 120.0)
    return stands


@pytest.fixture
def boss(db: None) -> User:
    return factories.admin()


def made(by: User, **fields: Any) -> Challenge:
    """A challenge as an admin makes it."""
    now = timezone.now()
    usual = {
        "title": "Shuffle",
        "type": "choreography",
        "difficulty": "beginner",
        "start_time": now - timedelta(hours=1),
        "end_time": now + timedelta(days=1),
    }
    return services.create_challenge(by, {**usual, **fields})


def beside(videos: Videos, boss: User, dance: str, **fields: Any) -> Challenge:
    """A challenge whose demo video shows this dance; it is queued."""
    return made(boss, demo_video_key=shown(videos, boss, dance), **fields)


def shown(videos: Videos, owner: User, dance: str) -> str:
    """The key of a video that shows this dance."""
    key = make.video(owner).key
    videos.shows[key] = dance
    return key


def work(kind: str) -> None:
    """Do what is queued of a kind."""
    for job in Job.objects.filter(kind=kind, state="queued"):
        make.do(job)


def danced(videos: Videos, challenge: Challenge, dance: str) -> Submission:
    """A submission that shows this dance, scored."""
    dancer = factories.person()
    submission = submitting.submit(dancer, challenge, shown(videos, dancer, dance), {})
    work("submission")
    return Submission.objects.select_related("analysis").get(pk=submission.pk)


def timing(submission: Submission) -> dict[str, Any] | None:
    """What is told of being early or late; None when nothing was compared."""
    assert submission.analysis is not None
    told = submission.analysis.measures["rhythm"]["measures"]
    return next((measure for measure in told if measure["name"] == "timing"), None)


def console(boss: User) -> Client:
    client = Client()
    client.force_login(boss)
    return client


def page(boss: User, challenge: Challenge) -> str:
    return console(boss).get(f"/admin/challenges/challenge/{challenge.pk}/change/").content.decode()


@pytest.mark.slow
def test_an_uploaded_demo_is_analysed_and_its_tempo_suggested(boss: User, tmp_path: Path) -> None:
    short = tmp_path / "short.mp4"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(DANCER), "-t", "5", "-c", "copy"]
    subprocess.run([*command, str(short)], check=True, timeout=60)
    arrived = Intake()
    arrived.write(short.read_bytes())
    arrived.finish()
    challenge = made(boss, demo_video_key=files.receive(boss, arrived).key)
    work(DEMO)
    challenge = Challenge.objects.get()
    assert challenge.demo_bpm == pytest.approx(127.0, abs=1.0) and challenge.target_bpm is None
    analysis = demo.beside(challenge)
    assert analysis is not None and analysis.pose_key and analysis.bpm == pytest.approx(127.0, abs=1.0)
    ChallengeForm.request = cast("Any", None)
    heard = f"{challenge.demo_bpm:g} were heard in the demo video."
    assert heard in ChallengeForm(instance=challenge)["target_bpm"].help_text
    assert "Submissions on the same music are compared with it" in page(boss, challenge)

    services.change_challenge(boss, challenge, {"demo_video": "https://example.com/other.mp4"})
    challenge.refresh_from_db()
    assert (challenge.demo_bpm, challenge.demo_analysis) == (None, None)
    assert not Analysis.objects.exists()


def test_being_late_beside_the_demo_is_told_and_costs(videos: Videos, boss: User) -> None:
    challenge = beside(videos, boss, "on time")
    work(DEMO)
    on_time, late = (danced(videos, challenge, dance) for dance in ("on time", "late"))
    told = timing(late)
    assert told is not None and told["value"] == pytest.approx(100.0, abs=10.0)
    assert f"{told['value']:.0f} ms late beside the demo" in told["note"]
    assert on_time.rhythm is not None and late.rhythm is not None and on_time.rhythm > late.rhythm
    for submission in (on_time, late):
        assert submission.analysis is not None and submission.analysis.rhythm_basis == "reference"
        assert submission.analysis.reference_id == Challenge.objects.get().demo_analysis_id
    # Scoring again from the stored movement compares again.
    job = submitting.rescore(late)
    make.do(job)
    assert Submission.objects.get(pk=late.pk).breakdown == late.breakdown


@pytest.mark.parametrize(
    ("dance", "why"),
    [
        ("silent", "no music is heard in it"),
        ("nobody", "No dancer can be seen"),
    ],
)
def test_a_demo_that_says_nothing_is_passed_over(videos: Videos, boss: User, dance: str, why: str) -> None:
    challenge = beside(videos, boss, dance)
    work(DEMO)
    submission = danced(videos, challenge, "late")
    assert submission.status == "completed" and submission.analysis is not None
    assert submission.analysis.rhythm_basis == "music" and timing(submission) is None
    assert why in page(boss, challenge)
    # The tempo is suggested even where there is nobody to be seen.
    assert Challenge.objects.get().demo_bpm == (None if dance == "silent" else 120.0)


def test_other_music_is_not_compared(videos: Videos, boss: User) -> None:
    challenge = beside(videos, boss, "on time")
    work(DEMO)
    submission = danced(videos, challenge, "faster")
    told = timing(submission)
    assert told is not None and told["value"] is None and "another tempo" in told["note"]
    assert submission.analysis is not None and submission.analysis.rhythm_basis == "music"


def test_in_freestyle_nobody_is_compared(videos: Videos, boss: User) -> None:
    challenge = beside(videos, boss, "on time", type="freestyle")
    work(DEMO)
    assert timing(danced(videos, challenge, "late")) is None
    assert "In freestyle nobody follows the demo" in page(boss, challenge)


def test_who_was_scored_before_the_demo_is_scored_again(videos: Videos, boss: User) -> None:
    challenge = beside(videos, boss, "on time")
    early_bird = danced(videos, challenge, "late")
    assert timing(early_bird) is None
    assert not Job.objects.filter(kind="rescore").exists()
    work(DEMO)
    work("rescore")
    again = Submission.objects.select_related("analysis").get(pk=early_bird.pk)
    assert timing(again) is not None
    assert again.score is not None and early_bird.score is not None and again.score < early_bird.score
    assert not Job.objects.filter(kind="rescore", state="queued").exists()


def test_a_demo_done_while_somebody_is_scored_without_it_is_caught_up_with(
    videos: Videos, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    challenge = beside(videos, boss, "on time")
    watched = videos.analyze

    def meanwhile(path: Path, **asked: Any) -> Any:
        monkeypatch.setattr(pipeline, "analyze", watched)
        work(DEMO)
        return watched(path, **asked)

    monkeypatch.setattr(pipeline, "analyze", meanwhile)
    assert timing(danced(videos, challenge, "late")) is None
    work("rescore")
    assert timing(Submission.objects.select_related("analysis").get()) is not None


def test_another_demo_is_analysed_until_there_are_submissions(videos: Videos, boss: User) -> None:
    challenge = beside(videos, boss, "on time")
    work(DEMO)
    first = Analysis.objects.get()
    services.change_challenge(boss, Challenge.objects.get(), {"title": "Other"})
    assert Job.objects.filter(kind=DEMO).count() == 1, "it is made once"
    # A hint that settles nothing new, and one that does.
    services.change_challenge(boss, Challenge.objects.get(), {"target_bpm": 121.0})
    assert Analysis.objects.get() == first
    services.change_challenge(boss, Challenge.objects.get(), {"demo_video_key": shown(videos, boss, "late")})
    second = Analysis.objects.get()
    assert second != first
    work(DEMO)
    assert timing(danced(videos, challenge, "late")) is not None

    challenge = Challenge.objects.get()
    services.change_challenge(boss, challenge, {"demo_video_key": shown(videos, boss, "on time")})
    assert Challenge.objects.get().demo_analysis == second, "all are judged alike"
    told = timing(danced(videos, challenge, "late"))
    assert told is not None and told["value"] == pytest.approx(0.0, abs=10.0)
    assert "the demo video that was here when the first submission came" in page(boss, challenge)


def test_a_demo_uploaded_after_the_first_submission_is_only_shown(videos: Videos, boss: User) -> None:
    challenge = made(boss)
    danced(videos, challenge, "late")
    challenge = Challenge.objects.get()
    services.change_challenge(boss, challenge, {"demo_video_key": shown(videos, boss, "on time")})
    assert not Job.objects.filter(kind=DEMO).exists()
    assert timing(danced(videos, challenge, "late")) is None
    assert "there were submissions before it" in page(boss, challenge)


def test_copies_share_the_analysis(videos: Videos, boss: User) -> None:
    challenge = beside(videos, boss, "on time")
    work(DEMO)
    challenge = Challenge.objects.get()
    copy = services.duplicate(challenge)
    assert copy.demo_analysis == challenge.demo_analysis and copy.demo_bpm == 120.0
    services.remove_challenge(challenge)
    copy.refresh_from_db()
    assert copy.demo_analysis is not None, "somebody still has it"
    services.remove_challenge(copy)
    assert not Analysis.objects.exists()


def test_a_copy_of_what_is_under_way_has_its_own(videos: Videos, boss: User) -> None:
    challenge = beside(videos, boss, "on time")
    copy = services.duplicate(Challenge.objects.get())
    services.change_challenge(boss, Challenge.objects.get(pk=challenge.pk), {"demo_video": ""})
    work(DEMO)
    copy.refresh_from_db()
    assert demo.beside(copy) is not None


def test_a_new_engine_looks_at_the_demo_again(
    videos: Videos, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    challenge = beside(videos, boss, "on time")
    work(DEMO)
    Analysis.objects.update(engine_version="an older one")
    assert timing(danced(videos, challenge, "late")) is not None
    assert not Analysis.objects.filter(engine_version="an older one").exists()
    assert rescore(Analysis.objects.earliest("id")).engine_version


def test_nothing_is_analysed_that_is_elsewhere(boss: User) -> None:
    challenge = made(boss, demo_video="https://example.com/demo.mp4")
    assert not Job.objects.filter(kind=DEMO).exists() and challenge.demo_bpm is None
    assert "Only an uploaded video is analysed" in page(boss, challenge)


def test_the_tempo_is_the_hint_for_submissions_and_fixed_once_there_are_any() -> None:
    challenge = make.challenge(target_bpm=96.0)
    submission = make.submission(challenge)
    assert submission.analysis is not None and submission.analysis.target_bpm == 96.0
    # Who knows better for the own video says so.
    other = make.submission(make.challenge(target_bpm=96.0))
    assert submitting.analyse(other, target_bpm=192.0).target_bpm == 192.0
    assert "target_bpm" in services.JUDGING


def test_a_replaced_or_removed_upload_is_deleted_unless_it_is_still_shown(
    boss: User, django_capture_on_commit_callbacks: Any
) -> None:
    kept = [links.of_key(make.video(boss).key) for _ in range(3)]
    challenge = make.challenge(demo_video=kept[0], thumbnail=kept[1])
    make.challenge(demo_video=kept[1])
    used = make.submission(make.challenge(), dancer=boss)
    services.remove_unshown([*kept[:2], "https://example.com/x.jpg", links.of_key(used.video.key)])
    assert files.StoredFile.objects.count() == 4, "all are shown or used"
    services.remove_unshown(kept[2:])
    assert files.StoredFile.objects.count() == 3
    services.remove_challenge(challenge)
    assert {links.of_key(file.key) for file in files.StoredFile.objects.all()} == {
        kept[1],
        links.of_key(used.video.key),
    }


def test_the_console_says_that_the_report_of_a_demo_is_lost(db: None) -> None:
    owner = factories.person()
    key = f"analyses/{owner.pk}/{new_object_id()}/report.json"
    lost = Analysis(owner=owner, challenge_type="freestyle", engine_version="1", report_key=key)
    lost.completed_at = timezone.now()
    shown = demo_shown.of(Challenge(demo_analysis=lost))
    assert shown.sentence == "This report is lost. Scoring the dance again makes a new one."
