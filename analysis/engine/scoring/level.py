"""A camera held askew: how far the picture is rolled, found from the dance itself, and taken out.

A phone is seldom level, and a rolled picture looks like a body that leans off its feet: 6 degrees moved
Balance by 3 of its 25 points in the median, 10 degrees by 6 to 8; now by .4 and .7. Two things tell of roll:

- *the body*: nobody stands beside their feet for long, so on the average the centre of mass is above them;
- *the floor*: the line from foot to foot while both carry is not level in a rolled picture.

Each is mistaken in its own way: a body may lean, and a foot put forward looks lower. Roll is what both agree
on: the smaller of the two when they have the same sign, else none. So a lean on a level floor stays one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analysis.engine.body import Landmark as L
from analysis.engine.config import DEFAULT, EngineConfig
from analysis.engine.kinematics import derive
from analysis.engine.scoring.stance import carrying_feet
from analysis.engine.types import BoolArray, FloatArray, Kinematics, Motion

_ANKLES = [L.LEFT_ANKLE, L.RIGHT_ANKLE]


def levelled(
    motion: Motion, kin: Kinematics, *, config: EngineConfig = DEFAULT
) -> tuple[Motion, Kinematics, float]:
    """The movement as a level camera would have seen it, and by how many degrees this one was rolled.

    Degrees are positive when the picture shows the dancer turned clockwise. They are 0 where too little is
    seen to tell, and where it would be more than anybody holds a phone askew: that is a body which lies.
    """
    found, total = (motion, kin), 0.0
    # In a level picture other feet are taken for those that carry, and they tell more: look again.
    for _ in range(config.balance.level_looks):
        roll = _roll(*found, config)
        if roll == 0.0:
            break
        total += roll
        turn = np.array([[np.cos(total), np.sin(total)], [-np.sin(total), np.cos(total)]])
        turned = replace(motion, xy=motion.xy @ turn.T)
        found = turned, derive(turned, config=config)
    degrees = float(np.degrees(total))
    return (*found, degrees) if abs(degrees) <= config.balance.most_roll else (motion, kin, 0.0)


def _roll(motion: Motion, kin: Kinematics, config: EngineConfig) -> float:
    """What body and floor agree on, in rad."""
    ankles = motion.xy[:, _ANKLES]
    carrying = carrying_feet(motion, config=config) & np.isfinite(ankles[:, :, 0])
    body, floor = _lean_of_body(ankles, carrying, kin.com), _slope_of_floor(ankles, carrying, config)
    return float(np.sign(body) * min(abs(body), abs(floor))) if body * floor > 0.0 else 0.0


def _lean_of_body(ankles: FloatArray, carrying: BoolArray, com: FloatArray) -> float:
    """Angle of the mean way from the feet that carry to the centre of mass, rad; 0 when never seen."""
    rows = carrying.any(axis=1) & np.isfinite(com[:, 0])
    if not rows.any():
        return 0.0
    feet = np.where(carrying[rows, :, None], ankles[rows], np.nan)
    right, down = (com[rows] - np.nanmean(feet, axis=1)).mean(axis=0)
    return float(np.arctan2(right, -down))


def _slope_of_floor(ankles: FloatArray, carrying: BoolArray, config: EngineConfig) -> float:
    """Angle of the line from foot to foot while both carry, rad; 0 when they never do.

    By least squares, held level by the more the nearer the feet stand together: what is seen of their
    heights is then mostly noise.
    """
    both = carrying.all(axis=1)
    if not both.any():
        return 0.0
    x, y = (ankles[both, 0] - ankles[both, 1]).T
    return float(np.arctan2(x @ y, x @ x + both.sum() * config.balance.narrow_stance**2))
