"""The report holds everything a score was made of, as JSON without holes that are not told."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from analysis.engine.body import Landmark as L
from analysis.engine.report import MOST_POINTS, plain, report
from analysis.engine.types import Analysis
from tests.analysis.engine.clips import judged
from tests.analysis.engine.dancer import point_light_dancer


@pytest.fixture(scope="module")
def found() -> Analysis:
    return judged()


def test_it_is_json_and_reads_back_as_it_was(found: Analysis) -> None:
    told = report(found)
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_scores_with_their_measures_add_up(found: Analysis) -> None:
    told = report(found)
    assert list(told["scores"]) == ["balance", "rhythm", "smoothness", "creativity"]
    assert [score["out_of"] for score in told["scores"].values()] == [25, 30, 25, 20]
    assert told["total"] == sum(score["points"] for score in told["scores"].values())
    for score in told["scores"].values():
        assert score["points"] == round(score["exact"])
        assert sum(measure["weight"] for measure in score["measures"]) == pytest.approx(1.0, abs=0.001)
        assert all(measure["unit"] for measure in score["measures"])


def test_series_are_at_15_hz_and_equally_long(found: Analysis) -> None:
    series = report(found)["series"]
    assert series["rate"] == 15.0 and series["start"] == 0.0
    assert len(series["energy"]) == len(series["limb_speed"]) == 180
    assert set(series["angles"]) == set(found.kinematics.angle_names)
    assert all(len(angles) == 180 for angles in series["angles"].values())
    knee = found.kinematics.angle_names.index("left_knee")
    assert series["angles"]["left_knee"][60] == pytest.approx(
        math.degrees(found.kinematics.angles[60, knee]), abs=0.06
    )


def test_every_beat_has_its_offset(found: Analysis) -> None:
    told = report(found)
    assert told["music"]["bpm"] == pytest.approx(120.0, abs=0.5)
    assert found.music is not None
    assert [beat["time"] for beat in told["beats"]] == [round(time, 4) for time in found.music.beats]
    offsets = [beat["offset_ms"] for beat in told["beats"] if beat["offset_ms"] is not None]
    assert len(offsets) > 12 and max(map(abs, offsets)) < 60  # on every beat, by construction


def test_steps_are_numbered(found: Analysis) -> None:
    told = report(found)["steps"]
    assert [step["number"] for step in told] == list(range(1, len(found.steps) + 1))
    assert told[0]["counts"] is not None and told[0]["eight"] == 1


def test_what_was_not_measured_is_null() -> None:
    legs = [place for place in L if place >= L.LEFT_KNEE]
    told = report(judged(point_light_dancer(hidden=legs), heard=False))
    assert set(told["series"]["angles"]["left_knee"]) == {None}
    assert told["music"] is None and told["beats"] == []
    capture = next(m for m in told["scores"]["balance"]["measures"] if m["name"] == "capture")
    assert capture["value"] is None and capture["share"] is None and capture["note"]
    assert "no_audio" in told["flags"] and "feet_out_of_picture" in told["flags"]


def test_long_clips_are_thinned_and_say_so() -> None:
    told = report(judged(point_light_dancer(seconds=200.0)))
    series = told["series"]
    assert series["rate"] == 7.5 and len(series["energy"]) == 1500 <= MOST_POINTS
    assert series["start"] == pytest.approx(0.5 / 15, abs=1e-4)
    assert len(told["curves"]["balance"]["t"]) == 1500
    assert len(json.dumps(told)) < 1_000_000


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("nan"), None),
        (np.float64("inf"), None),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        ((1, np.array([0.25, np.nan])), [1, [0.25, None]]),
        ({"a": {"b": None}}, {"a": {"b": None}}),
    ],
)
def test_numbers_become_plain(value: Any, expected: Any) -> None:
    assert plain(value) == expected


def test_what_json_does_not_know_is_a_fault() -> None:
    with pytest.raises(TypeError, match="complex"):
        plain(1j)
