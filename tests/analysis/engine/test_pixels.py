"""The bundled clip, changed as a file: what becomes of its scores, from the first byte to the last point."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.pixels import DEMO, VARIANTS, Points, Variant, change, look, points

pytestmark = pytest.mark.slow

#: Whole files take their time: the first two are tested on landmarks and sound alone, and a camera even
#: farther away stands for the third.
LEFT_OUT = {"sound 12 dB quieter", "60 frames a second", "dancer 40 % of the picture"}


@pytest.fixture(scope="module")
def before() -> Points:
    """The points of the clip as it is."""
    return points(look(DEMO))


@pytest.mark.parametrize(
    "variant",
    [one for one in VARIANTS if one.name not in LEFT_OUT],
    ids=lambda one: f"{one.name}, {one.must}",
)
def test_what_must_hold_of_a_changed_file(variant: Variant, before: Points, tmp_path: Path) -> None:
    after = points(look(change(DEMO, variant.filters, tmp_path)))
    assert after, "it must not be refused"
    assert variant.holds(before, after), f"{variant.must}: {before} became {after}"
