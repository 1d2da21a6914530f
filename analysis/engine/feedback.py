"""What the dancer is told: the strongest side, the weakest with its evidence, one exercise, and the doubts.

The words are data (``sayings``); here it is decided which of them are true of this clip. Dimensions are
compared by the share of their points. Where no music was heard, rhythm is left out of the comparison: the
dancer cannot help it. Within a dimension the measure speaks that earned the largest, or the smallest, share.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from string import Formatter
from typing import Any, Final

from analysis.engine.flags import SENTENCES
from analysis.engine.sayings import (
    EXERCISE,
    GROUND,
    NAMES,
    NOT_JUDGED,
    ONLY,
    ORDINALS,
    PARTS,
    SAYINGS,
    STRONGEST,
    WEAKEST,
    in_times,
    leading_parts,
)
from analysis.engine.step_names import STILL
from analysis.engine.types import Feedback, Measure, RhythmBasis, Score, Step

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
    judged = [score for score in scores.values() if score.points is not None]
    compared = [score for score in judged if basis != "motion" or score.name != "rhythm"] or judged
    compared.sort(key=_share, reverse=True)
    warnings = _warnings(scores, basis, flags)
    if not compared:
        return Feedback(" ".join(warnings), "", "", (), "", tuple(warnings))
    strongest, weakest = compared[0], compared[-1]
    praise = _evidence(strongest, facts, good=True)
    blame = _evidence(weakest, facts, good=False)
    exercise = _exercise(weakest, facts)
    opening = ONLY if strongest is weakest else _by_share(STRONGEST, _share(strongest))
    sentences = [_introduced(opening, strongest), praise]
    if strongest is not weakest:
        sentences += [_introduced(_by_share(WEAKEST, _share(weakest)), weakest), blame]
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


def _warnings(scores: dict[str, Score], basis: RhythmBasis, flags: Sequence[str]) -> list[str]:
    """What is worth knowing, and every dimension that was not judged with its reason."""
    own_pulse = scores["rhythm"].note if basis == "motion" and "rhythm" in scores else ""
    silent = {"no_audio": own_pulse, "no_music": own_pulse}
    told = [silent.get(flag) or SENTENCES[flag] for flag in flags if flag in SENTENCES]
    missing = [
        NOT_JUDGED.format(name=NAMES[name], why=score.note or "too little could be seen.")
        for name, score in scores.items()
        if score.points is None
    ]
    return told + missing


def _share(score: Score) -> float:
    return (score.points or 0.0) / score.out_of


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
            continue
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
    """The measures that can be talked about: by the points they brought, or the smallest share first."""
    earned = {measure.name: measure.share for measure in score.measures}
    said = []
    for measure in score.measures:
        saying = SAYINGS.get((score.name, measure.name))
        if saying is None or measure.share is None or measure.weight <= 0:
            continue
        if not saying.stands_on or (earned.get(saying.stands_on) or 0.0) >= GROUND:
            said.append(measure)
    if best_first:
        return sorted(said, key=lambda measure: -(measure.share or 0.0) * measure.weight)
    return sorted(said, key=lambda measure: measure.share or 0.0)


def _filled(templates: Sequence[str], known: dict[str, Any]) -> str:
    """The first template whose fields are all known; empty when there is none."""
    for template in templates:
        fields = [field for _, field, _, _ in Formatter().parse(template) if field]
        if all(known.get(field) is not None for field in fields):
            return template.format_map(known)
    return ""


def _value(measure: Measure) -> dict[str, Any]:
    known: dict[str, Any] = {"note": measure.note or None}
    if measure.value is not None:
        known |= {"value": measure.value, "value_percent": f"{measure.value:.0%}"}
    return known


# --- What is known of each dimension, for the templates ---------------------------------------------------


def _balance_facts(score: Score, steps: Sequence[Step]) -> dict[str, Any]:
    excursions = score.series.get("excursions", [])
    holds = score.series.get("holds", [])
    missed = [excursion for excursion in excursions if not excursion["caught"]]
    known: dict[str, Any] = {"main_step": _main_step(steps)}
    if not excursions:
        known["stays"] = "stays"
    elif not missed:
        # What is not caught is nothing to praise.
        known |= {"excursions": in_times(len(excursions)), "caught": "each time"}
        if len(excursions) < 3:
            known["caught"] = "both times" if len(excursions) == 2 else "well"
    if missed:
        worst = max(missed, key=lambda excursion: float(excursion["depth"]))
        known |= {"missed_at": clock(worst["start"]), "missed_step": _step_at(worst["start"], steps)}
    if holds:
        quiet = min(holds, key=lambda hold: float(hold["sway"]))
        loud = max(holds, key=lambda hold: float(hold["sway"]))
        known |= {"hold_at": clock(quiet["start"]), "sway_at": clock(loud["start"])}
    return known


def _rhythm_facts(score: Score, steps: Sequence[Step]) -> dict[str, Any]:
    known: dict[str, Any] = {}
    if score.series.get("bpm"):
        known["bpm"] = round(score.series["bpm"])
    known["leaders"] = leading_parts(score.series.get("leaders", [])) or None
    lost = score.series.get("lost", [])
    if not lost:
        known["all_along"] = "from beginning to end"
    else:
        start, end = max(lost, key=lambda stretch: float(stretch[1] - stretch[0]))
        eight = next((step.eight for step in steps if step.start <= start < step.end), None)
        known |= {"lost_from": clock(start), "lost_to": clock(end)}
        known["lost_eight"] = None if eight is None else _ordinal(eight)
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
    known: dict[str, Any] = {"main_step": _main_step(steps)}
    worst, best = _extremes(score, half_window=4.0)
    if worst is not None and best is not None:
        known |= {"dull_from": clock(worst[0]), "dull_to": clock(worst[1])}
    danced = Counter((step.repeats or number) for number, step in enumerate(steps, start=1))
    if danced:
        number, times = danced.most_common(1)[0]
        if times > 1:
            known |= {"repeated_step": steps[number - 1].name, "times_danced": in_times(times)}
    return known


_FACTS: Final[dict[str, Callable[[Score, Sequence[Step]], dict[str, Any]]]] = {
    "balance": _balance_facts,
    "rhythm": _rhythm_facts,
    "smoothness": _smoothness_facts,
    "creativity": _creativity_facts,
}


def _ordinal(number: int) -> str:
    """Words for the first eights, figures for later ones."""
    if number <= len(ORDINALS):
        return ORDINALS[number - 1]
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _main_step(steps: Sequence[Step]) -> str | None:
    """The step that is danced for longest in all; holding still is none."""
    seconds: dict[str, float] = {}
    for step in steps:
        if step.name.startswith(STILL):
            continue
        seconds[step.name] = seconds.get(step.name, 0.0) + step.end - step.start
    return max(seconds, key=lambda name: seconds[name], default=None)


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
