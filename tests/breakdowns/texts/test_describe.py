"""The words must say what the body does: known moves in, their words on their counts out."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from analysis.engine.body import Landmark as L
from analysis.engine.kinematics import derive
from analysis.engine.types import Difficulty, Step
from breakdowns.texts import describe, levels
from breakdowns.texts.counts import Counts
from breakdowns.texts.facts import gather
from breakdowns.texts.parts import body_words
from breakdowns.texts.routine import Routine, timestamp
from breakdowns.texts.step_words import connection
from breakdowns.texts.voice import Voice
from tests.analysis.engine.dancer import point_light_dancer
from tests.breakdowns.texts.dances import analysed, perform

UP, OUT, DOWN = 0.75, 1.2, -0.98
FEET = [L[f"{side}_{part}"] for side in ("LEFT", "RIGHT") for part in ("ANKLE", "HEEL", "FOOT_INDEX")]

#: A move on a count, and what has to be said of it where.
KNOWN = [
    ((3, "right_hand", (-0.45, UP)), "hands", "On 3 lift your right hand above your head"),
    ((3, "left_hand", (0.45, UP)), "hands", "On 3 lift your left hand above your head"),
    ((5, "left_hand", (OUT, 0.0)), "hands", "On 5 lift your left hand out to the side at shoulder height"),
    ((4, "right_hand", (0.35, -0.4)), "hands", "On 4 lift your right hand across your chest"),
    ((3, "lean", (20.0, 0.0)), "torso", "On 3 lean to the left"),
    ((6, "lean", (-20.0, 0.0)), "torso", "On 6 lean to the right"),
    ((4, "hips", (0.0, -0.35)), "legs", "On 4 bend your knees"),
    ((3, "right_foot", (-0.75, 0.0)), "legs", "out to the right"),
    ((3, "left_foot", (0.3, 0.5)), "legs", "On 3 pick up your left foot"),
    ((3, "left_foot", (0.95, 0.5)), "legs", "On 3 kick your left leg out to the left"),
]


def told(
    *score, spans=((0.0, 4.0),), difficulty="intermediate", bpm: float | None = 120.0, **more
) -> Routine:
    """The words for a score of moves, danced over two more counts of rest."""
    counts = round(spans[-1][1] * (bpm or 120.0) / 60.0)
    repeats = more.pop("repeats", None)
    pose = perform(score, counts=counts, bpm=bpm or 120.0, **more)
    found = analysed(pose, spans=spans, bpm=bpm, repeats=repeats)
    return describe(found, difficulty=difficulty)


def every_text(routine: Routine) -> list[tuple[str, str]]:
    """All sentences with the place where they stand."""
    texts = list(routine.analysis_json()["overall_routine_characteristics"].items())
    for step in routine.steps_json():
        for name, value in step.items():
            if isinstance(value, dict) and name != "quality_metrics":
                texts += [(f"{name}.{key}", text) for key, text in value.items()]
            elif name in ("global_description", "style_and_history", "spice_it_up", "connection_to_next"):
                texts.append((name, value))
    return texts


@pytest.mark.parametrize(("move", "part", "words"), KNOWN)
def test_a_known_move_is_told_on_its_count(move, part, words) -> None:
    step = told(move).steps_json()[0]
    assert words in step["description"][part]
    assert words.removeprefix("On ")[2:] in step["global_description"]


@pytest.mark.parametrize(("move", "part", "words"), KNOWN)
def test_a_mirrored_dance_has_left_and_right_exchanged_and_nothing_else(move, part, words) -> None:
    one, other = told(move), told(move, mirrored=True)
    swap = {"left": "right", "right": "left"}

    def exchanged(text: str) -> str:
        return re.sub(r"\b(left|right)\b", lambda found: swap[found[0]], text)

    pairs = zip(every_text(one), every_text(other), strict=True)
    for (where, mine), (_, theirs) in pairs:
        if "Left and right" not in mine:
            assert exchanged(mine) == theirs, where


def test_both_hands_at_once_are_both_hands() -> None:
    step = told((3, "left_hand", (0.45, UP)), (3, "right_hand", (-0.45, UP))).steps[0]
    assert "On 3 lift both hands above your head" in step.description.hands


def test_what_comes_on_several_counts_is_said_once_with_all_of_them() -> None:
    moves = [(c, "right_hand", (-0.45, UP if c % 2 == 0 else DOWN)) for c in range(2, 8)]
    assert (
        "on 2, 4 and 6 lift your right hand above your head"
        in told(*moves).steps[0].description.hands.lower()
    )


@pytest.mark.parametrize("difficulty", ["beginner", "intermediate", "advanced"])
def test_half_counts_are_told_as_such(difficulty: Difficulty) -> None:
    step = told((3.5, "right_hand", (-0.45, UP)), difficulty=difficulty).steps[0]
    assert "On 3& lift" in step.description.hands
    assert "“&”" in step.global_description


@pytest.mark.parametrize(
    ("difficulty", "words"),
    [
        ("beginner", ["on 2", "on 2&", "on 2&", "on 2&", "on 3"]),
        ("intermediate", ["on 2", "on 2&", "on 2&", "on 2&", "on 3"]),
        ("advanced", ["on 2&", "on 2&", "on 2&", "on 2&", "on 2&"]),
    ],
)
def test_half_counts_begin_where_the_reader_hears_them(difficulty: Difficulty, words: list[str]) -> None:
    step = Step(start=0.0, end=4.0, name="", counts=(1, 8), eight=1)
    counts = Counts(step, np.arange(0.0, 6.0, 0.5), difficulty)
    assert [counts.when([counts.tick(beat / 2)]) for beat in (1.3, 1.37, 1.45, 1.55, 1.7)] == words


@pytest.mark.parametrize(
    ("ticks", "words"),
    [
        ([4], "on 7"),
        ([5], "on 7&"),
        ([4, 8], "on 7 and 1"),
        ([0, 5, 6], "on 5, 7& and 8"),
        ([0, 2, 4, 6, 8, 10], "on every count"),
        ([1, 3, 5, 7, 9, 11], "on every &"),
    ],
)
def test_counts_go_on_over_the_eight(ticks: list[int], words: str) -> None:
    step = Step(start=2.0, end=5.0, name="", counts=(5, 2), eight=1)
    assert Counts(step, np.arange(0.0, 6.0, 0.5), "advanced").when(ticks) == words


def test_where_no_beat_is_heard_nothing_is_counted() -> None:
    routine = told((3, "right_hand", (-0.45, UP)), (6, "right_hand", (-0.45, DOWN)), bpm=None)
    assert routine.bpm is None
    assert "First lift your right hand above your head" in routine.steps[0].description.hands
    for where, text in every_text(routine):
        assert not re.search(r"\bon \d", text, re.I), where
    assert "no counts" in routine.steps[0].technical_notes.timing


def test_feet_out_of_the_picture_are_said_to_be_so() -> None:
    step = told((3, "right_hand", (-0.45, UP)), hidden=FEET).steps[0]
    assert "out of the picture" in step.description.legs
    assert step.quality_metrics.balance == "Not measured"


def test_with_the_hips_out_of_the_picture_what_is_seen_is_still_told() -> None:
    legs = [*FEET, *(L[f"{side}_{part}"] for side in ("LEFT", "RIGHT") for part in ("HIP", "KNEE"))]
    found = analysed(perform([(3, "right_hand", (-0.45, UP))]), spans=((0.0, 4.0),))
    xy = found.motion.xy.copy()
    xy[:, legs] = np.nan
    motion = replace(found.motion, xy=xy)
    step = describe(replace(found, motion=motion, kinematics=derive(motion)), difficulty="advanced").steps[0]
    assert "On 3 lift your right hand above your head" in step.description.hands
    assert "out of the picture" in step.description.torso
    assert "out of the picture" not in step.description.shoulders
    xy[:] = np.nan
    motion = replace(found.motion, xy=xy)
    step = describe(replace(found, motion=motion, kinematics=derive(motion)), difficulty="advanced").steps[0]
    assert "too little of the body is seen" in step.global_description
    assert step.quality_metrics.energy == step.quality_metrics.stability == "Not measured"


def test_a_dancer_who_stands_still_holds() -> None:
    routine = told((3, "right_hand", (-0.45, UP)), spans=((0.0, 2.0), (2.0, 6.0)))
    assert routine.steps[1].global_description == (
        "Hold still for eight counts, with your weight on both feet and your right hand above your head."
    )
    assert "right hand above your head" in routine.steps[1].description.hands


def test_moves_too_small_to_be_told_are_not_called_stillness() -> None:
    moves = [
        (1 + k / 2, f"{s}_hand", (x, -0.98 + 0.35 * (k % 2)))
        for k in range(2, 16)
        for s, x in (("left", 0.45), ("right", -0.45))
    ]
    step = told(*moves).steps[0]
    assert "still" not in step.global_description
    assert "Small moves in place" in step.global_description


def test_what_is_danced_on_the_floor_is_not_told_limb_by_limb() -> None:
    moves = [(3, "hips", (0.0, -1.2)), (6, "right_hand", (-0.45, UP)), (13, "hips", (0.0, 0.0))]
    step = told(*moves, spans=((0.0, 2.0), (2.0, 6.0), (6.0, 8.0))).steps[1]
    assert "down on the floor" in step.global_description
    assert "watch the video" in step.description.hands
    assert step.quality_metrics.balance == "Not measured"


def test_who_is_far_away_is_not_said_to_be_on_the_floor() -> None:
    found = analysed(perform([(3, "right_hand", (-0.45, UP))]), spans=((0.0, 3.0), (3.0, 8.0)))
    xy = found.motion.xy.copy()
    far = found.motion.t < 3.0
    xy[far] *= 0.5
    motion = replace(found.motion, xy=xy)
    steps = describe(replace(found, motion=motion, kinematics=derive(motion)), difficulty="beginner").steps
    assert "floor" not in steps[0].global_description
    assert "lift your right hand" in steps[0].global_description


def test_the_moment_to_get_right_is_one_that_was_told() -> None:
    right = ((3, UP), (5, DOWN), (8, DOWN))
    moves = [
        *((count, "right_hand", (-0.45, height)) for count, height in right),
        *((5, "left_hand", (0.45, UP)), (6, "left_hand", (0.45, DOWN)), (2, "left_foot", (0.45, 0.0))),
        (7, "right_hand", (OUT, 0.0)),
    ]
    step = told(*moves, difficulty="beginner").steps[0]
    moment = (
        "drop your right hand to your side"  # the left one, which stays longest, is not told to beginners
    )
    assert step.technical_notes.precision == f"The picture to hit: {moment} on 5."
    assert moment in step.global_description and "drop your left hand" not in step.global_description


def test_neighbouring_steps_are_not_said_to_be_alike_in_the_same_words() -> None:
    arms = [(c, "right_hand", (-0.45, UP if c % 4 == 3 else DOWN)) for c in range(3, 22, 2)]
    routine = told(*arms, spans=((0.0, 3.0), (3.0, 6.0), (6.0, 9.0)))
    assert len({step.style_and_history.partition(".")[0] for step in routine.steps}) == 3


def test_a_repeated_step_is_named_as_such() -> None:
    moves = [(c, "right_hand", (-0.45, y)) for c, y in ((3, UP), (5, DOWN), (11, UP), (13, DOWN))]
    routine = told(*moves, spans=((0.0, 4.0), (4.0, 8.0)), repeats={2: 1})
    assert routine.steps[1].global_description.startswith("Step 1 again")
    assert "step 2, which repeats step 1" in routine.steps[0].connection_to_next
    assert "repeats step 1" in routine.steps[1].facts


def test_the_connection_follows_from_the_end_of_one_step_and_the_start_of_the_next() -> None:
    routine = told(
        (3, "right_hand", (-0.45, UP)), (9, "left_hand", (OUT, 0.0)), spans=((0.0, 3.5), (3.5, 7.5))
    )
    words = routine.steps[0].connection_to_next
    assert "your right hand above your head" in words
    assert "step 2" in words
    assert "lift your left hand out to the side at shoulder height" in words
    assert "The routine ends here" in routine.steps[1].connection_to_next


def test_advanced_dancers_are_told_more_than_beginners() -> None:
    found = analysed(point_light_dancer(120.0, 12.0, seed=3))
    lengths = {
        level: sum(len(step.global_description) for step in describe(found, difficulty=level).steps)
        for level in ("beginner", "intermediate", "advanced")
    }
    assert lengths["beginner"] < lengths["intermediate"] < lengths["advanced"]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("difficulty", ["beginner", "intermediate", "advanced"])
def test_whatever_is_danced_every_field_is_a_text_of_whole_sentences(seed, difficulty) -> None:
    pose = point_light_dancer(104.0 + 8 * seed, 14.0, seed=seed, hidden=FEET if seed == 3 else ())
    found = analysed(pose, bpm=None if seed == 2 else 104.0 + 8 * seed, difficulty=difficulty)
    routine = describe(found, difficulty=difficulty)
    assert len(routine.steps) == len(found.steps) > 1
    for where, text in every_text(routine):
        assert 10 < len(text) < 900, (where, text)
        assert text[0].isupper() or text[0] in "“1", (where, text)
        assert text.endswith("."), (where, text)
        assert "  " not in text and ".." not in text and " ," not in text and "nan" not in text, (where, text)
        assert not re.search(r"\b(wrist|finger|palm|smile|eyebrow)", text), (where, text)
    for step in routine.steps_json():
        assert all(step["quality_metrics"].values())


def test_the_same_analysis_gives_the_same_words() -> None:
    pose = point_light_dancer(120.0, 12.0, seed=5)
    assert describe(analysed(pose), difficulty="advanced") == describe(analysed(pose), difficulty="advanced")


def test_different_steps_read_differently() -> None:
    routine = describe(analysed(point_light_dancer(120.0, 16.0, seed=1)), difficulty="intermediate")
    texts = [step.global_description for step in routine.steps if step.repeats is None]
    assert len(set(texts)) == len(texts) > 2


def test_the_json_has_the_keys_of_the_api_in_their_form() -> None:
    routine = told((3, "right_hand", (-0.45, UP)), spans=((0.0, 2.0), (2.0, 4.0)))
    step = routine.steps_json()[1]
    assert list(step) == [
        "step_number",
        "start_timestamp",
        "end_timestamp",
        "counts",
        "step_name",
        "global_description",
        "description",
        "style_and_history",
        "spice_it_up",
        "connection_to_next",
        "technical_notes",
        "quality_metrics",
    ]
    assert (step["start_timestamp"], step["end_timestamp"]) == ("00:02.000", "00:04.000")
    assert set(step["description"]) == {"head", "hands", "shoulders", "torso", "legs", "bodyAngle"}
    whole = routine.analysis_json()
    assert whole["total_segments"] == 2
    assert set(whole["style_indicators"]) == {"rhythm_consistency", "flow_smoothness", "symmetry"}
    assert set(whole["overall_routine_characteristics"]) == {
        "tempo",
        "rhythm_consistency",
        "flow_smoothness",
        "symmetry",
        "difficulty_level",
        "energy_level",
    }


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "00:00.000"), (2.4604, "00:02.460"), (59.9996, "01:00.000"), (125.5, "02:05.500")],
)
def test_timestamps(seconds: float, words: str) -> None:
    assert timestamp(seconds) == words


def test_who_moves_more_is_more_energetic() -> None:
    calm = describe(analysed(point_light_dancer(80.0, 14.0, energy=0.25), bpm=80.0), difficulty="beginner")
    wild = describe(analysed(point_light_dancer(150.0, 14.0), bpm=150.0), difficulty="beginner")
    assert calm.energy_level == "Low"
    assert wild.energy_level in ("Medium", "High")


def test_quicker_denser_and_more_at_once_is_harder() -> None:
    easy, hard = (0.3, 3.0, 2.0), (2.4, 16.0, 6.0)
    assert levels.difficulty(*easy) == "Beginner"
    assert levels.difficulty(*hard) == "Advanced"
    assert levels.difficulty(*((a + b) / 2 for a, b in zip(easy, hard, strict=True))) == "Intermediate"
    assert levels.difficulty(2.4, float("nan"), float("nan")) == "Advanced"


def test_a_hand_that_drifts_away_is_not_said_to_stay() -> None:
    pose = perform([(3, "right_hand", (-0.45, UP))], counts=8)
    (facts,), _ = gather(analysed(pose, spans=((0.0, 4.0),), bpm=120.0), "intermediate")
    stays = "Your left hand stays by your side"
    assert stays in body_words(facts, Voice("intermediate")).hands
    moved = replace(facts, end=replace(facts.end, hands={**facts.end.hands, "left": "waist near"}))
    assert stays not in body_words(moved, Voice("intermediate")).hands


#: Moves by count, and what the step is called.
NAMES = [
    ([(3, "left_foot", (0.95, 0.5)), (4, "left_foot", (0.2, 0.0))], "Left leg kick"),
    (
        [(c, f"{s}_foot", (x * (0.95 if c % 2 else 0.2), 0.5 * (c % 2))) for s, x, at in
         (("left", 1, (1, 2, 5, 6)), ("right", -1, (3, 4, 7, 8))) for c in at],
        "Side kicks",
    ),
    ([(3, "right_hand", (-0.45, UP)), (3, "left_hand", (0.45, UP))], "Hands up high"),
    ([(3, "lean", (20.0, 0.0)), (5, "lean", (-20.0, 0.0))], "Side leans"),
]  # fmt: skip


@pytest.mark.parametrize(("score", "name"), NAMES, ids=[name for _, name in NAMES])
def test_a_step_is_called_what_its_words_tell(score: list, name: str) -> None:
    assert told(*score).steps[0].name.startswith(name)


def test_no_two_steps_share_a_name_unless_one_is_the_other_again() -> None:
    up = [(count, "right_hand", (-0.45, UP if count % 4 == 3 else DOWN)) for count in range(1, 25)]
    spans = ((0.0, 4.0), (4.0, 8.0), (8.0, 12.0))
    names = [step.name for step in told(*up, spans=spans, repeats={3: 1}).steps]
    assert names[0] == names[2] != names[1]


def test_the_openings_of_like_steps_differ() -> None:
    score = [(count, "right_hand", (-0.45, UP if count % 4 == 3 else DOWN)) for count in range(1, 25)]
    steps = told(*score, spans=((0.0, 4.0), (4.0, 8.0), (8.0, 12.0))).steps
    openings = [step.global_description.partition(". On ")[0].rpartition(". ")[2] for step in steps]
    assert len(set(openings)) == 3


def test_where_a_step_ends_does_not_contradict_its_last_move() -> None:
    found = analysed(perform([(8, "left_foot", (0.95, 0.5))]), spans=((0.0, 4.0),))
    facts = gather(found, "intermediate")[0][0]
    for weight, told_of in (("left", False), ("right", True)):  # the left leg is in the air
        ending = replace(facts, end=replace(facts.end, weight=weight))
        words = connection(ending, None, Voice("intermediate"))
        assert ("weight on the" in words) is told_of


def test_a_beginner_is_warned_of_half_counts_alone() -> None:
    between, whole = (
        told((count, "right_hand", (-0.45, UP)), difficulty="beginner").steps[0].technical_notes.timing
        for count in (3.5, 3.0)
    )
    assert "“and”" in between
    assert "“and”" not in whole and "&" not in whole
