"""Steps: where one move of the routine ends and the next begins, and which of them come again.

Dancers change their move on a count, so the clip is first cut into *atoms*: the intervals between the beats
of the music or, where no beats are heard, between the moments at which the body comes to rest. Each atom is
described by its mean posture (where the limbs are, joint angles, how fast they go). Kernel change point
detection [1]_ [2]_ then finds the steps within which the posture differs least, at a price for every step,
for odd counts and for unusual lengths; the best of all divisions is found by dynamic programming. Looking at
whole beats instead of single frames is what makes it work: frame by frame, every beat of a dance is a change.

References
----------
.. [1] Arlot, Celisse, Harchaoui (2019), A kernel multiple change-point algorithm, JMLR 20.
.. [2] Truong, Oudre, Vayatis (2020), Selective review of offline change point detection methods, Signal
   Processing 167; the ``ruptures`` library.
.. [3] Sakoe, Chiba (1978), Dynamic programming algorithm optimization for spoken word recognition, IEEE
   Trans. ASSP 26(1).
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from ruptures.costs import CostRbf

from analysis.engine.body import BODY_JOINTS, Landmark
from analysis.engine.clean import finite_runs
from analysis.engine.config import DEFAULT, EngineConfig, StepsConfig
from analysis.engine.kinematics import LIMBS
from analysis.engine.step_names import name_steps
from analysis.engine.types import Difficulty, FloatArray, Kinematics, Motion, Music, Step

#: The joints that say which posture the body is in, seen from the middle of the hips.
_OUTER = tuple(joint for joint in BODY_JOINTS if joint not in (Landmark.LEFT_HIP, Landmark.RIGHT_HIP))


def find_steps(
    motion: Motion,
    kin: Kinematics,
    music: Music | None,
    *,
    difficulty: Difficulty = "intermediate",
    config: EngineConfig = DEFAULT,
) -> tuple[Step, ...]:
    """Cut the routine into steps, name them, and find the ones that come again.

    Parameters
    ----------
    motion, kin : cleaned movement and what was derived from it.
    music : its beats carry the counts; None or without beats: the movement's own rests do.
    difficulty : how finely to cut: beginners get fewer and longer steps, advanced dancers more and shorter.

    Returns
    -------
    Steps in order, none shorter than ``config.steps.shortest`` seconds or longer than
    ``config.steps.longest`` beats. Stretches in which the dancer was not seen belong to no step.
    ``counts`` and ``eight`` are None without beats; ``repeats`` is the number (1-based) of the first step
    that it does again.
    """
    rules = config.steps
    heard = music.beats if music is not None else np.zeros(0)
    begin, end = float(motion.t[0]), float(motion.t[-1])
    beats = _counted_on(heard, begin, end) if len(heard) > 1 else np.zeros(0)
    rests = beats if len(beats) else _counted_on(_rests(kin, motion, rules), begin, end)
    interval = float(np.median(np.diff(rests))) if len(rests) > 1 else rules.silent_beat
    posture = describe_posture(motion, kin)
    atoms = []
    for start, stop in _stretches(motion, posture, rules):
        edges = _atom_edges(float(motion.t[start]), float(motion.t[stop - 1]) + 1 / motion.rate, rests, rules)
        atoms.append((edges, _atom_means(posture, motion.t, edges)))

    def divide(difficulty: Difficulty) -> list[Step]:
        prices = _prices(difficulty, interval, not len(beats), rules)
        spans = [
            span for edges, means in atoms for span in pairwise(edges[_boundaries(means, prices)].tolist())
        ]
        return [Step(start=round(a, 3), end=round(b, 3), name="") for a, b in spans]

    steps = divide(difficulty)
    originals = _recurrences(motion, kin, steps, rules)
    steps = _named(motion, kin, steps, originals, config)
    # The same beat is the same count for everybody, however finely the routine is cut for them.
    usual = steps if difficulty == "intermediate" else divide("intermediate")
    return tuple(_counted(steps, beats, _find_one(usual, beats)))


def describe_posture(motion: Motion, kin: Kinematics) -> FloatArray:
    """What the body looks like in each frame, standardised over the clip. [shape=(n, 48)]

    Limb positions from the middle of the hips (20), cosine and sine of the ten joint angles (20), and the
    logarithm of eight limb speeds (8), each with mean 0 and spread 1. A column that is never seen is 0: it
    tells nothing apart. Single missing values are ``nan``.
    """
    hips = motion.xy[:, [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=1)
    limbs = (motion.xy[:, list(_OUTER)] - hips[:, None]).reshape(len(motion.t), -1)
    pace = np.log(
        kin.speed[:, list(LIMBS)] + 0.2
    )  # torso lengths / s; differences among slow speeds are noise
    raw = np.concatenate([limbs, np.cos(kin.angles), np.sin(kin.angles), pace], axis=1)
    seen = np.isfinite(raw)
    count = np.maximum(seen.sum(axis=0), 1)
    mean = np.where(seen, raw, 0.0).sum(axis=0) / count
    spread = np.sqrt(np.where(seen, (raw - mean) ** 2, 0.0).sum(axis=0) / count)
    posture = (raw - mean) / np.maximum(spread, 0.05)  # what hardly moves shall not shout
    posture[:, seen.mean(axis=0) < 0.5] = 0.0
    return np.asarray(posture)


def _stretches(motion: Motion, posture: FloatArray, rules: StepsConfig) -> list[tuple[int, int]]:
    """Ranges of rows in which most of the body was seen, without longer gaps or cuts."""
    seen = np.isfinite(posture).mean(axis=1) >= 0.5
    joined: list[tuple[int, int]] = []
    for start, stop in finite_runs(seen):
        gap = (start - joined[-1][1]) / motion.rate if joined else np.inf
        cut = bool(joined) and any(
            motion.t[joined[-1][1] - 1] < time < motion.t[start] + 0.5 / motion.rate for time in motion.cuts
        )
        if gap <= rules.bridged_gap and not cut:
            joined[-1] = (joined[-1][0], stop)
        else:
            joined.append((start, stop))
    return [(start, stop) for start, stop in joined if (stop - start) / motion.rate >= rules.shortest]


def _counted_on(times: FloatArray, begin: float, end: float) -> FloatArray:
    """Beats, and where none were found for a while those that a dancer would count on. [shape=(m,)] s"""
    if len(times) < 2:
        return times
    interval = float(np.median(np.diff(times)))
    # One more before the beginning: a clip that starts just after a beat starts on that beat.
    parts = [np.arange(times[0] - interval, begin - interval - 1e-9, -interval)[::-1]]
    for one, two in pairwise(times):
        parts.append(np.linspace(one, two, max(1, round((two - one) / interval)), endpoint=False))
    parts.append(np.arange(times[-1], end + interval, interval))
    return np.concatenate(parts)


def _rests(kin: Kinematics, motion: Motion, rules: StepsConfig) -> FloatArray:
    """Moments at which the body is slower than around, at least half a silent beat apart. [shape=(m,)] s"""
    pace = kin.energy
    reach = max(1, round(rules.silent_beat / 2 * motion.rate))
    rests: list[int] = []
    for i in range(reach, len(pace) - reach):
        around = pace[i - reach : i + reach + 1]
        slowest = np.isfinite(around).all() and pace[i] == around.min()
        if slowest and (not rests or i - rests[-1] >= reach):
            rests.append(i)
    return np.asarray(motion.t[rests])


def _atom_edges(begin: float, end: float, times: FloatArray, rules: StepsConfig) -> FloatArray:
    """Times that cut a stretch into atoms, both its ends among them. [shape=(atoms + 1,)] s"""
    least = float(np.median(np.diff(times))) / 2 if len(times) > 1 else rules.shortest
    inner = times[(times > begin + least) & (times < end - least)]
    return np.concatenate([[begin], inner, [end]])


def _atom_means(posture: FloatArray, t: FloatArray, edges: FloatArray) -> FloatArray:
    """Mean posture of each atom, standardised again; what was not seen in it takes the clip's mean, 0."""
    rows = np.searchsorted(edges, t + 1e-9, side="right") - 1
    means = np.zeros((len(edges) - 1, posture.shape[1]))
    for atom in range(len(means)):
        part = posture[rows == atom]
        seen = np.isfinite(part)
        means[atom] = np.where(seen, part, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    return np.asarray((means - means.mean(axis=0)) / np.maximum(means.std(axis=0), 0.05))


def _prices(difficulty: Difficulty, interval: float, silent: bool, rules: StepsConfig) -> dict[int, float]:
    """What a step of so many atoms costs; lengths that are not there are not allowed.

    Moves of 4 and 8 counts are the rule in every dance class, odd ones the exception; on slow beats they
    have half the counts. Without beats there is nothing to count, only lengths.
    """
    step, wanted = {
        "beginner": (rules.price_beginner, rules.beats_beginner),
        "intermediate": (rules.price_intermediate, rules.beats_intermediate),
        "advanced": (rules.price_advanced, rules.beats_advanced),
    }[difficulty]
    if interval > rules.slow_beat and not silent:
        wanted /= 2
    beats_per_atom = interval / rules.silent_beat if silent else 1.0
    shortest = int(np.ceil(max(rules.shortest / interval, rules.least / beats_per_atom) - 1e-9))
    longest = max(2 * shortest - 1, int(rules.longest / beats_per_atom))
    prices = {}
    for length in range(shortest, longest + 1):
        octaves = float(np.log2(length * beats_per_atom / wanted))
        uneven = 0.0 if silent or length in (4, 8) else 0.5 if length % 2 == 0 else 1.0
        prices[length] = step + rules.odd_price * uneven + rules.length_price * octaves**2
    return prices


def _boundaries(atoms: FloatArray, prices: dict[int, float]) -> list[int]:
    """Indices of the edges between steps, the first and the last edge among them.

    The cost of a step is its price and the scatter of its atoms in the kernel's feature space, at most 1 per
    atom; the division of least cost is found exactly.
    """
    shortest = min(prices)
    if len(atoms) < 2 * shortest:
        return [0, len(atoms)]
    scatter = CostRbf().fit(atoms)
    best = np.full(len(atoms) + 1, np.inf)
    best[0] = 0.0
    came_from = np.zeros(len(atoms) + 1, dtype=int)
    for stop in range(shortest, len(atoms) + 1):
        for length in (length for length in prices if length <= stop):
            cost = best[stop - length] + prices[length] + scatter.error(stop - length, stop)
            if cost < best[stop]:
                best[stop], came_from[stop] = cost, stop - length
    bounds = [len(atoms)]
    while bounds[-1] > 0:
        bounds.append(int(came_from[bounds[-1]]))
    return bounds[::-1]


def _recurrences(motion: Motion, kin: Kinematics, steps: list[Step], rules: StepsConfig) -> list[int | None]:
    """For each step the index of the first step it does again, or None.

    Two steps are the same when, after dynamic time warping [3]_, their limbs lie on the average closer
    together than ``rules.same_distance`` torso lengths and also closer than ``rules.same_share`` of their own
    way (small moves differ by little), and when their lengths agree within a third.
    """
    curves = [_curve(motion, kin, step, rules) for step in steps]
    ways = [_way(curve) for curve in curves]
    originals: list[int | None] = []
    for i, step in enumerate(steps):
        earlier = [
            j
            for j in range(i)
            if originals[j] is None
            and 0.7 <= (step.end - step.start) / (steps[j].end - steps[j].start) <= 1.4
        ]
        originals.append(None)
        if earlier:
            distances = _warped_distances(curves[i], np.stack([curves[j] for j in earlier]), rules.warp)
            nearest = int(np.argmin(distances))
            way = min(ways[i], ways[earlier[nearest]])
            allowed = max(rules.held_distance, min(rules.same_distance, rules.same_share * way))
            if distances[nearest] <= allowed:
                originals[i] = earlier[nearest]
    return originals


def _way(curve: FloatArray) -> float:
    """How far the joints are from their middle place, on the average over time and joints. Torso lengths."""
    seen = curve[:, np.isfinite(curve).all(axis=(0, 2))]
    return float(np.linalg.norm(seen - seen.mean(axis=0), axis=2).mean()) if seen.size else 0.0


def _curve(motion: Motion, kin: Kinematics, step: Step, rules: StepsConfig) -> FloatArray:
    """The way of the limbs (from mid-hip) and of the body through a step. [shape=(points, joints + 1, 2)]"""
    hips = motion.xy[:, [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=1)
    ways = np.concatenate([motion.xy[:, list(_OUTER)] - hips[:, None], kin.com[:, None]], axis=1)
    at = np.linspace(step.start, step.end - 1 / motion.rate, rules.curve_points)
    curve = np.full((len(at), *ways.shape[1:]), np.nan)
    rows = (motion.t >= step.start - 1e-9) & (motion.t < step.end - 1e-9)
    for joint in range(ways.shape[1]):
        way = ways[rows, joint]
        seen = np.isfinite(way[:, 0])
        if seen.mean() >= 0.5:
            curve[:, joint] = np.stack(
                [np.interp(at, motion.t[rows][seen], way[seen, k]) for k in (0, 1)], axis=1
            )
    curve[:, -1] -= curve[:1, -1]  # where on the floor it happens does not matter
    return curve


def _warped_distances(curve: FloatArray, others: FloatArray, warp: float) -> FloatArray:
    """Mean joint distance between a curve and each of the others along the best warping path.

    ``others`` [shape=(m, points, joints, 2)] -> [shape=(m,)] torso lengths; inf where too little was seen.
    """
    apart = curve[None, :, None] - others[:, None, :]  # (m, points, points, joints, 2)
    apart = np.sqrt(apart[..., 0] ** 2 + apart[..., 1] ** 2)
    both = np.isfinite(apart)
    local = np.where(both, apart, 0.0).sum(axis=3) / np.maximum(both.sum(axis=3), 1)
    local[both.mean(axis=3) < 0.5] = np.inf
    points = len(curve)
    band = max(1, round(warp * points))
    total = np.full((len(others), points + 1, points + 1), np.inf)
    total[:, 0, 0] = 0.0
    for i in range(1, points + 1):
        for j in range(max(1, i - band), min(points, i + band) + 1):
            # A diagonal move counts twice, so every path weighs 2 * points (the symmetric form).
            straight = total[:, i - 1, j - 1] + 2 * local[:, i - 1, j - 1]
            bent = np.minimum(total[:, i - 1, j], total[:, i, j - 1]) + local[:, i - 1, j - 1]
            total[:, i, j] = np.minimum(straight, bent)
    return np.asarray(total[:, points, points] / (2 * points))


def _named(
    motion: Motion,
    kin: Kinematics,
    steps: list[Step],
    originals: list[int | None],
    config: EngineConfig,
) -> list[Step]:
    """Names from the movement; a step that comes again keeps the name it had."""
    new = [i for i, original in enumerate(originals) if original is None]
    names = dict(zip(new, name_steps(motion, kin, [steps[i] for i in new], config=config), strict=True))
    return [
        replace(step, name=names[i])
        if original is None
        else replace(step, name=names[original], repeats=original + 1)
        for i, (step, original) in enumerate(zip(steps, originals, strict=True))
    ]


def _beat_at(time: float, beats: FloatArray) -> int:
    """The number of the nearest beat."""
    return int(np.argmin(np.abs(beats - time)))


def _find_one(steps: list[Step], beats: FloatArray) -> int:
    """The number of a beat that is counted "one"; 0 where nothing is counted.

    It is taken from the dancer: of the eight possibilities the one on which most steps begin with a 1 (or,
    for half as much, a 5); if several do equally well, the first step begins with a 1.
    """
    if len(beats) < 2 or not steps:
        return 0
    firsts = [_beat_at(step.start, beats) for step in steps]

    def roundness(one: int) -> float:
        on = [(first - one) % 8 for first in firsts]
        return on.count(0) + on.count(4) / 2

    return max(range(firsts[0], firsts[0] - 8, -1), key=roundness)


def _counted(steps: list[Step], beats: FloatArray, one: int) -> list[Step]:
    """Give each step its counts and its eight, from the beat that is counted "one"."""
    if len(beats) < 2:
        return steps
    firsts = [_beat_at(step.start, beats) for step in steps]
    lasts = [max(first, _beat_at(step.end, beats) - 1) for first, step in zip(firsts, steps, strict=True)]
    return [
        replace(
            step,
            counts=((first - one) % 8 + 1, (last - one) % 8 + 1),
            eight=(first - one) // 8 + 1,
        )
        for step, first, last in zip(steps, firsts, lasts, strict=True)
    ]
