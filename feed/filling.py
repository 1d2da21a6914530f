"""Filling an empty database with very many dancers, challenges and submissions, to measure with."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np

from accounts.models import User
from analysis.engine import fingerprint
from analysis.engine.config import ENGINE_VERSION
from analysis.engine.types import Fingerprint as Fingerprinted
from analysis.models import Analysis, Fingerprint, FingerprintWord, Job, new_job_id
from challenges.models import (
    CATEGORIES,
    DIMENSIONS,
    Challenge,
    ChallengeLabel,
    LabelKind,
    LeaderboardEntry,
    ScoreTally,
    Submission,
    active_key,
)
from challenges.moderation.models import ItemState, QueueItem
from feed.models import Activity, DancerStats, FeedItem, FeedTally, Kind
from idance.bulk import BATCH, Table, without_indexes
from idance.files.models import StoredFile
from idance.lib.ids import new_object_id
from idance.social.models import Reason, Report

Say = Callable[[str], None]
Row = tuple[Any, ...]
_TYPES = ("freestyle", "choreography", "static", "spin", "combo")
_LEVELS = ("beginner", "intermediate", "advanced")
_CODES = ("no_person", "no_movement", "too_short", "internal_error")
#: One of so many submissions is in the moderators' queue.
QUEUED = 10
#: Words of each fingerprint.
WORDS = 10
#: The large ones of the tables that are written.
_WRITTEN = (
    *(User, StoredFile, Analysis, Job, Fingerprint, FingerprintWord, Submission, LeaderboardEntry),
    *(Activity, FeedItem, QueueItem, Report, ScoreTally, DancerStats),
)
_FEEDBACK = "You keep the pulse well. Let the arms finish each movement before the next begins."


@dataclass(slots=True)
class _Totals:
    """What the counters will say."""

    by_challenge: dict[str, Counter[int]] = field(default_factory=dict)
    by_dancer: Counter[str] = field(default_factory=Counter)
    shared: Counter[date] = field(default_factory=Counter)


def fill(*, people: int, challenges: int, submissions: int, say: Say) -> None:
    """Write so many of each. The same numbers give the same rows, except for their ids and times.

    Every challenge and dancer gets an equal share, in an order that is not the order of time.
    """
    now = datetime.now(UTC)
    with without_indexes(_WRITTEN):
        person_ids = _people(people, now)
        say(f"{people} people")
        challenge_ids = _challenges(challenges, now)
        say(f"{challenges} challenges")
        _counters(_submissions(person_ids, challenge_ids, submissions, now, say), now)
        say("counters")
    say("indexes")


def _people(count: int, now: datetime) -> list[str]:
    table = Table(
        User, ["id", "created_at", "updated_at", "email", "password", "display_name", "points", "is_active"]
    )
    ids = [new_object_id() for _ in range(count)]
    table.write(
        (one, now, now, f"load{n}-{one}@example.com", "!", f"Dancer {n}", n % 5000, True)
        for n, one in enumerate(ids)
    )
    return ids


def _challenges(count: int, now: datetime) -> list[str]:
    columns = ["id", "created_at", "updated_at", "title", "type", "difficulty", "start_time", "end_time"]
    ids = [new_object_id() for _ in range(count)]
    start, end = now - timedelta(days=60), now + timedelta(days=30)
    Table(Challenge, columns).write(
        (one, now, now, f"Challenge {n}", _TYPES[n % 5], _LEVELS[n % 3], start, end + timedelta(minutes=n))
        for n, one in enumerate(ids)
    )
    labels = Table(ChallengeLabel, ["id", "created_at", "updated_at", "challenge_id", "kind", "name"])
    labels.write(
        (new_object_id(), now, now, one, kind, name)
        for n, one in enumerate(ids)
        for kind, name in (
            (LabelKind.CATEGORY.value, CATEGORIES[n % len(CATEGORIES)]),
            (LabelKind.TAG.value, f"tag{n % 50}"),
        )
    )
    return ids


class _SubmissionTables:
    """The tables a submission writes to."""

    def __init__(self) -> None:
        times = ["id", "created_at", "updated_at"]
        self.files = Table(
            StoredFile,
            [*times, "key", "owner_id", "purpose", "kind", "content_type", "size", "duration", "state"],
        )
        self.analyses = Table(
            Analysis,
            [
                *times,
                *("owner_id", "job_id", "video_key", "challenge_type", "difficulty", *DIMENSIONS, "total"),
                *("confidence", "feedback", "engine_version", "completed_at"),
            ],
        )
        self.jobs = Table(
            Job,
            [
                *("id", "kind", "subject_id", "owner_id", "state", "progress", "attempts"),
                *("attempts_allowed", "size", "error_code", "created_at", "queued_at", "sent_at"),
                *("started_at", "finished_at", "wait_seconds", "run_seconds"),
            ],
        )
        self.prints = Table(Fingerprint, [*times, "analysis_id", "version", "data"])
        self.words = Table(FingerprintWord, ["id", "fingerprint_id", "word"])
        self.submissions = Table(
            Submission,
            [
                *times,
                *("dancer_id", "challenge_id", "active_key", "video_id", "analysis_id", "status", "caption"),
                *("is_public", "shared_to_feed", *DIMENSIONS, "score", "processed_at", "analyzed_at"),
            ],
        )
        self.entries = Table(
            LeaderboardEntry,
            [*times, "challenge_id", "dancer_id", "submissions", "submission_id", "score", "submitted_at"],
        )
        self.activities = Table(
            Activity, [*times, "user_id", "kind", "subject_id", "at", "minutes", "calories"]
        )
        self.items = Table(FeedItem, [*times, "user_id", "kind", "subject_id", "at"])
        self.queue = Table(
            QueueItem,
            [*times, "submission_id", "state", "urgency", "reasons", "waiting_since", "decided_at"],
        )
        self.reports = Table(Report, [*times, "subject_id", "kind", "user_id", "reason", "settled_by"])


def _pairs(people: list[str], challenges: list[str], count: int) -> Iterator[tuple[str, str]]:
    """Distinct pairs of a dancer and a challenge."""
    if count > len(people) * len(challenges):
        raise ValueError("So many submissions need more people or challenges: one each.")
    for n in range(count):
        turn, person = divmod(n, len(people))
        # Another stride in each round, so that the dancers of one challenge are not neighbours.
        yield people[person], challenges[(person * 7 + turn) % len(challenges)]


def _submissions(people: list[str], challenges: list[str], count: int, now: datetime, say: Say) -> _Totals:
    chance = random.Random(20250128)  # noqa: S311 - made-up scores, not secrets
    tables, totals = _SubmissionTables(), _Totals({one: Counter() for one in challenges})
    pairs = _pairs(people, challenges, count)
    start = now - timedelta(seconds=4 * count)
    for first in range(0, count, BATCH):
        rows = [
            _one(dancer, challenge, start + timedelta(seconds=4 * (first + n)), chance, totals)
            for n, (dancer, challenge) in zip(range(min(BATCH, count - first)), pairs, strict=False)
        ]
        for name in ("files", "jobs", "analyses", "prints", "submissions", "entries", "activities"):
            getattr(tables, name).write(row[name] for row in rows)
        tables.words.write(word for row in rows for word in row["words"])
        tables.items.write(row["items"] for row in rows if row["items"] is not None)
        looks = [
            _need_a_look(row["submissions"], people[(first + n) % len(people)], chance)
            for n, row in enumerate(rows)
            if n % QUEUED == 0
        ]
        tables.queue.write(item for item, _ in looks)
        tables.reports.write(report for _, report in looks if report is not None)
        if (first // BATCH) % 20 == 19:
            say(f"{first + len(rows)} submissions")
    return totals


def _one(dancer: str, challenge: str, at: datetime, chance: random.Random, totals: _Totals) -> dict[str, Any]:
    """The rows of one submission, by table."""
    file, analysis, submission, found = (new_object_id() for _ in range(4))
    points = [chance.randint(most // 4, most) for most in DIMENSIONS.values()]
    score, shared = sum(points), chance.random() < 0.5
    totals.by_challenge[challenge][score] += 1
    totals.by_dancer[dancer] += 1
    totals.shared[at.date()] += shared
    key = f"challenges/{dancer}/{challenge}/{file}.mp4"
    job, failed = new_job_id(), chance.random() < 0.03
    times = (at, at)
    ran = 5 + 5 * chance.random()
    return {
        "files": (file, *times, key, dancer, "challenges", "video", "video/mp4", 9_000_000, 15.0, "ready"),
        "jobs": (
            # Some failed the first time and were done by another job.
            *(job, "submission", submission, dancer, "failed" if failed else "completed", 1.0, 1, 2, 15.0),
            *(chance.choice(_CODES) if failed else "", at, at, at, at, at, chance.random(), ran),
        ),
        "prints": (found, *times, analysis, fingerprint.VERSION, chance.choice(_prints())),
        "words": [(new_object_id(), found, _word(chance)) for _ in range(WORDS)],
        "analyses": (
            *(
                analysis,
                *times,
                dancer,
                None if failed else job,
                key,
                "freestyle",
                "intermediate",
                *points,
                score,
            ),
            *(0.9, _FEEDBACK, ENGINE_VERSION, at),
        ),
        "submissions": (
            *(submission, *times, dancer, challenge, active_key(challenge, dancer), file, analysis),
            *("completed", "My entry", True, shared, *points, score, at, at),
        ),
        "entries": (new_object_id(), *times, challenge, dancer, 1, submission, score, at),
        "activities": (new_object_id(), *times, dancer, Kind.SUBMISSION.value, submission, at, 0.25, 1),
        "items": (new_object_id(), *times, dancer, Kind.SUBMISSION.value, submission, at) if shared else None,
    }


def _need_a_look(submission: Row, reporter: str, chance: random.Random) -> tuple[Row, Row | None]:
    """The item in the queue of a submission, every other one reported, one in four decided already."""
    pk, at, reported, decided = submission[0], submission[1], chance.random() < 0.5, chance.random() < 0.25
    urgency = 40 if reported else chance.choice([5, 10, 15, 25])
    reasons = [{"rule": "", "label": "Made up", "detail": "", "weight": urgency}]
    state, until = (ItemState.DECIDED.value, at) if decided else (ItemState.OPEN.value, None)
    item = (new_object_id(), at, at, pk, state, urgency, reasons, at, until)
    said, settled = chance.choice(Reason.values), new_object_id() if decided else ""
    report = (new_object_id(), at, at, pk, "submission", reporter, said, settled)
    return item, report if reported else None


@cache
def _prints() -> list[bytes]:
    """Fingerprints of fifteen seconds of movement that nobody made."""
    rng = np.random.default_rng(0)
    made = []
    for _ in range(50):
        smooth = np.cumsum(rng.normal(0, 4, (112, 12, 2)), axis=0)
        movement = np.clip(smooth - smooth.mean(axis=0), -127, 127).astype(np.int8)
        pictures, changes, scene = (rng.random((rows, 64)) < 0.5 for rows in (38, 38, 1))
        made.append(fingerprint.encode(Fingerprinted(pictures, changes, scene[0], movement)))
    return made


def _word(chance: random.Random) -> int:
    """Half of the words are of movements that many make."""
    word = chance.randrange(50_000) if chance.random() < 0.5 else chance.randrange(1 << 24)
    return fingerprint.VERSION << 48 | word


def _counters(totals: _Totals, now: datetime) -> None:
    Table(ScoreTally, ["id", "created_at", "updated_at", "challenge_id", "score", "dancers"]).write(
        (new_object_id(), now, now, challenge, score, dancers)
        for challenge, scores in totals.by_challenge.items()
        for score, dancers in scores.items()
    )
    for challenge, scores in totals.by_challenge.items():
        dancers = sum(scores.values())
        Challenge.objects.filter(pk=challenge).update(
            total_submissions=dancers,
            participant_count=dancers,
            scored_count=dancers,
            score_sum=sum(score * times for score, times in scores.items()),
            top_score=max(scores, default=None),
        )
    Table(DancerStats, ["user_id", "submissions", "last_active"]).write(
        (dancer, sent, now.date()) for dancer, sent in totals.by_dancer.items()
    )
    Table(FeedTally, ["id", "created_at", "updated_at", "date", "kind", "items"]).write(
        (new_object_id(), now, now, day, Kind.SUBMISSION.value, items) for day, items in totals.shared.items()
    )
