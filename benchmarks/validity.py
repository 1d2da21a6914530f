"""How well the engine measures, all of it: ``python -m benchmarks.validity`` writes ``docs/validation.md``.

Prints the page as well. Needs the recordings (see `benchmarks.population`); the first time it looks at every
clip, which takes some twenty minutes, later three. `--only beats steps` makes some sections and prints them.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import NamedTuple

from analysis.engine.config import ENGINE_VERSION
from analysis.engine.scoring.norms import load_norms
from benchmarks import beats, exact, landmarks, movement, pixels, rhythm, steps
from benchmarks.population import PROJECT, SOURCES

PAGE = PROJECT / "docs" / "validation.md"


class Section(NamedTuple):
    """One part of the page."""

    name: str
    title: str
    about: str
    table: Callable[[], None]  # prints it
    markdown: bool = True


SECTIONS = (
    Section(
        "landmarks",
        "Landmarks against exact joints",
        "Rendered dancers whose joints are known. Median / 95th percentile of the distance in torso "
        "lengths, by pair of joints, as the network saw them and after cleaning; then how much of the "
        "error in velocity cleaning left. The network's hips sit a little higher than a skeleton's; floor"
        " work is hard for it.",
        landmarks.main,
    ),
    Section(
        "exact",
        "Cases whose truth is exact",
        "Exact joints of rendered dancers moved in time: what is told beside the dancer's own demo, and "
        "what drifting against the music costs. Two rendered bodies in one picture, and one far away: whose "
        "joints were followed, and how near (torso lengths). Then 12 s of a dance beside the mean of its "
        "shorter pieces: median change of the points (quartiles), so that only length differs, and "
        "Spearman's rank correlation with it.",
        exact.main,
    ),
    Section(
        "pixels",
        "The file changed, the dance unchanged or spoilt",
        "Change of the total (or of the score that is named) after the whole analysis of the changed "
        "file. `(!)` marks what does not hold, `-` a dancer who is no larger than that as it is, or a "
        "sound in which there is no music to spoil. Then Spearman's rank correlation of the scores with what "
        "must not matter, each varied in the files of the same clips (must be under .3); for the length it "
        "is the mean of pieces spread over the same stretch. Why some do not hold stands in "
        "[scoring.md](scoring.md).",
        pixels.main,
    ),
    Section(
        "movement",
        "Balance, Smoothness, Creativity",
        "Every clip and sequence; known faults put into the dances that are danced on the feet, with the "
        "area under the curve of sound against spoilt ones; the span of each score over windows of 12 s; "
        "rank correlation with what must not matter. `keypoints`: motion capture or lab cameras. `video`:"
        " as the pose network saw it. `truth`: the exact joints behind a rendered clip.",
        movement.main,
    ),
    Section(
        "rhythm",
        "Rhythm",
        "Every dancer to the own music, to other songs, to the own music stretched by 6 to 30 % and to "
        "none; four methods side by side at telling the own music from songs that were not playing; what "
        "must hold.",
        rhythm.main,
        markdown=False,
    ),
    Section(
        "beats",
        "Tempo and beats",
        "All music of known tempo beside `librosa.beat.beat_track`; *told* is the engine with `target_bpm`.",
        beats.main,
        markdown=False,
    ),
    Section(
        "steps",
        "Steps",
        "Routines composed of captured dances, so that every boundary is known: F-measure within a "
        "quarter beat, beside a uniform grid, the grid moved to beats, and change points found frame by "
        "frame and moved to beats, all with as many boundaries.",
        steps.main,
        markdown=False,
    ),
)


def main() -> None:
    """Make the page, or print some of its sections."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=[section.name for section in SECTIONS], default=[])
    only = parser.parse_args().only
    made = [written(section) for section in SECTIONS if not only or section.name in only]
    if not only:
        made.insert(0, head())
        PAGE.write_text("\n".join(made))
    print("\n".join(made))


def head() -> str:
    """What the page is, and who stands in which half."""
    halves = {
        half: sorted(k for k, v in SOURCES.items() if v.half == half)
        for half in ("development", "validation")
    }
    lines = [
        "# How well it measures",
        "",
        f"Engine {ENGINE_VERSION}, norms {load_norms().version}. Written by `python -m benchmarks.validity`; "
        "what the scores are made of, and what they cannot know, stands in [scoring.md](scoring.md).",
        "",
        "Constants and norms were fitted on the development half alone. The split is by source, so that "
        "no dancer and no recording stands in both (`benchmarks/population.py`):",
        "",
        *(f"- {half}: {', '.join(names)}" for half, names in halves.items()),
        "",
    ]
    return "\n".join(lines)


def written(section: Section) -> str:
    """A section with the tables its benchmark prints."""
    printed = io.StringIO()
    with redirect_stdout(printed):
        section.table()
    table = printed.getvalue().strip("\n")
    if not section.markdown:
        table = f"```text\n{table}\n```"
    return f"## {section.title}\n\n{section.about}\n\n{table}\n"


if __name__ == "__main__":
    main()
