"""How sentences are built: chosen in turn so that a routine does not repeat itself, never at random."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from analysis.engine.types import Difficulty
from breakdowns.texts.counts import Counts, listed
from breakdowns.texts.facts import Move
from breakdowns.texts.phrases import call

#: Moves told in the sentence about the whole step, and about one part of the body.
TOLD: dict[Difficulty, tuple[int, int]] = {"beginner": (3, 2), "intermediate": (5, 3), "advanced": (8, 5)}

_MEANWHILE = ("in between", "meanwhile", "on the way")
_ORDER = ("then", "then", "after that", "next")


@dataclass(slots=True)
class Voice:
    """One routine's way of speaking: of several ways to say a thing the one that was used least."""

    difficulty: Difficulty
    used: Counter[str] = field(default_factory=Counter)

    def choose(self, *ways: str, **parts: str) -> str:
        """The way least used so far, the first of equals, with its ``{parts}`` filled in."""
        way = min(ways, key=lambda words: self.used[words])
        self.used[way] += 1
        return way.format(**parts)

    def whole(self, moves: Sequence[Move], counts: Counts) -> str:
        """The most telling moves of a step in their order, as sentences; empty when there are none."""
        return in_order(most_telling(moves, TOLD[self.difficulty][0]), counts)

    def part(self, moves: Sequence[Move], counts: Counts) -> str:
        """Likewise for one part of the body."""
        return in_order(most_telling(moves, TOLD[self.difficulty][1]), counts)


def most_telling(moves: Sequence[Move], most: int) -> list[Move]:
    """The moves of most weight, in order of time."""
    chosen = sorted(moves, key=lambda move: -round(move.weight, 6))[:most]
    return [move for move in moves if move in chosen]


def in_order(moves: Sequence[Move], counts: Counts) -> str:
    """ "On 1 lift your right hand above your head and bend your knees, on 3 jump." """
    by_time = groupby(moves, key=lambda move: move.ticks)
    groups = [(list(ticks), most_telling(list(group), 3)) for ticks, group in by_time]
    clauses = [_clause(ticks, [call(m.event) for m in group], counts) for ticks, group in groups]
    if not counts.counted and len(clauses) > 1:
        clauses = [f"{word} {clause}" for word, clause in zip(_order(groups), clauses, strict=True)]
    return " ".join(sentence(_strung(clauses[i : i + 3])) for i in range(0, len(clauses), 3))


def _order(groups: list[tuple[list[int], list[Move]]]) -> list[str]:
    """What says the order where there are no counts: first, then, in between, finally."""
    words = ["first"]
    for i, (ticks, _) in enumerate(groups[1:], start=1):
        meanwhile = ticks[0] < max(t for before, _ in groups[:i] for t in before)
        if meanwhile:
            words.append(_MEANWHILE[sum(word in _MEANWHILE for word in words) % len(_MEANWHILE)])
        else:
            last = i == len(groups) - 1 and i > 1
            words.append("finally" if last else _ORDER[(i - 1) % len(_ORDER)])
    return words


def _strung(clauses: list[str]) -> str:
    return ", ".join(clauses[:-1]) + ", and " + clauses[-1] if len(clauses) > 1 else clauses[0]


def _clause(ticks: list[int], calls: list[str], counts: Counts) -> str:
    when = counts.when(ticks)
    if not counts.counted:
        return f"{listed(calls)} {when}".strip()
    return f"{when} {listed(calls)}"


def sentence(words: str) -> str:
    """With a capital and a full stop."""
    words = words.strip()
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "!")) else ".")


def joined(*sentences: str) -> str:
    """The sentences that are there, as one text."""
    return " ".join(sentence(words) for words in sentences if words.strip())
