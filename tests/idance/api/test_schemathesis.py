"""The whole served schema, with inputs of schemathesis: no 500, no answer that the schema does not allow.

Each operation is asked with fitting and with wrong input, by a dancer and by an administrator; about half of
the identifiers in paths are of objects that exist.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.conf import LazySettings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from analysis.models import Worker
from idance.api.auth import new_token
from tests.api_client import ApiClient, openapi
from tests.challenges import make

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
#: Fitting and wrong input, as often each.
EXAMPLES = 8


@pytest.fixture(autouse=True)
def _no_limits(settings: LazySettings) -> None:
    for name in ("REQUESTS", "UPLOADS", "ANALYSES", "FAILED_LOGINS", "SIGN_UPS"):
        setattr(settings, f"LIMIT_{name}", 10**9)
    settings.SYNC_WAIT_SECONDS = 0


@pytest.fixture
def existing(dancer: ApiClient) -> dict[str, str]:
    """What path parameters may name: objects of the dancer's. A worker is alive, too."""
    Worker.objects.create(name="here-1", started_at=timezone.now(), heartbeat_at=timezone.now())
    challenge = make.challenge()
    submission = make.submission(challenge, dancer.user)
    make.score(submission)
    session = dancer.post("/api/sessions/start", {"style": "hip hop", "sessionType": "freestyle"})
    assert session.status_code == 200, session.content
    return {
        "challenge_id": str(challenge.pk),
        "submission_id": str(submission.pk),
        "session_id": session.json()["sessionId"],
        "user_id": str(dancer.user.pk),
        "file_key": make.video(dancer.user).key,
    }


@pytest.fixture(autouse=True)
def _connection_stays(existing: dict[str, str]) -> Iterator[None]:
    """Requests run inside the test's transaction and must not end its connection.

    After the fixtures: Django's own client connects these again after each of its requests.
    """
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def test_no_answer_is_outside_of_the_schema(
    dancer: ApiClient, admin: ApiClient, existing: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    schema = schemathesis.openapi.from_dict(openapi())
    schema.app = get_wsgi_application()
    tokens = [new_token(dancer.user), new_token(admin.user)]
    statuses: Counter[int] = Counter()
    problems: list[str] = []
    operations = [result.ok() for result in schema.get_all_operations()]
    for operation in operations:
        try:
            _try(operation, tokens, existing, statuses)
        except (Exception, FailureGroup) as problem:  # noqa: BLE001 - all problems are told at the end
            problems.append(f"{operation.label}: {type(problem).__name__}: {problem}")
    with capsys.disabled():
        counts = ", ".join(f"{number} x {status}" for status, number in sorted(statuses.items()))
        print(f"\nschemathesis: {len(operations)} operations, {statuses.total()} cases: {counts}")  # noqa: T201
    assert not problems, "\n\n".join(problems)
    assert len(operations) == sum(len(methods) for methods in openapi()["paths"].values())


def _try(operation: Any, tokens: list[str], existing: dict[str, str], statuses: Counter[int]) -> None:
    """Ask one operation with so many inputs; what each changed is undone."""
    described = openapi()["paths"][operation.path][operation.method.lower()]
    fitting = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @settings(
        max_examples=EXAMPLES // 2,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data(), token=st.sampled_from(tokens), real=st.booleans())
    def ask(strategy: Any, data: st.DataObject, token: str, real: bool) -> None:
        case = data.draw(strategy)
        if real:
            for name in set(case.path_parameters or {}) & set(existing):
                case.path_parameters[name] = existing[name]
        headers = {"Authorization": f"Bearer {token}"}
        if any(each["name"] == "Prefer" for each in described.get("parameters", [])):
            headers["Prefer"] = "respond-async"
        with transaction.atomic():
            response = case.call(headers=headers)
            transaction.set_rollback(True)
        statuses[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)

    ask(fitting)
    if "requestBody" in described or described.get("parameters"):
        ask(wrong)
