"""From raw landmarks to clean movement: what was not seen goes, what the network mixed up is put right.

Each shot of the clip (the stretch between two cuts) is cleaned alone, in this order:

1. landmarks below the visibility limit are missing;
2. single outliers are missing (Hampel filter [1]_ on the distance to the running median);
3. frames in which the network took the left leg for the right one are swapped back;
4. short gaps are bridged and every value is brought from the time of its frame to the time of its grid
   point (frames of 24 or 25 fps lie up to 20 ms beside the grid);
5. noise above 5 Hz is removed without delay (Butterworth, forwards and backwards [2]_);
6. position and size of the body in the picture are taken out.

References
----------
.. [1] Pearson, Neuvo, Astola, Gabbouj (2016), Generalized Hampel filters, EURASIP J. Adv. Signal Process.
.. [2] Winter (2009), Biomechanics and Motor Control of Human Movement, 4th ed., section 3.4.4.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import Akima1DInterpolator
from scipy.signal import butter, sosfiltfilt

from analysis.engine.body import MIRROR_PAIRS, Landmark
from analysis.engine.config import DEFAULT, RATE, CleanConfig, EngineConfig
from analysis.engine.errors import Refusal
from analysis.engine.types import BoolArray, FloatArray, Motion, RawPose

#: What swaps together when the network mixes up the legs; the first three pairs are the ones looked at.
_LEG_PAIRS = MIRROR_PAIRS[-5:]
_LEFT_LEG = np.array([left for left, _ in _LEG_PAIRS])
_RIGHT_LEG = np.array([right for _, right in _LEG_PAIRS])
_LOOKED_AT = 3  # hips, knees, ankles


def clean(raw: RawPose, *, config: EngineConfig = DEFAULT) -> Motion:
    """Clean landmarks of any source that sit on (or close to) the fixed grid.

    Row ``i`` of the input belongs to grid point ``i``; its ``t`` may lie beside it by less than a frame.
    Rows with the time of an earlier row repeat that row's frame and are not used twice.

    Returns
    -------
    Motion : on the exact grid, as many rows as the input. ``nan`` where nothing was seen for longer than
        the longest gap that is bridged, at both ends outside the seen part, and in the last row before
        each cut, so that no derivative reaches across it.

    Raises
    ------
    Refusal : ``no_person`` when shoulders and hips are never seen together, so there is no torso length.
    """
    rules = config.clean
    grid = (np.arange(len(raw.t)) + _first_grid_point(raw.t)) / RATE
    seen = _seen(raw, rules)
    xy = np.where(seen[:, :, None], raw.xy, np.nan)
    torso = torso_length(xy)
    if not torso > 0:
        raise Refusal("no_person", "shoulders and hips are never seen together")

    out = np.full_like(xy, np.nan)
    observed = np.zeros_like(seen)
    for shot in shots(grid, raw.cuts):
        part = _without_outliers(xy[shot], torso, rules)
        part = unswap_legs(part, torso, config=config)
        observed[shot] = np.isfinite(part[:, :, 0])
        out[shot] = _low_pass(_on_grid(part, raw.t[shot], grid[shot], rules), rules)
        if shot.stop < len(grid):
            out[shot.stop - 1] = np.nan
            observed[shot.stop - 1] = False
    observed &= np.isfinite(out[:, :, 0])
    origin = np.nanmedian(mid_hip(out), axis=0) if np.isfinite(mid_hip(out)).any() else np.zeros(2)
    return Motion(
        t=grid,
        xy=(out - origin) / torso,
        visibility=raw.visibility,
        observed=observed,
        torso=torso,
        rate=RATE,
        people=raw.people,
        cuts=raw.cuts,
    )


def resample(t: FloatArray, xy: FloatArray, visibility: FloatArray, rate: float = RATE) -> RawPose:
    """Bring landmarks of another source to the grid, for instance motion capture at 60 Hz.

    Each grid point takes the linear interpolation of the two samples around it; it is missing where one of
    them is, or where they are farther apart than one and a half grid intervals (or sample intervals, when
    the source is slower than the grid).

    Parameters
    ----------
    t : [shape=(m,)] s, ascending.
    xy : [shape=(m, 33, 2)] frame heights, ``nan`` where missing.
    visibility : [shape=(m, 33)] 0..1.
    rate : Hz, of the result.
    """
    first, last = np.ceil(t[0] * rate - 1e-6), np.floor(t[-1] * rate + 1e-6)
    grid = np.arange(first, last + 1) / rate
    after = np.clip(np.searchsorted(t, grid - 1e-9), 1, len(t) - 1)
    before = after - 1
    span = t[after] - t[before]
    share = np.clip((grid - t[before]) / span, 0.0, 1.0)
    # A sample that sits on the grid point stands alone: its neighbour may be missing.
    alone = np.abs(share - np.round(share)) < 1e-6
    nearest = np.where(share < 0.5, before, after)
    mixed = xy[before] + share[:, None, None] * (xy[after] - xy[before])
    seen = visibility[before] + share[:, None] * (visibility[after] - visibility[before])
    mixed[alone], seen[alone] = xy[nearest[alone]], visibility[nearest[alone]]
    far = ~alone & (span > 1.5 * max(1 / rate, float(np.median(np.diff(t)))))
    mixed[far], seen[far] = np.nan, 0.0
    return RawPose(t=grid, xy=mixed, visibility=np.where(np.isfinite(mixed[:, :, 0]), seen, 0.0))


def torso_length(xy: FloatArray) -> float:
    """Median distance from mid-shoulder to mid-hip, in the unit of ``xy``; nan when never seen together."""
    shoulders = (xy[:, Landmark.LEFT_SHOULDER] + xy[:, Landmark.RIGHT_SHOULDER]) / 2
    length = np.linalg.norm(shoulders - mid_hip(xy), axis=1)
    length = length[np.isfinite(length)]
    return float(np.median(length)) if len(length) else float("nan")


def mid_hip(xy: FloatArray) -> FloatArray:
    """Point between the hips. [shape=(n, 2)]"""
    middle: FloatArray = (xy[:, Landmark.LEFT_HIP] + xy[:, Landmark.RIGHT_HIP]) / 2
    return middle


def shots(grid: FloatArray, cuts: tuple[float, ...]) -> Iterator[slice]:
    """Rows of each shot: the stretches between cuts."""
    edges = [0, *(int(np.searchsorted(grid, cut - 1e-6)) for cut in cuts), len(grid)]
    for start, stop in zip(edges, edges[1:], strict=False):
        if stop > start:
            yield slice(start, stop)


def finite_runs(ok: BoolArray) -> list[tuple[int, int]]:
    """Start and end (exclusive) of each stretch of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], ok, [False])).astype(np.int8)))
    return [(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]


def alike(ok: BoolArray) -> Iterator[tuple[BoolArray, NDArray[np.intp]]]:
    """The different columns of a table, each with the places where it stands. [shape=(n, m)]

    Joints that were seen in the same rows can be worked on at once: calling costs more than reckoning.
    """
    places: dict[bytes, list[int]] = {}
    for place, column in enumerate(ok.T):
        places.setdefault(column.tobytes(), []).append(place)
    for same in places.values():
        yield ok[:, same[0]], np.array(same)


def unswap_legs(xy: FloatArray, torso: float, *, config: EngineConfig = DEFAULT) -> FloatArray:
    """Swap the legs back in frames where left and right were mixed up.

    Of all ways to name the legs frame by frame, the one is taken whose hips, knees and ankles need the least
    acceleration; each frame of a swap costs a little extra. Because accelerations are compared, legs that
    cross smoothly (a turn, a grapevine) are left alone. A swap must also convince: around it the new names
    need at most half the acceleration of the old ones, else fast, noisy legs (floor work) would be renamed.

    Parameters
    ----------
    xy : [shape=(n, 33, 2)] any unit, ``nan`` where missing.
    torso : in the same unit.
    """
    n = len(xy)
    if n < 3:
        return xy
    rules = config.clean
    cost = _acceleration_cost(xy, rules.jump_limit * torso) / torso
    doubt = np.array([0.0, rules.swap_cost])[:, None, None]
    swapped = _convincing(_cheapest_names(cost + doubt), cost, rules)
    if not swapped.any():
        return xy
    out = xy.copy()
    rows = np.flatnonzero(swapped)[:, None]
    out[rows, _LEFT_LEG], out[rows, _RIGHT_LEG] = xy[rows, _RIGHT_LEG], xy[rows, _LEFT_LEG]
    return out


def _acceleration_cost(xy: FloatArray, limit: float) -> FloatArray:
    """Second differences of the legs for each naming of three frames.

    Returns [shape=(n - 2, 2, 2, 2)]: frame, is it swapped, was the one before, the one before that. A
    landmark that is missing in one of the three frames costs nothing, one that jumps costs at most ``limit``.
    """
    left, right = xy[:, _LEFT_LEG[:_LOOKED_AT]], xy[:, _RIGHT_LEG[:_LOOKED_AT]]
    named = np.stack([np.stack([left, right]), np.stack([right, left])])  # (naming, side, n, joint, 2)
    cost = np.zeros((len(xy) - 2, 2, 2, 2))
    for now in (0, 1):
        for before in (0, 1):
            for earlier in (0, 1):
                change = named[now, :, 2:] - 2 * named[before, :, 1:-1] + named[earlier, :, :-2]
                size = np.minimum(np.linalg.norm(change, axis=-1), limit)
                cost[:, now, before, earlier] = np.nan_to_num(size).sum(axis=(0, 2))
    return cost


def _cheapest_names(cost: FloatArray) -> BoolArray:
    """Viterbi search over pairs of neighbouring frames. [shape=(n,)] True where the legs are swapped."""
    best = np.array([[0.0, 1e-6], [1e-6, 2e-6]])  # [is swapped, the one before]; ties stay unswapped
    choice = np.empty((len(cost), 2, 2), dtype=np.int8)
    for i, step in enumerate(cost):
        total = step + best[None]  # [now, before, earlier]
        choice[i] = total.argmin(axis=2)
        best = total.min(axis=2)
    now, before = np.unravel_index(int(best.argmin()), best.shape)
    swapped = np.empty(len(cost) + 2, dtype=bool)
    for i in range(len(cost) - 1, -1, -1):
        swapped[i + 2] = now
        now, before = before, choice[i, now, before]
    swapped[1], swapped[0] = now, before
    return swapped


def _convincing(swapped: BoolArray, cost: FloatArray, rules: CleanConfig) -> BoolArray:
    """Keep only the swaps that make the movement around them much smoother. [shape=(n,)]"""
    kept = np.zeros_like(swapped)
    name = swapped.astype(np.intp)
    for start, stop in finite_runs(swapped):
        row = np.arange(max(start - 2, 0), min(stop, len(cost)))
        as_seen = cost[row, 0, 0, 0].sum()
        renamed = cost[row, name[row + 2], name[row + 1], name[row]].sum()
        kept[start:stop] = renamed <= rules.swap_ratio * as_seen and as_seen - renamed >= rules.swap_gain
    return kept


def _first_grid_point(t: FloatArray) -> int:
    return round(float(t[0]) * RATE) if len(t) else 0


def _seen(raw: RawPose, rules: CleanConfig) -> BoolArray:
    """Measured and visible, each frame once. [shape=(n, 33)]"""
    seen: BoolArray = np.isfinite(raw.xy).all(axis=2) & (raw.visibility >= rules.visibility)
    repeated = np.concatenate(([False], np.diff(raw.t) <= 0))
    seen[repeated] = False
    return seen


def _without_outliers(xy: FloatArray, torso: float, rules: CleanConfig) -> FloatArray:
    """Hampel filter: points far from the median of their neighbourhood become missing."""
    half = rules.hampel_window // 2
    padded = np.pad(xy, ((half, half), (0, 0), (0, 0)), constant_values=np.nan)
    window = np.lib.stride_tricks.sliding_window_view(padded, rules.hampel_window, axis=0)  # (n, 33, 2, w)
    middle = _nan_median(window)
    distance = np.linalg.norm(xy - middle, axis=2)
    spread = _nan_median(np.linalg.norm(window - middle[..., None], axis=2))
    limit = np.maximum(rules.hampel_sigmas * 1.4826 * spread, rules.hampel_floor * torso)
    return np.where((distance > limit)[:, :, None], np.nan, xy)


def _nan_median(values: FloatArray) -> FloatArray:
    """Median over the last axis without nan; nan where there is nothing, without a warning."""
    ordered = np.sort(values, axis=-1)  # nan last
    count = np.isfinite(values).sum(axis=-1)[..., None]
    low = np.take_along_axis(ordered, np.maximum(count - 1, 0) // 2, axis=-1)
    high = np.take_along_axis(ordered, np.minimum(count // 2, values.shape[-1] - 1), axis=-1)
    middle: FloatArray = np.where(count > 0, (low + high) / 2, np.nan)[..., 0]
    return middle


def _on_grid(xy: FloatArray, t: FloatArray, grid: FloatArray, rules: CleanConfig) -> FloatArray:
    """Bridge short gaps and move every value from the time of its frame to its grid point."""
    out = np.full_like(xy, np.nan)
    longest = round(rules.gap * RATE)
    for ok, joints in alike(np.isfinite(xy[:, :, 0])):
        for start, stop in finite_runs(_bridged(ok, longest)):
            nodes = start + np.flatnonzero(ok[start:stop])
            out[start:stop, joints] = _interpolate(t[nodes], xy[np.ix_(nodes, joints)], grid[start:stop])
    return out


def _bridged(ok: BoolArray, longest: int) -> BoolArray:
    """True also in inner gaps of at most ``longest`` rows."""
    out = ok.copy()
    for start, stop in finite_runs(~ok):
        if 0 < start and stop < len(ok) and stop - start <= longest:
            out[start:stop] = True
    return out


def _interpolate(t: FloatArray, xy: FloatArray, at: FloatArray) -> FloatArray:
    """Smooth curve through the points (modified Akima: exact at them, hardly any overshoot between)."""
    if len(t) == len(at) and np.array_equal(t, at):
        return xy
    if len(t) < 2:
        return np.broadcast_to(xy[0], (len(at), *xy.shape[1:]))
    curve: NDArray[np.float64] = Akima1DInterpolator(t, xy, method="makima", extrapolate=True)(at)
    return curve


def _low_pass(xy: FloatArray, rules: CleanConfig) -> FloatArray:
    """Zero-phase low-pass of each finite run; runs of fewer than four rows stay as they are."""
    sos = _butterworth(rules.cutoff)
    out = xy.copy()
    for ok, joints in alike(np.isfinite(xy[:, :, 0])):
        for start, stop in finite_runs(ok):
            if stop - start >= 4:
                padding = min(rules.padding, stop - start - 1)
                out[start:stop, joints] = sosfiltfilt(sos, xy[start:stop, joints], axis=0, padlen=padding)
    return out


def _butterworth(cutoff: float) -> FloatArray:
    """Second order, run twice: fourth order in all, 3 dB down at ``cutoff`` after both runs [2]_."""
    corrected = np.tan(np.pi * cutoff / RATE) / (np.sqrt(2) - 1) ** 0.25
    sos: FloatArray = butter(2, np.arctan(corrected) / np.pi * RATE, fs=RATE, output="sos")
    return sos
