"""Rhythm on captured dancers and their own music, beside music that was not playing."""

import json
from dataclasses import replace

import numpy as np
import pytest

from analysis.engine.music import hear
from analysis.engine.music.decode import decode_sound
from analysis.engine.scoring.rhythm import reference_of, score_rhythm
from benchmarks.population import population
from benchmarks.rhythm import IN_TIME, STRETCHES, dance_of, points
from tests.media import data_folder

pytestmark = [pytest.mark.wild, pytest.mark.slow]


@pytest.fixture(scope="module")
def dances():
    """Ten seconds at a time of every dancer whose music is known, as captured."""
    data_folder()
    found = population(kinds=("professional", "amateur"), media=("keypoints", "truth"))
    return [dance_of(part) for clip in found for part in clip.windows(10.0, 10.0)]


@pytest.fixture(scope="module")
def own(dances):
    return np.array([points(dance, dance.own) for dance in dances])


def test_own_music_stands_above_other_songs(dances, own):
    others = np.array([points(dance, music) for dance in dances for music in dance.others()[::3]])
    assert np.mean(own[:, None] > others) + 0.5 * np.mean(own[:, None] == others) > 0.9
    assert np.median(others) <= 6.0


def test_who_is_in_time_loses_half_to_music_that_is_not_theirs(dances, own):
    halved = {
        "other songs": [
            points(dance, music) <= value / 2.0
            for dance, value in zip(dances, own, strict=True)
            if value >= IN_TIME
            for music in dance.others()[::3]
        ],
        "stretched": [
            points(dance, dance.even(dance.bpm * ratio)) <= value / 2.0
            for dance, value in zip(dances, own, strict=True)
            if value >= IN_TIME
            for ratio in STRETCHES
        ],
    }
    assert len(halved["stretched"]) > 100
    assert all(np.mean(found) > 0.95 for found in halved.values()), halved


@pytest.mark.parametrize("shift", [0.1, 0.25, 0.4])
def test_a_later_sound_is_style(dances, own, shift):
    later = [points(dance, replace(dance, beats=dance.beats + shift).own) for dance in dances]
    assert np.abs(later - own).max() < 1.5


def test_the_score_uses_its_range(dances, own):
    validation = own[[dance.clip.half == "validation" for dance in dances]]
    low, high = np.percentile(validation, [10, 90])
    assert high - low >= 0.4 * 30.0


def heard(name, folder="clips"):
    """The rendered dancer's true joints with what is heard in the file of that name."""
    base = name.split("__")[0]
    clip = next(c for c in population(media=("truth",)) if c.name == f"{base}.truth")
    file = data_folder() / "free" / folder / f"{name}.mp4"
    about = json.loads(file.with_suffix(".json").read_text())
    return dance_of(clip), hear(decode_sound(file)), about


@pytest.mark.parametrize("name", ["jesse_dance_front", "jumping_jacks_locked_120bpm"])
def test_the_rendered_dancers_keep_their_points_when_the_sound_is_shifted_and_lose_them_when_stretched(name):
    dance, music, _ = heard(name)
    before = points(dance, music)
    assert before > 25.0
    for control in ("music_plus_half_beat", "music_plus_quarter_beat"):
        _, shifted, _ = heard(f"{name}__{control}", "controls")
        assert points(dance, shifted) == pytest.approx(before, abs=1.5)
    _, stretched, about = heard(f"{name}__music_tempo_plus_17pct", "controls")
    assert stretched.bpm == pytest.approx(about["bpm"], rel=1e-3)
    assert points(dance, stretched) < 3.0


@pytest.mark.parametrize("name", ["jesse_dance_front", "jumping_jacks_locked_120bpm"])
def test_beside_the_demo_a_shift_of_the_sound_is_told_in_milliseconds(name):
    dance, music, about = heard(name)
    demo = reference_of(score_rhythm(dance.motion, dance.kin, music)[0])
    _, shifted, _ = heard(f"{name}__music_plus_quarter_beat", "controls")
    score, basis = score_rhythm(dance.motion, dance.kin, shifted, reference=demo)
    assert basis == "reference"
    assert score.measure("timing").value == pytest.approx(-15000.0 / about["bpm"], abs=15.0)
    assert score.points < points(dance, music) - 4.0
