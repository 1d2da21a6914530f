"""Balance: what a teacher would see, on a dancer of points whose faults are known."""

import json
from dataclasses import replace

import numpy as np
import pytest

from analysis.engine.body import COCO17, LANDMARK_COUNT
from analysis.engine.body import Landmark as L
from analysis.engine.clean import clean
from analysis.engine.config import DEFAULT
from analysis.engine.kinematics import derive
from analysis.engine.scoring.balance import NAMES, measure_balance, score_balance
from analysis.engine.scoring.stance import find_stance, slow_path
from analysis.engine.scoring.wobble import own_pulse, wobble_share
from analysis.engine.types import RawPose
from benchmarks.spoil import jittered, leaned, mirrored, scaled, stumbling, swaying, travelling, twice

from .dancer import point_light_dancer
from .moves import music_at, points, scores

FEET = [L.LEFT_ANKLE, L.RIGHT_ANKLE, L.LEFT_HEEL, L.RIGHT_HEEL, L.LEFT_FOOT_INDEX, L.RIGHT_FOOT_INDEX]


@pytest.fixture(scope="module", params=[0, 1, 2])
def dance(request):
    return point_light_dancer(120.0, 12.0, seed=request.param)


@pytest.fixture(scope="module")
def before(dance):
    return points(dance, "balance")


def reading(pose, bpm=120.0):
    motion = clean(pose)
    return measure_balance(motion, derive(motion), music_at(bpm, motion.duration) if bpm else None)


@pytest.mark.parametrize("degrees", [15.0, 20.0, -20.0, 25.0])
def test_leaning_off_the_feet_costs(dance, before, degrees):
    assert points(leaned(dance, degrees), "balance") < before - 3.0


def test_the_more_it_leans_the_more_it_costs(dance, before):
    got = [points(leaned(dance, degrees), "balance") for degrees in (10.0, 15.0, 20.0, 25.0)]
    assert got == sorted(got, reverse=True) and got[0] < before - 3.0 and got[-1] < 0.5 * before


def test_stumbles_cost(dance, before):
    assert points(stumbling(dance, [4.0]), "balance") < before - 2.5


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_a_fall_costs_twice_as_long_a_dance_half_as_much(seed):
    """A dance is the mean of its moments, so length as such does not matter."""
    whole = point_light_dancer(120.0, 24.0, seed=seed)
    fallen = stumbling(whole, [4.0])

    def half(pose):
        return RawPose(pose.t[:180], pose.xy[:180], pose.visibility[:180])

    lost = points(half(whole), "balance") - points(half(fallen), "balance")
    assert points(whole, "balance") - points(fallen, "balance") == pytest.approx(0.5 * lost, abs=0.1 * lost)


@pytest.mark.parametrize(("size", "hertz"), [(0.03, 3.1), (0.06, 3.1), (0.04, 2.3)])
def test_a_tremble_costs(dance, before, size, hertz):
    assert points(swaying(dance, size, hertz), "balance") < before - 1.0


@pytest.mark.parametrize("bpm", [120.0, None])
def test_a_tremble_in_a_hold_costs_whatever_is_heard(bpm):
    still = point_light_dancer(120.0, 8.0, energy=0.0)
    steady = points(still, "balance", bpm=bpm, challenge_type="static")
    assert points(swaying(still, 0.03), "balance", bpm=bpm, challenge_type="static") < steady - 5.0


@pytest.mark.parametrize("speed", [0.3, -0.6, 1.0])
def test_travelling_is_not_imbalance(dance, before, speed):
    assert points(travelling(dance, speed), "balance") == pytest.approx(before, abs=1.0)


def test_size_and_place_in_the_picture_do_not_matter(dance, before):
    assert points(scaled(dance, 0.4, 0.25), "balance") == pytest.approx(before, abs=0.01)


def test_the_mirrored_dance_is_as_balanced(dance, before):
    assert points(mirrored(dance), "balance") == pytest.approx(before, abs=1e-6)


def test_the_dance_danced_twice_is_as_balanced(dance, before):
    assert points(twice(dance), "balance") == pytest.approx(before, abs=1.0)


def test_a_little_noise_of_the_camera_hardly_matters(dance, before):
    assert points(jittered(dance, 0.01), "balance") == pytest.approx(before, abs=2.0)


def test_someone_who_only_stands_has_less_than_someone_who_moves_well():
    still = points(jittered(point_light_dancer(120.0, 12.0, energy=0.05), 0.002), "balance")
    moving = np.mean([points(point_light_dancer(120.0, 12.0, seed=seed), "balance") for seed in range(3)])
    assert still < moving - 2.0


def test_in_a_static_challenge_stillness_is_what_counts():
    still = jittered(point_light_dancer(120.0, 8.0, energy=0.0), 0.002)
    static = scores(still, challenge_type="static")["balance"]
    assert static.measure("holds").weight > 0.4 and static.measure("reach").weight == 0.0
    assert static.points > scores(still)["balance"].points
    assert static.points > 20.0


def test_feet_out_of_the_picture_make_it_uncertain_not_low(dance):
    hidden = dance.visibility.copy()
    hidden[:, FEET] = 0.05
    with_feet = scores(dance)["balance"]
    without = scores(replace(dance, visibility=hidden))["balance"]
    assert without.points is not None and without.points > 0.4 * with_feet.points
    assert without.confidence < 0.5 * with_feet.confidence
    assert without.measure("capture").value is None and without.measure("capture").weight == 0.0
    assert "feet" in without.note and "feet" in without.measure("capture").note


def test_without_hips_and_legs_there_is_no_balance_to_tell(dance):
    hidden = dance.visibility.copy()
    hidden[:, [L.LEFT_KNEE, L.RIGHT_KNEE, *FEET]] = 0.05
    score = scores(replace(dance, visibility=hidden))["balance"]
    assert score.points is None and score.confidence == 0.0
    assert all(measure.value is None and measure.note for measure in score.measures)


def test_coco_keypoints_are_enough(dance, before):
    only = np.full_like(dance.xy, np.nan)
    only[:, list(COCO17)] = dance.xy[:, list(COCO17)]
    score = scores(replace(dance, xy=only))["balance"]
    assert score.points == pytest.approx(before, abs=5.0)


def test_jumping_is_not_imbalance():
    dance = point_light_dancer(120.0, 10.0, energy=0.6)
    jumping = dance.xy.copy()
    height = np.maximum(np.sin(2 * np.pi * dance.t), 0.0) * 0.17 * 0.6  # feet .6 torso lengths off the floor
    jumping[:, :, 1] -= height[:, None]
    found = reading(replace(dance, xy=jumping))
    assert found.stance.flight.mean() > 0.2
    assert found.values["capture"] == pytest.approx(reading(dance).values["capture"], abs=0.002)


def test_bowing_down_is_neither_upright_nor_a_fall():
    lying = point_light_dancer(120.0, 8.0)
    turned = (lying.xy - lying.xy.mean(axis=(0, 1)))[:, :, ::-1] * np.array([1.0, -1.0])  # on the side
    found = reading(replace(lying, xy=turned + 0.5))
    assert not found.stance.upright.any()
    score = scores(replace(lying, xy=turned + 0.5))["balance"]
    assert score.points is None and "upright" in score.note


def test_the_fast_sway_on_the_beat_is_dancing_and_beside_it_is_not():
    t = np.arange(180) / 15.0
    slow = np.sin(2 * np.pi * 0.5 * t)
    on_beat = wobble_share(slow + 0.5 * np.sin(2 * np.pi * 2.0 * t + 0.4), 15.0, {120.0: 1.0}).mean()
    beside = wobble_share(slow + 0.5 * np.sin(2 * np.pi * 2.55 * t + 0.4), 15.0, {120.0: 1.0}).mean()
    assert on_beat < 0.01
    assert beside > 0.15


def test_white_noise_wobbles_as_much_at_every_tempo():
    noise = np.random.default_rng(3).standard_normal(15 * 240)
    shares = [wobble_share(noise, 15.0, {bpm: 1.0}).mean() for bpm in (60.0, 83.0, 120.0, 171.0)]
    assert np.std(shares) < 0.12 * np.mean(shares)


def test_the_body_tells_its_own_tempo():
    motion = clean(point_light_dancer(104.0, 20.0))
    likely = own_pulse(motion, derive(motion))
    assert sum(likely.values()) == pytest.approx(1.0, abs=0.02)
    best = max(likely, key=likely.get)
    assert min(abs(np.log2(best / 104.0) - octave) for octave in (-1, 0, 1)) < 0.06


def test_a_caught_step_and_an_uncaught_one_are_told_apart():
    """A body on one leg falls to the side; the other foot lands under it in time, or late."""

    def fall(landing):
        pose = point_light_dancer(120.0, 6.0, energy=0.0)
        xy, t = pose.xy.copy(), pose.t
        out = (
            0.17 * 1.2 * (np.clip((t - 2.0) / 0.5, 0, 1) ** 2)
        )  # 1.2 torso lengths to the right of the picture
        foot = 0.17 * 1.2 * np.clip((t - 2.0 - landing) / 0.15, 0, 1)
        above = [i for i in range(LANDMARK_COUNT) if i not in FEET]
        xy[:, above, 0] += out[:, None]
        xy[:, FEET, 0] += foot[:, None]
        return reading(RawPose(t, xy, pose.visibility))

    early, late = fall(0.3), fall(1.5)
    assert early.values["capture"] < 0.005 < 0.02 < late.values["capture"]
    assert [excursion.caught for excursion in late.excursions] == [False]


def test_hopping_from_foot_to_foot_is_no_imbalance():
    """One foot up at a time, each for .3 s, and the body swinging between them: outside the base of the foot
    that carries, but on its way to where the other lands."""
    pose = point_light_dancer(120.0, 10.0, energy=0.0)
    xy, t = pose.xy.copy(), pose.t
    side = np.sign(np.sin(2 * np.pi * (t + 0.02) / 0.6))
    for foot, up in ((FEET[::2], side > 0), (FEET[1::2], side < 0)):
        xy[np.ix_(np.flatnonzero(up), foot, [1])] -= 0.17 * 0.6
    found = reading(RawPose(t, xy, pose.visibility))
    stance = found.stance
    assert (stance.contact.sum(axis=1) == 1).mean() > 0.8
    outside = np.minimum(stance.xcom - stance.left, stance.right - stance.xcom) < 0.0
    assert outside.mean() > 0.5 and not found.excursions
    assert found.values["capture"] == 0.0


def test_base_and_contact_are_where_the_feet_are():
    motion = clean(point_light_dancer(120.0, 6.0, energy=0.0))
    stance = find_stance(motion, derive(motion))
    assert stance.contact.all() and stance.upright.all() and not stance.flight.any()
    ankles = motion.xy[:, [L.LEFT_ANKLE, L.RIGHT_ANKLE], 0]
    margin = DEFAULT.balance.foot_margin
    assert (stance.left <= ankles.min(axis=1) - margin + 1e-9).all()
    assert (stance.right >= ankles.max(axis=1) + margin - 1e-9).all()
    assert stance.leg == pytest.approx(1.6, abs=0.1)


def test_one_raised_foot_does_not_carry():
    pose = point_light_dancer(120.0, 6.0, energy=0.0)
    xy = pose.xy.copy()
    xy[30:60, [L.LEFT_ANKLE, L.LEFT_HEEL, L.LEFT_FOOT_INDEX], 1] -= 0.17 * 0.6
    stance = find_stance(motion := clean(replace(pose, xy=xy)), derive(motion))
    assert not stance.contact[35:55, 0].any() and stance.contact[35:55, 1].all()


def test_the_report_is_plain_and_aligned(dance):
    score = scores(leaned(dance, 20.0))["balance"]
    series = json.loads(json.dumps(score.series, allow_nan=False))
    assert len(series["t"]) == len(series["com"]) == len(series["left"]) == len(series["right"])
    assert series["excursions"] and set(series["excursions"][0]) == {"start", "end", "caught", "depth"}
    assert [measure.name for measure in score.measures] == list(NAMES)
    assert score.out_of == 25 and 0.0 <= score.points <= 25.0 and 0.0 < score.confidence <= 1.0


def test_the_same_clip_gives_the_same_score(dance):
    motion = clean(dance)
    kin = derive(motion)
    assert score_balance(motion, kin, None) == score_balance(motion, kin, None)


def test_slow_ways_of_several_signals_are_each_their_own():
    ways = np.cumsum(np.random.default_rng(5).normal(0, 1, (90, 3, 2)), axis=0)
    ways[:5, 1, 0] = ways[20:30, 1, 0] = ways[:, 2] = np.nan
    takes = [slice(0, 40), slice(40, 42), slice(42, 90)]
    together = slow_path(ways, 6, takes)
    assert together.shape == ways.shape and np.isfinite(together).all()
    for limb in range(3):
        for axis in range(2):
            alone = slow_path(ways[:, limb, axis], 6, takes)
            np.testing.assert_allclose(together[:, limb, axis], alone, rtol=0, atol=1e-12)
    np.testing.assert_allclose(slow_path(np.arange(90.0), 6, [slice(0, 90)]), np.arange(90.0), atol=1e-9)


def test_what_is_hardly_a_hold_hardly_counts():
    """A dancer who slows down until she stands: nothing jumps on the way."""
    lively, still = (point_light_dancer(120.0, 10.0, energy=energy, seed=1) for energy in (1.0, 0.0))
    shares = np.linspace(0.0, 1.0, 41)
    read = [reading(replace(lively, xy=still.xy + s * (lively.xy - still.xy))) for s in shares]
    told = np.array([found.evidence["holds"] for found in read])
    assert told[0] == 1.0 and told[-1] < 0.3
    assert np.abs(np.diff(told)).max() < 0.15


def test_a_tremble_does_not_end_the_hold_it_spoils():
    still = point_light_dancer(120.0, 8.0, energy=0.0)
    calm, shaking = reading(still), reading(swaying(still, 0.1))
    assert shaking.evidence["holds"] > 0.95 * calm.evidence["holds"]
    assert shaking.values["holds"] > calm.values["holds"] + 0.2


def test_being_thrown_about_is_no_reach(dance):
    stumbles = reading(stumbling(dance, [1.0, 5.0, 9.0]))
    assert stumbles.values["reach"] < reading(dance).values["reach"] + 0.02


def test_standing_still_says_nothing_about_wobble(dance):
    still = reading(jittered(point_light_dancer(120.0, 12.0, energy=0.0), 0.002))
    assert still.evidence["wobble"] < 0.1 < 0.7 < reading(dance).evidence["wobble"]


@pytest.mark.parametrize("degrees", [-14.0, 14.0])
def test_who_hops_from_foot_to_foot_is_seen_leaning(degrees):
    """Never on both feet, so that only where the body is in the middle of its swings tells of it."""
    pose = point_light_dancer(120.0, 10.0, energy=0.0)
    xy = pose.xy.copy()
    side = np.sign(np.sin(2 * np.pi * (pose.t + 0.02) / 0.6))
    for foot, up in ((FEET[::2], side > 0), (FEET[1::2], side < 0)):
        xy[np.ix_(np.flatnonzero(up), foot, [1])] -= 0.17 * 0.6
    hopping = RawPose(pose.t, xy, pose.visibility)
    assert reading(hopping).values["alignment"] < 0.5
    leaning = reading(leaned(hopping, degrees))
    assert leaning.values["alignment"] > 3.0 and leaning.evidence["alignment"] == 1.0
