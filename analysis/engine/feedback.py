"""What the dancer is told: the strongest side, the weakest with its evidence, one exercise, and the doubts.

The words are data (``sayings``); here it is decided which of them are true of this clip. Dimensions are
compared by the share of the points they can earn, so that a clip without music is not told that its rhythm is
weak; within a dimension the measure speaks that earned the largest, or the smallest, share.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from string import Formatter
from typing import Any, Final

from analysis.engine.flags import SENTENCES
from analysis.engine.sayings import (
    EXERCISE,
    NAMES,
    NOT_JUDGED,
    ONLY,
    PARTS,
    SAYINGS,
    STRONGEST,
    WEAKEST,
)
from analysis.engine.types import Feedback, Measure, RhythmBasis, Score, Step

#: What can be earned where it is less than a dimension is out of.
_CEILING: Final[dict[tuple[str, RhythmBasis], int]] = {("rhythm", "motion"): 15}

#: Shares from which a measure is praised, and up to which it is blamed.
_PRAISED: Final = 0.5
_BLAMED: Final = 0.65

#: Doubts that go into the text, not only into the warnings.
_DOUBTS_TOLD: Final = 2


def give_feedback(
    scores: dict[str, Score],
    steps: Sequence[Step],
    *,
    basis: RhythmBasis,
    flags: Sequence[str],
) -> Feedback:
    """Say what is strong, what is weak and why, and what to practise.

    Parameters
    ----------
    scores : the dimensions; those without points are named with their reason.
    steps : for the places in the routine.
    basis : what rhythm was judged by.
    flags : what is worth knowing about the clip.
    """
    facts = {name: _FACTS[name](score, steps) for name, score in scores.items() if name in _FACTS}
    judged = sorted(
        (score for score in scores.values() if score.points is not None), key=lambda s: -_share(s, basis)
    )
    warnings = [SENTENCES[flag] for flag in flags if flag in SENTENCES]
    warnings += [
        NOT_JUDGED.format(name=NAMES[name], why=score.note or "too little could be seen.")
        for name, score in scores.items()
        if score.points is None
    ]
    if not judged:
        return Feedback(" ".join(warnings), "", "", (), "", tuple(warnings))
    strongest, weakest = judged[0], judged[-1]
    praise = _evidence(strongest, facts, good=True)
    blame = _evidence(weakest, facts, good=False)
    exercise = _exercise(weakest, facts)
    opening = ONLY if strongest is weakest else _by_share(STRONGEST, _share(strongest, basis))
    sentences = [_introduced(opening, strongest), praise]
    if strongest is not weakest:
        sentences += [_introduced(_by_share(WEAKEST, _share(weakest, basis)), weakest), blame]
    if exercise:
        sentences.append(EXERCISE.format(exercise=exercise))
    sentences += warnings[:_DOUBTS_TOLD]
    return Feedback(
        text=" ".join(sentence for sentence in sentences if sentence),
        strongest=strongest.name,
        weakest=weakest.name,
        evidence=tuple(sentence for sentence in (praise, blame) if sentence),
        exercise=exercise[:1].upper() + exercise[1:],
        warnings=tuple(warnings),
    )


def clock(seconds: float) -> str:
    """A moment as dancers read it: 0:14."""
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02d}"


def _share(score: Score, basis: RhythmBasis) -> float:
    """Points as a share of those that could be earned."""
    return (score.points or 0.0) / _CEILING.get((score.name, basis), score.out_of)


def _by_share(openings: Sequence[tuple[float, str]], share: float) -> str:
    return next(text for least, text in openings if share >= least)


def _introduced(opening: str, score: Score) -> str:
    name = NAMES[score.name]
    middle = not opening.startswith("{name}")
    return opening.format(
        name=name.lower() if middle else name, points=round(score.points or 0.0), out_of=score.out_of
    )


def _evidence(score: Score, facts: dict[str, dict[str, Any]], *, good: bool) -> str:
    """The sentence of the measure that made the score, or of the next one when it has nothing to say.

    Nothing is praised that earned less than half, nothing blamed that earned clearly more.
    """
    for measure in _telling(score, best_first=good):
        earned = measure.share or 0.0
        if earned < _PRAISED if good else earned > _BLAMED:
            break
        saying = SAYINGS[score.name, measure.name]
        known = facts.get(score.name, {}) | _value(measure)
        sentence = _filled(saying.good if good else saying.poor, known)
        if sentence:
            return sentence
    return ""


def _exercise(score: Score, facts: dict[str, dict[str, Any]]) -> str:
    """What to practise: it belongs to the measure that earned least."""
    for measure in _telling(score, best_first=False):
        sentence = _filled(SAYINGS[score.name, measure.name].exercise, facts.get(score.name, {}))
        if sentence:
            return sentence
    return ""


def _telling(score: Score, *, best_first: bool) -> list[Measure]:
    """The measures that earned something and can be talked about, by what they earned."""
    said = [
        measure
        for measure in score.measures
        if measure.share is not None and measure.weight > 0 and (score.name, measure.name) in SAYINGS
    ]
    return sorted(said, key=lambda measure: (measure.share or 0.0) * (-1 if best_first else 1))


def _filled(templates: Sequence[str], known: dict[str, Any]) -> str:
    """The first template whose fields are all known; empty when there is none."""
    for template in templates:
        fields = [field for _, field, _, _ in Formatter().parse(template) if field]
        if all(known.get(field) is not None for field in fields):
            return template.format_map(known)
    return ""


def _value(measure: Measure) -> dict[str, Any]:
    if measure.value is None:
        return {}
    return {"value": measure.value, "value_percent": f"{measure.value:.0%}"}


# --- What is known of each dimension, for the templates ---------------------------------------------------


def _balance_facts(score: Score, steps: Sequence[Step]) -> dict[str, Any]:
    excursions = score.series.get("excursions", [])
    holds = score.series.get("holds", [])
    missed = [excursion for excursion in excursions if not excursion["caught"]]
    known: dict[str, Any] = {}
    if excursions:
        known |= {"excursions": len(excursions), "caught": len(excursions) - len(missed)}
    if missed:
        worst = max(missed, key=lambda excursion: float(excursion["depth"]))
        known |= {"missed_at": clock(worst["start"]), "missed_step": _step_at(worst["start"], steps)}
    if holds:
        quiet = min(holds, key=lambda hold: float(hold["sway"]))
        loud = max(holds, key=lambda hold: float(hold["sway"]))
        known |= {"hold_at": clock(quiet["start"]), "sway_at": clock(loud["start"])}
    return known


def _smoothness_facts(score: Score, steps: Sequence[Step]) -> dict[str, Any]:
    known: dict[str, Any] = {}
    parts = {name: share for name, share in score.series.get("parts", {}).items() if share is not None}
    if len(parts) > 1:
        smooth, rough = max(parts, key=lambda name: parts[name]), min(parts, key=lambda name: parts[name])
        known["smooth_part"] = PARTS[smooth][0]
        known["rough_part"], known["rough_root"], known["rough_end"] = PARTS[rough]
    worst, best = _extremes(score, half_window=1.0)
    if worst is not None and best is not None:
        known |= {"rough_from": clock(worst[0]), "rough_to": clock(worst[1])}
        known |= {"smooth_from": clock(best[0]), "smooth_to": clock(best[1])}
        known["rough_step"] = _step_at(sum(worst) / 2, steps)
    return known


def _creativity_facts(score: Score, steps: Sequence[Step]) -> dict[str, Any]:
    known: dict[str, Any] = {}
    if score.series.get("poses"):
        known["poses"] = round(score.series["poses"])
    worst, best = _extremes(score, half_window=4.0)
    if worst is not None and best is not None:
        known |= {"dull_from": clock(worst[0]), "dull_to": clock(worst[1])}
    danced = Counter((step.repeats or number) for number, step in enumerate(steps, start=1))
    if danced:
        number, times = danced.most_common(1)[0]
        if times > 1:
            known |= {"repeated_step": steps[number - 1].name, "times_danced": times}
        if len(danced) > 2:
            known["step_count"] = len(danced)
    return known


_FACTS: Final[dict[str, Callable[[Score, Sequence[Step]], dict[str, Any]]]] = {
    "balance": _balance_facts,
    "smoothness": _smoothness_facts,
    "creativity": _creativity_facts,
}


def _step_at(time: float, steps: Sequence[Step]) -> str | None:
    """Name of the step danced at a moment."""
    return next((step.name for step in steps if step.start <= time < step.end), None)


def _extremes(
    score: Score, *, half_window: float
) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
    """The worst and the best stretch of a dimension's curve, when they differ clearly."""
    times, shares = score.series.get("t", []), score.series.get("share", [])
    known = [(share, time) for time, share in zip(times, shares, strict=True) if share is not None]
    if len(known) < 3:
        return None, None
    (low, worst), (high, best) = min(known), max(known)
    if high - low < 0.1:
        return None, None
    return (
        (max(0.0, worst - half_window), worst + half_window),
        (max(0.0, best - half_window), best + half_window),
    )
