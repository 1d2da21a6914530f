"""The same key gets the same answer, and has one effect."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from accounts.models import User
from idance.api import idempotency
from idance.api.idempotency import once_per_key
from idance.lib.problems import NotNow
from idance.models import RememberedAnswer
from tests import factories


class CountingView(APIView):
    """Counts how often it works."""

    effects: list[Any] = []  # noqa: RUF012
    refuse = False
    gate: threading.Event | None = None
    throttle_classes = ()

    @once_per_key
    def post(self, request: Request, name: str = "") -> Response:
        """Count."""
        if self.refuse:
            raise NotNow("Not now.")
        if self.gate is not None:
            self.gate.wait(10)
        self.effects.append(request.data)
        return Response({"count": len(self.effects), "name": name}, status=201)


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    CountingView.effects = []
    CountingView.refuse = False
    CountingView.gate = None
    yield


def ask(user: User, key: str | None = "key-1", path: str = "/count/a", n: int = 1) -> Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    request = APIRequestFactory().post(path, {"n": n, "m": 2}, format="json", headers=headers)
    force_authenticate(request, user)
    response = CountingView.as_view()(request, name=path[-1])
    response.render()
    return response


def test_the_same_key_gets_the_same_answer(db: None) -> None:
    user = factories.person()
    first, second = ask(user), ask(user)
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert len(CountingView.effects) == 1
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"


def test_without_a_key_each_request_counts(db: None) -> None:
    user = factories.person()
    ask(user, None)
    ask(user, None)
    assert len(CountingView.effects) == 2
    assert not RememberedAnswer.objects.exists()


def test_keys_are_of_one_person_and_one_path(db: None) -> None:
    user, other = factories.person(), factories.person()
    answers = [ask(user), ask(other), ask(user, "key-2"), ask(user, path="/count/b")]
    assert [answer.data["count"] for answer in answers] == [1, 2, 3, 4]


def test_a_refusal_is_not_remembered(db: None) -> None:
    user = factories.person()
    CountingView.refuse = True
    assert ask(user).status_code == 400
    CountingView.refuse = False
    assert ask(user).status_code == 201


@pytest.mark.parametrize("key", ["", "   ", "x" * 256, "käse", "a\tb"])
def test_a_key_that_will_not_do_is_named(db: None, key: str) -> None:
    answer = ask(factories.person(), key)
    assert answer.status_code == 422
    assert answer.data["errors"][0]["loc"] == ["header", "Idempotency-Key"]
    assert not CountingView.effects


def test_the_same_key_with_another_body_is_refused(db: None) -> None:
    user = factories.person()
    first, other = ask(user), ask(user, n=2)
    assert other.status_code == 422
    assert other.data["errors"][0]["loc"] == ["header", "Idempotency-Key"]
    assert other.data["detail"].endswith("Please take a new one.")
    assert len(CountingView.effects) == 1
    assert ask(user).content == first.content


def test_old_answers_are_forgotten(db: None) -> None:
    user = factories.person()
    ask(user)
    RememberedAnswer.objects.update(created_at=timezone.now() - idempotency.REMEMBERED - timedelta(minutes=1))
    ask(user, "key-2")
    assert [row.key for row in RememberedAnswer.objects.all()] == ["key-2"]


def begun(user: User, ago: timedelta) -> None:
    RememberedAnswer.objects.create(
        user=user,
        operation="POST /count/a",
        key="key-1",
        digest=idempotency._digest({"m": 2, "n": 1}),
        started_at=timezone.now() - ago,
    )


def test_lost_work_begins_again(db: None) -> None:
    user = factories.person()
    begun(user, idempotency.LOST + timedelta(seconds=1))
    assert ask(user).status_code == 201
    assert ask(user)["Idempotency-Replayed"] == "true"
    assert len(CountingView.effects) == 1


def test_work_under_way_elsewhere_is_not_done_again(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "PATIENCE", 0.1)
    user = factories.person()
    begun(user, timedelta(seconds=1))
    answer = ask(user)
    assert answer.status_code == 429
    assert answer["Retry-After"] == "1"
    assert not CountingView.effects


@pytest.mark.django_db(transaction=True)
def test_the_same_request_many_times_at_once_works_once() -> None:
    user = factories.person()
    CountingView.gate = threading.Event()
    answers: list[Response] = []

    def once_more() -> None:
        try:
            answers.append(ask(user))
        finally:
            connection.close()

    threads = [threading.Thread(target=once_more) for _ in range(5)]
    for thread in threads:
        thread.start()
    threading.Timer(0.5, CountingView.gate.set).start()
    for thread in threads:
        thread.join()
    assert len(CountingView.effects) == 1
    answered = [answer for answer in answers if answer.status_code == 201]
    assert len({answer.content for answer in answered}) == 1
    # Those beyond the waiting slots are told to ask again, not made to wait.
    assert {answer.status_code for answer in answers} <= {201, 429}
    assert len(answered) >= 2
