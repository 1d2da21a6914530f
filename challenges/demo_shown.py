"""What the console shows of a demo video's own analysis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from analysis import selectors as analyses
from analysis.models import Analysis
from challenges.models import Challenge, ChallengeType
from idance.files import links
from idance.lib.problems import Missing

#: Points of the curve.
POINTS: Final = 200
ALONE = "Each submission is judged by its own music alone."


@dataclass(frozen=True)
class Shown:
    """In words, and as a drawing 100 wide and 20 high.

    ``energy``: the points of a polyline; ``beats``: where they are from left to right.
    """

    sentence: str
    analysis: Analysis | None = None
    energy: str = ""
    beats: tuple[float, ...] = ()
    steps: int = 0


def of(challenge: Challenge) -> Shown:
    """What is known of the demo of a challenge."""
    analysis, key = challenge.demo_analysis, links.key_of(challenge.demo_video)
    if analysis is None:
        if not challenge.demo_video:
            return Shown(f"There is no demo video. {ALONE}")
        if key is None:
            return Shown(f"Only an uploaded video is analysed, not one at an address. {ALONE}")
        return Shown(f"It is only shown: there were submissions before it. {ALONE}")
    if analysis.is_under_way:
        return Shown(f"It is being analysed, {analysis.progress:.0%} done; reload this page to see more.")
    if analysis.status != "completed":
        return Shown(f"{analysis.error_message or 'Its analysis was stopped.'} {ALONE}", analysis)
    try:
        report = analyses.report(analysis)
    except Missing as problem:
        return Shown(problem.sentence, analysis)
    length = report["video"]["duration"]
    return Shown(
        _sentence(challenge, analysis, shown=key == analysis.video_key),
        analysis,
        _curve(report["series"]["energy"]),
        tuple(round(100 * beat["time"] / length, 2) for beat in report["beats"] if beat["time"] <= length),
        len(report["steps"]),
    )


def _sentence(challenge: Challenge, analysis: Analysis, *, shown: bool) -> str:
    if challenge.type == ChallengeType.FREESTYLE:
        return f"In freestyle nobody follows the demo, so nobody is compared with it. {ALONE}"
    if analyses.timing(analysis) is None:
        why = (
            "no music is heard in it"
            if analysis.bpm is None
            else "its dancer has no clear pulse to the music"
        )
        return f"Nobody can be compared with it: {why}. {ALONE}"
    which = "it" if shown else "the demo video that was here when the first submission came"
    return f"Submissions on the same music are compared with {which}: being early or late costs points."


def _curve(energy: list[Any]) -> str:
    """The motion energy as points, its 95th percentile 15 high, standing on 18."""
    every = max(1, -(-len(energy) // POINTS))
    values = [value or 0.0 for value in energy[::every]]
    if len(values) < 2:
        return ""
    top = sorted(values)[int(0.95 * (len(values) - 1))] or 1.0
    places = (
        (100 * n / (len(values) - 1), 18 - 15 * min(value / top, 1.1)) for n, value in enumerate(values)
    )
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
