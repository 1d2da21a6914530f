"""Rhythm on dancers of points whose pulse is known: what must cost points, and what must not."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from analysis.engine.body import Landmark as L
from analysis.engine.clean import clean
from analysis.engine.config import DEFAULT
from analysis.engine.kinematics import derive
from analysis.engine.music import hear
from analysis.engine.scoring.entrainment import even_metre, find_lock, metre_of, metre_signals, read_pulse
from analysis.engine.scoring.reference import Reference
from analysis.engine.scoring.rhythm import entrainment_share, raw_measures, reference_of, score_rhythm
from analysis.engine.scoring.showings import first_showing
from analysis.engine.scoring.tempi import along, lead, near
from analysis.engine.types import RawPose, Sound
from benchmarks.spoil import jittered, mirrored, scaled, twice

from .dancer import point_light_dancer, shuffled
from .moves import music_at
from .sounds import RATE, babble, drums, stretched


@cache
def song(bpm=120.0, seconds=12.0, start=0.0):
    """What is heard of drums."""
    return hear(drums(bpm, seconds, start=start)[0], target_bpm=bpm)


def judge(pose, music, **more):
    """Score and basis of landmarks danced to music."""
    motion = clean(pose)
    return score_rhythm(motion, derive(motion), music, **more)


def points(pose, music, **more):
    return judge(pose, music, **more)[0].points


def tired(bpm=120.0, seconds=12.0, noise=0.14, **more):
    """A dancer in time, but not like a machine: in the middle of the curve, where changes show."""
    return jittered(point_light_dancer(bpm, seconds, energy=0.5, **more), noise)


@pytest.mark.parametrize("bpm", [70.0, 84.0, 100.0, 120.0, 140.0, 172.0])
def test_a_dancer_in_time_earns_nearly_all(bpm):
    score, basis = judge(point_light_dancer(bpm, 12.0, seed=1), song(bpm))
    assert basis == "music"
    assert 27.0 < score.points <= 30.0
    assert score.series["lost"] == []


@pytest.mark.parametrize("ratio", [0.7, 0.77, 0.85, 0.94, 1.06, 1.12, 1.2, 1.3])
def test_stretched_music_costs_more_than_half(ratio):
    heard = hear(stretched(drums(120.0, 16.0)[0], ratio), target_bpm=120.0 * ratio)
    assert points(tired(), song()) > 15.0
    assert points(tired(), heard) < 6.0


@pytest.mark.parametrize("octave", [0.5, 2.0])
def test_tempo_octaves_do_not_matter(octave):
    assert points(tired(), music_at(120.0 * octave, 12.0)) == pytest.approx(
        points(tired(), music_at(120.0, 12.0)), abs=0.3
    )


@pytest.mark.parametrize("shift", [0.07, 0.125, 0.25, 0.4])
def test_a_constant_shift_is_style(shift):
    assert points(tired(), song(start=shift)) == pytest.approx(points(tired(), song()), abs=1.5)


@pytest.mark.parametrize("seed", [0, 1])
def test_a_frame_more_or_less_at_the_beginning_is_no_step(seed):
    """Windows come and go at the ends of a clip; each does so little by little."""
    pose, music = tired(117.0, 9.5, noise=0.16, seed=seed), song(117.0, 9.5)
    found = [
        points(
            RawPose(pose.t[n:] - pose.t[n], pose.xy[n:], pose.visibility[n:]),
            replace(music, beats=music.beats - pose.t[n]),
        )
        for n in range(8)
    ]
    assert np.abs(np.diff(found)).max() < 1.2


def test_another_tempo_of_the_same_music_begins_again_where_the_music_does():
    metre = metre_of(np.concatenate((np.arange(0.0, 8.0, 0.5), np.arange(8.2, 16.0, 0.5))), 16.0)
    other = metre.faster(1.25)
    for number in (0, 1):
        beats, told = metre.beats[metre.section == number], other.beats[other.section == number]
        assert told[0] == beats[0] and beats[-1] - told[-1] < 0.4
        np.testing.assert_allclose(np.diff(told), 0.4)
    # 60 BPM is tapped as 120.
    np.testing.assert_allclose(metre.faster(0.5).interval, 0.5)


def test_steadiness_counts_by_how_much_of_the_clip_can_tell():
    short, long = (judge(tired(seconds=s), song(seconds=s))[0] for s in (5.5, 12.0))
    assert 0.0 < short.measure("steadiness").weight < long.measure("steadiness").weight


def test_shuffled_frames_have_no_rhythm():
    for seed in range(3):
        assert points(shuffled(point_light_dancer(), seed), song()) < 3.0


@pytest.mark.parametrize("seconds", [5.0, 7.0])
def test_frames_in_disorder_have_no_rhythm_however_short_the_clip(seconds):
    """A few windows of noise agree now and then; what does not go on from frame to frame is no movement."""
    music = music_at(120.0, seconds)
    found = [points(shuffled(point_light_dancer(seconds=seconds, seed=s), s), music) for s in range(12)]
    assert max(found) < 3.0


def test_what_another_tempo_fits_better_costs_and_the_own_one_nothing():
    """x.77 is nearly 3:4, which a metre half contains: the lead of the true tempo tells."""
    free = replace(DEFAULT, rhythm=replace(DEFAULT.rhythm, elsewhere=()))
    motion = clean(tired())

    def consistency(bpm, config):
        music = music_at(bpm, 12.0)
        return raw_measures(motion, derive(motion), music, config=config)["rhythm.entrainment"]

    assert consistency(120.0, DEFAULT) == consistency(120.0, free)
    assert consistency(120.0 * 0.77, DEFAULT) < consistency(120.0 * 0.77, free) - 0.1


def test_noise_in_the_landmarks_of_someone_who_stands_is_no_rhythm():
    for seed in range(3):
        assert points(point_light_dancer(energy=0.0, jitter=0.01, seed=seed), song()) < 3.0


@pytest.mark.parametrize("bpm,seconds", [(120.0, 12.0), (118.3, 11.0), (95.0, 10.0), (104.0, 14.0)])
def test_the_clip_twice_in_a_row(bpm, seconds):
    """Also where the song then starts again in the middle of a beat."""
    sound = drums(bpm, seconds)[0]
    once, again = hear(sound), hear(Sound(np.tile(sound.samples, 2), RATE))
    dancers = [tired(bpm, seconds, noise=0.1, seed=seed) for seed in range(4)]
    changes = [points(twice(dancer), again) - points(dancer, once) for dancer in dancers]
    assert np.abs(changes).max() < 1.0


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_second_showing_is_no_new_evidence(seed):
    """Music and movement repeat exactly; also where the landmarks were seen a little differently."""
    pose, music = tired(117.0, 8.2, seed=seed), music_at(117.0, 8.2)
    again = replace(music, beats=np.concatenate((music.beats, music.beats + 123 / 15)))
    before = judge(pose, music)[0]
    after = judge(twice(pose), again)[0]
    assert after.points == pytest.approx(before.points, abs=0.01)
    assert after.confidence == pytest.approx(before.confidence, abs=0.01)
    assert len(after.series["offsets_ms"]) == len(again.beats)
    assert len(first_showing(clean(jittered(twice(pose), 0.02))).t) == len(pose.t)


@pytest.mark.parametrize("seed", [0, 1])
def test_a_film_that_begins_again_between_two_grid_points_is_shown_twice(seed):
    """In half the time from one point to the next a fast dancer has moved on."""
    pose = point_light_dancer(140.0, 8.2, seed=seed)
    between = pose.xy.copy()
    between[1:] = (pose.xy[1:] + pose.xy[:-1]) / 2.0
    both = twice(pose)
    again = replace(both, xy=np.concatenate((pose.xy, between)))
    assert len(first_showing(clean(again)).t) == pytest.approx(len(pose.t), abs=1)


def test_a_dance_that_repeats_its_steps_is_not_a_film_shown_twice():
    for loop in (None, 8):
        motion = clean(tired(loop=loop, seconds=16.0, noise=0.05))
        assert first_showing(motion) is motion


def test_a_little_more_or_less_than_the_slowest_tapped_tempo_is_no_step():
    """At 77 BPM the beat that everybody taps doubles; what the movement earns must not."""
    motion = clean(tired(77.0, 12.0, noise=0.05))
    signals = metre_signals(motion, derive(motion))
    strengths = [along(motion, signals, even_metre(bpm, 12.0)) for bpm in (76.8, 77.2)]
    assert abs(strengths[1] - strengths[0]) < 0.03


def test_three_for_four_is_in_the_metre_and_no_other_tempo():
    """Beats of a hemiola lie in the music, so following them is not following something else."""
    motion = clean(point_light_dancer(90.0, 12.0, energy=0.5))
    signals = metre_signals(motion, derive(motion))
    contained, wrong = (lead(motion, signals, even_metre(bpm, 12.0), 0.0) for bpm in (120.0, 112.0))
    assert contained < wrong - 0.1


def test_the_flank_of_a_peak_just_beside_the_music_is_no_other_tempo():
    motion = clean(point_light_dancer(120.0, 12.0))
    signals = metre_signals(motion, derive(motion))
    metres = {off: even_metre(120.0 * off, 12.0) for off in (1.0, 1.04, 1.18)}
    peak = along(motion, signals, metres[1.0])
    lost = {off: lead(motion, signals, metre, 0.0) / peak for off, metre in metres.items()}
    assert lost[1.0] < 0.2
    assert lost[1.04] < 0.25
    assert lost[1.18] > 0.7


def test_each_signal_that_repeats_less_well_counts_less():
    """None is in or out by a hair."""
    motion = clean(tired())
    lock = find_lock(read_pulse(motion.t, metre_signals(motion, derive(motion)), even_metre(120.0, 12.0)))
    steps = np.diff(lock.weights)
    np.testing.assert_allclose(steps, -lock.weights[-1])
    assert lock.weights.sum() == pytest.approx(1.0)


def test_a_pulse_a_little_off_counts_in_part_and_six_hundredths_off_hardly():
    motion = clean(point_light_dancer(120.0, 12.0))
    signals = metre_signals(motion, derive(motion))
    right, little, much = (near(motion, signals, even_metre(bpm, 12.0)) for bpm in (120.0, 123.6, 127.2))
    assert along(motion, signals, even_metre(123.6, 12.0)) + 0.05 < little < 0.8 * right
    assert much < 0.3 * right


def test_pictures_are_cut_and_the_song_goes_on():
    pose = point_light_dancer(seconds=24.0)
    cut = replace(pose, cuts=(5.3, 9.9, 17.1))
    assert points(cut, song(seconds=24.0)) == pytest.approx(points(pose, song(seconds=24.0)), abs=0.5)


def test_a_clip_of_nothing_but_cuts_is_less_sure():
    pose = replace(point_light_dancer(seconds=24.0), cuts=tuple(np.arange(1.5, 23.0, 1.5)))
    score, _ = judge(pose, song(seconds=24.0))
    assert score.confidence < 0.7


@pytest.mark.parametrize("gain", [0.25, 4.0])
def test_louder_and_quieter(gain):
    sound, _ = drums(120.0, 12.0)
    heard = hear(Sound(sound.samples * np.float32(gain), RATE))
    assert points(tired(), heard) == pytest.approx(points(tired(), hear(sound)), abs=0.5)


@pytest.mark.parametrize("ratio", [0.9, 1.1])
def test_sound_and_picture_stretched_together(ratio):
    changes = [
        points(tired(120.0 * ratio, 12.0 / ratio, seed=seed), song(120.0 * ratio, 12.0 / ratio))
        - points(tired(seed=seed), song())
        for seed in range(4)
    ]
    assert abs(np.mean(changes)) < 2.0


def test_place_size_and_mirror_change_nothing():
    pose = tired()
    before = points(pose, song())
    assert points(scaled(pose, 0.5, 0.2), song()) == pytest.approx(before, abs=0.01)
    assert points(mirrored(pose), song()) == pytest.approx(before, abs=1e-6)


def test_length_does_not_matter():
    """On average: a short clip is less sure, not worth less."""
    means = [
        np.mean([points(tired(seconds=length, seed=seed), song(seconds=length)) for seed in range(6)])
        for length in (5.0, 10.0, 20.0)
    ]
    assert max(means) - min(means) < 2.5


def test_drift_costs_steadiness_first():
    steady, drifting = (judge(tired(drift=drift), song())[0] for drift in (0.0, 0.02))
    assert drifting.measure("steadiness").share < steady.measure("steadiness").share - 0.15
    assert drifting.points < steady.points - 2.0
    assert points(tired(drift=0.06), song()) < steady.points / 2.0


@pytest.mark.parametrize("start,end", [(4.0, 8.0), (10.0, 14.0), (15.0, 19.0)])
def test_where_the_pulse_is_lost_is_told(start, end):
    score, _ = judge(point_light_dancer(120.0, 24.0, lost=((start, end),)), song(seconds=24.0))
    assert len(score.series["lost"]) == 1
    assert score.series["lost"][0] == pytest.approx([start, end], abs=0.8)
    whole = points(point_light_dancer(120.0, 24.0), song(seconds=24.0))
    assert score.points < whole - 2.0
    assert "0:" in score.measure("coverage").note
    inside = [w for w in score.series["windows"] if w["start"] >= start - 1.0 and w["end"] <= end + 1.0]
    outside = [w for w in score.series["windows"] if w["end"] <= start or w["start"] >= end]
    assert inside and not any(w["entrained"] for w in inside)
    assert outside and all(w["entrained"] for w in outside)


def test_offsets_follow_a_dancer_who_wanders():
    """Half a beat of drift spread over the clip: the first beats are early, the last late."""
    score, _ = judge(point_light_dancer(120.0, 12.0, drift=-0.012), song())
    offsets = np.array([np.nan if x is None else x for x in score.series["offsets_ms"]])
    beats = song().beats
    assert len(offsets) == len(beats)
    seen = np.isfinite(offsets)
    assert seen.mean() > 0.8
    slope = np.polyfit(beats[seen], offsets[seen], 1)[0]
    assert slope == pytest.approx(12.0, abs=2.0)  # ms per s
    assert abs(np.mean(offsets[seen])) < 15.0


@pytest.fixture(scope="module")
def demo():
    """The timing of a dancer exactly on the beat."""
    return reference_of(judge(point_light_dancer(), song())[0])


class TestBesideADemo:
    """A reference on the same music makes being early or late count."""

    @pytest.mark.parametrize("lag", [-0.15, -0.06, 0.0, 0.04, 0.1, 0.18])
    def test_the_lag_is_told(self, demo, lag):
        score, basis = judge(point_light_dancer(lag=lag), song(), reference=demo)
        assert basis == "reference"
        assert score.measure("timing").value == pytest.approx(1000.0 * lag, abs=10.0)

    def test_shifted_sound_changes_the_told_lag_by_the_shift(self, demo):
        before, after = (
            judge(tired(), song(start=start), reference=demo)[0].measure("timing").value
            for start in (0.1, 0.2)
        )
        assert before - after == pytest.approx(100.0, abs=15.0)

    def test_being_late_costs_points(self, demo):
        on_time, late, later = (
            points(point_light_dancer(lag=lag), song(), reference=demo) for lag in (0.0, 0.08, 0.16)
        )
        assert on_time > late + 2.0 and late > later + 2.0

    def test_a_mirrored_dancer_is_as_much_in_time(self, demo):
        score, _ = judge(mirrored(point_light_dancer(lag=0.05)), song(), reference=demo)
        assert score.measure("timing").value == pytest.approx(50.0, abs=10.0)

    def test_another_part_of_the_song_and_another_dance_can_be_compared(self, demo):
        pose = point_light_dancer(lag=0.3, seed=5)
        score, _ = judge(pose, song(start=0.25), reference=demo)
        assert score.measure("timing").value == pytest.approx(50.0, abs=25.0)

    def test_beats_laid_half_a_beat_apart_on_the_same_music_are_noticed(self, demo):
        """Kicks on the offbeat of one hearing and on the beat of the other: the music itself tells."""
        music = song()
        other = replace(music, beats=music.beats[:-1] + 0.25)
        score, _ = judge(point_light_dancer(lag=0.05), other, reference=demo)
        assert score.measure("timing").value == pytest.approx(50.0, abs=15.0)

    def test_another_song_is_not_compared(self, demo):
        score, basis = judge(point_light_dancer(100.0), song(100.0), reference=demo)
        assert basis == "music"
        assert score.measure("timing").value is None and score.measure("timing").note

    def test_a_dancer_without_a_pulse_has_no_lag(self, demo):
        score, basis = judge(shuffled(point_light_dancer()), song(), reference=demo)
        assert basis == "music" and score.measure("timing").value is None

    def test_it_survives_json(self, demo):
        again = Reference.from_series(json.loads(json.dumps(demo.to_series())))
        np.testing.assert_array_equal(again.pattern, demo.pattern)
        with pytest.raises(ValueError):
            Reference.from_series({"frequency": [], "real": [], "imaginary": [], "profile": []})

    def test_a_demo_without_a_pulse_is_no_reference(self):
        assert reference_of(judge(shuffled(point_light_dancer()), song())[0]) is None


class TestWithoutMusic:
    """The movement's own pulse, for at most half of the points."""

    @pytest.mark.parametrize("bpm", [84.0, 100.0, 133.0])
    def test_the_own_pulse_is_found(self, bpm):
        score, basis = judge(point_light_dancer(bpm), None)
        assert basis == "motion"
        assert 12.0 < score.points <= 15.0
        assert score.series["bpm"] == pytest.approx(bpm, rel=0.02)
        assert "15" in score.note

    def test_speech_is_no_music(self):
        score, basis = judge(tired(), hear(babble(12.0)))
        assert basis == "motion" and score.points <= 15.0

    def test_the_target_is_what_counts_when_given(self):
        pose = point_light_dancer(120.0)
        assert points(pose, None, target_bpm=120.0) > 12.0
        assert points(pose, None, target_bpm=240.0) > 12.0
        assert points(pose, None, target_bpm=97.0) < 3.0

    def test_without_a_pulse_there_is_nothing_to_earn(self):
        for seed in range(3):
            assert points(shuffled(point_light_dancer(), seed), None) < 3.0


def test_parts_that_are_not_seen_are_left_out():
    feet = (L.LEFT_ANKLE, L.RIGHT_ANKLE, L.LEFT_KNEE, L.RIGHT_KNEE)
    assert points(tired(hidden=feet), song()) == pytest.approx(points(tired(), song()), abs=4.0)
    pose = point_light_dancer()
    pose.xy[60:100] = np.nan
    gone = RawPose(pose.t, pose.xy, np.where(np.isfinite(pose.xy[:, :, 0]), pose.visibility, 0.0))
    assert points(gone, song()) > 20.0


def test_too_little_to_tell_is_not_scored():
    short, basis = judge(point_light_dancer(seconds=1.5), song())
    assert (short.points, basis) == (None, "none")
    assert short.note and short.confidence == 0.0
    pose = point_light_dancer()
    pose.visibility[:] = 0.0
    pose.visibility[:, [L.LEFT_SHOULDER, L.RIGHT_SHOULDER, L.LEFT_HIP, L.RIGHT_HIP]] = 0.98
    pose.visibility[25:] = 0.0
    hardly, basis = judge(pose, song())
    assert (hardly.points, basis) == (None, "none")


def test_the_score_explains_itself():
    score, _ = judge(tired(), song())
    assert [measure.name for measure in score.measures] == ["entrainment", "steadiness", "coverage"]
    assert [measure.weight for measure in score.measures] == pytest.approx([0.6, 0.25, 0.15])
    assert sum(m.weight * m.share for m in score.measures) * 30.0 == pytest.approx(score.points)
    assert all(measure.unit and measure.note for measure in score.measures)
    assert 0.0 < score.confidence <= 1.0
    json.dumps(score.series, allow_nan=False)


def test_short_clips_are_scored_without_what_needs_length():
    score, _ = judge(point_light_dancer(seconds=4.0), song(seconds=4.0))
    assert score.points > 25.0
    assert score.measure("steadiness").value is None and score.measure("steadiness").note
    assert score.measure("entrainment").weight == pytest.approx(0.8)
    assert score.confidence < judge(point_light_dancer(), song())[0].confidence


def test_chance_level_earns_nothing_and_more_earns_more():
    shares = [entrainment_share(value) for value in (-0.3, 0.0, 0.05, 0.15, 0.3, 0.6, 1.0)]
    assert shares[:2] == [0.0, 0.0] and shares[2] < 0.06
    assert entrainment_share(DEFAULT.rhythm.curve_middle) == pytest.approx(0.5)
    assert shares == sorted(shares) and shares[-1] > 0.9


def test_raw_measures_are_those_of_the_score():
    motion = clean(tired())
    raw = raw_measures(motion, derive(motion), song())
    score, _ = judge(tired(), song())
    for name in ("entrainment", "steadiness", "coverage"):
        assert raw[f"rhythm.{name}"] == score.measure(name).value


def test_the_same_dance_gets_the_same_score():
    first, second = judge(tired(), song())[0], judge(tired(), song())[0]
    assert first.points == second.points and first.series == second.series
