"""Sounds whose tempo and beats are known, and sounds that are no music, made by code."""

from __future__ import annotations

import numpy as np

from analysis.engine.types import FloatArray, Sound

RATE = 22050


def drums(
    bpm: float = 120.0, seconds: float = 12.0, *, start: float = 0.0, rate: int = RATE, seed: int = 0
) -> tuple[Sound, FloatArray]:
    """Kick on one and three, snare on two and four, hats on eighths; beat k at ``start + k * 60 / bpm``.

    Returns the sound and its beats. [shape=(b,)] s
    """
    rng = np.random.default_rng(seed)
    count = round(seconds * rate)
    samples = 1e-3 * rng.standard_normal(count)
    beats = np.arange(start, seconds, 60.0 / bpm)
    for k, beat in enumerate(beats):
        _add(samples, beat, _kick(rate) if k % 2 == 0 else _noise(rate, 0.06, rng), 0.8, rate)
        for half in (0.0, 0.5):
            _add(samples, beat + half * 60.0 / bpm, _noise(rate, 0.02, rng), 0.2, rate)
    return Sound(samples.astype(np.float32), rate), beats


def noise(seconds: float, seed: int = 0) -> Sound:
    """White noise."""
    samples = 0.1 * np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return Sound(samples.astype(np.float32), RATE)


def babble(seconds: float, seed: int = 0) -> Sound:
    """Voiced syllables and hisses at the uneven pace of speech, with pauses."""
    rng = np.random.default_rng(seed)
    samples = 1e-4 * rng.standard_normal(round(seconds * RATE))
    moment = 0.0
    while moment < seconds - 0.5:
        if rng.random() < 0.15:
            moment += rng.uniform(0.2, 0.7)
        length = rng.lognormal(np.log(0.16), 0.35)
        t = np.arange(round(length * RATE)) / RATE
        turns = 2.0 * np.pi * rng.uniform(100, 160) * t
        formant = rng.uniform(300, 900)
        voice = sum(np.sin(k * turns) * np.exp(-(((k * 130 - formant) / 400) ** 2)) for k in range(1, 25))
        _add(samples, moment, voice * np.sin(np.pi * t / length) ** 0.7, rng.uniform(0.03, 0.1), RATE)
        if rng.random() < 0.5:
            _add(samples, moment, _noise(RATE, 0.03, rng), 0.03, RATE)
        moment += length
    return Sound(samples.astype(np.float32), RATE)


def stretched(sound: Sound, ratio: float) -> Sound:
    """Played ``ratio`` times as fast (pitch goes with it)."""
    count = round(len(sound.samples) / ratio)
    samples = np.interp(np.arange(count) * ratio, np.arange(len(sound.samples)), sound.samples)
    return Sound(samples.astype(np.float32), sound.rate)


def _kick(rate: int) -> FloatArray:
    t = np.arange(round(0.25 * rate)) / rate
    return np.sin(2.0 * np.pi * (50.0 * t + 3.0 * (1.0 - np.exp(-t / 0.03)))) * np.exp(-t / 0.1)


def _noise(rate: int, decay: float, rng: np.random.Generator) -> FloatArray:
    t = np.arange(round(5.0 * decay * rate)) / rate
    return rng.standard_normal(len(t)) * np.exp(-t / decay)


def _add(samples: FloatArray, moment: float, sound: FloatArray, gain: float, rate: int) -> None:
    first = round(moment * rate)
    piece = sound[: max(0, len(samples) - first)]
    samples[first : first + len(piece)] += gain * piece
