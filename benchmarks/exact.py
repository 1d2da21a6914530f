"""Cases whose truth is known exactly: ``python -m benchmarks.exact`` prints the tables.

1. Late, early and drifting against the music: the exact joints of rendered dancers, moved in time.
2. Two bodies in one picture, and a camera far away: rendered dancers put side by side or made small,
   looked at again, and compared with the joints of each.
3. The same dance in shorter pieces: what length alone does to the scores, within one dancer.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import imageio_ffmpeg
import numpy as np
from scipy.stats import spearmanr

from analysis.engine.body import Landmark
from analysis.engine.clean import torso_length
from analysis.engine.config import RATE
from analysis.engine.media import probe
from analysis.engine.scoring.rhythm import reference_of, score_rhythm
from analysis.engine.types import FloatArray
from benchmarks.fit_norms import Piece
from benchmarks.landmarks import PAIRS, truth_of
from benchmarks.population import Sequence, data_folder, look, population
from benchmarks.rhythm import Dance, dance_of

DANCERS: Final = ("jesse_dance_front", "dab_front", "jumping_jacks_front")
LATE: Final = (-0.1, 0.05, 0.1, 0.15)  # s
DRIFT: Final = (0.005, 0.01, 0.02, 0.04)  # of the tempo
LENGTHS: Final = (4.0, 6.0)  # s, of the pieces; the whole has 12
SCORES: Final = ("balance", "rhythm", "smoothness", "creativity")
#: Joints that are compared.
JOINTS: Final = [Landmark[f"{side}_{pair}"] for pair in PAIRS for side in ("LEFT", "RIGHT")]


class Body(NamedTuple):
    """A rendered dancer in a picture: in which clip, and where what was drawn has gone."""

    name: str
    moved: Callable[[FloatArray], FloatArray]  # frame heights of the clip to those of the picture


class Scene(NamedTuple):
    """A picture made from rendered clips."""

    name: str
    clips: tuple[str, ...]
    filters: tuple[str, ...]
    bodies: tuple[Body, ...]


def main() -> None:
    """Print the tables."""
    timing()
    bodies()
    lengths()


def timing() -> None:
    """Table 1. The demo is the dancer herself, on time."""
    told = " | ".join(f"told at {1000 * late:+.0f} ms" for late in LATE)
    drifting = " | ".join(f"drifting {drift:.1%}" for drift in DRIFT)
    print(f"| dancer | Rhythm | {told} | {drifting} |")
    print("|---|---|" + "---|" * (len(LATE) + len(DRIFT)))
    for name in DANCERS:
        dance = dance_of(next(s for s in population(media=("truth",)) if s.name == f"{name}.truth"))
        score = score_rhythm(dance.motion, dance.kin, dance.own)[0]
        demo = reference_of(score)
        cells = [f"{score.points:.1f}"]
        for late in LATE:
            moved = retimed(dance, late=late)
            beside = score_rhythm(moved.motion, moved.kin, dance.own, reference=demo)[0]
            timed = next((m.value for m in beside.measures if m.name == "timing"), None)
            cells.append("-" if timed is None else f"{timed:+.0f} ms")
        for drift in DRIFT:
            moved = retimed(dance, drift=drift)
            cells.append(f"{score_rhythm(moved.motion, moved.kin, dance.own)[0].points or 0.0:.1f}")
        print(f"| {name} | " + " | ".join(cells) + " |")


def retimed(dance: Dance, *, late: float = 0.0, drift: float = 0.0) -> Dance:
    """The same movement, ``late`` s later, or faster than the music by the share ``drift``."""
    raw = dance.clip.raw
    place = np.clip((raw.t - late) * (1.0 + drift), raw.t[0], raw.t[-1]) * RATE
    low = np.clip(np.floor(place).astype(int), 0, len(raw.t) - 2)
    share = (place - low)[:, None, None]
    return dance_of(
        replace(dance.clip, raw=replace(raw, xy=raw.xy[low] * (1.0 - share) + raw.xy[low + 1] * share))
    )


def bodies() -> None:
    """Table 2. Distances of twelve joints in torso lengths, and how often another body is nearer."""
    print("\n| picture | nearest body | median | 95th percentile | frames seen | frames nearer to another |")
    print("|---|---|---|---|---|---|")
    for scene in SCENES:
        with tempfile.TemporaryDirectory() as folder:
            clip = made(scene, Path(folder))
            pose, height = look(clip).pose, probe(clip).height
        away = []
        for body in scene.bodies:
            source = data_folder() / "free" / "clips" / f"{body.name}.mp4"
            truth = body.moved(truth_of(body.name, probe(source).height))[: len(pose.t)]
            gap = np.linalg.norm(pose.xy[: len(truth), JOINTS] - truth[:, JOINTS], axis=2)
            away.append(gap / torso_length(truth))
        rows = min(map(len, away))
        per_frame = np.stack([np.median(gap[:rows], axis=1) for gap in away])
        seen = np.isfinite(per_frame).all(axis=0)
        chosen = int(np.nanmedian(per_frame, axis=1).argmin())
        other = (per_frame[:, seen].argmin(axis=0) != chosen).mean()
        median, high = np.nanpercentile(away[chosen], [50, 95])
        print(
            f"| {scene.name} ({height} px) | {scene.bodies[chosen].name} | {median:.3f} | {high:.2f} "
            f"| {seen.mean():.0%} | {other:.0%} |"
        )


def made(scene: Scene, folder: Path) -> Path:
    """The film of a scene."""
    film = folder / f"exact_{''.join(c if c.isalnum() else '_' for c in scene.name)}.mp4"
    clips = [str(data_folder() / "free" / "clips" / f"{name}.mp4") for name in scene.clips]
    inputs = [part for clip in clips for part in ("-i", clip)]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-y", *inputs, *scene.filters]
    coded = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-threads", "1", "-t", "8")
    subprocess.run([*command, *coded, str(film)], check=True)
    return film


def lengths() -> None:
    """Table 3: the mean of the pieces of 12 s beside the whole: median of the dances, and quartiles."""
    print("\n| pieces | dances | " + " | ".join(SCORES) + " |\n|---|---|" + "---|" * len(SCORES))
    found = population(kinds=("professional", "amateur", "phone"), media=("keypoints", "video"))
    wholes = [s.cut(0.0, 12.0) for s in found if s.duration >= 12.0 - 1.0 / RATE]
    before = [points(whole) for whole in wholes]
    rows = [(12.0, np.array(old)) for old in before]
    for length in LENGTHS:
        changes = np.full((len(wholes), len(SCORES)), np.nan)
        for row, (whole, old) in enumerate(zip(wholes, before, strict=True)):
            pieces = np.array([points(piece) for piece in whole.windows(length, length)])
            known = np.isfinite(pieces).all(axis=0)
            rows.append((length, np.where(known, pieces.mean(axis=0), np.nan)))
            changes[row, known] = pieces.mean(axis=0)[known] - np.array(old)[known]
        cells = [_spread(column[np.isfinite(column)]) for column in changes.T]
        print(f"| {length:g} s | {len(wholes)} | " + " | ".join(cells) + " |")
    seconds, found = np.array([x for x, _ in rows]), np.stack([y for _, y in rows])
    ranks = [spearmanr(seconds[np.isfinite(y)], y[np.isfinite(y)]).statistic for y in found.T]
    print(
        f"| rank correlation, {', '.join(f'{x:g}' for x in LENGTHS)} and 12 s | {len(wholes)} | "
        + " | ".join(f"{rank:+.2f}" for rank in ranks)
        + " |"
    )


def points(sequence: Sequence) -> list[float]:
    """Of all four scores; nan where not measurable, and for Rhythm where there is no music."""
    piece = Piece(sequence)
    scores = piece.scores()
    if piece.music is not None and len(piece.music.beats) >= 2:
        scores["rhythm"] = score_rhythm(piece.motion, piece.kin, piece.music)[0]
    got = [scores[name].points if name in scores else None for name in SCORES]
    return [float("nan") if value is None else value for value in got]


def _spread(values: FloatArray) -> str:
    low, middle, high = np.percentile(values, [25, 50, 75])
    return f"{middle:+.1f} ({low:+.1f} to {high:+.1f})"


def _beside(places: int) -> Callable[[FloatArray], FloatArray]:
    """So many pictures of 9:16 stand to the left."""
    return lambda points: points + np.array([places * 9 / 16, 0.0])


def _smaller(size: float) -> Callable[[FloatArray], FloatArray]:
    """In the middle of a picture of the same shape, ``size`` as large."""
    return lambda points: points * size + (1.0 - size) / 2 * np.array([9 / 16, 1.0])


def _far(size: float) -> tuple[str, ...]:
    wide, high = round(360 * size) * 2, round(640 * size) * 2
    return ("-vf", f"scale={wide}:{high},pad=720:1280:(ow-iw)/2:(oh-ih)/2:color=0xb0b0b0")


_SIDE_BY_SIDE: Final = ("-filter_complex", "[0:v]scale=720:1280[a];[1:v]scale=720:1280[b];[a][b]hstack")
SCENES: Final = (
    Scene("alone", ("jesse_dance_front",), (), (Body("jesse_dance_front", _beside(0)),)),
    Scene(
        "two bodies",
        ("jesse_dance_front", "dab_front"),
        _SIDE_BY_SIDE,
        (Body("jesse_dance_front", _beside(0)), Body("dab_front", _beside(1))),
    ),
    Scene(
        "two bodies, sides changed",
        ("dab_front", "jesse_dance_front"),
        _SIDE_BY_SIDE,
        (Body("dab_front", _beside(0)), Body("jesse_dance_front", _beside(1))),
    ),
    *(
        Scene(
            f"{size:.0%} of the size",
            ("jesse_dance_front",),
            _far(size),
            (Body("jesse_dance_front", _smaller(size)),),
        )
        for size in (0.55, 0.4)
    ),
)


if __name__ == "__main__":
    main()
