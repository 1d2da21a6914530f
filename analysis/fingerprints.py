"""Fingerprints of analysed videos: keeping them, and finding videos that show the same.

A look-up has two steps. Words that are the same for copies find a few candidates by an index, in a time that
hardly grows with the number of videos; the engine then compares these one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from analysis.models import Analysis, Fingerprint, FingerprintWord

if TYPE_CHECKING:
    from analysis.engine.fingerprint import Likeness
    from analysis.engine.types import Fingerprint as Print

#: At most so many words are read, and so many candidates compared, in one look-up.
MOST_WORDS: Final = 20_000
MOST_CANDIDATES: Final = 12


#: Fingerprints compared already, by their ids, and how alike they were.
Compared: TypeAlias = "dict[str, Likeness | None]"


@dataclass(frozen=True, slots=True)
class Found:
    """An analysis whose video shows the same, and how alike they are."""

    analysis_id: str
    likeness: Likeness


def keep(analysis: Analysis, found: Print) -> None:
    """Store the fingerprint of an analysis, in place of an earlier one."""
    from analysis.engine import fingerprint as engine

    Fingerprint.objects.filter(analysis=analysis).delete()
    kept = Fingerprint.objects.create(analysis=analysis, version=engine.VERSION, data=engine.encode(found))
    FingerprintWord.objects.bulk_create(
        FingerprintWord(fingerprint=kept, word=word) for word in engine.words(found)
    )


def compare_ahead(found: Print) -> Compared:
    """Compare a video that is not kept yet with the candidates of this moment.

    Comparing takes its time: done here, outside of a transaction, it need not be done within one.
    """
    from analysis.engine import fingerprint as engine

    as_kept = engine.decode(engine.encode(found))
    return {other.pk: likeness for other, likeness in _compare(as_kept, None, {})}


def similar(analysis_id: str, compared: Compared | None = None) -> list[Found]:
    """Analyses of videos that show the same as this one's, the most alike first.

    Parameters
    ----------
    compared : what `compare_ahead` found; candidates that came since are compared now.
    """
    # numpy is heavy to import, and most requests do without.
    from analysis.engine import fingerprint as engine

    row = Fingerprint.objects.filter(analysis_id=analysis_id, version=engine.VERSION).first()
    if row is None:
        return []
    found = [
        Found(other.analysis_id, likeness)
        for other, likeness in _compare(engine.decode(bytes(row.data)), row, compared or {})
        if likeness is not None and likeness.same
    ]
    return sorted(found, key=lambda one: one.likeness.distance)


def _compare(
    found: Print, row: Fingerprint | None, known: Compared
) -> Iterator[tuple[Fingerprint, Likeness | None]]:
    """Each candidate and how alike it is, as far as that is not known already."""
    from analysis.engine import fingerprint as engine

    for other in Fingerprint.objects.filter(pk__in=_candidates(engine.probes(found), row)):
        if other.pk in known:
            yield other, known[other.pk]
        else:
            yield other, engine.compare(found, engine.decode(bytes(other.data)))


def _candidates(words: list[int], row: Fingerprint | None) -> list[str]:
    """Fingerprints that share the most of these words, but for one's own ``row``."""
    shared = FingerprintWord.objects.filter(word__in=words)
    if row is not None:
        shared = shared.exclude(fingerprint=row)
    votes = Counter(shared.values_list("fingerprint_id", flat=True)[:MOST_WORDS])
    return [pk for pk, _ in votes.most_common(MOST_CANDIDATES)]
