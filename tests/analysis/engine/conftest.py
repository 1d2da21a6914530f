"""Clips that several tests look at, written once per run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.media import Clip, write

MakeClip = Callable[..., Path]


@pytest.fixture(scope="session")
def make_clip(tmp_path_factory: pytest.TempPathFactory) -> MakeClip:
    """Write a clip under a name; the same name gives the same file again."""
    folder = tmp_path_factory.mktemp("clips")

    def make(name: str, clip: Clip | None = None) -> Path:
        path = folder / name
        if not path.exists():
            write(path, clip or Clip())
        return path

    return make
