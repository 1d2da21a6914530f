"""Tempo and beats of sounds that code made, and what must not be heard as music."""

import numpy as np
import pytest

from analysis.engine.errors import Refusal
from analysis.engine.music import hear, hear_file, opening
from analysis.engine.music.beats import steady_beats
from analysis.engine.music.onsets import onset_strength
from analysis.engine.types import Music, Sound

from .sounds import RATE, babble, drums, noise, stretched


def nearest(beats, truth):
    """For each beat the distance to the nearest true one, in s."""
    return np.abs(np.asarray(beats)[:, None] - truth).min(axis=1)


@pytest.mark.parametrize("bpm", [72.0, 93.5, 112.0, 127.3, 150.0, 170.0])
def test_tempo_is_exact_and_beats_are_on_the_beat(bpm):
    sound, truth = drums(bpm, 10.0, start=0.13)
    music = hear(sound, target_bpm=bpm)
    assert music.bpm == pytest.approx(bpm, rel=1e-3)
    assert nearest(music.beats, truth).max() < 0.015
    assert nearest(truth[truth < 9.5], music.beats).max() < 0.015


@pytest.mark.parametrize("bpm", [90.0, 110.0, 128.0])
def test_tempo_is_found_without_a_hint(bpm):
    assert hear(drums(bpm)[0]).bpm == pytest.approx(bpm, rel=2e-3)


def test_the_hint_settles_the_octave_but_does_not_overrule_the_ear():
    sound, _ = drums(150.0)
    assert hear(sound, target_bpm=75.0).bpm == pytest.approx(75.0, rel=2e-3)
    assert hear(sound, target_bpm=160.0).bpm == pytest.approx(150.0, rel=2e-3)
    assert hear(sound, target_bpm=133.0).bpm == pytest.approx(150.0, rel=2e-3)


def test_other_ways_to_count_are_reported():
    music = hear(drums(120.0)[0])
    tempi = [bpm for bpm, _ in music.alternatives]
    assert any(abs(bpm - 60.0) < 1.5 for bpm in tempi)
    assert all(0.0 <= salience <= 1.0 for _, salience in music.alternatives)


def test_a_beat_on_the_first_sample_is_heard():
    music = hear(drums(100.0, start=0.0)[0])
    assert music.beats[0] == pytest.approx(0.0, abs=0.02)
    assert music.beats[1] == pytest.approx(0.6, abs=0.02)


@pytest.mark.parametrize("seconds", [3.0, 8.0, 20.0])
def test_noise_is_no_music(seconds):
    assert all(hear(noise(seconds, seed)).bpm is None for seed in range(6))


@pytest.mark.parametrize("seconds", [8.0, 20.0])
def test_speech_is_hardly_ever_taken_for_music(seconds):
    assert sum(hear(babble(seconds, seed)).bpm is not None for seed in range(8)) <= 1


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(0),
        np.zeros(100),
        np.zeros(5 * RATE),
        np.full(5 * RATE, np.nan),
        np.ones(5 * RATE),
        1e-6 * np.sin(np.arange(5 * RATE)),
    ],
    ids=["empty", "a few samples", "digital silence", "not a number", "constant", "far below hearing"],
)
def test_nothing_to_hear_is_no_music(samples):
    music = hear(Sound(samples.astype(np.float32), RATE))
    assert music.bpm is None
    assert len(music.beats) == 0 and music.alternatives == ()
    assert music.clarity == 0.0
    assert np.isfinite(music.onset).all()


def test_damaged_samples_are_silence_and_the_rest_is_heard():
    sound, _ = drums(120.0)
    sound.samples[3 * RATE : 3 * RATE + 500] = np.nan
    assert hear(sound).bpm == pytest.approx(120.0, rel=2e-3)


@pytest.mark.parametrize("gain", [0.25, 4.0])
def test_loudness_does_not_matter(gain):
    sound, _ = drums(118.0)
    music, louder = hear(sound), hear(Sound(sound.samples * np.float32(gain), RATE))
    assert louder.bpm == music.bpm
    np.testing.assert_array_equal(louder.beats, music.beats)


def test_the_same_sound_is_heard_the_same_twice():
    sound, _ = drums(118.0)
    first, second = hear(sound), hear(sound)
    assert (first.bpm, first.clarity, first.alternatives) == (second.bpm, second.clarity, second.alternatives)
    np.testing.assert_array_equal(first.beats, second.beats)


def test_other_sample_rates_are_heard_alike():
    assert hear(drums(118.0, rate=48000)[0]).bpm == pytest.approx(118.0, rel=1e-3)


def test_faster_sound_is_a_faster_tempo():
    sound, _ = drums(110.0)
    assert hear(stretched(sound, 1.1)).bpm == pytest.approx(121.0, rel=2e-3)


def test_a_band_that_speeds_up_is_followed():
    interval = 0.55 * 0.997 ** np.arange(30)
    truth = 0.2 + np.cumsum(interval)
    samples = np.zeros(round((truth[-1] + 0.5) * RATE), dtype=np.float32)
    click = (np.exp(-np.arange(800) / 100.0) * np.sin(np.arange(800) * 0.6)).astype(np.float32)
    for beat in truth:
        samples[round(beat * RATE) : round(beat * RATE) + 800] += click
    beats = hear(Sound(samples, RATE)).beats
    assert len(beats) >= 26
    assert np.median(nearest(beats, truth)) < 0.03


@pytest.mark.parametrize("bpm,seconds", [(79.0, 10.0), (79.0, 9.6), (104.0, 7.3)])
def test_the_opening_of_a_sound_that_begins_again_is_heard_as_if_it_were_all(bpm, seconds):
    sound = drums(bpm, seconds)[0]
    once, both = hear(sound), hear(Sound(np.tile(sound.samples, 2), RATE))
    assert abs(both.bpm / once.bpm - 1.0) > 1e-3  # bent over the seam
    first = opening(both, seconds)
    assert first.bpm == pytest.approx(once.bpm, rel=1e-4)
    np.testing.assert_allclose(first.beats, once.beats, atol=1e-3)


def test_the_opening_of_beats_without_a_sound_is_cut_off():
    music = Music(1.0, 120.0, np.arange(0.0, 8.0, 0.5), (), np.empty(0), 0.0, 8.0)
    np.testing.assert_array_equal(opening(music, 3.0).beats, np.arange(0.0, 3.0, 0.5))
    assert opening(music, 3.0).bpm == 120.0


def test_a_slip_to_the_offbeat_does_not_bend_an_even_pulse():
    beats = 0.5 * np.arange(40.0)
    beats[25:32] += 0.25
    np.testing.assert_allclose(steady_beats(beats, 120.3), 0.5 * np.arange(40.0), atol=1e-9)


def test_long_sounds_are_heard_in_blocks_that_leave_no_seam():
    sound, _ = drums(120.0, 60.0)
    onset, rate = onset_strength(sound)
    cut = round(20.0 * rate)
    part, _ = onset_strength(Sound(sound.samples[cut * 512 : cut * 512 + 20 * RATE], RATE))
    inner = slice(10, 800)
    np.testing.assert_allclose(part[inner], onset[cut:][inner], atol=0.02)


def test_a_file_that_is_no_sound_is_refused(tmp_path):
    text = tmp_path / "notes.mp3"
    text.write_text("no sound in here")
    with pytest.raises(Refusal) as refusal:
        hear_file(text)
    assert refusal.value.code == "unsupported_format"
