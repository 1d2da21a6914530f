"""Making accounts and logging in."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from rest_framework_simplejwt.backends import TokenBackend

from accounts import services
from accounts.models import User
from idance.api.auth import new_token
from idance.lib.problems import NotNow, TooOften
from tests import factories
from tests.api_client import ApiClient

GOOD = {"email": "New.Dancer@Example.com", "password": factories.PASSWORD, "displayName": "Dance Master"}


# --- Signing up -------------------------------------------------------------------------------------------
def test_signing_up_gives_a_token_that_works(outsider: ApiClient) -> None:
    answer = outsider.post("/auth/signup", GOOD)
    assert answer.status_code == 200
    body = answer.json()
    assert body["message"] == "Signup successful"
    assert body["token_type"] == "bearer"
    outsider.sign_in(body["access_token"])
    profile = outsider.get("/api/users/profile").json()
    assert profile["id"] == body["user_id"]
    assert profile["email"] == "new.dancer@example.com"
    assert profile["displayName"] == "Dance Master"


def test_a_name_is_not_needed_and_none_gives_the_address_away(outsider: ApiClient) -> None:
    answer = outsider.post("/auth/signup", {"email": "jane.doe@example.com", "password": factories.PASSWORD})
    outsider.sign_in(answer.json()["access_token"])
    name = outsider.get("/api/users/profile").json()["displayName"]
    assert name
    assert "jane" not in name


@pytest.mark.parametrize(
    "email", ["new.dancer@example.com", "NEW.DANCER@EXAMPLE.COM", " new.dancer@Example.com "]
)
def test_an_address_has_one_account_whatever_its_case(outsider: ApiClient, email: str) -> None:
    assert outsider.post("/auth/signup", GOOD).status_code == 200
    answer = outsider.post("/auth/signup", {**GOOD, "email": email})
    assert answer.status_code == 400
    assert answer.json() == {"detail": "Email already registered"}
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("password", "kind"),
    [
        ("short1!", "password_too_short"),
        ("password123", "password_too_common"),
        ("73925518046", "password_entirely_numeric"),
        ("new.dancer@example", "password_too_similar"),
        ("dance master", "password_too_similar"),
        ("with\x00nul-in-it", "null_characters_not_allowed"),
        ("x" * 1025, "max_length"),
        ("", "blank"),
        (None, "null"),
        (["a", "list"], "invalid"),
        ({"an": "object"}, "invalid"),
        (True, "invalid"),
    ],
)
def test_a_password_that_will_not_do_is_named(outsider: ApiClient, password: Any, kind: str) -> None:
    answer = outsider.post("/auth/signup", {**GOOD, "password": password})
    assert answer.status_code == 422
    errors = answer.json()["errors"]
    assert {"loc": ["body", "password"], "type": kind} in [
        {"loc": error["loc"], "type": error["type"]} for error in errors
    ]
    assert not User.objects.exists()


def test_every_fault_of_a_password_is_named_at_once(outsider: ApiClient) -> None:
    errors = outsider.post("/auth/signup", {**GOOD, "password": "12345"}).json()["errors"]
    assert {error["type"] for error in errors} == {
        "password_too_short",
        "password_too_common",
        "password_entirely_numeric",
    }


@pytest.mark.parametrize(
    ("change", "loc", "kind"),
    [
        ({"email": "not an address"}, ["body", "email"], "invalid"),
        ({"email": "a\x00b@example.com"}, ["body", "email"], "invalid"),
        ({"email": f"{'x' * 250}@example.com"}, ["body", "email"], "max_length"),
        ({"email": None}, ["body", "email"], "null"),
        ({"displayName": "x" * 81}, ["body", "displayName"], "max_length"),
        ({"displayName": 5.5e300}, ["body", "displayName"], "invalid"),
    ],
)
def test_other_wrong_values_are_named(
    outsider: ApiClient, change: dict[str, Any], loc: list[str], kind: str
) -> None:
    answer = outsider.post("/auth/signup", {**GOOD, **change})
    assert answer.status_code == 422
    assert [error["loc"] for error in answer.json()["errors"]] == [loc] * len(answer.json()["errors"])
    assert kind in {error["type"] for error in answer.json()["errors"]}


def test_missing_fields_are_named(outsider: ApiClient) -> None:
    answer = outsider.post("/auth/signup", {})
    assert answer.status_code == 422
    assert [(error["loc"], error["type"]) for error in answer.json()["errors"]] == [
        (["body", "email"], "missing"),
        (["body", "password"], "missing"),
    ]


def test_the_database_decides_when_two_sign_up_at_the_same_moment(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.person(email="quick@example.com")
    # The second did not see the first when it asked.
    monkeypatch.setattr("django.db.models.query.QuerySet.exists", lambda self: False)
    with pytest.raises(NotNow, match="Email already registered"):
        services.sign_up(email="Quick@example.com", password=factories.PASSWORD, address="192.0.2.9")
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_who_sign_up_with_one_address_at_once_one_gets_it() -> None:
    start = threading.Barrier(6)
    statuses: list[int] = []

    def sign_up() -> None:
        client = ApiClient()
        start.wait()
        try:
            statuses.append(client.post("/auth/signup", GOOD).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=sign_up) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 400, 400, 400, 400, 400]


# --- Logging in -------------------------------------------------------------------------------------------
def test_logging_in_gives_a_token_that_works(outsider: ApiClient, dancer: ApiClient) -> None:
    answer = outsider.post("/auth/login", {"email": "DANCER@example.com", "password": factories.PASSWORD})
    assert answer.status_code == 200
    body = answer.json()
    assert body["user_id"] == dancer.user.id
    assert body["token_type"] == "bearer"
    outsider.sign_in(body["access_token"])
    assert outsider.get("/api/users/profile").status_code == 200


def test_an_old_token_does_not_stop_a_new_login(outsider: ApiClient, dancer: ApiClient) -> None:
    outsider.sign_in("long-since-expired")
    form = {"email": dancer.user.email, "password": factories.PASSWORD}
    assert outsider.post("/auth/login", form).status_code == 200


def test_wrong_logins_look_all_the_same(outsider: ApiClient, dancer: ApiClient) -> None:
    factories.person(email="gone@example.com", is_active=False)
    answers = [
        outsider.post("/auth/login", {"email": email, "password": password})
        for email, password in [
            (dancer.user.email, "wrong-password"),
            ("nobody@example.com", "wrong-password"),
            ("not an address", "wrong-password"),
            ("gone@example.com", factories.PASSWORD),
        ]
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.content for answer in answers} == {b'{"detail":"Email or password is wrong."}'}


def test_an_unknown_address_costs_the_same_work(
    outsider: ApiClient, dancer: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    from django.contrib.auth.hashers import MD5PasswordHasher

    encode = MD5PasswordHasher.encode

    def counting(self: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    for email in (dancer.user.email, "nobody@example.com"):
        hashed.clear()
        outsider.post("/auth/login", {"email": email, "password": "wrong-password"})
        assert hashed == ["wrong-password"]


def test_failed_logins_are_limited_and_good_ones_are_not(
    outsider: ApiClient, dancer: ApiClient, settings: LazySettings
) -> None:
    good = {"email": dancer.user.email, "password": factories.PASSWORD}
    wrong = {**good, "password": "wrong-password"}
    for _ in range(settings.LIMIT_FAILED_LOGINS + 5):
        assert outsider.post("/auth/login", good).status_code == 200
    for _ in range(settings.LIMIT_FAILED_LOGINS):
        assert outsider.post("/auth/login", wrong).status_code == 401
    refused = outsider.post("/auth/login", wrong)
    assert refused.status_code == 429
    assert 55 <= int(refused["Retry-After"]) <= 60
    # Not even the right password now, or the limit would only slow down who guesses wrong.
    assert outsider.post("/auth/login", good).status_code == 429
    # Another address is another matter.
    assert outsider.post("/auth/login", good, REMOTE_ADDR="192.0.2.7").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_failed_logins_at_the_same_moment_are_counted_one_by_one(settings: LazySettings) -> None:
    factories.person(email="dancer@example.com")
    outcomes: list[str] = []
    start = threading.Barrier(16)

    def guess() -> None:
        start.wait()
        try:
            services.log_in(email="dancer@example.com", password="wrong", address="192.0.2.1")
        except TooOften:
            outcomes.append("limited")
        except Exception as error:  # noqa: BLE001 - the test looks at which one it was
            outcomes.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=guess) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("NotSignedIn") == settings.LIMIT_FAILED_LOGINS
    assert outcomes.count("limited") == 16 - settings.LIMIT_FAILED_LOGINS


def test_sign_ups_from_one_address_are_limited(outsider: ApiClient, settings: LazySettings) -> None:
    settings.LIMIT_SIGN_UPS = 2
    answers = [
        outsider.post("/auth/signup", {"email": f"n{n}@example.com", "password": factories.PASSWORD})
        for n in range(3)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    elsewhere = {"email": "n9@example.com", "password": factories.PASSWORD}
    assert outsider.post("/auth/signup", elsewhere, REMOTE_ADDR="192.0.2.7").status_code == 200


# --- Tokens -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer not.a.token",
        "Bearer a b",
        "Basic dXNlcjpwYXNz",
        "Bearer eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJ1c2VyX2lkIjoiMSJ9.",
        "Bearer \xff\xfe",
        "Bearer " + "x" * 7000,
    ],
)
def test_a_token_that_is_none_is_401(outsider: ApiClient, header: str) -> None:
    outsider.credentials(HTTP_AUTHORIZATION=header)
    assert outsider.get("/api/users/profile").status_code == 401


def test_the_scheme_is_the_same_in_any_case(dancer: ApiClient) -> None:
    for scheme in ("bearer", "BEARER", "Bearer"):
        dancer.credentials(HTTP_AUTHORIZATION=f"{scheme} {new_token(dancer.user)}")
        assert dancer.get("/api/users/profile").status_code == 200


def test_a_token_ends_with_its_24_hours(dancer: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    from rest_framework_simplejwt.tokens import AccessToken

    token = AccessToken.for_user(dancer.user)
    assert token["exp"] - token["iat"] == 24 * 3600
    token.set_exp(lifetime=timedelta(seconds=-1))
    dancer.sign_in(str(token))
    assert dancer.get("/api/users/profile").status_code == 401


def test_a_token_signed_by_somebody_else_is_worth_nothing(dancer: ApiClient) -> None:
    import jwt

    claims = jwt.decode(new_token(dancer.user), options={"verify_signature": False})
    dancer.sign_in(jwt.encode(claims, "another secret that is long enough to be one", algorithm="HS256"))
    assert dancer.get("/api/users/profile").status_code == 401


def test_a_signature_is_looked_at_once(dancer: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Any] = []
    honest = TokenBackend.decode

    def decode(self: TokenBackend, token: Any, **options: Any) -> Any:
        looked.append(token)
        return honest(self, token, **options)

    monkeypatch.setattr(TokenBackend, "decode", decode)
    for _ in range(3):
        assert dancer.get("/api/users/profile").status_code == 200
    assert len(looked) == 1


def test_a_token_that_was_right_ends_too(dancer: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert dancer.get("/api/users/profile").status_code == 200
    end = time.time() + 24 * 3600
    monkeypatch.setattr("idance.api.auth.time.time", lambda: end - 5)
    assert dancer.get("/api/users/profile").status_code == 200
    monkeypatch.setattr("idance.api.auth.time.time", lambda: end)
    assert dancer.get("/api/users/profile").status_code == 401


def test_a_changed_password_revokes_tokens(dancer: ApiClient) -> None:
    assert dancer.get("/api/users/profile").status_code == 200
    dancer.user.set_password("another-good-one")
    dancer.user.save()
    assert dancer.get("/api/users/profile").status_code == 401


def test_a_deactivated_account_is_out_at_once(dancer: ApiClient) -> None:
    assert dancer.get("/api/users/profile").status_code == 200
    User.objects.update(is_active=False)
    assert dancer.get("/api/users/profile").status_code == 401


def test_a_deleted_account_is_out_at_once(dancer: ApiClient) -> None:
    assert dancer.get("/api/users/profile").status_code == 200
    dancer.user.delete()
    assert dancer.get("/api/users/profile").status_code == 401


@pytest.mark.parametrize("path", ["/auth/signup", "/auth/login"])
def test_no_more_is_read_than_a_name_and_a_password_take(outsider: ApiClient, path: str) -> None:
    longest = {"email": "a@example.com", "password": "\u00e9" * 1024, "displayName": "\u00e9" * 80}
    assert outsider.post(path, longest).status_code != 413
    assert outsider.post(path, {**longest, "more": "x" * 40_000}).status_code == 413
