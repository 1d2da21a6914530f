"""A small clip, a video site, and an engine that gives a dance known by construction without watching."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest

from analysis import tasks
from analysis.engine.types import Analysis
from analysis.models import Job
from breakdowns.sources import fetching
from tests.api_client import ApiClient
from tests.breakdowns.site import VideoSite, served
from tests.breakdowns.texts.dances import analysed, perform

PATH = "/api/ai/dance-breakdown"
AT_ONCE = {"Prefer": "respond-async"}
#: A hand goes up, a foot to the side, and both come back.
_DANCE = [
    (2.0, "right_hand", (-0.5, 0.9)),
    (4.0, "right_hand", (-0.45, -0.98)),
    (5.0, "left_foot", (0.7, 0.0)),
    (7.0, "left_foot", (0.2, 0.0)),
    (9.0, "left_hand", (0.5, 0.9)),
    (11.0, "left_hand", (0.45, -0.98)),
    (13.0, "right_foot", (-0.7, 0.0)),
    (15.0, "right_foot", (-0.2, 0.0)),
]


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight seconds of a test picture with a tone, as every phone plays it."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    command = [
        *(imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error"),
        *("-f", "lavfi", "-i", "testsrc=d=8:s=64x96:r=15", "-f", "lavfi", "-i", "sine=d=8"),
        *("-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", "+faststart", str(path)),
    ]
    subprocess.run(command, check=True)
    return path


@pytest.fixture
def site() -> Iterator[VideoSite]:
    """A video site on this machine."""
    with served() as site:
        yield site


@pytest.fixture
def youtube(site: VideoSite, clip: Path, monkeypatch: pytest.MonkeyPatch) -> VideoSite:
    """The same in the place of YouTube and Instagram, with one video on it."""
    monkeypatch.setattr(fetching, "SITES", site.sites)
    site.video("abcdefghijk", clip.read_bytes(), title="Salsa basics", duration=8.0)
    return site


@dataclass
class Engine:
    """Stands where the engine would watch: gives its dance, or raises ``fault``."""

    watched: list[str] = field(default_factory=list)
    fault: Exception | None = None
    meanwhile: Callable[[], None] = lambda: None

    def analyze(self, path: Path, *, difficulty: Any, progress: Callable[[str, float], None]) -> Analysis:
        self.watched.append(difficulty)
        progress("pose", 0.5)
        self.meanwhile()
        if self.fault is not None:
            raise self.fault
        return analysed(perform(_DANCE, counts=16), difficulty=difficulty)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The engine's place is taken, and outlines are copies of the video: what they show is tested elsewhere."""
    engine = Engine()
    monkeypatch.setattr("analysis.engine.pipeline.analyze", engine.analyze)
    monkeypatch.setattr(
        "breakdowns.outline.render", lambda source, target, **more: shutil.copy(source, target)
    )
    return engine


def upload(person: ApiClient, clip: Path) -> str:
    """The key of a clip that this person has uploaded."""
    with clip.open("rb") as stream:
        answer = person.post("/api/s3/upload", {"file": stream}, format="multipart")
    key: str = answer.json()["file_key"]
    return key


def ask(person: ApiClient, video: str, **more: Any) -> dict[str, Any]:
    """Ask for a breakdown without waiting."""
    answer: dict[str, Any] = person.post(
        PATH, {"video_url": video, "mode": "manual", **more}, headers=AT_ONCE
    ).json()
    return answer


def work() -> None:
    """Do every queued job as a worker does."""
    for job in Job.objects.filter(state="queued").order_by("queued_at"):
        tasks.run_job(job.pk)
