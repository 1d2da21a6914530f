"""Every list of the API reads the database as often for many rows as for one.

The lists are found in the schema: a new one fails here until `CASES` says how it is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from breakdowns.models import Breakdown, Footage, Status
from challenges.models import Challenge, Submission
from challenges.moderation.models import Decision
from feed import activities
from feed.models import DanceSession, Kind, SessionStatus
from idance.lib.ids import new_object_id
from idance.social import services as social
from tests import factories
from tests.api_client import ApiClient, openapi
from tests.challenges import make

pytestmark = pytest.mark.django_db
MANY: Final = 20

#: operation -> the most queries it may take, whatever is asked for. Who asks is one of them.
CASES: Final = {
    "GET /api/activities/me": 6,
    "GET /api/ai/dance-breakdowns": 3,
    "GET /api/ai/dance-breakdowns/videos": 3,
    "GET /api/challenges": 4,
    "GET /api/challenges/categories": 1,
    "GET /api/challenges/category/{category}": 4,
    "GET /api/challenges/tags": 2,
    "GET /api/challenges/upcoming": 3,
    "GET /api/challenges/{challenge_id}/leaderboard": 3,
    "GET /api/challenges/{challenge_id}/public-submissions": 5,
    "GET /api/challenges/{challenge_id}/submissions": 6,
    "GET /api/feed": 6,
    "GET /api/moderation/queue": 3,
    "GET /api/moderation/submissions/{submission_id}/decisions": 4,
    "GET /api/sessions/feed": 2,
    "GET /api/sessions/me": 3,
    "GET /api/sessions/{session_id}/comments": 3,
    "GET /api/stats/heatmap": 2,
    "GET /api/submissions/{submission_id}/comments": 3,
    "GET /api/users/{user_id}/submissions": 5,
    "POST /api/challenges/search": 4,
}


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = openapi()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _json(part: dict[str, Any]) -> dict[str, Any]:
    return _resolved(part.get("content", {}).get("application/json", {}).get("schema", {}))


def lists() -> set[str]:
    """The operations that answer with a bare list, or let one say how many rows are wanted."""
    found = set()
    for path, methods in openapi()["paths"].items():
        for method, operation in methods.items():
            asked = {parameter["name"] for parameter in operation.get("parameters", [])}
            asked |= set(_json(operation.get("requestBody", {})).get("properties", {}))
            bare = _json(operation["responses"].get("200", {})).get("type") == "array"
            if bare or "limit" in asked:
                found.add(f"{method.upper()} {path}")
    return found


@dataclass
class World:
    """What is listed, all of it for one person and on one challenge, submission and session."""

    person: User
    challenge: Challenge
    submission: Submission
    session: DanceSession

    def grow(self) -> None:
        """One more of everything that any list shows."""
        other = factories.person()
        now = timezone.now()
        running = make.challenge(categories=("jazz",), tags=(new_object_id(),))
        make.challenge(start_time=now + timedelta(hours=1), tags=("soon",))
        for challenge, dancer in ((running, self.person), (self.challenge, other)):
            sent = make.submission(challenge, dancer, points=make.POINTS, is_public=True, shared_to_feed=True)
            _liked(sent, other)
        session = _session(self.person)
        _liked(self.submission, other)
        _liked(self.session, other)
        footage = Footage.objects.create(key=f"youtube:{new_object_id()}", source="youtube", duration=8.0)
        breakdown = Breakdown.objects.create(
            owner=self.person, footage=footage, mode="manual", target_difficulty="beginner",
            status=Status.COMPLETED, title="A dance", is_public=True, completed_at=now,
            difficulty_level="Beginner", total_steps=4, duration=8.0,
        )  # fmt: skip
        for kind, subject in ((Kind.SESSION, session), (Kind.BREAKDOWN, breakdown)):
            activities.record(self.person.pk, kind, subject.pk, at=now)
            activities.publish(self.person.pk, kind, subject.pk, at=now)
        Decision.objects.create(
            subject_id=self.submission.pk, dancer=other, moderator=factories.person(), action="hide"
        )

    def asked(self, client: ApiClient, operation: str) -> tuple[Any, int]:
        """The answer to an operation, and how many queries it took."""
        method, path = operation.split(" ")
        path = path.format(
            category="jazz", user_id=self.person.pk, challenge_id=self.challenge.pk,
            submission_id=self.submission.pk, session_id=self.session.pk,
        )  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(path) if method == "GET" else client.post(path, {})
        assert answer.status_code == 200, (operation, answer.content)
        return answer.json(), len(queries)


def _session(user: User) -> DanceSession:
    return DanceSession.objects.create(
        user=user,
        style="jazz",
        session_type="freestyle",
        start_time=timezone.now(),
        status=SessionStatus.COMPLETED,
        is_public=True,
    )


def _liked(subject: Any, user: User) -> None:
    social.like(subject, user)
    social.comment(subject, user, "Amazing moves!")


def _rows(answer: Any) -> int:
    """How many rows there are in an answer: it is a list, or has one."""
    listed = answer if isinstance(answer, list) else next(v for v in answer.values() if isinstance(v, list))
    return len(listed)


@pytest.fixture
def world(admin: ApiClient) -> World:
    person = User.objects.get(email="admin@example.com")
    challenge = make.challenge()
    submission = make.submission(challenge, person, points=make.POINTS, is_public=True)
    return World(person, challenge, submission, _session(person))


def test_every_list_of_the_schema_has_a_case() -> None:
    assert lists() == set(CASES)


def test_no_list_takes_more_queries_for_more_rows(
    world: World, admin: ApiClient, settings: LazySettings
) -> None:
    settings.LIMIT_ANALYSES = 100
    world.grow()
    few = {operation: world.asked(admin, operation) for operation in CASES}
    for _ in range(MANY):
        world.grow()
    many = {operation: world.asked(admin, operation) for operation in CASES}

    constant = ("GET /api/challenges/categories", "GET /api/stats/heatmap")
    longer = {one for one in CASES if _rows(many[one][0]) >= min(20, _rows(few[one][0]) + MANY)}
    assert longer | set(constant) == set(CASES), "these did not grow, so they prove nothing"
    assert {one: count for one, (_, count) in many.items()} == {one: count for one, (_, count) in few.items()}
    keys_apart = connection.vendor == "sqlite"  # of first pages, see `PreparedList`
    assert {one: count for one, (_, count) in many.items() if count > CASES[one] + keys_apart} == {}
