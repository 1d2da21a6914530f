"""Submissions that show the same video: found among others, noted before the score, whoever sent them."""

from __future__ import annotations

from typing import Any

import pytest

from analysis import fingerprints
from analysis.engine import fingerprint as engine
from analysis.models import Analysis, Fingerprint, FingerprintWord
from challenges import duplicates, submitting
from challenges.models import Duplicate, Submission
from challenges.signals import duplicate_found, submission_changed
from tests.analysis.engine import test_fingerprint as dances
from tests.challenges import make

pytestmark = pytest.mark.django_db


def entered(pose: Any, *, challenge: Any = None, dancer: Any = None) -> Submission:
    """A submission whose video shows this movement, through the job that analyses it."""
    one = make.submission(challenge or make.challenge(), dancer, points=make.POINTS)
    analysis = Analysis.objects.get(pk=one.analysis_id)
    fingerprints.keep(analysis, dances.made(pose))
    duplicates.record(one.pk, analysis)
    return one


def test_the_later_one_is_the_duplicate_of_the_earlier() -> None:
    steps = dances.dance(1)
    first, _stranger = entered(steps), entered(dances.dance(2))
    later = entered(dances.trembling(dances.cut(steps, 30, 150), 3))
    fact = Duplicate.objects.get()
    assert (fact.submission, fact.original, fact.same_dancer) == (later, first, False)
    assert fact.offset == pytest.approx(-2.0, abs=0.1)


def test_whichever_is_analysed_first_the_later_submission_is_the_duplicate() -> None:
    steps = dances.dance(1)
    first = make.submission(make.challenge(), points=make.POINTS)
    later = entered(dances.trembling(dances.cut(steps, 30, 150), 1))
    analysis = Analysis.objects.get(pk=first.analysis_id)
    fingerprints.keep(analysis, dances.made(steps))
    duplicates.record(first.pk, analysis)
    fact = Duplicate.objects.get()
    assert (fact.submission, fact.original) == (later, first)
    assert fact.offset == pytest.approx(-2.0, abs=0.1)
    assert duplicates.record(first.pk, analysis) == []


def test_it_is_known_before_the_score_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = dances.dance(4)
    entered(steps)
    heard: list[str] = []

    def found(duplicate: Duplicate, **_: Any) -> None:
        heard.append(f"duplicate {duplicate.submission.status}")

    def scored(submission: Submission, **_: Any) -> None:
        heard.append(f"changed {submission.status} {submission.duplicate_of.count()}")

    run = make.Engine.run

    def with_fingerprint(engine: make.Engine, *args: Any, **more: Any) -> Any:
        from dataclasses import replace

        return replace(run(engine, *args, **more), fingerprint=dances.made(steps))

    monkeypatch.setattr(make.Engine, "run", with_fingerprint)
    duplicate_found.connect(found)
    submission_changed.connect(scored)
    try:
        make.submission(make.challenge(), points=make.POINTS)
    finally:
        duplicate_found.disconnect(found)
        submission_changed.disconnect(scored)
    assert heard == ["changed pending 0", "duplicate pending", "changed completed 1"]


def test_what_was_compared_before_the_transaction_is_not_compared_in_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps = dances.dance(1)
    first, found = entered(steps), dances.made(dances.trembling(steps, 1))
    compared = fingerprints.compare_ahead(found)
    since = entered(dances.trembling(steps, 2))
    late = make.submission(make.challenge(), points=make.POINTS)
    analysis = Analysis.objects.get(pk=late.analysis_id)
    fingerprints.keep(analysis, found)
    calls = []
    compare = engine.compare
    monkeypatch.setattr(engine, "compare", lambda *pair: calls.append(pair) or compare(*pair))
    duplicates.record(late.pk, analysis, compared)
    assert len(calls) == 1  # with the one that came in between
    originals = Duplicate.objects.filter(submission=late).values_list("original", flat=True)
    assert set(originals) == {first.pk, since.pk}


def test_what_was_found_goes_with_the_submission() -> None:
    steps = dances.dance(5)
    first, later = entered(steps), entered(dances.trembling(steps, 1))
    assert Duplicate.objects.count() == 1
    submitting.remove(later)
    assert not Duplicate.objects.exists()
    assert Fingerprint.objects.get().analysis_id == first.analysis_id
    assert set(FingerprintWord.objects.values_list("fingerprint__analysis", flat=True)) == {first.analysis_id}


def test_nothing_is_said_of_what_is_not_analysed() -> None:
    one = make.submission(make.challenge(), points=make.POINTS)
    assert duplicates.record(one.pk, Analysis.objects.get(pk=one.analysis_id)) == []


def test_a_look_up_takes_few_queries(django_assert_num_queries: Any) -> None:
    steps = dances.dance(6)
    first = entered(steps)
    for seed in range(4):
        entered(dances.trembling(steps, seed))
    with django_assert_num_queries(3):
        found = fingerprints.similar(first.analysis_id or "")
    assert len(found) == 4
