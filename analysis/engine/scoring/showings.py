"""Is the film shown more than once? What is seen a second time is no new evidence.

A clip that was looped or played twice repeats itself exactly, dancers do not: given the same landmarks twice,
poses are .02 of their spread apart, seen anew and between two grid points up to .22, those of any two halves
of a real dance .74 and more, of squats .49.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analysis.engine.body import BODY_JOINTS
from analysis.engine.config import DEFAULT, EngineConfig
from analysis.engine.kinematics import derive
from analysis.engine.music import opening
from analysis.engine.types import FloatArray, Kinematics, Motion, Music

_ROWS = 64  # compared of each showing, spread evenly over it


def shown_once(
    motion: Motion, kinematics: Kinematics, music: Music | None, *, config: EngineConfig = DEFAULT
) -> tuple[Motion, Kinematics, Music | None]:
    """The same up to where the film begins again; as they are where it is shown once."""
    shown = first_showing(motion, config=config)
    if shown is motion:
        return motion, kinematics, music
    heard = music and opening(music, len(shown.t) / shown.rate, config=config)
    return shown, derive(shown, config=config), heard


def first_showing(motion: Motion, *, config: EngineConfig = DEFAULT) -> Motion:
    """The movement until the film begins again; all of it where it is shown once.

    A showing has at least ``shortest_showing`` seconds; the next one that follows is whole or nearly so.
    """
    rules = config.rhythm
    joints = motion.xy[:, list(BODY_JOINTS)]
    count = len(joints)
    shortest = round(rules.shortest_showing * motion.rate)
    tried = np.arange(int(rules.showing_share * count), shortest - 1, -1)
    spread = _spread(joints)
    if not len(tried) or not spread > 0.0:
        return motion
    away = np.array([_distance(joints, int(rows)) for rows in tried])
    if not away.min() <= rules.same_showing * spread:
        return motion
    rows = int(tried[away.argmin()])
    # What is missing in the one showing (the frame before a cut is) may be seen in the other.
    other = slice(rows, min(2 * rows, count))
    xy, observed = motion.xy[:rows].copy(), motion.observed[:rows].copy()
    filled = np.isnan(xy[: other.stop - rows]) & np.isfinite(motion.xy[other])
    xy[: other.stop - rows][filled] = motion.xy[other][filled]
    observed[: other.stop - rows] |= filled.any(axis=2) & motion.observed[other]
    return replace(
        motion,
        t=motion.t[:rows],
        xy=xy,
        visibility=motion.visibility[:rows],
        observed=observed,
        cuts=tuple(cut for cut in motion.cuts if cut < motion.t[rows] - 0.5 / motion.rate),
    )


def _spread(joints: FloatArray) -> float:
    """Root mean square distance of the joints from their own usual places."""
    seen = np.isfinite(joints[:, :, 0])
    if not seen.any():
        return 0.0
    clean = np.where(seen[:, :, None], joints, 0.0)
    about = clean - clean.sum(axis=0) / np.maximum(seen.sum(axis=0), 1)[:, None]
    return float(np.sqrt((about**2).sum(axis=2)[seen].mean()))


def _distance(joints: FloatArray, rows: int) -> float:
    """Of the poses ``rows`` apart: what three quarters of them stay within; inf where too few are seen."""
    first = np.linspace(0, len(joints) - rows - 1, _ROWS).astype(int)
    gaps = ((joints[first + rows] - joints[first]) ** 2).sum(axis=2)
    seen = np.isfinite(gaps)
    compared = seen.any(axis=1)
    if compared.mean() < 0.5:
        return float("inf")
    squares = np.where(seen, gaps, 0.0).sum(axis=1)[compared] / seen.sum(axis=1)[compared]
    return float(np.sqrt(np.percentile(squares, 75)))
