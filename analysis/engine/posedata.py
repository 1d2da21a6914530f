"""``pose_data.json``: everything needed to score a clip again without its video. See ``docs/pose-data.md``.

What ``watch`` returns is already rounded to the stored precision (``rounded``), and the music is stored with
all its digits: scoring what was loaded gives the same as scoring what was seen, bit for bit.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np

from analysis.engine.body import LANDMARK_COUNT
from analysis.engine.config import ENGINE_VERSION
from analysis.engine.types import Analysis, FloatArray, Motion, Music, RawPose, Video

FORMAT: Final = "idance.pose"
VERSION: Final = 1

#: Stored numbers are whole; these many make one.
_PER_SECOND: Final = 1_000_000
_PER_HEIGHT: Final = 100_000
_PER_VISIBILITY: Final = 1_000

T = TypeVar("T")


class PoseData(NamedTuple):
    """What a pose data file gives back."""

    video: Video
    pose: RawPose
    music: Music | None  # None: the clip has no audio stream


def rounded(pose: RawPose) -> RawPose:
    """The pose as the file stores it: 1 microsecond, 1/100000 of the frame height, 1/1000 of visibility."""
    return replace(
        pose,
        t=np.rint(pose.t * _PER_SECOND) / _PER_SECOND,
        xy=np.rint(pose.xy * _PER_HEIGHT) / _PER_HEIGHT,
        visibility=np.rint(pose.visibility * _PER_VISIBILITY) / _PER_VISIBILITY,
        cuts=tuple(round(cut * _PER_SECOND) / _PER_SECOND for cut in pose.cuts),
    )


def dump(found: Analysis) -> bytes:
    """Write the pose data file of an analysis."""
    return encode(
        found.video, found.pose, found.music, motion=found.motion, engine_version=found.engine_version
    )


def encode(
    video: Video,
    pose: RawPose,
    music: Music | None = None,
    *,
    motion: Motion | None = None,
    engine_version: str = ENGINE_VERSION,
) -> bytes:
    """Write a pose data file.

    ``motion`` only adds the torso length and the observed share for readers of the file; a new score
    cleans the landmarks again.
    """
    data: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "engine_version": engine_version,
        "video": asdict(video),
        "pose": _pose_to_json(pose),
        "music": None if music is None else _music_to_json(music),
    }
    if motion is not None:
        data["motion"] = {
            "torso": round(motion.torso, 5),
            "observed_share": round(float(motion.observed.mean()), 4),
        }
    return json.dumps(data, separators=(",", ":"), allow_nan=False).encode()


def load(data: bytes) -> PoseData:
    """Read a pose data file.

    Raises
    ------
    ValueError : the data are not a pose data file of this version, or are damaged; the message says where.
    """
    try:
        content = json.loads(data)
    except ValueError as error:
        raise ValueError(f"This is not pose data: {error}") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError("This is not pose data: the format is not named.")
    if content.get("version") != VERSION:
        raise ValueError(f"Pose data of version {content.get('version')!r} cannot be read, only {VERSION}.")
    music = content.get("music")
    return PoseData(
        video=_part("video", _video_from_json, content.get("video")),
        pose=_part("pose", _pose_from_json, content.get("pose")),
        music=None if music is None else _part("music", _music_from_json, music),
    )


def _part(name: str, read: Callable[[Any], T], value: Any) -> T:
    try:
        return read(value)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        detail = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise ValueError(f'The "{name}" of the pose data is damaged: {detail}') from error


def _pose_to_json(pose: RawPose) -> dict[str, Any]:
    seen = pose.detected
    xy = np.rint(np.where(seen[:, None, None], pose.xy, 0) * _PER_HEIGHT).astype(int)
    visibility = np.rint(pose.visibility * _PER_VISIBILITY).astype(int)
    return {
        "people": pose.people,
        "cuts": [round(cut * _PER_SECOND) for cut in pose.cuts],
        "t": np.rint(pose.t * _PER_SECOND).astype(int).tolist(),
        "xy": [row.ravel().tolist() if seen[i] else None for i, row in enumerate(xy)],
        "visibility": [row.tolist() if seen[i] else None for i, row in enumerate(visibility)],
    }


def _pose_from_json(value: dict[str, Any]) -> RawPose:
    t = np.array(value["t"], dtype=np.int64)
    if t.ndim != 1 or np.any(np.diff(t) < 0):
        raise ValueError("times do not ascend")
    return RawPose(
        t=t / _PER_SECOND,
        xy=_rows(value["xy"], len(t), 2 * LANDMARK_COUNT, np.nan).reshape(-1, LANDMARK_COUNT, 2)
        / _PER_HEIGHT,
        visibility=_rows(value["visibility"], len(t), LANDMARK_COUNT, 0.0) / _PER_VISIBILITY,
        people=int(value["people"]),
        cuts=tuple(int(cut) / _PER_SECOND for cut in value["cuts"]),
    )


def _rows(rows: list[list[int] | None], count: int, width: int, missing: float) -> FloatArray:
    """One row of whole numbers per grid point, or null. [shape=(count, width)]"""
    if len(rows) != count:
        raise ValueError(f"{len(rows)} rows for {count} times")
    out = np.full((count, width), missing)
    for i, row in enumerate(rows):
        if row is None:
            continue
        if len(row) != width:
            raise ValueError(f"{len(row)} numbers in row {i}, not {width}")
        out[i] = np.array(row, dtype=np.int64)
    return out


def _video_from_json(value: dict[str, Any]) -> Video:
    return Video(
        duration=float(value["duration"]),
        width=int(value["width"]),
        height=int(value["height"]),
        fps=float(value["fps"]),
        rotation=int(value["rotation"]),
        codec=str(value["codec"]),
        container=str(value["container"]),
        has_audio=bool(value["has_audio"]),
        truncated=bool(value["truncated"]),
        brightness=_number_or_none(value["brightness"]),
    )


def _music_to_json(music: Music) -> dict[str, Any]:
    return {
        "clarity": music.clarity,
        "bpm": music.bpm,
        "beats": music.beats.tolist(),
        "alternatives": [list(pair) for pair in music.alternatives],
        "onset_rate": music.onset_rate,
        "onset": music.onset.tolist(),
        "duration": music.duration,
    }


def _music_from_json(value: dict[str, Any]) -> Music:
    return Music(
        clarity=float(value["clarity"]),
        bpm=_number_or_none(value["bpm"]),
        beats=np.array(value["beats"], dtype=np.float64),
        alternatives=tuple((float(bpm), float(salience)) for bpm, salience in value["alternatives"]),
        onset=np.array(value["onset"], dtype=np.float64),
        onset_rate=float(value["onset_rate"]),
        duration=float(value["duration"]),
    )


def _number_or_none(value: Any) -> float | None:
    return None if value is None else float(value)
