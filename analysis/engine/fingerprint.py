"""Whether two clips show the same recording, however it was changed before it was posted again.

A fingerprint holds two things, neither of which can be turned back into a video:

- *pictures*: a perceptual hash of a picture 2.5 times a second. It is the signs of the lowest frequencies
  of the grey picture [1]_, so brightness, size and compression hardly change it; black bars are cut off
  first. In a mirror the signs of the odd horizontal frequencies turn round, which needs no second hash.
- *movement*: where shoulders, elbows, wrists, hips, knees and ankles are, seen from the hips, in torso
  lengths, 7.5 times a second.

Two clips are laid over each other at every offset, at slightly different speeds, and mirrored. A copy has the
same movement but for what the pose network trembles; another dancer of the same steps, or the same dancer a
second time, does not come near it. Where nobody moves, the pictures decide.

*Words* make a few candidates out of a million fingerprints. Around each moment at which the body is fastest
the signs of fixed random projections of the movement are taken; copies have the same moments and nearly all
the same signs [2]_. Another few words are pieces of the hash of the median picture.

References
----------
.. [1] Zauner (2010), Implementation and benchmarking of perceptual image hash functions.
.. [2] Charikar (2002), Similarity estimation techniques from rounding algorithms, STOC.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dctn
from scipy.ndimage import uniform_filter1d
from scipy.signal import fftconvolve, find_peaks

from analysis.engine.body import BODY_JOINTS
from analysis.engine.clean import mid_hip, torso_length
from analysis.engine.config import DEFAULT, RATE, EngineConfig
from analysis.engine.types import BoolArray, Fingerprint, FloatArray, RawPose

VERSION: Final = 1

#: Every second grid point is kept of the movement.
MOVEMENT_STEP: Final = 2
MOVEMENT_RATE: Final = RATE / MOVEMENT_STEP  # Hz
#: Stored movement is whole: these many make one torso length. The lowest value means: not seen.
_PER_TORSO: Final = 32
_UNSEEN: Final = -128
_JOINTS: Final = np.array(BODY_JOINTS)
#: Left joint beside right joint, in the order of ``BODY_JOINTS``.
_MIRRORED_JOINTS: Final = np.arange(len(BODY_JOINTS)).reshape(-1, 2)[:, ::-1].ravel()
#: Signs are taken of the lowest 8 x 8 frequencies; those of the odd horizontal ones turn in a mirror.
_LOW: Final = 8
_ODD: Final = np.tile(np.arange(_LOW) % 2 == 1, _LOW)

_WORD_BITS: Final = 24
_WORD_PROBES: Final = 4  # of the bits nearest to zero, each possible value is looked up
_WORD_REACH: Final = 3  # values of the movement before and after the fastest moment (.4 s)
_MOST_WORDS: Final = 64
_PROJECTION: Final = np.random.default_rng(20260101).standard_normal((_WORD_BITS, 2 * 2 * len(BODY_JOINTS)))
_BAND_BITS: Final = 16
_BLOCK: Final = 64  # pictures worked on at once: a long clip must not need more memory than a short one
_ROWS: Final = 8  # likewise, rows of all pictures
_PICTURE_WORD: Final = 1 << 40  # apart from those of movement
_VERSION_WORD: Final = VERSION << 48


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two clips are where they fit best: ``other time = (time - offset) * speed``."""

    same: bool  # the same recording
    distance: float  # 0..1 of the movement: 0 the same, 1 nothing to do with each other
    picture: float  # share of the bits in which the pictures differ
    changes: float  # the same, of what changes in them
    mirrored: bool
    offset: float  # s, time at which the other clip begins
    speed: float  # how much faster the clip plays than the other
    overlap: float  # s
    spread: float  # torso lengths of movement about the mean pose, in the overlap


# --- Making one -------------------------------------------------------------------------------------------
def fingerprint(pictures: NDArray[np.uint8], pose: RawPose, *, config: EngineConfig = DEFAULT) -> Fingerprint:
    """The fingerprint of a clip that was watched.

    Parameters
    ----------
    pictures : [shape=(m, side, side)] grey, as ``watch`` keeps them.
    """
    shown = _without_bars(pictures, config.fingerprint.black)
    median = _over_time(shown, 50) if len(shown) else np.zeros(shown.shape[1:])
    return Fingerprint(
        pictures=_signs(shown),
        changes=_signs(shown, median),
        scene=_signs(median[None])[0],
        movement=_movement(pose),
    )


def _without_bars(pictures: NDArray[np.uint8], black: float) -> NDArray[np.uint8]:
    """Without the rows and columns at the edges that are black all along."""
    if not len(pictures):
        return pictures
    lit = _over_time(pictures, 95) > black
    rows, columns = np.flatnonzero(lit.mean(axis=1) > 0.05), np.flatnonzero(lit.mean(axis=0) > 0.05)
    # What is left must be a picture; a clip that is dark as a whole stays as it is.
    if len(rows) < _LOW or len(columns) < _LOW:
        return pictures
    return pictures[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _over_time(pictures: NDArray[np.uint8], percentile: float) -> FloatArray:
    """A percentile of each pixel, some rows at once: all would take eight times the pictures' memory."""
    parts = range(0, pictures.shape[1], _ROWS)
    return np.concatenate([np.percentile(pictures[:, i : i + _ROWS], percentile, axis=0) for i in parts])


def _signs(pictures: NDArray[Any], less: FloatArray | float = 0.0) -> BoolArray:
    """Signs of the lowest frequencies of each picture, ``less`` taken from each before. [shape=(m, 64)]"""
    signs = np.zeros((len(pictures), _LOW * _LOW), bool)
    for first in range(0, len(pictures), _BLOCK):
        block = slice(first, first + _BLOCK)
        spectrum = dctn(pictures[block] - less, axes=(1, 2), norm="ortho")[:, :_LOW, :_LOW]
        # The mean brightness says nothing.
        spectrum[:, 0, 0] = 0.0
        signs[block] = spectrum.reshape(len(spectrum), -1) > 0
    return signs


def _movement(pose: RawPose) -> NDArray[np.int8]:
    xy = np.where((pose.visibility > 0.5)[:, :, None], pose.xy, np.nan)
    torso = torso_length(xy)
    seen = (xy - mid_hip(xy)[:, None])[:, _JOINTS] / (torso if torso > 0 else np.nan)
    # Two neighbours help against the trembling, and against what lies between the values that are kept.
    padded = np.concatenate([seen[:1], seen, seen[-1:]])
    smooth = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
    kept = np.clip(np.rint(smooth[::MOVEMENT_STEP] * _PER_TORSO), _UNSEEN + 1, 127)
    return np.where(np.isfinite(kept), kept, _UNSEEN).astype(np.int8)


# --- Storing one ------------------------------------------------------------------------------------------
def encode(found: Fingerprint) -> bytes:
    """A few kilobytes for a clip of fifteen seconds. `VERSION` is kept beside it."""
    counts = np.array([len(found.pictures), len(found.movement)], "<u4").tobytes()
    # Differences from one row to the next are small, and small numbers pack well.
    steps = np.diff(found.movement, axis=0, prepend=np.zeros((1, *found.movement.shape[1:]), np.int8))
    hashes = np.packbits(np.concatenate([found.scene[None], found.pictures, found.changes]))
    return zlib.compress(counts + hashes.tobytes() + steps.tobytes(), 9)


def decode(data: bytes) -> Fingerprint:
    """What ``encode`` wrote. Raises ValueError for anything else."""
    try:
        raw = zlib.decompress(data)
        pictures, rows = (int(count) for count in np.frombuffer(raw[:8], "<u4"))
        end = 8 + 8 * (1 + 2 * pictures)
        hashes = np.unpackbits(np.frombuffer(raw[8:end], np.uint8)).astype(bool).reshape(-1, _LOW * _LOW)
        steps = np.frombuffer(raw[end:], np.int8).reshape(rows, len(BODY_JOINTS), 2)
    except (ValueError, zlib.error) as error:
        raise ValueError(f"This is not a fingerprint: {error}") from error
    movement = np.cumsum(steps, axis=0, dtype=np.int8)
    return Fingerprint(hashes[1 : pictures + 1], hashes[pictures + 1 :], hashes[0], movement)


def mirrored(found: Fingerprint) -> Fingerprint:
    """The fingerprint of the same clip seen in a mirror."""
    movement = found.movement[:, _MIRRORED_JOINTS].copy()
    across = movement[:, :, 0]
    movement[:, :, 0] = np.where(across == _UNSEEN, across, -across)
    turned = _ODD[None] & np.ones((len(found.pictures), 1), bool)
    return Fingerprint(found.pictures ^ turned, found.changes ^ turned, found.scene ^ _ODD, movement)


# --- Words ------------------------------------------------------------------------------------------------
def words(found: Fingerprint) -> list[int]:
    """What the fingerprint is stored under."""
    signs = _projections(found) > 0
    own = {_word(row) for row in signs}
    return sorted(own | _bands(found.scene))


def probes(found: Fingerprint) -> list[int]:
    """What to look up for clips like this one, mirrored ones too."""
    wanted: set[int] = set()
    for seen in (found, mirrored(found)):
        wanted |= _bands(seen.scene)
        for row in _projections(seen):
            unsure = np.argsort(np.abs(row))[:_WORD_PROBES]
            for count in range(_WORD_PROBES + 1):
                for chosen in combinations(unsure, count):
                    signs = row > 0
                    signs[list(chosen)] ^= True
                    wanted.add(_word(signs))
    return sorted(wanted)


def _word(signs: BoolArray) -> int:
    return _VERSION_WORD | int.from_bytes(np.packbits(signs).tobytes(), "big")


def _bands(scene: BoolArray) -> set[int]:
    """The median picture's hash in four pieces, each with its place."""
    if not scene.any():
        return set()
    pieces = np.packbits(scene).view(">u2")
    return {
        _VERSION_WORD | _PICTURE_WORD | place << _BAND_BITS | int(piece) for place, piece in enumerate(pieces)
    }


def _projections(found: Fingerprint) -> FloatArray:
    """Random projections of the movement around its fastest moments. [shape=(k, bits)]"""
    xy = _torsos(found.movement).reshape(len(found.movement), -1)
    if len(xy) < 2 * _WORD_REACH + 3:
        return np.zeros((0, _WORD_BITS))
    rows = np.arange(len(xy), dtype=float)
    filled = np.column_stack([_bridged(column) for column in xy.T])
    speed = np.linalg.norm(np.diff(filled, axis=0), axis=1)
    speed = uniform_filter1d(uniform_filter1d(speed, 3), 3)
    peaks, facts = find_peaks(speed, distance=3, prominence=0.02)
    strongest = np.sort(peaks[np.argsort(-facts["prominences"], kind="stable")[:_MOST_WORDS]])
    inside = strongest[(strongest > _WORD_REACH) & (strongest < len(speed) - _WORD_REACH - 1)]
    if not len(inside):
        return np.zeros((0, _WORD_BITS))
    # Between two values the parabola through three of them has its top.
    before, at, after = speed[inside - 1], speed[inside], speed[inside + 1]
    top = inside + 0.5 + 0.5 * (before - after) / np.minimum(before - 2 * at + after, -1e-9)

    def at_rows(times: FloatArray) -> FloatArray:
        return np.column_stack([np.interp(times, rows, column) for column in filled.T])

    middle = at_rows(top)
    change = np.hstack([middle - at_rows(top - _WORD_REACH), at_rows(top + _WORD_REACH) - middle])
    return np.asarray(change @ _PROJECTION.T)


def _bridged(column: FloatArray) -> FloatArray:
    """Without gaps: straight lines where nothing was seen, zero where nothing ever was."""
    seen = np.isfinite(column)
    if not seen.any():
        return np.zeros_like(column)
    rows = np.arange(len(column))
    return np.asarray(np.interp(rows, rows[seen], column[seen]))


def _torsos(movement: NDArray[np.int8]) -> FloatArray:
    return np.where(movement == _UNSEEN, np.nan, movement / _PER_TORSO)


# --- Comparing --------------------------------------------------------------------------------------------
def compare(one: Fingerprint, other: Fingerprint, *, config: EngineConfig = DEFAULT) -> Likeness | None:
    """Lay two clips over each other where they fit best; None when too little is seen of both at once."""
    best: tuple[_Fit, Fingerprint, bool] | None = None
    for in_mirror in (False, True):
        seen = mirrored(other) if in_mirror else other
        fit = _fit(_torsos(one.movement), _torsos(seen.movement), config)
        if fit is not None and (best is None or fit.distance < best[0].distance):
            best = fit, seen, in_mirror
    if best is None:
        return None
    fit, seen, in_mirror = best
    picture, changes = _picture_distances(one, seen, fit, config)
    return Likeness(
        same=_same(fit, picture, changes, config),
        distance=round(fit.distance, 4),
        picture=round(picture, 4),
        changes=round(changes, 4),
        mirrored=in_mirror,
        offset=round(fit.shift / MOVEMENT_RATE, 3),
        speed=round(fit.speed, 4),
        overlap=round(fit.rows / MOVEMENT_RATE, 2),
        spread=round(fit.spread, 4),
    )


@dataclass(frozen=True, slots=True)
class _Fit:
    """One clip laid over another: row r of the one is row (r - shift) * speed of the other."""

    distance: float
    shift: float
    speed: float
    rows: int
    spread: float
    apart: float  # torso lengths between the poses, root mean square


def _same(fit: _Fit, picture: float, changes: float, config: EngineConfig) -> bool:
    rules = config.fingerprint
    if fit.spread < rules.still:
        return picture <= rules.still_picture and fit.apart <= rules.still_pose
    if fit.distance <= rules.movement:
        return True
    # A very good imitator comes this near too, but dances elsewhere.
    if fit.distance <= rules.movement_there and picture <= rules.place:
        return True
    # The pose network may have seen the one worse than the other; what moves in the pictures tells too.
    return picture <= rules.picture and changes <= rules.changes


def _fit(one: FloatArray, other: FloatArray, config: EngineConfig) -> _Fit | None:
    """The best of all offsets and speeds: roughly by whole rows, then finely around the best of these."""
    rules = config.fingerprint
    first, last, step = rules.speeds
    rough = []
    for speed in np.arange(first, last + step / 2, step):
        stretched = _stretched(other, speed)
        shorter = min(len(one), len(stretched))
        least = max(round(rules.overlap * MOVEMENT_RATE), round(rules.overlap_share * shorter))
        for agreement, shift in _likely_shifts(one, stretched, least):
            if agreement > rules.rough:
                rough.append((agreement, shift, float(speed), least, shorter))
    best, price = None, np.inf
    for _, shift, middle, least, shorter in sorted(rough, reverse=True)[: rules.tries]:
        for speed in (middle - step / 2, middle, middle + step / 2):
            stretched = _stretched(other, speed)
            for part in (-0.6, -0.3, 0.0, 0.3, 0.6):
                found = _measure(one, stretched, shift + part, speed, least, rules.seen)
                if found is None:
                    continue
                # What agrees for longer is worth more than what agrees a little better.
                paid = found.distance + rules.short_price * (1 - found.rows / shorter)
                if paid < price:
                    best, price = found, paid
    return best


def _stretched(xy: FloatArray, speed: float) -> FloatArray:
    """A clip as it is when it is played faster."""
    return _sampled(xy, np.arange(0, len(xy) - 1 + 1e-9, speed)) if len(xy) > 1 else xy[:0]


def _sampled(xy: FloatArray, rows: FloatArray) -> FloatArray:
    """Values between rows, by straight lines; nan where a neighbour is missing. [shape=(len(rows), 12, 2)]"""
    before = np.minimum(rows.astype(int), len(xy) - 2)
    share = (rows - before)[:, None, None]
    return np.asarray(xy[before] * (1 - share) + xy[before + 1] * share)


def _likely_shifts(one: FloatArray, other: FloatArray, least: int) -> list[tuple[float, int]]:
    """The whole offsets at which poses agree best, with how well they do (1: the same)."""
    n, m = len(one), len(other)
    if min(n, m) < least:
        return []
    flat_one, flat_other = (np.nan_to_num(xy - _mean(xy)).reshape(len(xy), -1) for xy in (one, other))
    # Sums over all rows that two clips have in common, at every offset: place p is the offset p - (m - 1).
    product = fftconvolve(flat_one, flat_other[::-1], axes=0).sum(axis=1)
    ones_one, ones_other = np.ones(n), np.ones(m)
    size = np.convolve((flat_one**2).sum(axis=1), ones_other)
    size += np.convolve(ones_one, (flat_other[::-1] ** 2).sum(axis=1))
    common = np.convolve(ones_one, ones_other) > least - 0.5
    agreement = np.where(common & (size > 1e-6), 2 * product / np.maximum(size, 1e-6), -1.0)
    return [(float(agreement[place]), int(place) - (m - 1)) for place in np.argsort(-agreement)[:2]]


def _measure(
    one: FloatArray, other: FloatArray, shift: float, speed: float, least: int, seen: float
) -> _Fit | None:
    """The distance at an offset: what of the movement is left when the other's is taken away."""
    start, stop = max(0, int(np.ceil(shift))), min(len(one), int(np.floor(shift + len(other) - 1)) + 1)
    if stop - start < least:
        return None
    a, b = one[start:stop], _sampled(other, np.arange(start, stop) - shift)
    both = np.isfinite(a) & np.isfinite(b)
    if both.mean() < seen * max(0.5, min(np.isfinite(a).mean(), np.isfinite(b).mean())):
        return None
    a, b = np.where(both, a, np.nan), np.where(both, b, np.nan)
    count = int(both.sum())
    apart = float(np.sqrt(np.nansum((a - b) ** 2) / count))
    a, b = np.nan_to_num(a - _mean(a)), np.nan_to_num(b - _mean(b))
    of_a, of_b = float((a**2).sum()), float((b**2).sum())
    likeness = float((a * b).sum()) / np.sqrt(of_a * of_b) if of_a and of_b else 0.0
    return _Fit(
        distance=float(np.sqrt(1 - np.clip(likeness, 0.0, 1.0) ** 2)),
        shift=shift,
        speed=speed,
        rows=stop - start,
        spread=float(np.sqrt(2 * min(of_a, of_b) / count)),
        apart=apart,
    )


def _mean(xy: FloatArray) -> FloatArray:
    """Of what was seen, along time."""
    seen = np.isfinite(xy)
    return np.asarray(np.where(seen, xy, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1))


def _picture_distances(
    one: Fingerprint, other: Fingerprint, fit: _Fit, config: EngineConfig
) -> tuple[float, float]:
    """Share of the bits that differ in pictures that belong together, and in what changes in them."""
    step = config.fingerprint.picture_step / MOVEMENT_STEP
    rows = np.arange(len(one.pictures)) * step
    partners = np.rint((rows - fit.shift) * fit.speed / step).astype(int)
    common = (partners >= 0) & (partners < len(other.pictures))
    if not common.any():
        return 1.0, 1.0
    with_partner, partners = np.flatnonzero(common), partners[common]
    return (
        float((one.pictures[with_partner] ^ other.pictures[partners]).mean()),
        float((one.changes[with_partner] ^ other.changes[partners]).mean()),
    )
