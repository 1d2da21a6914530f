"""The movement scores on recordings: professionals, phone clips, rendered controls, exact joints."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.stats import spearmanr

from benchmarks import spoil
from benchmarks.fit_norms import BLENDS, Piece, equal_sources, reference
from benchmarks.movement import VARIED
from benchmarks.population import SOURCES, population, source_of
from tests.media import data_folder

pytestmark = pytest.mark.wild


@cache
def sequences(*media):
    data_folder()  # skips without it
    return {sequence.name: sequence for sequence in population(media=media)}


def points(sequence, change=None):
    if change is not None:
        sequence = replace(sequence, raw=change(sequence.raw))
    return {name: score.points for name, score in Piece(sequence).scores().items()}


def upright_professionals():
    """The AIST sequences that are danced on the feet, 16 s of each."""
    found = [s for s in sequences("keypoints").values() if s.source != "aist_d04"]
    assert len(found) >= 8
    return [sequence.cut(0.0, 16.0) for sequence in found]


def test_the_halves_share_no_source():
    halves = {}
    for sequence in sequences("keypoints", "truth").values():
        halves.setdefault(sequence.source, set()).add(sequence.half)
        assert source_of(sequence.name.split("@")[0]) == sequence.source in SOURCES
    assert all(len(half) == 1 for half in halves.values()) and len(halves) >= 6


def test_exact_joints_jittered_are_less_smooth_and_no_more_creative():
    clips = sequences("truth")
    clean, two, four = (
        points(clips[f"js4_ch09a_front{x}.truth"]) for x in ("", "__jitter2pct", "__jitter4pct")
    )
    assert clean["smoothness"] > two["smoothness"] + 2.0 > four["smoothness"] + 4.0
    assert max(two["creativity"], four["creativity"]) <= clean["creativity"] + 1.0


def test_floor_work_has_no_balance():
    """Now and then the body is upright on its feet for a moment, on its way down."""
    for name in ("br2_d04_ch08_front_floorwork", "br2_d04_ch08_yaw30_floorwork"):
        assert points(sequences("truth")[f"{name}.truth"])["balance"] is None


def test_a_rendered_loop_loses_a_third_of_its_creativity():
    clips = sequences("truth")
    once = points(clips["js4_ch09a_front.truth"])["creativity"]
    assert points(clips["js4_ch09a_front__loop_4_beats.truth"])["creativity"] <= 0.7 * once


@pytest.mark.slow
def test_professionals_lose_balance_by_leaning_and_stumbling_and_not_by_travelling():
    before = [points(dance)["balance"] for dance in upright_professionals()]

    def changes(change):
        after = [points(dance, change)["balance"] for dance in upright_professionals()]
        return np.array(after) - np.array(before)

    assert (changes(lambda p: spoil.leaned(p, 20.0)) < 0.0).all()
    stumbles = changes(lambda p: spoil.stumbling(p, [2.0, 6.0, 10.0]))
    # One dancer of krump stands so wide that the base swallows them.
    assert np.median(stumbles) < -5.0 and (stumbles < 0.0).sum() >= len(stumbles) - 1
    assert np.median(changes(lambda p: spoil.swaying(p, 0.06))) < -2.0
    assert np.abs(changes(lambda p: spoil.travelling(p, 0.3))).max() < 1.0


@pytest.mark.slow
def test_professionals_twice_mirrored_or_small_score_the_same():
    for dance in upright_professionals()[::3]:
        before = points(dance)
        for change in (spoil.mirrored, lambda p: spoil.scaled(p, 0.4, 0.3)):
            after = points(dance, change)
            assert sum(abs(after[name] - before[name]) for name in BLENDS) < 0.01
        assert points(dance, spoil.shuffled)["smoothness"] < 4.0


@pytest.mark.slow
def test_who_stands_has_no_more_balance_than_professionals_who_travel():
    professionals = np.median([points(dance)["balance"] for dance in upright_professionals()])
    waver = upright_professionals()[0]
    calm = waver.raw.xy[:1] + 0.02 * (waver.raw.xy - waver.raw.xy[:1])
    assert points(replace(waver, raw=replace(waver.raw, xy=calm)))["balance"] < professionals


@pytest.mark.slow
def test_the_pose_network_sees_nearly_what_the_exact_joints_say():
    for name in ("js4_ch09a_front", "js4_ch09a_front__loop_4_beats", "js4_ch09a_front__jitter4pct"):
        seen = points(sequences("video")[name])
        exact = points(sequences("truth")[f"{name}.truth"])
        assert seen["creativity"] == pytest.approx(exact["creativity"], abs=1.5)
        assert seen["balance"] == pytest.approx(exact["balance"], abs=5.0)


@pytest.mark.slow
def test_rendered_controls_fall_as_seen_by_the_pose_network():
    clips = sequences("video")
    clean, two, four = (points(clips[f"js4_ch09a_front{x}"]) for x in ("", "__jitter2pct", "__jitter4pct"))
    assert clean["smoothness"] > two["smoothness"] + 2.0 > four["smoothness"] + 4.0
    assert max(two["creativity"], four["creativity"]) <= clean["creativity"] + 1.0
    loop = points(clips["js4_ch09a_front__loop_4_beats"])
    assert loop["creativity"] <= 0.7 * clean["creativity"]


@pytest.mark.slow
def test_professionals_stand_at_or_above_the_median_of_phone_clips():
    phones = [points(s) for s in sequences("video").values() if s.kind == "phone"]
    assert len(phones) == 9
    professionals = [points(s) for s in sequences("keypoints").values() if s.source != "aist_d04"]
    for name in BLENDS:
        ordinary = np.median([got[name] for got in phones])
        assert np.median([got[name] for got in professionals]) >= ordinary


@pytest.mark.slow
def test_every_score_uses_its_range_on_the_validation_half():
    data_folder()
    pieces = reference("validation")
    weights = equal_sources(pieces)
    scores = [piece.scores() for piece in pieces]
    for name in BLENDS:
        known = [i for i, score in enumerate(scores) if score[name].points is not None]
        values = np.array([scores[i][name].points for i in known])
        order = np.argsort(values)
        cumulated = np.cumsum(weights[known][order]) / weights[known].sum()
        low, high = np.interp([0.1, 0.9], cumulated, values[order])
        assert high - low >= 0.4 * scores[0][name].out_of


@pytest.mark.slow
@pytest.mark.parametrize("varied", VARIED, ids=lambda varied: varied[0].split()[0])
def test_scores_do_not_follow_distance_length_or_frame_rate(varied):
    _, values, vary = varied
    dancers = [
        sequence.cut(0.0, 16.0) if sequence.duration > 20.0 else sequence
        for sequence in sequences("keypoints", "video").values()
        if sequence.half == "validation" and sequence.kind in ("professional", "amateur", "phone")
        if sequence.source != "aist_d04"
    ]
    rows = [(value, points(vary(dancer, value))) for dancer in dancers for value in values]
    for name in BLENDS:
        pairs = np.array([(value, got[name]) for value, got in rows if got[name] is not None])
        assert abs(spearmanr(pairs[:, 0], pairs[:, 1]).statistic) < 0.3
