"""The clips and sequences that constants are fitted on and judged by, in two halves that never mix.

A *source* is one dancer or one recording: everything made from it (camera views, songs, rendered clips,
controls) stays in the same half. Within each kind the sources alternate between the halves in alphabetical
order; the table below is that rule written out, decided before any score was looked at.

The recordings themselves are not part of the project. They lie in the data folder beside it (or where
``IDANCE_TEST_DATA`` points); what the engine saw and heard of video clips is kept in ``var/poses`` (or
``IDANCE_POSES``).
"""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, NamedTuple

import numpy as np

from analysis.engine.body import COCO17, LANDMARK_COUNT, Landmark
from analysis.engine.clean import clean, resample
from analysis.engine.config import ENGINE_VERSION, RATE
from analysis.engine.errors import Refusal
from analysis.engine.types import FloatArray, Motion, Music, RawPose

PROJECT: Final = Path(__file__).resolve().parent.parent

Half = Literal["development", "validation"]
#: professional: dancers of the AIST recordings. amateur: captured by others. phone: clips from phones and the
#: web. other: exercise, walking, standing. control: one of these, deliberately spoilt.
Kind = Literal["professional", "amateur", "phone", "other", "control"]
#: keypoints: motion capture or lab cameras. truth: the exact joints behind a rendered clip. video: seen by
#: the pose network.
Medium = Literal["keypoints", "truth", "video"]


@dataclass(frozen=True, slots=True)
class Source:
    """One dancer or recording and the half it belongs to."""

    kind: Kind
    half: Half


SOURCES: Final[dict[str, Source]] = {
    "aist_d02": Source("professional", "development"),
    "aist_d04": Source("professional", "validation"),
    "aist_d19": Source("professional", "development"),
    "aist_d28": Source("professional", "validation"),
    "dab": Source("amateur", "development"),
    "jesse": Source("amateur", "validation"),
    "besir_dancing": Source("phone", "development"),
    "fiyud_dance": Source("phone", "validation"),
    "jvs_dance": Source("phone", "development"),
    "kelsey_student23": Source("phone", "validation"),
    "musepose_dance": Source("phone", "development"),
    "olin_test": Source("phone", "validation"),
    "pzsp_dance": Source("phone", "development"),
    "unianimate_source": Source("phone", "validation"),
    "vibeold_dance": Source("phone", "development"),
    "jumping_jacks": Source("other", "development"),
    "letsmove_squats": Source("other", "validation"),
    "lhm_demo": Source("other", "development"),
    "ntu_S001": Source("other", "validation"),
    "sports2d_demo": Source("other", "development"),
}

#: Prefixes of file names whose source is not the name itself.
_FAMILIES: Final[tuple[tuple[str, str], ...]] = (
    ("js4_", "aist_d02"),
    ("br2_", "aist_d04"),
    ("jesse_dance", "jesse"),
    ("dab", "dab"),
    ("jumping_jacks", "jumping_jacks"),
)

#: Songs of the AIST database: the music id in a file's name tells the tempo.
_AIST_BPM: Final[dict[str, float]] = {
    "mHO0": 110.0,
    "mHO1": 115.0,
    "mHO2": 120.0,
    "mKR0": 80.0,
    "mKR1": 90.0,
    "mKR2": 100.0,
    "mBR2": 100.0,
    "mJS4": 120.0,
}

_TRUTH_EXTRA: Final = {
    "left_heel": Landmark.LEFT_HEEL,
    "right_heel": Landmark.RIGHT_HEEL,
    "left_foot_index": Landmark.LEFT_FOOT_INDEX,
    "right_foot_index": Landmark.RIGHT_FOOT_INDEX,
}


@dataclass(frozen=True, slots=True)
class Sequence:
    """One clip or captured sequence, as landmarks."""

    name: str
    source: str
    kind: Kind
    half: Half
    medium: Medium
    raw: RawPose
    bpm: float | None = None  # exact where the tempo is known, else as the engine hears it; None: no music
    beats: FloatArray | None = None  # s, likewise
    clip: Path | None = None  # the video file

    @property
    def motion(self) -> Motion:
        """The cleaned movement (computed anew on every access)."""
        return clean(self.raw)

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.raw.t) / RATE

    def windows(self, seconds: float, hop: float) -> Iterator[Sequence]:
        """Stretches of equal length; the whole sequence when it is not longer than ``seconds``."""
        if self.duration <= seconds + 0.5 * hop:
            yield self
            return
        for start in np.arange(0.0, self.duration - seconds + 0.5 / RATE, hop):
            yield self.cut(float(start), float(start) + seconds)

    def cut(self, start: float, end: float) -> Sequence:
        """The stretch from ``start`` to ``end`` (s), on a zero of its own."""
        rows = slice(round(start * RATE), round(end * RATE))
        origin = round(start * RATE) / RATE
        raw = RawPose(
            t=self.raw.t[rows] - origin,
            xy=self.raw.xy[rows],
            visibility=self.raw.visibility[rows],
            people=self.raw.people,
            cuts=tuple(cut - origin for cut in self.raw.cuts if start < cut < end),
        )
        beats = (
            None if self.beats is None else self.beats[(self.beats >= start) & (self.beats < end)] - origin
        )
        return Sequence(
            name=f"{self.name}@{start:g}",
            source=self.source,
            kind=self.kind,
            half=self.half,
            medium=self.medium,
            raw=raw,
            bpm=self.bpm,
            beats=beats,
        )


def data_folder() -> Path:
    """Where the recordings are; FileNotFoundError when they are not there."""
    folder = Path(os.environ.get("IDANCE_TEST_DATA", PROJECT.parent / "shared" / "data"))
    if not folder.is_dir():
        raise FileNotFoundError(f"no data folder at {folder}; set IDANCE_TEST_DATA")
    return folder


def population(
    *, half: Half | None = None, kinds: tuple[Kind, ...] = (), media: tuple[Medium, ...] = ()
) -> list[Sequence]:
    """All sequences of a half (both by default), of some kinds and media (all by default), sorted by name.

    Clips in which no body can be cleaned (a face, a drawing) are left out: they are refused, not scored.
    """
    found = []
    readers = {"keypoints": _keypoints, "truth": _truths, "video": _videos}
    for medium, read in readers.items():
        if not media or medium in media:
            for sequence in read(data_folder()):
                if half in (None, sequence.half) and (not kinds or sequence.kind in kinds):
                    found.append(sequence)
    return sorted(found, key=lambda sequence: (sequence.kind, sequence.name))


def music_of(sequence: Sequence) -> Music | None:
    """The music of a sequence; None where there is none."""
    if sequence.beats is None:
        return None
    return Music(
        clarity=1.0,
        bpm=sequence.bpm,
        beats=sequence.beats,
        alternatives=(),
        onset=np.empty(0),
        onset_rate=0.0,
        duration=sequence.duration,
    )


def source_of(name: str) -> str:
    """The source that a file of this name was made from; KeyError for an unknown one."""
    for prefix, source in _FAMILIES:
        if name.startswith(prefix):
            return source
    if name.startswith("g"):  # AIST names: gHO_sFM_cAll_d19_mHO0_ch01
        return "aist_" + name.split("_")[3]
    if name not in SOURCES:
        raise KeyError(f"{name} belongs to no source; add it to SOURCES")
    return name


def kept_folder() -> Path:
    """Where what this version of the engine found in clips is kept between two runs."""
    return Path(os.environ.get("IDANCE_POSES", PROJECT / "var" / "poses" / ENGINE_VERSION))


class Seen(NamedTuple):
    """What the engine sees and hears of a clip."""

    pose: RawPose
    bpm: float | None
    beats: FloatArray | None


def look(clip: Path) -> Seen:
    """Landmarks and beats of a video as the engine finds them, from ``var/poses`` when it did before.

    Every engine version has a folder of its own there; delete it when the way of looking (``pose/``,
    ``music/``) changes without a new version.
    """
    folder = kept_folder()
    kept = folder / f"{clip.stem}.npz"
    if not kept.is_file():
        # Imported here: fits on landmarks that are already there need no video decoder.
        from analysis.engine.music import hear
        from analysis.engine.pose import watch

        watched = watch(clip)
        music = hear(watched.sound) if watched.sound is not None else None
        pose = watched.pose
        folder.mkdir(parents=True, exist_ok=True)
        # Renamed when it is whole: others may look at the same clip meanwhile.
        whole = folder / f"{clip.stem}.{os.getpid()}.npz"
        np.savez_compressed(
            whole,
            t=pose.t,
            xy=pose.xy,
            visibility=pose.visibility,
            people=pose.people,
            cuts=pose.cuts,
            bpm=music.bpm if music is not None and music.bpm else 0.0,
            beats=music.beats if music is not None else [],
        )
        whole.replace(kept)
    with np.load(kept) as file:
        pose = RawPose(
            t=file["t"],
            xy=file["xy"],
            visibility=file["visibility"],
            people=int(file["people"]),
            cuts=tuple(float(cut) for cut in file["cuts"]),
        )
        heard = len(file["beats"]) > 0
        return Seen(pose, float(file["bpm"]) if heard else None, file["beats"] if heard else None)


def _keypoints(data: Path) -> Iterator[Sequence]:
    for file in sorted((data / "keypoints" / "aist2d").glob("*.npy")):
        flat = np.load(file)
        yield _aist(file.stem, _from_coco(flat.reshape(len(flat), 17, 2), 30.0))
    for file in sorted((data / "keypoints" / "aistpp3d").glob("*ch0?.pkl")):
        body = _upright(pickle.loads(file.read_bytes())["keypoints3d_optim"])  # noqa: S301 - our own data folder
        for yaw in (0, 30):
            yield _aist(f"{file.stem}_yaw{yaw}", _from_coco(_project(body, yaw), 60.0))


def _truths(data: Path) -> Iterator[Sequence]:
    for file in sorted((data / "free" / "truth").glob("*.npz")):
        yield _truth(file, data)


def _videos(data: Path) -> Iterator[Sequence]:
    clips = (data / "video", data / "free" / "clips", data / "free" / "controls")
    for file in sorted(path for folder in clips for path in folder.iterdir()):
        if file.suffix in (".mp4", ".mov", ".avi") and "__music_" not in file.stem:
            sequence = _video(file)
            if sequence is not None:
                yield sequence


def _aist(name: str, raw: RawPose) -> Sequence:
    bpm = _AIST_BPM[name.split("_")[4]]
    beats = np.arange(0.0, raw.t[-1] + 1e-9, 60.0 / bpm)
    return _sequence(name, "keypoints", raw, bpm=bpm, beats=beats)


def _truth(file: Path, data: Path) -> Sequence:
    with np.load(file) as truth:
        points, t, names = truth["points_px"], truth["t"], [str(name) for name in truth["names"]]
        beats = truth["beat_times"]
    xy = np.full((len(t), LANDMARK_COUNT, 2), np.nan)
    xy[:, list(COCO17)] = points[:, :17]
    for name, landmark in _TRUTH_EXTRA.items():
        if name in names:
            xy[:, landmark] = points[:, names.index(name)]
    about = json.loads(_description(file.stem, data).read_text())
    xy /= about["size"][1]
    raw = resample(t, xy, np.isfinite(xy[:, :, 0]).astype(float))
    return _sequence(f"{file.stem}.truth", "truth", raw, bpm=about["bpm"], beats=beats)


def _description(stem: str, data: Path) -> Path:
    return data / "free" / ("controls" if "__" in stem else "clips") / f"{stem}.json"


def _video(file: Path) -> Sequence | None:
    if file.stem not in SOURCES and not any(file.stem.startswith(prefix) for prefix, _ in _FAMILIES):
        return None  # faces and drawings
    seen = look(file)
    try:
        clean(seen.pose)
    except Refusal:
        return None
    about = json.loads(file.with_suffix(".json").read_text()) if file.with_suffix(".json").is_file() else {}
    beats = np.array(about["beat_times"]) if "beat_times" in about else seen.beats
    return _sequence(file.stem, "video", seen.pose, bpm=about.get("bpm", seen.bpm), beats=beats, clip=file)


def _sequence(
    name: str,
    medium: Medium,
    raw: RawPose,
    *,
    bpm: float | None,
    beats: FloatArray | None,
    clip: Path | None = None,
) -> Sequence:
    source = source_of(name)
    kind: Kind = "control" if "__" in name else SOURCES[source].kind
    return Sequence(name, source, kind, SOURCES[source].half, medium, raw, bpm, beats, clip)


def _from_coco(points: FloatArray, rate: float) -> RawPose:
    """COCO-17 points [shape=(m, 17, 2)], y down, at ``rate`` Hz, on the engine's grid."""
    xy = np.full((len(points), LANDMARK_COUNT, 2), np.nan)
    xy[:, list(COCO17)] = points
    seen = np.isfinite(xy[:, :, 0]).astype(float)
    return resample(np.arange(len(points)) / rate, xy, seen)


def _upright(points: FloatArray) -> FloatArray:
    """Turn a captured body (y up) so that over the sequence it faces +z. [shape=(m, 17, 3)]"""
    across = points[:, 5] - points[:, 6]  # right to left shoulder
    up = np.array([0.0, 1.0, 0.0])
    front = np.cross(across, up)
    heading = np.arctan2(np.median(front[:, 0]), np.median(front[:, 2]))
    return _turn(points - np.median(points, axis=(0, 1)), -float(heading))


def _turn(points: FloatArray, angle: float) -> FloatArray:
    """Rotate about the vertical; positive angles carry +z towards +x."""
    sine, cosine = np.sin(angle), np.cos(angle)
    x, y, z = np.moveaxis(points, -1, 0)
    return np.stack([cosine * x + sine * z, y, cosine * z - sine * x], axis=-1)


def _project(points: FloatArray, yaw: float) -> FloatArray:
    """What a far camera sees that stands ``yaw`` degrees beside the front. [shape=(m, 17, 2)], y down"""
    turned = _turn(points, float(np.radians(yaw)))
    return np.stack([turned[..., 0], -turned[..., 1]], axis=-1)
