"""Probes that ask, and the front page."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from analysis.models import Worker
from idance import health
from tests.api_client import ApiClient


def worker(age: float = 0) -> None:
    now = timezone.now()
    Worker.objects.create(name="here-1", started_at=now, heartbeat_at=now - timedelta(seconds=age))


def test_all_is_well(outsider: ApiClient) -> None:
    worker()
    assert outsider.get("/health").json() == {"status": "ok"}
    assert outsider.get("/ai/health").json() == {"status": "ai service ok"}


def test_probes_need_no_token_and_mind_no_wrong_one(outsider: ApiClient) -> None:
    outsider.sign_in("wrong")
    assert outsider.get("/health").status_code == 200
    assert outsider.head("/health").status_code == 200


def test_without_a_live_worker_nothing_is_analysed(outsider: ApiClient, settings: LazySettings) -> None:
    worker(age=settings.JOB_HEARTBEAT_TIMEOUT + 1)
    answer = outsider.get("/ai/health")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "unavailable",
        "detail": "No worker is running, so nothing is analysed.",
    }
    assert outsider.get("/health").status_code == 200


def test_without_a_database_nothing_is_well(outsider: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("connection to server at 10.0.0.3 failed: secret details")

    with monkeypatch.context() as broken:
        broken.setattr("django.db.backends.utils.CursorWrapper.execute", gone)
        answers = [outsider.get(path) for path in ("/health", "/ai/health")]
    for answer in answers:
        assert answer.status_code == 503
        assert answer.json() == {"status": "unavailable", "detail": "The database does not answer."}


def test_without_the_pose_model_nothing_is_analysed(
    outsider: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker()
    monkeypatch.setattr(health, "_MODEL_FILES", ("modules/pose_landmark/gone.tflite",))
    answer = outsider.get("/ai/health")
    assert answer.status_code == 503
    assert answer.json()["detail"] == "The pose model is not installed."
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert outsider.get("/ai/health").status_code == 503


# --- The front page ---------------------------------------------------------------------------------------
def test_an_api_client_is_welcomed_in_json(outsider: ApiClient) -> None:
    for accept in ("*/*", "application/json", ""):
        answer = outsider.get("/", HTTP_ACCEPT=accept)
        assert answer.json()["message"] == "Welcome to iDance"
        assert answer["Vary"] == "Accept"


def test_every_place_the_welcome_names_is_there(outsider: ApiClient, client: Client) -> None:
    worker()
    places = [place for place in outsider.get("/").json().values() if place.startswith("/")]
    assert len(places) == 5
    for place in places:
        assert client.get(place, HTTP_ACCEPT="text/html,*/*").status_code == 200


def test_a_browser_gets_a_page_that_needs_nothing_from_elsewhere(outsider: ApiClient, client: Client) -> None:
    page = outsider.get("/", HTTP_ACCEPT="text/html,application/xhtml+xml,*/*;q=0.8")
    text = page.content.decode()
    assert page["Content-Type"].startswith("text/html")
    for place in ("/api/docs", "/api/redoc", "/api/schema", "/admin/", "/health", "/ai/health"):
        assert f'href="{place}"' in text
    assert "<script" not in text
    assert "<style" not in text and "http" not in re.sub(r"<pre>.*?</pre>", "", text, flags=re.DOTALL)
    loaded = {
        path: b"".join(client.get(path).streaming_content)  # type: ignore[attr-defined]
        for path in re.findall(r'(?:src|href)="(/static/[^"]*)"', text)
    }
    assert set(loaded) == {f"/static/idance/{name}" for name in ("icon.svg", "page.css", "welcome.css")}
    assert b"prefers-color-scheme: dark" in loaded["/static/idance/page.css"]
    assert "object-src 'none'" in page["Content-Security-Policy"]


def test_a_host_name_cannot_write_into_the_page(client: Client) -> None:
    page = client.get("/", HTTP_ACCEPT="text/html", HTTP_HOST='"><script>alert(1)</script>')
    assert page.status_code == 400
