"""What a person reads in the browser when something is forbidden, missing or broken."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.test import Client

from challenges.challenge_admin import ChallengeAdmin
from tests import factories

BROWSER = {"HTTP_ACCEPT": "text/html,application/xhtml+xml,*/*;q=0.8"}


def read(client: Client, path: str, status: int) -> str:
    answer = client.get(path, **BROWSER)
    assert answer.status_code == status and answer["Content-Type"].startswith("text/html")
    return answer.content.decode()


def test_in_the_console_each_error_is_a_sentence_with_a_way_back(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(factories.person(is_staff=True))
    for path, status, sentence in (
        ("/admin/analysis/job/", 403, "You are not allowed to do this."),
        ("/admin/no/such/page/", 404, "Not found."),
    ):
        page = read(client, path, status)
        assert f"<h1>{sentence}</h1>" in page and 'href="/admin/"' in page
    client.raise_request_exception = False
    client.force_login(factories.admin())
    for problem, status, sentence in (
        (ZeroDivisionError("secret"), 500, "Something went wrong on our side."),
        (OperationalError("server closed the connection unexpectedly"), 503, "not available at the moment"),
    ):

        def fail(*_: object, problem: Exception = problem, **__: object) -> None:
            raise problem

        monkeypatch.setattr(ChallengeAdmin, "get_queryset", fail)
        page = read(client, "/admin/challenges/challenge/", status)
        assert sentence in page and "secret" not in page


def test_elsewhere_a_browser_gets_a_page_and_a_program_json(client: Client, db: None) -> None:
    page = read(client, "/no/such/page", 404)
    assert "<h1>Not found.</h1>" in page and 'href="/"' in page
    for path, accept in (("/no/such/page", "*/*"), ("/api/no/such", BROWSER["HTTP_ACCEPT"])):
        answer = client.get(path, HTTP_ACCEPT=accept)
        assert answer.status_code == 404 and answer.json() == {"detail": "Not found."}
