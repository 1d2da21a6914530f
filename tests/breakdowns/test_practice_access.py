"""Who sees the page to practise with, and what it says while there is nothing to practise yet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import FOR_GOOD, User
from breakdowns import services, sharing
from breakdowns.models import Breakdown, Footage, Status
from tests.api_client import ApiClient
from tests.breakdowns import practice
from tests.factories import PASSWORD


@pytest.fixture
def breakdown(dancer: ApiClient, clip: Path) -> Breakdown:
    assert dancer.user is not None
    return practice.finished(dancer.user, clip)


def visit(path: str, person: ApiClient | None = None) -> Any:
    client = Client()
    if person is not None and person.user is not None:
        client.force_login(person.user)
    return client.get(path)


def test_the_owner_sees_it_and_others_do_not(
    breakdown: Breakdown, dancer: ApiClient, other: ApiClient
) -> None:
    for path in (f"/breakdowns/{breakdown.pk}", f"/breakdowns/{breakdown.pk}/data"):
        assert visit(path, dancer).status_code == 200
        assert visit(path, other).status_code == 404
    assert visit(f"/breakdowns/{breakdown.pk}/data").status_code == 404
    asked = visit(f"/breakdowns/{breakdown.pk}")
    assert (asked.status_code, asked["Location"]) == (302, f"/login?next=%2Fbreakdowns%2F{breakdown.pk}")
    assert visit(f"/breakdowns/{'0' * 24}", dancer).status_code == 404


def test_whoever_is_signed_in_sees_a_public_one(
    breakdown: Breakdown, dancer: ApiClient, other: ApiClient
) -> None:
    services.share(breakdown, {"is_public": True})
    page = visit(f"/breakdowns/{breakdown.pk}", other)
    assert page.status_code == 200 and 'id="sharing"' not in page.content.decode()
    assert 'id="sharing"' in visit(f"/breakdowns/{breakdown.pk}", dancer).content.decode()
    assert visit(f"/breakdowns/{breakdown.pk}/data", other).status_code == 200
    assert visit(f"/breakdowns/{breakdown.pk}").status_code == 302
    Breakdown.objects.update(status=Status.PROCESSING)
    assert visit(f"/breakdowns/{breakdown.pk}", other).status_code == 404


def test_only_the_owner_makes_a_share_link(breakdown: Breakdown, dancer: ApiClient, other: ApiClient) -> None:
    path = f"/breakdowns/{breakdown.pk}/share"
    services.share(breakdown, {"is_public": True})
    client = Client()
    assert client.post(path).status_code == 404
    assert other.user is not None and dancer.user is not None
    client.force_login(other.user)
    assert client.post(path).status_code == 404
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(dancer.user)
    assert strict.post(path).status_code == 403
    client.force_login(dancer.user)
    assert client.get(path).status_code == 405
    url = client.post(path).json()["url"]
    assert client.post(path).json()["url"] == url
    shared = url.removeprefix("http://testserver")
    assert visit(shared).status_code == 200
    assert client.post(path, {"link": "off"}).json() == {"url": None}
    assert visit(shared).status_code == 404
    assert client.post(path).json()["url"] != url


def test_a_share_link_opens_it_until_it_is_taken_back(breakdown: Breakdown) -> None:
    assert visit(f"/breakdowns/{breakdown.pk}?share=").status_code == 404
    services.share(breakdown, {"link": True})
    path = sharing.path_of(breakdown, shared=True)
    assert visit(path).status_code == 200
    assert visit(path[:-1] + ("A" if path[-1] != "A" else "B")).status_code == 404
    services.share(breakdown, {"link": False})
    assert visit(path).status_code == 404


def test_the_page_may_load_nothing_of_others_and_is_not_kept(breakdown: Breakdown, dancer: ApiClient) -> None:
    answer = visit(f"/breakdowns/{breakdown.pk}", dancer)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy
    assert answer["Cache-Control"] == "private, no-store"
    # The address of a shared page is a key to it.
    assert answer["Referrer-Policy"] == "same-origin"
    assert b"<style" not in answer.content and b" style=" not in answer.content


def test_while_it_is_made_and_when_it_failed(dancer: ApiClient) -> None:
    assert dancer.user is not None
    footage = Footage.objects.create(key="youtube:x", source="youtube")
    waiting = practice.started(dancer.user, footage)
    page = visit(f"/breakdowns/{waiting.pk}", dancer).content.decode()
    assert "We are watching your video" in page and "<video" not in page
    data = visit(f"/breakdowns/{waiting.pk}/data", dancer).json()
    assert (data["status"], data["progress"], data["media"]) == ("processing", 0, {})
    sentence = "This video is private."
    Breakdown.objects.filter(pk=waiting.pk).update(status=Status.FAILED, error_message=sentence)
    page = visit(f"/breakdowns/{waiting.pk}", dancer).content.decode()
    assert sentence in page and "upload the video file" in page


def test_words_cannot_become_markup(dancer: ApiClient, clip: Path) -> None:
    assert dancer.user is not None
    evil = practice.step(1, 0, 2, "<script>alert(1)</script>")
    made = practice.finished(dancer.user, clip, title="<img src=x>", steps=[evil])
    page = visit(f"/breakdowns/{made.pk}", dancer).content.decode()
    assert "<script>alert" not in page and "<img src=x>" not in page


def test_signing_in_leads_to_this_site_alone_and_counts_failures(dancer: ApiClient, settings: Any) -> None:
    settings.LIMIT_FAILED_LOGINS = 2
    form = {"username": "dancer@example.com", "password": PASSWORD}
    assert Client().post("/login", {**form, "next": "https://evil.example/"})["Location"] == "/"
    assert Client().post("/login", {**form, "next": "/breakdowns/x"})["Location"] == "/breakdowns/x"
    for sentence in ("Email or password is wrong.", "Email or password is wrong.", "Too many"):
        answer = Client().post("/login", {**form, "password": "wrong"})
        assert sentence in answer.content.decode()
    assert Client(enforce_csrf_checks=True).post("/login", form).status_code == 403


def test_a_suspension_ends_the_session(breakdown: Breakdown, dancer: ApiClient) -> None:
    client = Client()
    client.force_login(dancer.user)
    assert client.get(f"/breakdowns/{breakdown.pk}").status_code == 200
    User.objects.filter(pk=dancer.user.pk).update(suspended_until=FOR_GOOD)
    assert client.get(f"/breakdowns/{breakdown.pk}").status_code == 302
    assert client.get(f"/breakdowns/{breakdown.pk}/data").status_code == 404


def test_signing_out_ends_the_session(breakdown: Breakdown, dancer: ApiClient) -> None:
    client = Client()
    assert dancer.user is not None
    client.force_login(dancer.user)
    assert client.get("/logout").status_code == 405
    client.post("/logout")
    assert client.get(f"/breakdowns/{breakdown.pk}").status_code == 302
