from __future__ import annotations

from pathlib import Path

import pytest

from tests.files import clips


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds as an app sends them: H.264 and AAC in MP4, with the place of filming in it."""
    return clips.make(tmp_path_factory.mktemp("clips") / "clip.mp4")


@pytest.fixture(scope="session")
def phone_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds as a phone films them: HEVC in MOV, stored sideways, with the place of filming in it."""
    return clips.make(
        tmp_path_factory.mktemp("clips") / "phone.mov",
        video=("-c:v", "libx265", "-x265-params", "log-level=error", "-tag:v", "hvc1"),
        rotate=90,
    )
