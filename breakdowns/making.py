"""Making a breakdown: from its footage to words, outlines and what is kept."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from analysis.jobs import Cancelled, JobContext, Outcome
from breakdowns import footages, services
from breakdowns.models import Breakdown, Mode, Words
from idance.files import storage
from idance.files.kinds import MP4
from idance.lib.ids import new_object_id

if TYPE_CHECKING:
    from analysis.engine.types import Analysis, Difficulty
    from breakdowns.texts import Routine

log = logging.getLogger(__name__)

#: The stages in their order and the share of the whole at which each begins and ends.
STAGES: Final = {
    "wait": (0.0, 0.0),
    "resolve": (0.0, 0.02),
    "download": (0.02, 0.15),
    "encode": (0.15, 0.2),
    "watch": (0.2, 0.65),
    "describe": (0.65, 0.7),
    "draw": (0.7, 0.97),
    "store": (0.97, 1.0),
}


class _Stages:
    """Tells how far the whole is from how far a stage is, and takes the time of each."""

    def __init__(self, job: JobContext) -> None:
        self._job = job
        self._stage, self._begun = "", time.perf_counter()
        self.timings: dict[str, float] = {}

    def tell(self, stage: str, share: float) -> None:
        now = time.perf_counter()
        if stage != self._stage:
            self._note(now)
            self._stage, self._begun = stage, now
        start, end = STAGES[stage]
        self._job.progress(stage, start + min(max(share, 0.0), 1.0) * (end - start))

    def finish(self) -> dict[str, float]:
        """Seconds of each stage."""
        self._note(time.perf_counter())
        return {name: round(seconds, 2) for name, seconds in self.timings.items()}

    def _note(self, now: float) -> None:
        if self._stage:
            self.timings[self._stage] = self.timings.get(self._stage, 0.0) + now - self._begun


def make(job: JobContext) -> Outcome:
    """Make the breakdown that the job is for. May run again after a crash: what is stored has a new place."""
    breakdown = Breakdown.objects.select_related("footage__upload").filter(pk=job.job.subject_id).first()
    if breakdown is None:
        raise Cancelled("The breakdown is gone.")
    stages = _Stages(job)
    job = replace(job, progress=stages.tell)
    home = services.outline_folder(breakdown.owner_id, breakdown.pk)
    storage.delete_folder(home)  # What an attempt that died has left.
    found = footages.measured(breakdown.footage, breakdown.target_difficulty, job)
    job.set_size(found.video.duration)
    with storage.open_local(breakdown.footage.video_key) as video:
        job.progress("describe", 0.0)
        told = _describe(breakdown, found, video)
        drawn = _draw(found, told.routine, video, job)
    job.progress("store", 0.0)
    folder = f"{home}/{new_object_id()}"
    keys = {"outline_key": f"{folder}/outline.mp4", "outline_black_key": f"{folder}/outline_black.mp4"}
    try:
        for key, path in zip(keys.values(), drawn, strict=True):
            storage.put(key, path, MP4.content_type)
        columns = {**keys, **_columns(breakdown, found, told), "timings": stages.finish()}
    except BaseException:
        storage.delete_folder(folder)
        raise
    return Outcome(
        result={"breakdown_id": breakdown.pk, "total_steps": columns["total_steps"]},
        effect=partial(services.keep, breakdown.pk, job.job.pk, columns),
        undo=partial(storage.delete_folder, folder),
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """The words, who wrote them, and why OpenAI did not where it was asked."""

    routine: Routine
    source: Words
    note: str = ""


def _describe(breakdown: Breakdown, found: Analysis, video: Path) -> _Told:
    from breakdowns import texts, writing
    from breakdowns.texts.openai_texts import TextsUnavailable

    ours = texts.describe(found, difficulty=cast("Difficulty", breakdown.target_difficulty))
    if breakdown.mode == Mode.MANUAL:
        return _Told(ours, Words.MOVEMENT)
    try:
        return _Told(writing.written_by_openai(ours, video), Words.OPENAI)
    except TextsUnavailable as error:
        log.info("Breakdown %s keeps our words: %s", breakdown.pk, error)
        return _Told(ours, Words.MOVEMENT, error.sentence)


def _draw(found: Analysis, routine: Routine, video: Path, job: JobContext) -> list[Path]:
    """The outline over the dancer and on black, with the steps as they are called in the words."""
    from breakdowns import outline

    steps = [replace(step, name=text.name) for step, text in zip(found.steps, routine.steps, strict=True)]
    beats: Sequence[float] = [] if found.music is None else found.music.beats.tolist()
    styles: tuple[outline.Style, ...] = ("video", "black")
    targets = {style: job.folder / f"outline_{style}.mp4" for style in styles}
    outline.render_all(
        video,
        targets,
        pose=found.pose,
        beats=beats,
        steps=steps,
        progress=lambda share: job.progress("draw", share),
    )
    return list(targets.values())


def _columns(breakdown: Breakdown, found: Analysis, told: _Told) -> dict[str, Any]:
    music, routine = found.music, told.routine
    return {
        "title": breakdown.footage.title,
        "duration": round(found.video.duration, 3),
        "bpm": None if music is None or music.bpm is None else round(music.bpm, 1),
        "beats": [] if music is None else [round(beat, 3) for beat in music.beats.tolist()],
        "difficulty_level": routine.difficulty_level,
        "total_steps": len(routine.steps),
        "routine_analysis": routine.analysis_json(),
        "steps": routine.steps_json(),
        "description_source": told.source.value,
        "words_note": told.note[:200],
    }
