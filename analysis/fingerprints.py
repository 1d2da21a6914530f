"""Fingerprints of analysed videos: keeping them, and finding videos that show the same.

A look-up has two steps. Words that are the same for copies find a few candidates by an index, in a time that
hardly grows with the number of videos; the engine then compares these one by one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from analysis.models import Analysis, Fingerprint, FingerprintWord

if TYPE_CHECKING:
    from analysis.engine.fingerprint import Likeness
    from analysis.engine.types import Fingerprint as Print

#: At most so many words are read, and so many candidates compared, in one look-up.
MOST_WORDS: Final = 20_000
MOST_CANDIDATES: Final = 30


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


def similar(analysis_id: str) -> list[Found]:
    """Analyses of videos that show the same as this one's, the most alike first."""
    # numpy is heavy to import, and most requests do without.
    from analysis.engine import fingerprint as engine

    row = Fingerprint.objects.filter(analysis_id=analysis_id, version=engine.VERSION).first()
    if row is None:
        return []
    own = engine.decode(bytes(row.data))
    found = []
    for other in Fingerprint.objects.filter(pk__in=_candidates(row, engine.probes(own))):
        likeness = engine.compare(own, engine.decode(bytes(other.data)))
        if likeness is not None and likeness.same:
            found.append(Found(other.analysis_id, likeness))
    return sorted(found, key=lambda one: one.likeness.distance)


def _candidates(row: Fingerprint, words: list[int]) -> list[str]:
    """Fingerprints that share the most words with this one."""
    shared = FingerprintWord.objects.filter(word__in=words).exclude(fingerprint=row)
    votes = Counter(shared.values_list("fingerprint_id", flat=True)[:MOST_WORDS])
    return [pk for pk, _ in votes.most_common(MOST_CANDIDATES)]
