"""How Rhythm judges: ``python -m benchmarks.rhythm`` prints the tables.

1. Every dancer with the own music, other songs, stretched music, and no music.
2. Can a method tell the own music from songs that were not playing? Area under the curve for four methods, by
   half and kind, on excerpts of 4, 6 and 10 s: speed minima on the beat (what everybody tries first), R2 of
   the metre against wrong tempi, the consistency behind entrainment, and the points.
3. What must hold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy.stats import mannwhitneyu, spearmanr

from analysis.engine.kinematics import derive
from analysis.engine.motion_beats import find_motion_beats
from analysis.engine.scoring.rhythm import raw_measures, score_rhythm
from analysis.engine.types import FloatArray, Kinematics, Motion, Music, RawPose
from benchmarks import spoil
from benchmarks.fit_rhythm import SONGS, metrical
from benchmarks.population import Sequence as Clip
from benchmarks.population import population
from benchmarks.wrong_tempi import against_wrong_tempi

STRETCHES = (0.7, 0.77, 0.85, 0.94, 1.06, 1.15, 1.3)
IN_TIME = 15.0  # points from which on a clip counts as danced in time


@dataclass(frozen=True, slots=True)
class Dance:
    """An excerpt with its movement and the beats of its own music."""

    clip: Clip
    motion: Motion
    kin: Kinematics
    beats: FloatArray

    @property
    def bpm(self) -> float:
        """Of the own music."""
        return float(60.0 / np.median(np.diff(self.beats)))

    @property
    def own(self) -> Music:
        """The own music."""
        return as_music(self.beats, self.motion.duration)

    def even(self, bpm: float) -> Music:
        """Music of another tempo."""
        return as_music(np.arange(0.0, self.motion.duration, 60.0 / bpm), self.motion.duration)

    def others(self) -> list[Music]:
        """Songs that were not playing, none in a simple ratio to the one that was."""
        return [self.even(bpm) for bpm in SONGS if not metrical(bpm / self.bpm)]


Method = Callable[[Dance, Music], float]
Change = Callable[[RawPose], RawPose]


def main() -> None:
    """Print everything."""
    every = dances(12.0)
    ordering(every)
    comparison()
    what_must_hold(every)


def as_music(beats: FloatArray, duration: float) -> Music:
    """Music with exact beats and nothing else."""
    bpm = float(60.0 / np.median(np.diff(beats)))
    return Music(1.0, bpm, beats, (), np.empty(0), 0.0, duration)


def dances(seconds: float) -> list[Dance]:
    """All dancers whose music is known, in excerpts that do not overlap."""
    found = population(kinds=("professional", "amateur", "phone"), media=("keypoints", "video"))
    cut = [part for clip in found for part in clip.windows(seconds, seconds)]
    known = [clip for clip in cut if clip.beats is not None and len(clip.beats) >= 4]
    return [dance_of(clip) for clip in known]


def dance_of(clip: Clip) -> Dance:
    """Movement and beats of a clip with music."""
    motion = clip.motion
    return Dance(clip, motion, derive(motion), np.asarray(clip.beats))


def points(dance: Dance, music: Music | None) -> float:
    """Rhythm; 0 where it could not be measured."""
    return score_rhythm(dance.motion, dance.kin, music)[0].points or 0.0


def consistency(dance: Dance, music: Music) -> float:
    """What entrainment is made of."""
    return raw_measures(dance.motion, dance.kin, music)["rhythm.entrainment"] or 0.0


def speed_minima(dance: Dance, music: Music) -> float:
    """Beat alignment score: how near the body's rests are to the beats, s = 70 ms."""
    rests = find_motion_beats(dance.motion, dance.kin).times
    if not len(rests):
        return 0.0
    nearest = np.abs(rests[:, None] - music.beats).min(axis=1)
    return float(np.exp(-0.5 * (nearest / 0.07) ** 2).mean())


def wrong_tempi(dance: Dance, music: Music) -> float:
    """R2 of the metre in standard deviations above that of wrong tempi."""
    return against_wrong_tempi(dance.motion, dance.kin, music.bpm or 120.0)


METHODS: dict[str, Method] = {
    "speed minima on the beat": speed_minima,
    "R2 against wrong tempi": wrong_tempi,
    "consistency": consistency,
    "points": points,
}


def ordering(every: Sequence[Dance]) -> None:
    """Every dancer, by kind."""
    print(f"{'':38}{'':12} BPM |  own | other songs | stretched |  no   | consistency")
    print(f"{'':38}{'':12}     |      | median  max | median    | music | steadiness coverage")
    for dance in every:
        score, _ = score_rhythm(dance.motion, dance.kin, dance.own)
        others = [points(dance, music) for music in dance.others()]
        stretched = [points(dance, dance.even(dance.bpm * ratio)) for ratio in STRETCHES]
        told = " ".join("   - " if m.value is None else f"{m.value:5.2f}" for m in score.measures)
        print(
            f"{dance.clip.name[:37]:38}{dance.clip.kind:12} {dance.bpm:3.0f} | {score.points or 0:4.1f} |"
            f" {np.median(others):5.1f} {max(others):5.1f} | {np.median(stretched):6.1f}    |"
            f" {points(dance, None):5.1f} | {told}  {dance.clip.half}"
        )
    own = np.array([points(dance, dance.own) for dance in every if dance.clip.half == "validation"])
    low, high = np.percentile(own, [10, 90])
    print(f"\nvalidation half: 10th..90th percentile {low:.1f}..{high:.1f} of 30 points")


class Rated(NamedTuple):
    """What a method says of a dance to the own music and to songs that were not playing."""

    dance: Dance
    own: float
    others: list[float]


def comparison() -> None:
    """Area under the curve, own music against songs that were not playing."""
    lengths = (4.0, 6.0, 10.0)
    excerpts = {seconds: dances(seconds) for seconds in lengths}
    print("\nown music against other songs, area under the curve")
    heads = [*(f"{seconds:g} s" for seconds in lengths), "development", "validation", "phone clips"]
    print(f"{'':26}" + "".join(f"{head:>13}" for head in heads))
    for name, method in METHODS.items():
        rated = {seconds: rate(some, method) for seconds, some in excerpts.items()}
        longest = rated[lengths[-1]]
        groups = [
            *rated.values(),
            [each for each in longest if each.dance.clip.half == "development"],
            [each for each in longest if each.dance.clip.half == "validation"],
            [each for each in longest if each.dance.clip.kind == "phone"],
        ]
        print(f"{name:26}" + "".join(f"{area(group):13.3f}" for group in groups))

    found = [(seconds, points(dance, dance.own)) for seconds, some in excerpts.items() for dance in some]
    correlation = spearmanr([x for x, _ in found], [y for _, y in found]).statistic
    medians = ", ".join(f"{x:g} s {np.median([y for z, y in found if z == x]):.1f}" for x in lengths)
    print(f"length of the excerpt: rank correlation with points {correlation:+.2f}; medians {medians}")


def rate(some: Sequence[Dance], method: Method) -> list[Rated]:
    """Every dance to all music."""
    return [
        Rated(dance, method(dance, dance.own), [method(dance, music) for music in dance.others()])
        for dance in some
    ]


def area(rated: Sequence[Rated]) -> float:
    """Chance that the own music is rated above a song that was not playing."""
    own = [each.own for each in rated]
    others = [value for each in rated for value in each.others]
    return float(mannwhitneyu(own, others).statistic / (len(own) * len(others)))


def what_must_hold(every: Sequence[Dance]) -> None:
    """Each change of the input, and what follows."""
    print("\nwhat must hold")
    in_time = [dance for dance in every if points(dance, dance.own) >= IN_TIME]
    everybody_else = [points(dance, music) for dance in every for music in dance.others()]
    print(
        f"other songs: median {np.median(everybody_else):.1f}, 90th {np.percentile(everybody_else, 90):.1f}"
    )
    for name, altered in (
        ("other songs", [dance.others() for dance in in_time]),
        *((f"stretched x{r:g}", [[dance.even(dance.bpm * r)] for dance in in_time]) for r in STRETCHES),
    ):
        halved = [
            points(dance, music) <= 0.5 * points(dance, dance.own)
            for dance, some in zip(in_time, altered, strict=True)
            for music in some
        ]
        print(f"{name}: falls by half or more in {np.mean(halved):.0%} of {len(halved)} (danced in time)")
    for shift in (0.1, 0.25, 0.4):
        tell(f"sound later by {shift:g} s", [(d, replace(d, beats=d.beats + shift)) for d in every])
    tell("mirrored", [(d, changed(d, spoil.mirrored)) for d in every])
    tell(
        "half as large, elsewhere", [(d, changed(d, lambda raw: spoil.scaled(raw, 0.5, 0.2))) for d in every]
    )
    tell("twice in a row", [(d, doubled(d)) for d in every])
    tell(
        "jitter of 2 % of the torso", [(d, changed(d, lambda raw: spoil.jittered(raw, 0.02))) for d in every]
    )
    shuffled = [points(changed(d, spoil.shuffled), d.own) for d in every]
    print(f"frames shuffled: median {np.median(shuffled):.1f}, largest {max(shuffled):.1f}")


def changed(dance: Dance, change: Change) -> Dance:
    """The same dance from changed landmarks."""
    return dance_of(replace(dance.clip, raw=change(dance.clip.raw)))


def doubled(dance: Dance) -> Dance:
    """Movement and music played twice in a row."""
    beats = np.concatenate([dance.beats, dance.beats + dance.motion.duration])
    return dance_of(replace(dance.clip, raw=spoil.twice(dance.clip.raw), beats=beats))


def tell(name: str, pairs: Sequence[tuple[Dance, Dance]]) -> None:
    """How much the points change."""
    change = np.array([points(after, after.own) - points(before, before.own) for before, after in pairs])
    size = np.abs(change)
    print(
        f"{name}: changes by {np.median(change):+.2f} (median); size {np.median(size):.2f} (median), "
        f"{np.percentile(size, 90):.2f} (90th), {size.max():.2f} (largest)"
    )


if __name__ == "__main__":
    main()
