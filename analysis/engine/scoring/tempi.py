"""Consistency of a movement along a metre, and along tempi near it and elsewhere.

Three things keep it from hanging on a hair:

* *octaves*: windows are two beats long, in the octave that everybody taps. At its border (77 and 154 BPM) a
  hair more or less would double them, so near the border both octaves are read and blended;
* *near tempi*: in a few seconds the pulse of a dancer is told to 1 or 2 % only, and on the flank of the peak
  a trifle moves the height. So tempi up to ``near_width`` away count, too, the less the farther;
* *elsewhere*: the lead of the best of many wrong tempi, the more of it the farther they are, without those
  that the music's own metre contains (three for four).
"""

from __future__ import annotations

import numpy as np

from analysis.engine.config import DEFAULT, EngineConfig
from analysis.engine.scoring.entrainment import Metre, find_lock, read_pulse
from analysis.engine.types import FloatArray, Motion


def along(motion: Motion, signals: FloatArray, metre: Metre, *, config: EngineConfig = DEFAULT) -> float:
    """Consistency along one metre, octaves blended; nan where there is too little to compare."""
    strength = consistency(motion, signals, metre, config=config)
    place = metre.octave_place(config=config)
    border = min(place, 1.0 - place)
    other = 0.5 * max(0.0, 1.0 - border / config.rhythm.octave_blend)
    if other == 0.0:
        return strength
    double_or_half = metre.resampled(2.0 if place < 0.5 else 0.5)
    apart = consistency(motion, signals, double_or_half, config=config)
    return (1.0 - other) * strength + other * apart if np.isfinite(apart) else strength


def near(motion: Motion, signals: FloatArray, metre: Metre, *, config: EngineConfig = DEFAULT) -> float:
    """The greatest consistency at the tempo of a metre and those next to it, which count less."""
    rules = config.rhythm
    found = [along(motion, signals, metre, config=config)]
    for ratio in rules.near:
        strength = along(motion, signals, metre.faster(ratio, config=config), config=config)
        if strength > 0.0:
            found.append(strength * (1.0 - (np.log(ratio) / rules.near_width) ** 2))
    return float(np.max(found))


def lead(
    motion: Motion, signals: FloatArray, metre: Metre, strength: float, *, config: EngineConfig = DEFAULT
) -> float:
    """What wrong tempi along the same music cost: by how much the best stands above ``strength``; 0 at least.

    The farther from the tempo heard, the more of it. Just beside it a dancer whose peak is a little off
    stands on its flanks, and what noise makes of them is no other music.
    """
    rules = config.rhythm
    none, full = rules.near_width, rules.elsewhere_far
    lost = [0.0]
    for low, high in rules.elsewhere:
        for ratio in np.geomspace(low, high, rules.elsewhere_tempi):
            if all(abs(ratio / contained - 1.0) > rules.contained_width for contained in rules.contained):
                apart = along(motion, signals, metre.faster(ratio, config=config), config=config)
                away = np.clip((abs(np.log(ratio)) - none) / (full - none), 0.0, 1.0)
                lost.append(float(away * (apart - strength)))
    return float(np.nanmax(lost))


def consistency(
    motion: Motion, signals: FloatArray, metre: Metre, *, config: EngineConfig = DEFAULT
) -> float:
    """Consistency along a metre as it is; nan where there is too little to compare."""
    pulse = read_pulse(motion.t, signals, metre, cuts=motion.cuts, config=config)
    return find_lock(pulse, config=config).strength
