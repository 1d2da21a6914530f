"""The timing of a demo, small enough to store, and how late another dancer on the same music is.

Both dancers are measured against the beats of the same music, heard in each clip's own sound, so the clips
may begin anywhere in the song.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.engine.config import DEFAULT, EngineConfig
from analysis.engine.scoring.entrainment import SIGNALS, ComplexArray, Metre, Pulse
from analysis.engine.scoring.timing import best_lag, half_beat_apart, music_profile
from analysis.engine.types import FloatArray, Music

#: Sideways movement turns round when a dancer mirrors the demo, as most do: it cannot tell the time.
_MIRRORED = SIGNALS.index("hips_sideways")


@dataclass(frozen=True, slots=True)
class Reference:
    """The mean pattern of a dance along the music.

    frequency : [shape=(k,)] Hz, of the metrical levels from the beat upwards.
    pattern : [shape=(9, k)] mean amplitude of each signal, in units of its usual size; 0 where not seen.
    profile : [shape=(24,)] onset strength of the music over one beat; empty without music.
    """

    frequency: FloatArray
    pattern: ComplexArray
    profile: FloatArray

    def late_against(self, demo: Reference, *, config: EngineConfig = DEFAULT) -> float | None:
        """Milliseconds by which this dancer comes later than the demo, within half a beat.

        None when the tempi differ, so that it cannot be the same music.
        """
        if abs(self.frequency[0] / demo.frequency[0] - 1.0) > config.rhythm.same_tempo:
            return None
        levels = min(len(self.frequency), len(demo.frequency))
        agreement = (self.pattern[:, :levels] * demo.pattern[:, :levels].conj()).sum(axis=0)
        interval = 1.0 / float(self.frequency[0])
        late = float(best_lag(agreement, self.frequency[:levels], interval / 2.0))
        if len(self.profile) and len(demo.profile) and half_beat_apart(self.profile, demo.profile):
            late += -interval / 2.0 if late > 0.0 else interval / 2.0
        return 1000.0 * late

    def to_series(self) -> dict[str, list[Any]]:
        """Plain lists, for JSON."""
        return {
            "frequency": [float(value) for value in self.frequency],
            "real": self.pattern.real.tolist(),
            "imaginary": self.pattern.imag.tolist(),
            "profile": [float(value) for value in self.profile],
        }

    @staticmethod
    def from_series(stored: dict[str, list[Any]]) -> Reference:
        """What ``to_series`` wrote; KeyError or ValueError when it is something else."""
        pattern = np.array(stored["real"], dtype=float) + 1j * np.array(stored["imaginary"], dtype=float)
        frequency = np.array(stored["frequency"], dtype=float)
        if pattern.shape != (len(SIGNALS), len(frequency)) or not len(frequency):
            raise ValueError(f"a pattern of shape {pattern.shape} is no reference")
        return Reference(frequency, pattern, np.array(stored["profile"], dtype=float))


def make_reference(pulse: Pulse, metre: Metre, music: Music | None) -> Reference:
    """The mean pattern of a dance whose pulse was read."""
    levels = pulse.frequency * metre.interval > 0.99
    found = pulse.amplitude[:, :, levels]
    seen = np.isfinite(found).all(axis=2)
    clean = np.where(seen[:, :, None], found, 0.0)
    count = np.maximum(seen.sum(axis=0), 1)
    size = np.sqrt((np.abs(clean) ** 2).sum(axis=(0, 2)) / count)
    pattern = clean.sum(axis=0) / (count * np.where(size > 0.0, size, 1.0))[:, None]
    pattern[_MIRRORED] = 0.0
    profile = np.empty(0) if music is None else music_profile(music, metre)
    return Reference(pulse.frequency[levels], np.asarray(pattern), profile)
