"""A finished breakdown with real files behind it, for tests of the page to practise with."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from accounts.models import User
from breakdowns.api.examples import STEP
from breakdowns.models import Breakdown, Footage, Status
from breakdowns.texts.routine import timestamp
from idance.files import storage
from idance.lib.ids import new_object_id

#: Start and end of each step in s, and what it is called.
STEPS = ((0.0, 2.0, "Right arm up and out"), (2.0, 4.0, "Step to the left"), (4.0, 6.0, "Turn and dip"))
BEATS = [0.5 * i for i in range(16)]


def step(number: int, start: float, end: float, name: str) -> dict[str, Any]:
    """A step as it is stored: the one of the API's documentation at another place. Two beats to a second."""
    first, last = (round(2 * time) % 8 + 1 for time in (start, end - 0.5))
    return {
        **STEP,
        "step_number": number,
        "start_timestamp": timestamp(start),
        "end_timestamp": timestamp(end),
        "counts": [first, last],
        "step_name": name,
    }


def finished(owner: User, clip: Path, **fields: Any) -> Breakdown:
    """A completed breakdown of a clip, which also stands for its outlines."""
    folder = f"footage/{owner.pk}/{new_object_id()}"
    keys = {name: f"{folder}/{name}.mp4" for name in ("video", "outline", "outline_black")}
    for key in keys.values():
        copy = clip.with_name(f"{new_object_id()}.mp4")
        shutil.copy(clip, copy)
        storage.put(key, copy, "video/mp4")
    footage = Footage.objects.create(
        key=f"upload:{new_object_id()}", source="upload", title="Salsa basics", video_key=keys["video"]
    )
    columns = {
        "status": Status.COMPLETED,
        "title": "Salsa basics",
        "duration": 8.0,
        "bpm": 120.0,
        "beats": BEATS,
        "difficulty_level": "Beginner",
        "total_steps": len(STEPS),
        "steps": [step(number, *row) for number, row in enumerate(STEPS, start=1)],
        "outline_key": keys["outline"],
        "outline_black_key": keys["outline_black"],
    }
    return started(owner, footage, **{**columns, **fields})


def started(owner: User, footage: Footage, **fields: Any) -> Breakdown:
    """A breakdown of this footage, waiting unless the fields say otherwise."""
    asked = {"mode": "manual", "target_difficulty": "beginner"}
    return Breakdown.objects.create(owner=owner, footage=footage, video="stored:x", **{**asked, **fields})
