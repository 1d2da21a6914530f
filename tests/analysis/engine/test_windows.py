"""A clip is the mean of its windows, wherever cuts lie and whatever does not divide evenly."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.engine.scoring.windows import Window, Windowed, windows_of


@pytest.mark.parametrize("rows", [1, 59, 60, 61, 89, 90, 91, 180, 200])
def test_windows_reach_from_end_to_end_and_speak_for_all_rows(rows: int) -> None:
    windows = windows_of([slice(7, 7 + rows)], 60)
    starts = np.array([window.rows.start for window in windows])
    assert windows[0].rows.start == 7 and windows[-1].rows.stop == 7 + rows
    assert {window.rows.stop - window.rows.start for window in windows} == {min(60, rows)}
    assert (np.diff(starts) <= 30).all()
    assert sum(window.weight for window in windows) == pytest.approx(rows)


def test_each_take_counts_by_its_length() -> None:
    """However many windows of it there are."""
    windows = windows_of([slice(0, 20), slice(20, 200)], 60)
    read = Windowed.read(windows, lambda rows: (float(rows.start < 20), 1.0))
    assert read.mean() == pytest.approx(0.1)


def test_what_a_window_earns_is_averaged_not_what_it_is() -> None:
    windows = [Window(slice(0, 10), 10.0), Window(slice(10, 20), 10.0), Window(slice(20, 30), 10.0)]
    values = {0: (0.0, 1.0), 10: (3.0, 0.5), 20: (99.0, 0.0)}
    read = Windowed.read(windows, lambda rows: values[rows.start])
    assert read.told == pytest.approx(0.5)
    assert read.mean() == pytest.approx(1.0)
    assert read.mean(lambda far: 1.0 / (1.0 + far)) == pytest.approx((1.0 + 0.5 * 0.25) / 1.5)


def test_nothing_told_is_no_value() -> None:
    assert Windowed.read([], lambda rows: (0.0, 1.0)).mean() is None
    silent = Windowed.read(windows_of([slice(0, 50)], 20), lambda rows: (5.0, 0.0))
    assert silent.mean() is None and silent.told == 0.0
