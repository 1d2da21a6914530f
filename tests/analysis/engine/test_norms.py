"""From values to shares to points."""

import numpy as np
import pytest

from analysis.engine.scoring.norms import SHARES, Norm, Norms, Part, assemble, blend, load_norms
from benchmarks.fit_norms import BLENDS, MEASURES, fit

LINEAR = Norm(2.0, 5.0, 6.0)
FALLING = Norm(0.9, 0.1, 0.01, "log")


@pytest.mark.parametrize("norm", [LINEAR, FALLING])
def test_the_three_percentiles_earn_what_was_agreed(norm):
    assert [norm.share(x) for x in (norm.poor, norm.median, norm.good)] == pytest.approx(list(SHARES))


@pytest.mark.parametrize(
    ("norm", "values"),
    [(LINEAR, np.linspace(-20.0, 20.0, 500)), (FALLING, np.geomspace(100.0, 1e-6, 500))],
)
def test_more_quality_always_earns_more_and_never_leaves_0_to_1(norm, values):
    shares = np.array([norm.share(x) for x in values])
    assert (np.diff(shares) >= 0.0).all() and (np.diff(shares[200:300]) > 0.0).all()
    assert shares.min() >= 0.0 and shares.max() <= 1.0
    assert shares[0] < 0.05 and shares[-1] > 0.95
    assert np.abs(np.diff(shares)).max() < 0.1  # no step


def test_a_value_of_zero_is_the_best_of_a_falling_log_norm():
    assert FALLING.share(0.0) > 0.99


def test_what_was_not_measured_earns_nothing_and_costs_nothing():
    norms = Norms("t", {"x": LINEAR})
    assert norms.share("x", None) is None
    assert norms.share("x", float("nan")) is None
    with pytest.raises(KeyError):
        norms.share("y", 1.0)


def test_missing_measures_leave_their_weight_to_the_others():
    parts = [
        Part("a", 1.0, "1", 0.8, weight=0.5),
        Part("b", None, "1", None, weight=0.3, note="not seen"),
        Part("c", 1.0, "1", 0.2, weight=0.5, evidence=0.5),
    ]
    assert blend(parts, {}) == pytest.approx((0.5 * 0.8 + 0.25 * 0.2) / 0.75)
    score = assemble("thing", 20, parts, Norms("t", {}), confidence=0.7)
    assert score.points == pytest.approx(20 * blend(parts, {}))
    assert sum(m.weight for m in score.measures) == pytest.approx(1.0)
    assert score.measure("b").weight == 0.0 and score.measure("b").note == "not seen"


def test_points_are_explained_by_what_other_dancers_earn():
    """Measures that all earned much may still give few points."""
    steep = Norms("t", {"thing": Norm(0.68, 0.78, 0.86)})
    parts = [Part("a", 1.0, "1", 0.69, weight=1.0)]
    score = assemble("thing", 20, parts, steep, confidence=0.7, note="From the front.")
    assert score.points is not None and score.points < 6
    assert score.note == "From the front. Together they earn 69%; eight of ten dancers earn 68% to 86%."
    nothing = assemble("thing", 20, [parts[0]._replace(share=None)], steep, confidence=0.7, note="Not seen.")
    assert nothing.note == "Not seen."


def test_what_does_not_occur_counts_as_for_the_usual_dancer():
    """Else who never stands on both feet is behind for want of a measure by which all earn everything."""
    usual = {"easy": 1.0, "hard": 0.5}

    def both(easy: float | None, hard: float | None) -> float | None:
        return blend([Part("easy", 1.0, "1", easy, 0.5), Part("hard", 1.0, "1", hard, 0.5)], usual)

    assert both(None, 0.5) == both(1.0, 0.5) == both(1.0, None) == pytest.approx(0.75)
    assert both(None, 0.7) > both(None, 0.5) > both(None, 0.3)
    assert both(None, None) is None


def test_without_any_measure_there_are_no_points():
    norms = Norms("t", {"thing": Norm(*SHARES)})
    score = assemble("thing", 20, [Part("a", None, "1", None, 1.0)], norms, confidence=0.7)
    assert score.points is None and score.confidence == 0.0


def test_the_shipped_norms_are_whole_and_point_the_right_way():
    norms = load_norms()
    assert set(norms.table) == {*MEASURES, *BLENDS}
    assert set(norms.usual) == {*MEASURES, "balance.capture", "balance.alignment", "creativity.novelty"}
    assert all(0.5 < share <= 1.0 for share in norms.usual.values())
    for name, (scale, more_is_better) in MEASURES.items():
        norm = norms.table[name]
        assert norm.scale == scale
        knots = (norm.poor, norm.median, norm.good)
        assert list(knots) == sorted(knots, reverse=not more_is_better)
        assert len(set(knots)) == 3


def test_the_fit_finds_the_percentiles_of_a_known_distribution():
    values = np.random.default_rng(0).normal(10.0, 2.0, 4000)
    weights = np.full(len(values), 1 / len(values))
    up = fit(list(values), weights, "linear", True)
    assert (up.poor, up.median, up.good) == pytest.approx((7.44, 10.0, 12.56), abs=0.15)
    down = fit([*np.exp(values), None, float("nan")], np.append(weights, [0.1, 0.1]), "log", False)
    assert np.log([down.poor, down.median, down.good]) == pytest.approx([12.56, 10.0, 7.44], abs=0.15)


def test_a_source_counts_the_same_however_much_there_is_of_it():
    values = [*np.full(90, 1.0), 3.0]
    weights = np.append(np.full(90, 0.5 / 90), 0.5)
    norm = fit(values, weights, "linear", True)
    assert norm.median == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize("name", ["balance", "smoothness", "creativity"])
def test_a_low_blend_earns_in_proportion(name: str) -> None:
    """Measures that all earned something leave something of the dimension, nothing leaves nothing."""
    norms = load_norms()
    poor = norms.table[name].poor
    blends = np.linspace(0.0, 1.0, 201)
    shares = [norms.blended_share(name, float(blend)) or 0.0 for blend in blends]
    assert shares[0] == 0.0 and np.diff(shares).min() > 0
    assert norms.blended_share(name, poor) == pytest.approx(0.25)
    assert norms.blended_share(name, poor / 2) == pytest.approx(0.125)
    assert norms.blended_share(name, None) is None
