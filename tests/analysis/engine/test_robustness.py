"""What the dancer gets for a clip that is not as it should be: how it is scored, and what is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis.engine.body import Landmark as L
from analysis.engine.flags import SENTENCES
from analysis.engine.music import hear
from analysis.engine.pipeline import analyze, rescore
from analysis.engine.types import Analysis, Sound
from tests.analysis.engine.clips import judged, stored
from tests.analysis.engine.conftest import MakeClip
from tests.analysis.engine.dancer import point_light_dancer
from tests.analysis.engine.sounds import RATE, babble, drums, noise
from tests.media import DANCER, Clip, dancer, side_by_side, times

FEET = [place for place in L if place >= L.LEFT_ANKLE]
HANDS = [place for place in L if L.LEFT_ELBOW <= place < L.LEFT_HIP]


def rhythm(analysis: Analysis) -> float:
    return analysis.scores["rhythm"].points or 0.0


def heard_with(sound: Sound) -> Analysis:
    """The dancer of points in time with 120 BPM, on this sound."""
    return rescore(stored(heard=hear(sound)))


@pytest.fixture(scope="module")
def plain() -> Analysis:
    """Nothing is wrong with this one."""
    return judged()


def test_a_good_clip_has_nothing_to_warn_of(plain: Analysis) -> None:
    assert plain.flags == () and plain.feedback.warnings == ()
    assert plain.rhythm_basis == "music"


@pytest.mark.parametrize(
    "sound",
    [Sound(np.zeros(12 * RATE, dtype=np.float32), RATE), noise(12.0), babble(12.0)],
    ids=["silent", "noise", "speech"],
)
def test_sound_without_a_beat_leaves_the_own_pulse(sound: Sound, plain: Analysis) -> None:
    found = heard_with(sound)
    assert found.flags == ("no_music",)
    assert found.rhythm_basis == "motion" and 0 < rhythm(found) <= 15
    assert "only the pulse of your own movement was judged" in found.feedback.warnings[0]
    assert "at most 15 points" in found.feedback.warnings[0]
    assert found.scores["smoothness"] == plain.scores["smoothness"]  # sound is no matter of smoothness


@pytest.mark.parametrize("seconds", [5.0, 8.0])
def test_music_that_ends_before_the_dance_is_judged_while_it_plays(seconds: float) -> None:
    samples = drums(120.0, 12.0)[0].samples.copy()
    samples[round(seconds * RATE) :] = 0.0
    whole, part = heard_with(drums(120.0, 12.0)[0]), heard_with(Sound(samples, RATE))
    assert whole.rhythm_basis == part.rhythm_basis == "music"
    assert part.music is not None and part.music.beats[-1] < seconds + 0.6
    assert rhythm(part) > 0.5 * rhythm(whole)


@pytest.mark.parametrize(
    ("flag", "facts"),
    [
        ("dark", {"brightness": 0.05}),
        ("truncated", {"truncated": True}),
        ("small", {"width": 60, "height": 106}),
    ],
)
def test_what_the_picture_lacks_is_told_and_costs_no_points(
    flag: str, facts: dict[str, object], plain: Analysis
) -> None:
    found = rescore(stored(**facts))
    assert flag in found.flags and SENTENCES[flag] in found.feedback.warnings
    assert found.total == plain.total
    assert found.confidence < plain.confidence or flag != "small"


def test_several_people_are_told(plain: Analysis) -> None:
    found = judged(replace(point_light_dancer(), people=3))
    assert found.flags == ("several_people",) and found.total == plain.total


def test_feet_out_of_the_picture_make_balance_unsure_rather_than_low(plain: Analysis) -> None:
    found = judged(point_light_dancer(hidden=FEET))
    assert found.flags[0] == "feet_out_of_picture"
    assert found.scores["balance"].confidence < 0.6 * plain.scores["balance"].confidence
    assert rhythm(found) > 0.8 * rhythm(plain)


def test_hidden_hands_are_told(plain: Analysis) -> None:
    found = judged(point_light_dancer(hidden=HANDS))
    assert found.flags == ("hands_out_of_picture",)
    assert rhythm(found) > 0.8 * rhythm(plain)


def test_nothing_is_judged_across_a_cut() -> None:
    found = judged(replace(point_light_dancer(), cuts=(4.0, 8.0)))
    assert found.flags == ("cuts",)
    assert not [s for s in found.steps for cut in (4.0, 8.0) if s.start < cut - 0.1 and s.end > cut + 0.1]


# --- the same from the file on ----------------------------------------------------------------------------


def test_two_people_in_the_dark_while_somebody_speaks(make_clip: MakeClip) -> None:
    """The sound starts late and goes on after the picture; nothing of this is a reason to refuse."""
    pair = side_by_side(dancer(360), dancer(360))
    speech = babble(5.0)
    clip = Clip(
        times=times(24, 3.2),
        picture=lambda t: (pair(t) * 0.15).astype(np.uint8),
        sound=np.asarray(speech.samples),
        sound_rate=speech.rate,
        sound_start=0.5,
    )
    found = analyze(make_clip("dark_pair.mp4", clip))
    assert {"no_music", "several_people", "dark", "short"} <= set(found.flags)
    assert found.rhythm_basis == "motion"
    assert found.pose.people == 2


def test_the_part_that_arrived_is_judged(tmp_path: Path) -> None:
    content = DANCER.read_bytes()
    path = tmp_path / "half.mp4"
    path.write_bytes(content[: len(content) // 2])
    found = analyze(path)
    assert {"truncated", "short"} <= set(found.flags)
    assert SENTENCES["truncated"] in found.feedback.warnings
    assert found.rhythm_basis == "music" and found.total > 0
