"""Tempo and beats of recorded music, beside librosa."""

import numpy as np
import pytest

from analysis.engine.music import hear
from benchmarks.beats import f_measure, listen, pieces
from tests.media import data_folder

pytestmark = [pytest.mark.wild, pytest.mark.slow]


@pytest.fixture(scope="module")
def rows():
    data_folder()
    return [listen(piece) for piece in pieces()]


@pytest.fixture(scope="module")
def music(rows):
    return [row for row in rows if row.piece.half != "rendered"]


def share(rows, who, measure):
    return np.nanmean([float(getattr(getattr(row, who), measure)(row.piece)) for row in rows])


@pytest.mark.parametrize("measure", ["strict", "octave", "f_measure"])
@pytest.mark.parametrize("half", ["development", "validation"])
def test_better_than_librosa(music, half, measure):
    some = [row for row in music if row.piece.half == half]
    assert share(some, "ours", measure) > share(some, "librosa", measure)


def test_nearly_every_tempo_is_right(music):
    assert share(music, "ours", "strict") >= 0.85
    assert share(music, "ours", "octave") >= 0.9


def test_every_tempo_is_right_when_it_is_told(rows):
    assert [row.piece.name for row in rows if not row.told.strict(row.piece)] == []


def test_beats_are_where_they_are(music):
    assert share(music, "told", "f_measure") > 0.95


def test_rendered_clips_are_heard_to_the_millisecond(rows):
    for row in rows:
        if row.piece.half == "rendered":
            assert row.ours.bpm == pytest.approx(row.piece.bpm, rel=1e-3)
            assert row.ours.f_measure(row.piece) == 1.0
            late = [
                beat - row.piece.beats[np.abs(row.piece.beats - beat).argmin()] for beat in row.ours.beats
            ]
            assert abs(np.median(late)) < 0.010


def test_twelve_decibels_change_nothing(music):
    piece = music[-1].piece
    for gain in (0.25, 4.0):
        louder = hear(type(piece.sound)(piece.sound.samples * np.float32(gain), piece.sound.rate))
        assert louder.bpm == pytest.approx(music[-1].ours.bpm, rel=1e-6)


def test_f_measure_counts_one_for_one():
    assert f_measure(np.array([0.0, 0.01, 0.5]), np.array([0.0, 0.5])) == pytest.approx(0.8)
    assert f_measure(np.array([]), np.array([1.0])) == 0.0
