"""How well copies of a video are told from everything else: all clips, their copies, and all pairs of them.

    python -m benchmarks.duplicates

Each clip of the data folder is copied as people copy videos (below), everything is watched by the engine,
and every clip is compared with every copy. Pairs of one clip are copies; all other pairs are not. The hardest
of these are people who dance the same steps side by side in one video, cut out of it one by one, and one
captured movement seen by two cameras. What was watched is kept in ``var/copies`` (or ``IDANCE_COPIES``).
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import imageio_ffmpeg
import numpy as np

from analysis.engine import fingerprint as prints
from analysis.engine.errors import Refusal
from analysis.engine.pose import watch
from benchmarks.population import PROJECT, data_folder

#: How a video is changed before it is posted again: input options, filter, output options of ffmpeg.
COPIES: Final[dict[str, tuple[tuple[str, ...], str, tuple[str, ...]]]] = {
    "small and coarse": ((), "scale=-2:360,fps=24", ("-crf", "36")),
    "brighter, in bars": ((), "eq=brightness=0.12:contrast=1.2,pad=iw:ih*1.4:0:ih*0.2", ()),
    "mirrored": ((), "hflip", ()),
    "trimmed": (("-ss", "2.37"), "null", ("-t", "4.6")),
    "6 % faster": ((), "setpts=PTS/1.06", ()),
    "mirrored, trimmed, slower, small": (
        ("-ss", "1.53"),
        "hflip,setpts=PTS/0.95,scale=-2:360",
        ("-crf", "32"),
    ),
}
#: People who do the same steps side by side: their part of the picture.
SIDE_BY_SIDE: Final = {
    "fiyud_dance": {
        "left": "crop=270:900:0:300",
        "middle": "crop=230:900:270:300",
        "right": "crop=226:900:494:300",
    },
    "vibeold_dance": {"left": "crop=170:240:100:80,trim=0:3.2", "right": "crop=150:240:270:80,trim=0:3.2"},
}
SECONDS: Final = "9"
#: No person is in these.
_EMPTY: Final = ("copycat", "wan_pose", "mmaction_test")


@dataclass(frozen=True)
class Seen:
    """One clip or copy."""

    clip: str
    change: str  # empty: as it is
    family: str  # clips of one family show the same movement, or the same people
    found: prints.Fingerprint


def main() -> None:
    """Watch, compare, print."""
    seen = list(everything())
    originals = [one for one in seen if not one.change]
    rows: dict[str, list[tuple[prints.Likeness, bool, str]]] = {}
    spent = 0.0
    for one in originals:
        wanted = set(prints.probes(one.found))
        for other in seen:
            if one is other or (not other.change and other.clip < one.clip):
                continue
            begun = time.perf_counter()
            likeness = prints.compare(one.found, other.found)
            spent += time.perf_counter() - begun
            shared = bool(wanted.intersection(prints.words(other.found)))
            if likeness is not None:
                pair = f"{one.clip} / {other.clip} {other.change}".strip()
                rows.setdefault(_group(one, other), []).append((likeness, shared, pair))
    print(
        f"{len(originals)} clips, {len(seen) - len(originals)} copies, {sum(map(len, rows.values()))} pairs,"
    )
    print(f"{1000 * spent / max(1, sum(map(len, rows.values()))):.1f} ms a comparison\n")
    print(f"{'pairs':38}{'n':>6}{'said same':>10}{'candidates':>11}{'movement':>20}{'picture':>17}")
    for name in sorted(rows):
        _print_row(name, rows[name])
    wrong = [
        (likeness, pair)
        for name, found in rows.items()
        for likeness, _, pair in found
        if not name.startswith("part") and likeness.same != name.startswith("copy")
    ]
    for likeness, pair in wrong:
        print("wrong:", pair, likeness)


def _group(one: Seen, other: Seen) -> str:
    if one.clip == other.clip:
        return f"copy: {other.change}"
    if one.clip.split()[0] == other.clip.split()[0] and (" " in one.clip) != (" " in other.clip):
        return "part: cut out of the picture"
    if one.family == other.family:
        return "other: same steps or people"
    return "other: nothing in common"


def _print_row(name: str, found: list[tuple[prints.Likeness, bool, str]]) -> None:
    movement = np.array([likeness.distance for likeness, _, _ in found])
    picture = np.array([likeness.picture for likeness, _, _ in found if likeness.picture is not None])
    low, middle, high = np.percentile(movement, [0, 50, 100])
    least, usual, most = np.percentile(picture, [0, 50, 100]) if len(picture) else (np.nan,) * 3
    same = sum(likeness.same for likeness, _, _ in found)
    shared = sum(shared for _, shared, _ in found)
    print(
        f"{name:38}{len(found):6d}{same:10d}{shared:11d}"
        f"{low:8.2f}{middle:6.2f}{high:6.2f}{least:7.2f}{usual:5.2f}{most:5.2f}"
    )


def everything() -> Iterator[Seen]:
    """Every clip with its copies."""
    data = data_folder()
    for file in sorted([*(data / "video").iterdir(), *(data / "free" / "clips").glob("*.mp4")]):
        if file.suffix not in (".mp4", ".mov", ".avi") or file.stem in _EMPTY:
            continue
        family = file.stem.replace("yaw30", "front").removesuffix("_locked_120bpm").removesuffix("_front")
        for change, how in {"": ((), "null", ()), **COPIES}.items():
            # Of a clip of four seconds too little is left when it is trimmed.
            with suppress(Refusal):
                yield Seen(file.stem, change, family, _look(file, change, how))
        for who, crop in SIDE_BY_SIDE.get(file.stem, {}).items():
            yield Seen(f"{file.stem} {who}", "", family, _look(file, who, ((), crop, ())))


def _look(file: Path, change: str, how: tuple[tuple[str, ...], str, tuple[str, ...]]) -> prints.Fingerprint:
    folder = Path(os.environ.get("IDANCE_COPIES", PROJECT / "var" / "copies"))
    kept = folder / f"{file.stem} {change}.pickle"
    if not kept.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        print(f"watching {file.stem} {change}", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory() as place:
            copy = Path(place) / "copy.mp4"
            before, change_picture, after = how
            command = [
                imageio_ffmpeg.get_ffmpeg_exe(),
                "-v",
                "error",
                *before,
                "-t",
                SECONDS,
                "-i",
                str(file),
            ]
            command += [
                "-vf",
                f"{change_picture},crop=trunc(iw/2)*2:trunc(ih/2)*2",
                "-an",
                "-preset",
                "veryfast",
            ]
            subprocess.run([*command, *after, str(copy)], check=True)  # noqa: S603 - our own command
            watched = watch(copy)
        kept.write_bytes(pickle.dumps((watched.pictures, watched.pose)))
    pictures, pose = pickle.loads(kept.read_bytes())  # noqa: S301 - written above
    return prints.fingerprint(pictures, pose)


if __name__ == "__main__":
    main()
