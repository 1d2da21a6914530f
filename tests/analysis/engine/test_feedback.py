"""What the dancer is told is true of the clip, names places, and differs from clip to clip."""

from __future__ import annotations

import string
from dataclasses import replace

import pytest

from analysis.engine.feedback import clock, give_feedback
from analysis.engine.flags import FLAGS, SENTENCES
from analysis.engine.sayings import NAMES, SAYINGS, leading_parts
from analysis.engine.types import Feedback, Measure, RhythmBasis, Score, Step

STEPS = (
    Step(0.0, 4.0, "Knee bend", None, (1, 8), 1),
    Step(4.0, 8.0, "Right arm up", None, (1, 8), 2),
    Step(8.0, 12.0, "Knee bend", 1, (1, 8), 3),
)
OUT_OF = {"balance": 25, "rhythm": 30, "smoothness": 25, "creativity": 20}
MEASURES = {name: [measure for dimension, measure in SAYINGS if dimension == name] for name in NAMES}


def score(name: str, earned: float | None, /, **series: object) -> Score:
    """A dimension all of whose measures earned the same."""
    measures = tuple(Measure(measure, 0.2, "share", earned, 0.25) for measure in MEASURES[name])
    points = None if earned is None else OUT_OF[name] * earned
    return Score(name, points, OUT_OF[name], 0.9, measures, note="It was dark.", series=dict(series))


def told(*, basis: RhythmBasis = "music", flags: tuple[str, ...] = (), **shares: float | None) -> Feedback:
    scores = {name: score(name, shares.get(name, 0.5)) for name in NAMES}
    return give_feedback(scores, STEPS, basis=basis, flags=flags)


def test_the_strongest_and_the_weakest_are_those_with_the_largest_and_smallest_share() -> None:
    feedback = told(balance=0.6, rhythm=0.55, smoothness=0.2, creativity=0.9)
    assert (feedback.strongest, feedback.weakest) == ("creativity", "smoothness")
    assert "Creativity is your strong side here (18 of 20)" in feedback.text
    assert "Work on smoothness first (5 of 25)" in feedback.text


def test_without_music_rhythm_is_not_compared() -> None:
    shares = {"balance": 0.45, "rhythm": 0.1, "smoothness": 0.6, "creativity": 0.55}
    assert told(basis="music", **shares).weakest == "rhythm"
    silent = told(basis="motion", flags=("no_audio",), **shares)
    assert silent.weakest == "balance"
    assert silent.warnings == ("It was dark.",)  # what the score itself says of it


def test_nothing_poor_is_praised_and_nothing_good_is_blamed() -> None:
    poor = told(balance=0.1, rhythm=0.1, smoothness=0.1, creativity=0.15)
    good = told(balance=0.95, rhythm=0.95, smoothness=0.95, creativity=0.9)
    assert len(poor.evidence) == 1 and len(good.evidence) == 1
    assert "room to grow everywhere" in poor.text
    assert "solid" in good.text


def test_the_evidence_names_the_place_and_the_step() -> None:
    falls = [{"start": 5.2, "end": 5.9, "caught": False, "depth": 0.3}]
    scores = {
        "balance": score("balance", 0.2, excursions=falls, holds=[]),
        "creativity": score("creativity", 0.7),
    }
    measures = tuple(
        replace(measure, share=0.05 if measure.name == "capture" else 0.4)
        for measure in scores["balance"].measures
    )
    scores["balance"] = replace(scores["balance"], measures=measures)
    feedback = give_feedback(scores, STEPS, basis="none", flags=())
    assert "At 0:05, in “Right arm up”, your weight falls outside your feet" in feedback.text
    assert "“Right arm up” at half speed" in feedback.exercise


@pytest.mark.parametrize(
    ("caught", "praise"),
    [
        ([], "Your weight stays over your feet."),
        ([True], "You take your weight beyond your feet once and catch it well."),
        ([True, True], "You take your weight beyond your feet twice and catch it both times."),
        ([True] * 3, "You take your weight beyond your feet 3 times and catch it each time."),
        ([True, False], "Your holds are quiet, as at 0:02."),
    ],
)
def test_weight_that_is_not_caught_is_not_praised(caught: list[bool], praise: str) -> None:
    excursions = [{"start": 5.2, "end": 5.9, "caught": one, "depth": 0.3} for one in caught]
    holds = [{"start": 2.0, "end": 3.0, "sway": 0.1}]
    scores = {
        "balance": score("balance", 0.9, excursions=excursions, holds=holds),
        "creativity": score("creativity", 0.2),
    }
    assert give_feedback(scores, STEPS, basis="none", flags=()).evidence[0] == praise


def test_the_parts_that_carry_the_pulse_are_named_once() -> None:
    assert leading_parts(["hips_sideways", "hips", "wrists"]) == "hips and hands"
    assert leading_parts(["hips", "body"]) == leading_parts(["body"]) == "whole body"
    assert leading_parts([]) == ""


def test_a_step_that_comes_once_is_not_said_to_come_again() -> None:
    dull = score("creativity", 0.1)
    measures = [replace(m, share=0.05 if m.name == "recurrence" else 0.3) for m in dull.measures]
    scores = {"creativity": replace(dull, measures=tuple(measures)), "balance": score("balance", 0.8)}
    again = give_feedback(scores, STEPS, basis="none", flags=())
    once = give_feedback(scores, STEPS[:2], basis="none", flags=())
    assert again.exercise.startswith("Dance “Knee bend” in three ways")
    assert once.exercise.startswith("Each time a move comes again, change one thing")


def test_a_rough_stretch_is_told_by_time_and_part() -> None:
    rough = score(
        "smoothness",
        0.3,
        t=[1.0, 2.0, 3.0, 4.0, 5.0],
        share=[0.6, 0.5, 0.1, 0.5, 0.7],
        parts={"left_arm": 0.2, "right_arm": 0.6, "left_leg": 0.5, "right_leg": None, "trunk": 0.7},
    )
    feedback = give_feedback(
        {"smoothness": rough, "creativity": score("creativity", 0.8)}, STEPS, basis="none", flags=()
    )
    assert "From 0:02 to 0:04" in feedback.text and "left arm" in feedback.text


def test_a_repeated_step_is_counted() -> None:
    dull = score("creativity", 0.1)
    measures = [replace(m, share=0.05 if m.name == "novelty" else 0.3) for m in dull.measures]
    scores = {"creativity": replace(dull, measures=tuple(measures)), "balance": score("balance", 0.8)}
    feedback = give_feedback(scores, STEPS, basis="none", flags=())
    assert "“Knee bend” is danced twice." in feedback.evidence


def test_what_was_not_judged_is_said_with_its_reason() -> None:
    feedback = told(balance=None)
    assert "balance" not in (feedback.strongest, feedback.weakest)
    assert "Balance has no points. It was dark." in feedback.text
    nothing = told(balance=None, rhythm=None, smoothness=None, creativity=None)
    assert nothing.strongest == "" and len(nothing.warnings) == 4 and nothing.text


def test_one_dimension_alone() -> None:
    feedback = told(balance=None, rhythm=None, smoothness=0.6, creativity=None)
    assert "Only smoothness could be judged (15 of 25)" in feedback.text
    assert feedback.text.count("(15 of 25)") == 1


def test_flags_become_warnings_in_order() -> None:
    feedback = told(flags=("low_confidence", "several_people", "dark"))
    assert feedback.warnings == tuple(
        SENTENCES[name] for name in ("low_confidence", "several_people", "dark")
    )
    assert SENTENCES["several_people"] in feedback.text
    assert SENTENCES["dark"] not in feedback.text  # two doubts are enough for one text


def test_different_clips_read_differently() -> None:
    texts = {
        told(balance=a, rhythm=b, smoothness=c, creativity=d).text
        for a, b, c, d in [
            (0.2, 0.5, 0.6, 0.8),
            (0.8, 0.5, 0.6, 0.2),
            (0.5, 0.2, 0.8, 0.6),
            (0.6, 0.8, 0.2, 0.5),
            (0.55, 0.5, 0.8, 0.2),
        ]
    }
    assert len(texts) == 5


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (14.2, "0:14"), (59.6, "1:00"), (125, "2:05")])
def test_times_are_read_like_a_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_every_saying_can_be_said() -> None:
    """The last template of each list needs only what is always known, or the measure may stay silent."""
    for (dimension, _), saying in SAYINGS.items():
        assert dimension in NAMES
        for templates in (saying.good, saying.poor, saying.exercise):
            assert templates
            for template in templates:
                fields = [field for _, field, _, _ in string.Formatter().parse(template) if field]
                assert template.format_map(dict.fromkeys(fields, "x"))


def test_every_flag_has_a_whole_sentence() -> None:
    assert len(SENTENCES) == len(FLAGS)
    for sentence in SENTENCES.values():
        assert sentence[0].isupper() and sentence.endswith(".")


def rhythm(lost: list[list[float]], **shares: float) -> Score:
    measures = tuple(
        Measure(name, 0.2, "consistency", share, weight, note=f"{name} told.")
        for (name, share), weight in zip(shares.items(), (0.6, 0.25, 0.15), strict=True)
    )
    points = 30 * sum(measure.weight * (measure.share or 0) for measure in measures)
    return Score("rhythm", points, 30, 0.9, measures, series={"bpm": 119.6, "lost": lost})


def test_a_pulse_that_is_not_there_is_not_said_to_wander() -> None:
    scores = {
        "rhythm": rhythm([], entrainment=0.05, steadiness=0.0, coverage=0.02),
        "balance": score("balance", 0.7),
    }
    feedback = give_feedback(scores, STEPS, basis="music", flags=())
    assert "The beat (about 120 BPM) hardly shows in your movement." in feedback.evidence
    assert "at 120" in feedback.exercise


def test_where_the_pulse_is_lost_is_told_with_its_eight() -> None:
    lost = rhythm([[4.5, 6.0], [8.4, 12.0]], entrainment=0.5, steadiness=0.4, coverage=0.2)
    feedback = give_feedback(
        {"rhythm": lost, "balance": score("balance", 0.9)}, STEPS, basis="music", flags=()
    )
    assert "You lose the pulse from 0:08 to 0:12, in the third eight." in feedback.evidence
    assert "from 0:08 to 0:12 alone" in feedback.exercise


def test_a_pulse_that_is_lost_somewhere_is_not_praised_as_whole() -> None:
    mostly = rhythm([[4.5, 6.0]], entrainment=0.6, steadiness=0.7, coverage=1.0)
    whole = rhythm([], entrainment=0.6, steadiness=0.7, coverage=1.0)
    texts = [
        give_feedback({"rhythm": r, "balance": score("balance", 0.1)}, STEPS, basis="music", flags=()).text
        for r in (mostly, whole)
    ]
    assert "beginning to end" not in texts[0]
