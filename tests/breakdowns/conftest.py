"""A small clip, a video site, and an engine that gives a dance known by construction without watching."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import imageio_ffmpeg
import pytest

from tests.browser import browser, page, phone  # noqa: F401  fixtures

if TYPE_CHECKING:
    from tests.breakdowns.make import Engine
    from tests.breakdowns.site import VideoSite


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
    from tests.breakdowns.site import served

    with served() as site:
        yield site


@pytest.fixture
def youtube(site: VideoSite, clip: Path, monkeypatch: pytest.MonkeyPatch) -> VideoSite:
    """The same in the place of YouTube and Instagram, with one video on it."""
    from breakdowns.sources import fetching

    monkeypatch.setattr(fetching, "SITES", site.sites)
    site.video("abcdefghijk", clip.read_bytes(), title="Salsa basics", duration=8.0)
    return site


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The engine's place is taken, and outlines are copies: what they show is tested elsewhere."""
    from tests.breakdowns import make

    engine = make.Engine()
    monkeypatch.setattr("analysis.engine.pipeline.analyze", engine.analyze)
    monkeypatch.setattr("breakdowns.outline.render_all", make.render_all)
    return engine
