"""Hearing: is there music, how fast is it, where are its beats.

``hear`` goes from sound to ``Music`` in three steps, one module each: onset strength (``onsets``), pulse
clarity and tempo (``tempo``), beats (``beats``). What cannot be heard is not invented: without a clear
pulse there is no tempo and there are no beats.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from analysis.engine.config import DEFAULT, EngineConfig
from analysis.engine.music.beats import beat_interval, refine_tempo, steady_beats, track_beats
from analysis.engine.music.decode import decode_sound
from analysis.engine.music.onsets import onset_strength
from analysis.engine.music.tempo import least_clarity, pulse_clarity, tempo_candidates
from analysis.engine.types import FloatArray, Music, Sound

__all__ = ["hear", "hear_file", "opening", "warm_up"]

_FEWEST_BEATS = 4


def hear(sound: Sound, *, target_bpm: float | None = None, config: EngineConfig = DEFAULT) -> Music:
    """Find tempo and beats.

    Parameters
    ----------
    sound : of any length and loudness, also empty; values that are not finite count as silence.
    target_bpm : what the tempo is expected to be near. It settles which multiple of the pulse is called the
        beat (within half an octave to either side of the target); it never makes music out of silence.

    Returns
    -------
    Music : ``bpm`` None and no beats where the pulse is not clear enough to be music: silence, noise,
        speech, fewer than four beats. Beats are the moments at which attacks are heard, ``bpm``
        follows from their regression and is exact to about .1 % on ten seconds of steady music.
    """
    onset, rate = onset_strength(sound, config=config)
    return _follow(onset, rate, len(sound.samples) / sound.rate, target_bpm, config)


def opening(music: Music, seconds: float, *, config: EngineConfig = DEFAULT) -> Music:
    """What is heard of the first ``seconds`` alone, near the tempo of the whole.

    Where a film is shown again its sound begins again, in the middle of a beat for the most part, and beats
    that are laid evenly over both showings are a little off in each. Music without an onset envelope (beats
    that somebody wrote down) is cut off.
    """
    onset = music.onset[: int(seconds * music.onset_rate) + 1]
    heard = _follow(onset, music.onset_rate, seconds, music.bpm, config)
    if len(heard.beats):
        return heard
    return replace(music, beats=music.beats[music.beats < seconds], onset=onset, duration=seconds)


def _follow(
    onset: FloatArray, rate: float, duration: float, target_bpm: float | None, config: EngineConfig
) -> Music:
    """Tempo and beats of an onset envelope."""
    clarity = pulse_clarity(onset, rate, config=config)
    candidates = tempo_candidates(onset, rate, target_bpm=target_bpm, config=config)
    beats = np.empty(0)
    if candidates and clarity >= least_clarity(duration, config=config):
        bpm = refine_tempo(onset, rate, candidates[0][0], config=config)
        beats = steady_beats(track_beats(onset, rate, bpm, config=config), bpm, config=config)
        beats = beats[(beats >= 0.0) & (beats <= duration)]
    heard = len(beats) >= _FEWEST_BEATS
    return Music(
        clarity=clarity,
        bpm=60.0 / beat_interval(beats) if heard else None,
        beats=beats if heard else np.empty(0),
        alternatives=tuple(candidates[1:]) if heard else (),
        onset=onset,
        onset_rate=rate,
        duration=duration,
    )


def hear_file(
    path: str | Path, *, target_bpm: float | None = None, config: EngineConfig = DEFAULT
) -> Music | None:
    """``hear`` on any audio or video file; None when it has no audio stream.

    Times are on the zero of the video where there is one, else on that of the audio.

    Raises
    ------
    Refusal : ``unsupported_format`` when the file cannot be opened.
    """
    sound = decode_sound(Path(path))
    return None if sound is None else hear(sound, target_bpm=target_bpm, config=config)


def warm_up() -> None:
    """Pay librosa's import and just-in-time compilation (seconds, once per process) now."""
    clicks = np.zeros(4 * 22050, dtype=np.float32)
    clicks[:: 22050 // 2] = 1.0
    hear(Sound(clicks, 22050))
