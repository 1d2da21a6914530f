"""Asks for breakdowns and does the queued work, with an engine that gives a dance known by construction."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.test import TestCase

from analysis import tasks
from analysis.engine.types import Analysis
from analysis.models import Job
from tests.api_client import ApiClient
from tests.breakdowns.texts.dances import analysed, perform

PATH = "/api/ai/dance-breakdown"
AT_ONCE = {"Prefer": "respond-async"}
#: Something moves on every count: hands up and down, feet out and back.
_DANCE = [
    (float(count + 8 * eight), f"{side}_{part}", place)
    for eight, side, sign in ((0, "right", -1.0), (1, "left", 1.0))
    for count, part, place in (
        (1, "hand", (sign * 1.3, 0.2)),
        (2, "hand", (sign * 0.5, 1.1)),
        (3, "hand", (sign * 1.3, 0.2)),
        (4, "hand", (sign * 0.45, -0.98)),
        (5, "foot", (sign * 0.9, 0.0)),
        (6, "hand", (sign * 0.5, 1.1)),
        (7, "foot", (sign * 0.2, 0.0)),
        (8, "hand", (sign * 0.45, -0.98)),
    )
] + [
    (float(count), f"{side}_hand", (sign * 1.2, 0.1) if count % 2 else (sign * 0.45, -0.98))
    for count in range(1, 17)
    for side, sign in (("left", 1.0), ("right", -1.0))
    if (count <= 8) == (side == "left")
]


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


def render_all(
    source: Path, targets: dict[str, Path], *, progress: Callable[[float], None], **more: Any
) -> None:
    """Stands where outlines are drawn: copies."""
    for target in targets.values():
        shutil.copy(source, target)
        progress(1.0)


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


def with_commits(change: Callable[[], object]) -> None:
    """Do it, and what it wants done on commit."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        change()
