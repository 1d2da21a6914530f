"""The whole served schema, with what schemathesis thinks up: no 500, no answer that the schema does not allow.

Each operation is asked with fitting and with wrong input, by a dancer and by an administrator; about half of
the identifiers in paths are of objects that exist.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import schemathesis
from django.conf import LazySettings
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

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
EXAMPLES = 10


@pytest.fixture(autouse=True)
def _no_limits(settings: LazySettings) -> None:
    for name in ("REQUESTS", "UPLOADS", "ANALYSES", "FAILED_LOGINS", "SIGN_UPS"):
        setattr(settings, f"LIMIT_{name}", 10**9)
    settings.SYNC_WAIT_SECONDS = 0


@pytest.fixture
def existing(dancer: ApiClient) -> dict[str, str]:
    """What path parameters may name: objects of the dancer's."""
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
        except Exception as problem:  # noqa: BLE001 - each operation is tried, then all problems are told
            problems.append(f"{operation.label}: {type(problem).__name__}: {problem}")
    with capsys.disabled():
        counts = ", ".join(f"{number} x {status}" for status, number in sorted(statuses.items()))
        print(f"\nschemathesis: {len(operations)} operations, {statuses.total()} cases: {counts}")  # noqa: T201
    assert not problems, "\n\n".join(problems)
    assert len(operations) == sum(len(methods) for methods in openapi()["paths"].values())


def _try(operation: Any, tokens: list[str], existing: dict[str, str], statuses: Counter[int]) -> None:
    """Ask one operation with so many inputs; what each changed is undone."""
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
        if any(each["name"] == "Prefer" for each in operation.definition.resolved.get("parameters", [])):
            headers["Prefer"] = "respond-async"
        with transaction.atomic():
            response = case.call(headers=headers)
            transaction.set_rollback(True)
        statuses[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)

    ask(fitting)
    if operation.body or list(operation.iter_parameters()):
        ask(wrong)
