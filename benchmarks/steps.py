"""How well steps are found: composed routines whose boundaries are known, beside a uniform grid.

    python -m benchmarks.steps

A routine is composed of moves cut from captured dances (on the beat, brought to one tempo, joined within .3 s
as a dancer would), so its boundaries are exact. Boundaries within a quarter beat count as found; F is the
harmonic mean of precision and recall. Three yardsticks get as many boundaries as the engine found: a uniform
grid in time, the same grid moved to the nearest beats, and kernel change point detection frame by frame
(``ruptures.KernelCPD``, rbf, on joint angles), moved to the nearest beats likewise. (Left where they are, or
moved by a quarter interval at most, change points are hardly ever right: a dancer runs into the new move for
.3 s after the boundary, and they come .2 s late.)

The constants of ``config.StepsConfig`` were chosen on the development half; the validation half had no say.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import ruptures

from analysis.engine.body import Landmark
from analysis.engine.clean import clean
from analysis.engine.config import RATE
from analysis.engine.kinematics import derive
from analysis.engine.steps import find_steps
from analysis.engine.types import FloatArray, Kinematics, Motion, Music, RawPose
from benchmarks.population import Half, Sequence, data_folder, population

#: Lengths of the moves in beats, and whether they come from one dancer or from several.
RECIPES = {
    "several dancers, 8 beats": ((8,), False),
    "several dancers, 4 or 8": ((4, 8), False),
    "several dancers, 4, 6 or 8": ((4, 6, 8), False),
    "several dancers, any 3..8": ((3, 4, 5, 6, 7, 8), False),
    "one dancer, 4 or 8": ((4, 8), True),
}
ROUTINES = 40
BLEND = 0.3  # s


@dataclass(frozen=True)
class Routine:
    """A composed movement with its music and the moments at which the move changes."""

    motion: Motion
    kin: Kinematics
    music: Music
    boundaries: FloatArray  # s


def main() -> None:
    """Print the table."""
    print(f"{'routines':34}{'half':13}{'level':14}{'beats':>6}{'F':>7}{'grid':>7}{'beats':>7}{'frames':>8}")
    for half in ("development", "validation"):
        dances = [dance for dance in population(half=half, kinds=("professional", "amateur")) if dance.bpm]
        dances = [dance for dance in dances if dance.medium != "video"]
        for number, (name, (lengths, alone)) in enumerate(RECIPES.items()):
            rng = np.random.default_rng([number, half == "validation"])
            routines = [compose(dances, lengths, alone, rng) for _ in range(ROUTINES)]
            _report(name, half, routines)
    for name in ("js4_ch09a_front__composed_ABCA.truth", "js4_ch09a_front__composed_ABCA"):
        _report(name, "development", [_control(name)])


def compose(
    dances: list[Sequence], lengths: tuple[int, ...], alone: bool, rng: np.random.Generator
) -> Routine:
    """Four to six moves of ``lengths`` beats at one of five tempi; each neighbour is another move."""
    bpm = float(rng.choice([90.0, 100.0, 110.0, 120.0, 128.0]))
    long = [dance for dance in dances if dance.duration * float(dance.bpm or 0) / 60 >= 40]
    only = long[int(rng.integers(len(long)))] if alone else None
    pieces: list[FloatArray] = []
    boundaries: list[float] = []
    before: tuple[str, int] | None = None
    moves = int(rng.integers(4, 7))
    while len(pieces) < moves:
        dance = only or dances[int(rng.integers(len(dances)))]
        beats = int(rng.choice(lengths))
        latest = int(dance.duration * float(dance.bpm or 0) / 60) - beats
        if latest < 0:
            continue
        first = int(rng.integers(latest + 1))
        if before and before[0] == dance.source and (not alone or abs(first - before[1]) < 8):
            continue
        pieces.append(_move(dance, first, beats, bpm))
        boundaries.append(beats * 60 / bpm)
        before = (dance.source, first)
    ends = np.cumsum(boundaries)
    motion = _joined(pieces)
    return Routine(motion, derive(motion), _music(bpm, float(ends[-1])), ends[:-1])


def _move(dance: Sequence, first: int, beats: int, bpm: float) -> FloatArray:
    """Some beats of a dance at another tempo, at 60 Hz, in torso lengths. [shape=(m, 33, 2)]"""
    motion = _cleaned(dance.name, dance)
    t = (first + np.arange(round(beats * 60 / bpm * 60)) / 60 * bpm / 60) * 60 / float(dance.bpm or 0)
    move = np.full((len(t), *motion.xy.shape[1:]), np.nan)
    for joint in range(motion.xy.shape[1]):
        seen = np.isfinite(motion.xy[:, joint, 0])
        if seen.mean() > 0.9:
            for axis in (0, 1):
                move[:, joint, axis] = np.interp(t, motion.t[seen], motion.xy[seen, joint, axis])
    return move


_CLEANED: dict[str, Motion] = {}


def _cleaned(name: str, dance: Sequence) -> Motion:
    if name not in _CLEANED:
        _CLEANED[name] = dance.motion
    return _CLEANED[name]


def _joined(pieces: list[FloatArray]) -> Motion:
    """One movement of several: each begins where the last ended and runs into its own pose within .3 s."""
    out = [pieces[0]]
    for piece in pieces[1:]:
        last = out[-1][-1]
        here, there = _hips(piece[:1])[0], _hips(last[None])[0]
        piece = piece + (there - here)
        count = min(round(BLEND * 60), len(piece))
        share = (0.5 - 0.5 * np.cos(np.pi * np.arange(count) / count))[:, None, None]
        piece[:count] = last + share * (piece[:count] - last)
        out.append(piece)
    xy = np.concatenate(out)[:: round(60 / RATE)]
    t = np.arange(len(xy)) / RATE
    return clean(RawPose(t, 0.2 * xy + 0.5, np.isfinite(xy[:, :, 0]).astype(float)))


def _hips(xy: FloatArray) -> FloatArray:
    return np.asarray(xy[:, [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=1))


def _music(bpm: float, seconds: float) -> Music:
    beats = np.arange(0.0, seconds - 1e-6, 60 / bpm)
    return Music(0.5, bpm, beats, ((bpm, 1.0),), np.zeros(round(43 * seconds)), 43.0, seconds)


def _control(name: str) -> Routine:
    """The rendered clip that was composed of three moves: its exact joints, or what the network saw."""
    dance = next(dance for dance in population(kinds=("control",)) if dance.name == name)
    about = data_folder() / "free" / "controls" / f"{name.removesuffix('.truth')}.json"
    boundaries = np.array(json.loads(about.read_text())["boundaries_s"])
    motion = dance.motion
    return Routine(motion, derive(motion), _music(float(dance.bpm or 0), motion.duration), boundaries)


def _report(name: str, half: Half, routines: list[Routine]) -> None:
    for level in ("beginner", "intermediate", "advanced"):
        rows = [_judge(routine, level) for routine in routines]
        beats, *scores = np.mean(rows, axis=0)
        print(f"{name:34.33}{half:13}{level:14}{beats:6.1f}" + "".join(f"{score:7.2f}" for score in scores))


def _judge(routine: Routine, level: str) -> tuple[float, float, float, float, float]:
    """Median step in beats, F of the engine, of the uniform grid, of the grid on beats, of frames."""
    found = find_steps(routine.motion, routine.kin, routine.music, difficulty=level)  # type: ignore[arg-type]
    beat = 60 / float(routine.music.bpm or 0)
    edges = [found[0].start, *(step.end for step in found)]
    starts = np.array(edges[1:-1])
    grid = np.linspace(0.0, routine.motion.duration, len(starts) + 2)[1:-1]
    frames = np.nan_to_num(routine.kin.angles)
    frames = (frames - frames.mean(axis=0)) / np.maximum(frames.std(axis=0), 1e-6)
    model = ruptures.KernelCPD(kernel="rbf", min_size=round(0.5 * RATE)).fit(frames)
    changes = model.predict(n_bkps=len(starts))[:-1] if len(starts) else []

    def score(times: FloatArray) -> float:
        return f_measure(times, routine.boundaries, beat / 4)

    def snapped(times: FloatArray) -> FloatArray:
        beats = routine.music.beats
        nearest = beats[np.argmin(np.abs(times[:, None] - beats), axis=1)] if len(times) else times
        return np.asarray(np.unique(nearest))

    length = float(np.median(np.diff(edges))) / beat
    by_frames = snapped(np.array(changes, dtype=float) / RATE)
    return length, score(starts), score(grid), score(snapped(grid)), score(by_frames)


def f_measure(found: FloatArray, true: FloatArray, tolerance: float) -> float:
    """Harmonic mean of precision and recall; each boundary is matched once."""
    if not len(found) or not len(true):
        return 0.0
    free = list(found)
    hits = 0
    for boundary in true:
        near = [time for time in free if abs(time - boundary) <= tolerance + 1e-6]
        if near:
            free.remove(min(near, key=lambda time: abs(time - boundary)))  # noqa: B023
            hits += 1
    return 2 * hits / (len(found) + len(true))


if __name__ == "__main__":
    main()
