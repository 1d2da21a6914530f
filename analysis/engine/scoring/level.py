"""A camera held askew: how far the picture is rolled, found from the dance itself, and taken out.

A phone is seldom level, and a rolled picture looks like a body that leans off its feet: 6 degrees would move
Balance by 3 of its 25 points in the median, 10 degrees by 6 to 8. Two things tell of roll:

- *the body*: nobody stands beside their feet for long, so on the average the centre of mass is above them;
- *the floor*: the line from foot to foot while both carry is not level in a rolled picture.

Each is mistaken in its own way: a body may lean, and a foot put forward looks lower. The body is the finer
one, so roll is what it says, as far as the floor allows: between level and the slope of the floor, and no
more than ``floor_error`` beyond. So a lean on a level floor stays one but for that.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analysis.engine.body import Landmark as L
from analysis.engine.config import DEFAULT, EngineConfig
from analysis.engine.kinematics import derive
from analysis.engine.scoring.stance import carrying_feet, lean_over_feet
from analysis.engine.types import FloatArray, Kinematics, Motion

_ANKLES = [L.LEFT_ANKLE, L.RIGHT_ANKLE]


def levelled(
    motion: Motion, kin: Kinematics, *, config: EngineConfig = DEFAULT
) -> tuple[Motion, Kinematics, float]:
    """The movement as a level camera would have seen it, and by how many degrees this one was rolled.

    Degrees are positive when the picture shows the dancer turned clockwise. They are 0 where too little is
    seen to tell, and where it would be more than anybody holds a phone askew: that is a body which lies.
    """
    rules, floor = config.balance, 0.0
    # In a level picture other feet are taken for those that carry, and they tell more: look again.
    for _ in range(rules.level_looks):
        floor = _slope_of_floor(_turned(motion.xy, floor), motion, floor, config)
    body = floor + _lean_of_body(_turned(motion.xy, floor), motion, _turned(kin.com, floor), config)
    if abs(np.degrees(body)) > rules.most_roll:
        return motion, kin, 0.0
    error = np.radians(rules.floor_error)
    roll = float(np.clip(body, min(0.0, floor) - error, max(0.0, floor) + error))
    if roll == 0.0:
        return motion, kin, 0.0
    level = replace(motion, xy=_turned(motion.xy, roll))
    return level, derive(level, config=config), float(np.degrees(roll))


def _turned(xy: FloatArray, angle: float) -> FloatArray:
    """Turned counterclockwise in the picture, by rad. [shape=(..., 2)]"""
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.asarray(xy @ turn.T)


def _lean_of_body(xy: FloatArray, motion: Motion, com: FloatArray, config: EngineConfig) -> float:
    """Angle of the way from the feet that carry to the centre of mass, median, rad; 0 when never seen.

    A body that falls is beside its feet for a while; that is not how the camera is held.
    """
    lean = lean_over_feet(xy, carrying_feet(replace(motion, xy=xy), config=config), com)
    seen = np.isfinite(lean)
    return float(np.median(lean[seen])) if seen.any() else 0.0


def _slope_of_floor(xy: FloatArray, motion: Motion, turned: float, config: EngineConfig) -> float:
    """Angle of the line from foot to foot while both carry, rad; 0 when they never do.

    By least squares in a picture already ``turned`` back by an angle, which counts as part of the slope. Held
    level by the more the nearer the feet stand together, since what is seen of their heights is then mostly
    noise, and the less of the clip both carry.
    """
    rules = config.balance
    ankles = xy[:, _ANKLES]
    both = carrying_feet(replace(motion, xy=xy), config=config).all(axis=1) & np.isfinite(ankles).all(
        axis=(1, 2)
    )
    count = int(both.sum())
    if not count:
        return 0.0
    x, y = (ankles[both, 0] - ankles[both, 1]).T
    wide = float(x @ x)
    told = wide / (wide + count * rules.narrow_stance**2) * count / (count + rules.floor_evidence * len(both))
    return float(turned + np.arctan2(x @ y, wide)) * told
