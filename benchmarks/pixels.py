"""What becomes of the scores when the file changes and the dance does not, and when it is spoilt in it.

    python -m benchmarks.pixels

Each variant of a clip is made by ffmpeg and analysed as a whole, from the file on. What must hold for each
stands in its row; ``tests/analysis/engine/test_pixels.py`` asks the same of the bundled clip. What must not
matter (brightness, resolution, distance, frame rate, length) is varied on the clips of the validation half
besides, for its rank correlation with the scores. What was seen and heard is kept beside the landmarks
(``var/poses``, see `benchmarks.population`), so only the scoring is done anew.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import imageio_ffmpeg
import numpy as np
from scipy.stats import spearmanr

from analysis.engine.clean import torso_length
from analysis.engine.errors import Refusal
from analysis.engine.media import probe
from analysis.engine.music import hear
from analysis.engine.pipeline import rescore
from analysis.engine.pose import watch
from analysis.engine.posedata import encode, load
from benchmarks.population import PROJECT, kept_folder, population

DEMO: Final = PROJECT / "demo" / "jesse_dance_front.mp4"
SCORES: Final = ("balance", "rhythm", "smoothness", "creativity")
#: Points of each score that was measured, and their "total"; empty when the clip was refused.
Points = dict[str, float]
Holds = Callable[[Points, Points], bool]  # (points before, points after)


class Variant(NamedTuple):
    """How a clip is changed, and what must follow."""

    name: str
    filters: tuple[str, ...]  # options of ffmpeg between input and output; `_TWICE` before the input
    holds: Holds
    must: str
    height: float | None = None  # of the picture, to which a camera farther away brings the dancer


def _within(score: str, points: float) -> Holds:
    return lambda before, after: abs(after.get(score, np.inf) - before.get(score, 0.0)) < points


def _within_or_refused(score: str, points: float) -> Holds:
    """Of a dancer who becomes too small to be seen, nothing is better than a guess."""
    return lambda before, after: not after or _within(score, points)(before, after)


def _falls(score: str, by: float) -> Holds:
    return lambda before, after: after.get(score, np.inf) <= before.get(score, 0.0) - by


def _size(shorter: int) -> str:
    return f"scale='if(gt(iw,ih),-2,{shorter})':'if(gt(iw,ih),{shorter},-2)'"


def _far(size: float) -> tuple[str, ...]:
    """The picture at ``size`` of its size in the middle of a grey one: the camera stands farther away."""
    grow = 0.5 / size
    return (
        "-vf",
        f"scale=iw*{size:.3g}:-2,pad=2*ceil(iw*{grow:.4g}):2*ceil(ih*{grow:.4g}):-1:-1:color=0xb0b0b0",
    )


#: From the ground to the crown in torso lengths (Winter 2009: shoulders at .82 of it, hips at .53).
STATURE: Final = 3.5
#: The whole picture leans by 20 degrees; what is on the floor stays on the floor.
_LEAN: Final = "shear=shx=0.364:fillcolor=0xb0b0b0"
#: 60, 30 and 20 frames a second in turn, a second each, as phones do when the light changes.
_UNEVEN: Final = "fps=60,select='if(lt(mod(t,3),1),1,if(lt(mod(t,3),2),not(mod(n,2)),not(mod(n,3))))'"

_TWICE: Final = ("-stream_loop", "1")
#: Another sound; the pictures stay as they are.
_SOUND: Final = ("-c:v", "copy", "-af")

VARIANTS: Final = (
    Variant("dancer 40 % of the picture", (), _within("total", 5), "total changes < 5", height=0.4),
    Variant(
        "camera 2.5 times as far",
        _far(0.4),
        _within_or_refused("total", 5),
        "total changes < 5, or refused",
    ),
    Variant("mirrored", ("-vf", "hflip"), _within("total", 4), "total changes < 4"),
    Variant("24 frames a second", ("-vf", "fps=24"), _within("total", 3), "total changes < 3"),
    Variant("60 frames a second", ("-vf", "fps=60"), _within("total", 3), "total changes < 3"),
    Variant("uneven frames", ("-vf", _UNEVEN, "-fps_mode", "vfr"), _within("total", 3), "total changes < 3"),
    Variant("360p", ("-vf", _size(360)), _within("total", 3), "total changes < 3"),
    Variant("JPEG quality 40", ("-c:v", "mjpeg", "-q:v", "11"), _within("total", 3), "total changes < 3"),
    Variant("half as bright", ("-vf", "lutyuv=y=val*.5"), _within("total", 5), "total changes < 5"),
    Variant("leaned by 20 degrees", ("-vf", _LEAN), _falls("balance", 0.5), "Balance falls"),
    Variant(
        "sound 100 ms late", (*_SOUND, "adelay=100:all=1"), _within("rhythm", 1.5), "Rhythm changes < 1.5"
    ),
    Variant("sound 12 dB quieter", (*_SOUND, "volume=-12dB"), _within("rhythm", 0.5), "Rhythm changes < .5"),
    Variant("sound 4 % too fast", (*_SOUND, "atempo=1.04"), _falls("rhythm", 1.0), "Rhythm falls"),
    *(
        Variant("twice in a row", _TWICE, _within(score, 1), f"{score.title()} changes < 1")
        for score in ("balance", "rhythm", "smoothness")
    ),
)
#: What must not matter: (name, (value, options of ffmpeg) ...).
VARIED: Final[tuple[tuple[str, tuple[tuple[float, tuple[str, ...]], ...]], ...]] = (
    (
        "brightness (.4 to 1.3)",
        tuple((x, ("-vf", f"lutyuv=y=val*{x:g}") if x != 1.0 else ()) for x in (0.4, 0.7, 1.0, 1.3)),
    ),
    ("resolution (240p to 720p)", tuple((x, ("-vf", _size(x))) for x in (240, 360, 720))),
    ("distance (size 1 to .4)", tuple((x, _far(x) if x < 1.0 else ()) for x in (1.0, 0.7, 0.55, 0.4))),
    ("frame rate (20 to 60)", tuple((x, ("-vf", f"fps={x:g}")) for x in (20.0, 24.0, 30.0, 60.0))),
)
#: s, of the pieces into which the same stretch of each clip is cut.
LENGTHS: Final = (4.0, 5.5, 7.0, 9.0)


def main() -> None:
    """Print both tables."""
    clips = [DEMO, *phone_clips()]
    print("| change | must | " + " | ".join(clip.stem for clip in clips) + " |")
    print("|---|---|" + "---|" * len(clips))
    for variant in VARIANTS:
        cells = [_cell(variant, clip) for clip in clips]
        print(f"| {variant.name} | {variant.must} | " + " | ".join(cells) + " |")
    print("\n| varied | " + " | ".join((*SCORES, "total")) + " |\n|---|" + "---|" * (len(SCORES) + 1))
    for name, varied in VARIED:
        rows = [(value, judge(clip, filters)) for clip in clips for value, filters in varied]
        print(f"| {name} | " + " | ".join(_correlation(rows, score) for score in (*SCORES, "total")) + " |")
    rows = [row for clip in clips for row in in_pieces(clip)]
    cells = " | ".join(_correlation(rows, score) for score in (*SCORES, "total"))
    print(f"| length ({LENGTHS[0]:g} to {LENGTHS[-1]:g} s, mean of pieces) | {cells} |")


def in_pieces(clip: Path) -> list[tuple[float, Points]]:
    """Each length with the mean points of files of that length, spread evenly over the same stretch.

    Beginnings alone would compare what is danced first with what is danced later.
    """
    stretch = min(probe(clip).duration, LENGTHS[-1])
    found = []
    for length in (each for each in LENGTHS if each < stretch + 0.5):
        pieces = int(np.ceil(stretch / length - 0.05))
        starts = np.linspace(0.0, max(0.0, stretch - length), pieces)
        got = [judge(clip, ("-ss", f"{start:.2f}", "-t", f"{length:g}")) for start in starts]
        means = {
            score: float(np.mean([each[score] for each in got]))
            for score in (*SCORES, "total")
            if all(score in each for each in got)
        }
        found.append((length, means))
    return found


def phone_clips() -> list[Path]:
    """The phone clips of the validation half."""
    found = population(half="validation", kinds=("phone",), media=("video",))
    return [sequence.clip for sequence in found if sequence.clip is not None]


def judge(clip: Path, filters: Sequence[str] = ()) -> Points:
    """Points of a clip after ffmpeg did this to it."""
    return points(seen(clip, filters))


def seen(clip: Path, filters: Sequence[str] = ()) -> bytes:
    """Pose data of a clip after ffmpeg did this to it, from ``var/poses`` when it was looked at before."""
    name = "".join(c if c.isalnum() else "_" for c in " ".join(filters))[:80]
    kept = kept_folder() / "pixels" / f"{clip.stem}__{name}.json"
    if not kept.is_file():
        with tempfile.TemporaryDirectory() as folder:
            found = look(change(clip, filters, Path(folder)))
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(found)
    return kept.read_bytes()


def look(clip: Path) -> bytes:
    """What the engine sees and hears of a file, as pose data."""
    watched = watch(clip)
    return encode(watched.video, watched.pose, None if watched.sound is None else hear(watched.sound))


def options(variant: Variant, clip: Path) -> tuple[str, ...] | None:
    """What ffmpeg has to do for a variant; None where the dancer is no larger than it wants her."""
    if variant.height is None:
        return variant.filters
    size = variant.height / (STATURE * torso_length(load(seen(clip)).pose.xy))
    return _far(size) if size < 0.95 else None


def change(clip: Path, filters: Sequence[str], folder: Path) -> Path:
    """The clip, changed; the clip itself when nothing is to be done to it."""
    if not filters:
        return clip
    changed = folder / "changed.mov"
    coded = () if "-c:v" in filters else ("-c:v", "libx264", "-preset", "veryfast", "-crf", "20")
    again, filters = (_TWICE, ()) if filters == _TWICE else ((), filters)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-y", *again, "-i", str(clip)]
    subprocess.run([*command, *coded, "-threads", "1", *filters, str(changed)], check=True)
    return changed


def points(data: bytes) -> Points:
    """What the engine gives for pose data."""
    try:
        found = rescore(data)
    except Refusal:
        return {}
    measured = {name: found.scores[name].points for name in SCORES}
    kept = {name: value for name, value in measured.items() if value is not None}
    return kept | {"total": sum(kept.values())}


def _cell(variant: Variant, clip: Path) -> str:
    """The change of the score that the variant is about, marked where it is not what it must be."""
    filters = options(variant, clip)
    if filters is None or (filters[: len(_SOUND)] == _SOUND and not _has_music(clip)):
        return "-"
    before, after = judge(clip), judge(clip, filters)
    score = next((name for name in SCORES if name in variant.must.lower()), "total")
    mark = "" if variant.holds(before, after) else " (!)"
    if not after:
        return f"refused{mark}"
    if score not in before or score not in after:
        return "-"
    return f"{after[score] - before[score]:+.1f}{mark}"


def _has_music(clip: Path) -> bool:
    """Are beats heard in it? Else Rhythm is that of the movement alone, and no sound can spoil it."""
    music = load(seen(clip)).music
    return music is not None and len(music.beats) >= 2


def _correlation(rows: Sequence[tuple[float, Points]], score: str) -> str:
    pairs = np.array([(value, got[score]) for value, got in rows if score in got])
    return f"{spearmanr(pairs[:, 0], pairs[:, 1]).statistic:+.2f}"


if __name__ == "__main__":
    main()
