"""The rules that hold for every endpoint, whatever it does. The tests' client checks most by itself."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import OperationalError
from django.test import Client

from tests import factories
from tests.api_client import ApiClient

PROFILE = "/api/users/profile"
LOGIN = "/auth/login"


# --- Paths and methods ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "path",
    [
        "/api/nothing",
        "/api/",
        "/auth/nothing",
        "/health/nothing",
        "/api/users/profile/more",
        "/api/users//profile",
        "/api/%ff%fe",
        "/api/%00",
        "/api/../etc/passwd",
        "/api/" + "x" * 5000,
        "/API/users/profile",
        "/nothing",
    ],
)
def test_an_unknown_path_is_404_in_json(dancer: ApiClient, path: str) -> None:
    answer = dancer.get(path)
    assert answer.status_code == 404
    assert answer.json() == {"detail": "Not found."}


def test_a_trailing_slash_changes_nothing(dancer: ApiClient) -> None:
    assert dancer.get(f"{PROFILE}/").json() == dancer.get(PROFILE).json()
    assert dancer.put(f"{PROFILE}/", {"displayName": "Slash"}).json()["user"]["displayName"] == "Slash"
    assert dancer.get(f"{PROFILE}//").status_code == 404


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_other_methods_are_405_and_say_which_are_allowed(dancer: ApiClient, method: str) -> None:
    answer = dancer.generic(method, PROFILE)
    assert answer.status_code == 405
    assert answer["Allow"] == "GET, PUT, HEAD"


def test_head_is_get_without_a_body(dancer: ApiClient) -> None:
    answer = dancer.head(PROFILE)
    assert answer.status_code == 200
    assert not answer.content


def test_a_path_of_the_console_stays_with_django(admin: ApiClient, client: Client) -> None:
    client.force_login(admin.user)
    answer = client.get("/admin/nothing/")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")


# --- Bodies -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"not json",
        b"{'single': 1}",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": 1,}',
        b'\xff\xfe{"a": 1}',
        b'{"email": "\xe9"}',
        b'{"displayName": "half \\ud83d"}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"1" * 5000,
        b" ",
        b"\x00",
    ],
)
def test_what_is_not_json_is_400(dancer: ApiClient, body: bytes) -> None:
    answer = dancer.put(PROFILE, body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json() == {"detail": "The request body is not valid JSON."}


@pytest.mark.parametrize("body", ["null", "[]", '["a"]', "1", '"text"', "true", "[{}]", "[[]]"])
@pytest.mark.parametrize("path", [PROFILE, LOGIN, "/auth/signup"])
def test_json_that_is_no_object_is_422(dancer: ApiClient, path: str, body: str) -> None:
    answer = dancer.generic("PUT" if path == PROFILE else "POST", path, body, "application/json")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"] == ["body"]
    assert answer.json()["detail"] == "Please send a JSON object."


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_an_empty_body_lacks_its_fields(outsider: ApiClient, body: bytes) -> None:
    answer = outsider.post(LOGIN, body, content_type="application/json")
    assert [error["type"] for error in answer.json()["errors"]] == ["missing", "missing"]


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/jsonp",
        "",
        "/",
        ";;;",
        "application/json/x",
        "x" * 3000,
    ],
)
def test_another_content_type_is_415(dancer: ApiClient, content_type: str) -> None:
    answer = dancer.generic("PUT", PROFILE, b'{"displayName": "A"}', content_type)
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json; charset=utf-8",
        "application/json;charset=zlib",
        "application/json; charset=rot13",
        "application/json; charset=utf-16",
        "application/json; charset=nonsense",
        "Application/JSON",
    ],
)
def test_json_is_read_as_utf_8_whatever_the_header_claims(dancer: ApiClient, content_type: str) -> None:
    answer = dancer.put(PROFILE, '{"displayName": "Zoë"}'.encode(), content_type=content_type)
    assert answer.status_code == 200
    assert answer.json()["user"]["displayName"] == "Zoë"


def test_a_large_body_is_413(dancer: ApiClient, settings: LazySettings) -> None:
    name = "x" * settings.MAX_JSON_BYTES
    answer = dancer.put(PROFILE, json.dumps({"displayName": name}), content_type="application/json")
    assert answer.status_code == 413
    padded = b'{"displayName": "A"}'.ljust(settings.MAX_JSON_BYTES)
    assert dancer.put(PROFILE, padded, content_type="application/json").status_code == 200


def chunked(client: ApiClient, path: str, body: bytes, method: str = "PUT") -> Any:
    """As a server hands over a body of unannounced length."""
    environ: dict[str, Any] = {
        "HTTP_TRANSFER_ENCODING": "chunked",
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
    }
    return client.generic(method, path, "", "application/json", **environ)


def test_a_body_of_unannounced_length_is_read(dancer: ApiClient) -> None:
    answer = chunked(dancer, PROFILE, b'{"displayName": "In pieces"}')
    assert answer.status_code == 200
    assert answer.json()["user"]["displayName"] == "In pieces"


def test_a_large_body_of_unannounced_length_is_413(dancer: ApiClient, settings: LazySettings) -> None:
    assert chunked(dancer, PROFILE, b"x" * (settings.MAX_JSON_BYTES + 1)).status_code == 413
    assert chunked(dancer, "/api/nothing", b"x").status_code == 404


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "*/*", "", ";;;,,", "image/*;q=0.1"])
def test_the_answer_is_json_whatever_the_client_says_it_accepts(dancer: ApiClient, accept: str) -> None:
    assert dancer.get(PROFILE, HTTP_ACCEPT=accept).status_code == 200
    assert dancer.get(f"{PROFILE}?format=xml").status_code == 200


# --- What Django answers itself ---------------------------------------------------------------------------
def test_an_unknown_host_is_400_in_json(client: Client) -> None:
    # Such as an Android emulator's name for the machine it runs on.
    answer = client.get(PROFILE, HTTP_HOST="10.0.2.2:8000")
    assert answer.status_code == 400
    sentence = "This server is not called by that name. Its operator adds names to ALLOWED_HOSTS."
    assert answer.json() == {"detail": sentence}


def test_a_database_that_is_away_is_503_in_one_line(
    dancer: ApiClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*args: Any, **form: Any) -> None:
        raise OperationalError("connection failed:\nConnection refused")

    monkeypatch.setattr("accounts.services.change_profile", refuse)
    answer = dancer.put(PROFILE, {"displayName": "Maya"})
    assert answer.status_code == 503
    assert answer.json() == {
        "detail": "The service is not available at the moment. Please try again in a moment."
    }
    assert answer["Retry-After"] == "5"
    assert "The database does not answer: connection failed: Connection refused" in caplog.text
    assert "Traceback" not in caplog.text


def test_what_is_away_outside_of_the_api_is_503_too(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **form: Any) -> None:
        raise OperationalError("connection failed")

    monkeypatch.setattr("idance.files.storage.local_path", refuse)
    monkeypatch.setattr("idance.files.signing.seconds_left", lambda *args: 60)
    client.raise_request_exception = False
    answer = client.get("/files/uploads/a.mp4")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json()["detail"].startswith("The service is not available")


def test_a_fault_is_500_without_a_word_of_its_inside(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(**form: Any) -> None:
        raise RuntimeError("SELECT secret FROM /etc/passwd")

    monkeypatch.setattr("accounts.services.log_in", broken)
    client = ApiClient(raise_request_exception=False)
    answer = client.post(LOGIN, {"email": "a@example.com", "password": "x"})
    assert answer.status_code == 500
    assert answer.json() == {"detail": "Something went wrong on our side. Please try again."}
    assert "SELECT secret" in caplog.text


def test_thousands_of_query_values_are_refused(dancer: ApiClient) -> None:
    assert dancer.get(f"{PROFILE}?{'a=1&' * 3000}").status_code in (200, 400)


# --- Limits -----------------------------------------------------------------------------------------------
def test_each_person_has_so_many_requests_a_minute(
    dancer: ApiClient, other: ApiClient, settings: LazySettings
) -> None:
    settings.LIMIT_REQUESTS = 5
    assert [dancer.get(PROFILE).status_code for _ in range(6)] == [200] * 5 + [429]
    refused = dancer.get(PROFILE)
    assert 55 <= int(refused["Retry-After"]) <= 60
    assert other.get(PROFILE).status_code == 200


def test_who_is_not_signed_in_uses_up_nobodys_limit(
    outsider: ApiClient, dancer: ApiClient, settings: LazySettings
) -> None:
    settings.LIMIT_REQUESTS = 2
    assert [outsider.get(PROFILE).status_code for _ in range(5)] == [401] * 5
    assert dancer.get(PROFILE).status_code == 200


# --- The client that checks all this ----------------------------------------------------------------------
def test_the_client_notices_a_field_too_few(dancer: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from accounts.api.profile import Profile

    monkeypatch.setattr(Profile, "to_representation", lambda self, user: {"id": user.id})
    with pytest.raises(AssertionError, match="'email' is a required property"):
        dancer.get(PROFILE)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"extra": 1}, "'extra' was unexpected"),
        ({"level": "5"}, "is not of type 'integer'"),
        ({"createdAt": "2025-01-25T10:00:00+00:00"}, "is not a 'date-time'"),
        ({"createdAt": "2025-01-25 10:00Z"}, "is not a 'date-time'"),
    ],
)
def test_the_client_notices_a_wrong_field(
    dancer: ApiClient, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], complaint: str
) -> None:
    from accounts.api.profile import Profile

    honest = Profile.to_representation
    monkeypatch.setattr(Profile, "to_representation", lambda self, user: {**honest(self, user), **change})
    with pytest.raises(AssertionError, match=complaint):
        dancer.get(PROFILE)


def test_the_client_notices_a_status_that_is_not_documented(
    dancer: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rest_framework.response import Response

    from accounts.api.profile import ProfileView

    monkeypatch.setattr(ProfileView, "get", lambda self, request: Response({"detail": "Tea."}, status=418))
    with pytest.raises(AssertionError, match="status not documented"):
        dancer.get(PROFILE)


def test_standing_people_are_who_they_are(dancer: ApiClient, admin: ApiClient) -> None:
    assert not dancer.user.is_staff
    assert admin.user.is_superuser
    assert dancer.user.check_password(factories.PASSWORD)


# --- What is left out --------------------------------------------------------------------------------------
def test_null_says_that_an_optional_field_is_not_given(dancer: ApiClient, admin: ApiClient) -> None:
    """Many apps write every field of a form, and null for what the person left empty."""
    session = {
        "style": "hip hop",
        "sessionType": "freestyle",
        "isPublic": None,
        "tags": None,
        "location": None,
    }
    assert dancer.post("/api/sessions/start", session).status_code == 200
    new = {"email": "new@example.com", "password": "dance-all-night", "displayName": None}
    assert dancer.post("/auth/signup", new).status_code == 200
    assert dancer.put(PROFILE, {"displayName": None}).json()["user"]["displayName"] == "Dancer"
    search = {"query": None, "tags": None, "active_only": None, "page": None}
    assert dancer.post("/api/challenges/search", search).json()["page"] == 1
    challenge = {
        **{"title": "T", "description": "", "type": "spin", "difficulty": "beginner", "points": 5},
        **{"startTime": "2025-01-25T00:00:00Z", "endTime": "2099-01-26T00:00:00Z"},
        **{"categories": None, "tags": None, "badgeName": None, "scoringCriteria": None},
    }
    made = admin.post("/api/challenges", challenge)
    assert made.status_code == 200, made.content
    path = f"/api/challenges/{made.json()['challenge_id']}"
    assert admin.put(path, {"title": None, "points": 7}).status_code == 200
    shown = dancer.get(path).json()
    assert (shown["title"], shown["points"], shown["tags"]) == ("T", 7, [])
    # What is required, or stands in a list, has to be there.
    assert dancer.post("/auth/login", {"email": None, "password": "x"}).status_code == 422
    assert admin.post("/api/challenges", {**challenge, "title": None}).status_code == 422
    assert admin.post("/api/challenges", {**challenge, "tags": [None]}).status_code == 422
