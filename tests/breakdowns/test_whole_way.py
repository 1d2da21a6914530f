"""The whole way with the real engine and the real drawing: a link, a worker's job, the result."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from breakdowns.models import Breakdown
from breakdowns.sources import fetching
from idance.files import ffmpeg
from idance.files.kinds import MP4
from idance.files.probe import probe
from idance.files.streamable import reasons
from tests.api_client import ApiClient
from tests.breakdowns.make import PATH, ask, work
from tests.breakdowns.site import VideoSite

CLIP = Path(__file__).resolve().parents[2] / "demo" / "jesse_dance_front.mp4"


@pytest.mark.slow
@pytest.mark.django_db
def test_from_the_link_to_what_a_dancer_practises_with(
    dancer: ApiClient, site: VideoSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = tmp_path / "short.mp4"
    ffmpeg.run(CLIP, "-t", "5", "-c", "copy", "-f", "mp4", target=short, seconds=60)
    monkeypatch.setattr(fetching, "SITES", site.sites)
    site.video("abcdefghijk", short.read_bytes(), title="Jesse dances")
    ask(dancer, "https://www.youtube.com/shorts/abcdefghijk")
    work()
    found = dancer.post(PATH, {"video_url": "youtu.be/abcdefghijk", "mode": "manual"}).json()
    assert found["success"], found
    assert found["title"] == "Jesse dances"
    assert found["total_steps"] == len(found["steps"]) >= 1
    assert len({step["global_description"] for step in found["steps"]}) == len(found["steps"])
    breakdown = Breakdown.objects.get()
    for key in (breakdown.footage.video_key, breakdown.outline_key, breakdown.outline_black_key):
        facts = probe(Path(default_storage.path(key)), MP4)
        assert reasons(facts) == [], key
        assert facts.duration == pytest.approx(found["duration"], abs=0.2)
        assert facts.audio_codec == "aac"
    assert len(breakdown.beats) > 3
