"""People in the console."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Group, Permission
from django.test import Client

from accounts.models import User
from tests import factories
from tests.api_client import ApiClient
from tests.challenges import make

LIST = "/admin/accounts/user/"


def page_of(user: User) -> str:
    return f"{LIST}{user.pk}/change/"


@pytest.fixture
def chief(client: Client, db: None) -> Client:
    """A superuser's browser."""
    client.force_login(factories.admin(email="chief@example.com"))
    return client


@pytest.fixture
def helper(db: None) -> Client:
    """The browser of somebody on the staff who may add, change and delete people."""
    user = factories.person(email="helper@example.com", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label__in=["accounts", "auth"]))
    browser = Client()
    browser.force_login(user)
    return browser


# --- Logging in -------------------------------------------------------------------------------------------
def log_in(browser: Client, email: str, password: str = factories.PASSWORD, **extra: Any) -> Any:
    return browser.post("/admin/login/", {"username": email, "password": password}, **extra)


def test_staff_log_in_with_their_email(client: Client, db: None) -> None:
    factories.admin(email="chief@example.com")
    assert log_in(client, "Chief@Example.com").status_code == 302
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("fields", [{}, {"is_staff": True, "is_active": False}])
def test_others_do_not_get_in(client: Client, db: None, fields: dict[str, bool]) -> None:
    factories.person(email="dancer@example.com", **fields)
    answer = log_in(client, "dancer@example.com")
    assert answer.status_code == 200
    assert "Please enter the correct email and password" in answer.content.decode()
    assert client.get("/admin/").status_code == 302


def test_failed_logins_are_limited_here_as_well(client: Client, db: None, settings: LazySettings) -> None:
    factories.admin(email="chief@example.com")
    for _ in range(settings.LIMIT_FAILED_LOGINS):
        log_in(client, "chief@example.com", "wrong-password")
    answer = log_in(client, "chief@example.com")
    assert answer.status_code == 200
    assert "Too many requests" in answer.content.decode()
    assert log_in(client, "chief@example.com", REMOTE_ADDR="192.0.2.7").status_code == 302


# --- Finding people ---------------------------------------------------------------------------------------
def found(browser: Client, term: str) -> set[str]:
    answer = browser.get(LIST, {"q": term})
    return {user.email for user in answer.context["cl"].result_list}


def test_people_are_found_by_the_beginning_of_their_address_or_by_id(chief: Client) -> None:
    anna = factories.person(email="anna@example.com")
    factories.person(email="hanna@example.com")
    assert found(chief, "ANN") == {"anna@example.com"}
    assert found(chief, anna.pk) == {"anna@example.com"}
    assert found(chief, "%") == set()
    assert len(found(chief, " ")) == 3


def test_a_list_of_any_length_is_neither_counted_nor_asked_for_one_by_one(
    chief: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(60):
        factories.person()
    with django_assert_max_num_queries(6) as captured:
        answer = chief.get(LIST)
    assert len(answer.context["cl"].result_list) == 50
    people = [q["sql"] for q in captured.captured_queries if 'FROM "accounts_user"' in q["sql"]]
    assert not [sql for sql in people if "COUNT(" in sql]
    assert chief.get(LIST, {"p": 2}).status_code == 200


# --- Making and changing ----------------------------------------------------------------------------------
def test_an_account_is_made_by_email(chief: Client) -> None:
    form = {
        "email": "New@Example.com",
        "display_name": "New",
        "password1": factories.PASSWORD,
        "password2": factories.PASSWORD,
    }
    assert chief.post(f"{LIST}add/", form).status_code == 302
    user = User.objects.get(email="new@example.com")
    assert user.check_password(factories.PASSWORD)
    assert not user.is_staff
    again = chief.post(f"{LIST}add/", {**form, "email": "nEW@example.com"})
    assert again.status_code == 200
    assert "Email already registered" in again.content.decode()


def change(browser: Client, user: User, **fields: Any) -> Any:
    form: dict[str, Any] = {
        "email": user.email,
        "display_name": user.display_name,
        "avatar_url": user.avatar_url,
        **({"is_active": "on"} if user.is_active else {}),
        **({"is_staff": "on"} if user.is_staff else {}),
        **({"is_superuser": "on"} if user.is_superuser else {}),
        **fields,
    }
    return browser.post(page_of(user), {name: value for name, value in form.items() if value is not None})


def test_a_superuser_changes_and_promotes(chief: Client) -> None:
    user, role = factories.person(), Group.objects.create(name="moderator")
    assert change(chief, user, display_name="Renamed", is_staff="on", groups=[role.pk]).status_code == 302
    user.refresh_from_db()
    assert (user.display_name, user.is_staff) == ("Renamed", True)
    assert list(user.groups.all()) == [role]


def test_an_uploaded_avatar_stays_when_something_else_changes(chief: Client) -> None:
    user = factories.person(avatar_url="stored:uploads/a.png")
    assert change(chief, user, display_name="Renamed").status_code == 302
    user.refresh_from_db()
    assert (user.display_name, user.avatar_url) == ("Renamed", "stored:uploads/a.png")
    # Typed, it would open anybody's file.
    assert change(chief, user, avatar_url="stored:uploads/b.png").status_code == 200
    user.refresh_from_db()
    assert user.avatar_url == "stored:uploads/a.png"


def test_an_avatar_must_be_an_address(chief: Client) -> None:
    user = factories.person()
    assert change(chief, user, avatar_url="javascript:alert(1)").status_code == 200
    user.refresh_from_db()
    assert user.avatar_url == ""


def test_staff_change_dancers_but_promote_nobody(helper: Client) -> None:
    user, role = factories.person(), Group.objects.create(name="moderator")
    answer = change(
        helper,
        user,
        display_name="Renamed",
        is_staff="on",
        is_superuser="on",
        groups=[role.pk],
        is_active=None,
    )
    assert answer.status_code == 302
    user.refresh_from_db()
    assert user.display_name == "Renamed"
    assert not user.is_active
    assert (user.is_staff, user.is_superuser, user.groups.count()) == (False, False, 0)


def test_staff_cannot_make_staff(helper: Client) -> None:
    form = {
        "email": "new@example.com",
        "password1": factories.PASSWORD,
        "password2": factories.PASSWORD,
        "is_staff": "on",
        "is_superuser": "on",
    }
    assert helper.post(f"{LIST}add/", form).status_code == 302
    user = User.objects.get(email="new@example.com")
    assert (user.is_staff, user.is_superuser) == (False, False)


@pytest.mark.parametrize("fields", [{"is_staff": True}, {"is_staff": True, "is_superuser": True}])
def test_staff_do_not_touch_other_staff(helper: Client, fields: dict[str, bool]) -> None:
    boss = factories.person(email="boss@example.com", **fields)
    assert change(helper, boss, email="mine@example.com").status_code == 403
    new = {"password1": "taken-over-now", "password2": "taken-over-now"}
    assert helper.post(f"{LIST}{boss.pk}/password/", new).status_code == 403
    boss.refresh_from_db()
    assert boss.email == "boss@example.com"
    assert boss.check_password(factories.PASSWORD)


def test_staff_cannot_promote_themselves(helper: Client) -> None:
    me = User.objects.get(email="helper@example.com")
    assert change(helper, me, is_superuser="on").status_code == 403
    me.refresh_from_db()
    assert not me.is_superuser


def test_roles_are_for_superusers(helper: Client) -> None:
    """Who may change a role gives their own role every right there is."""
    role = Group.objects.create(name="moderator")
    everything = list(Permission.objects.values_list("pk", flat=True))
    form = {"name": "moderator", "permissions": everything}
    assert helper.post(f"/admin/auth/group/{role.pk}/change/", form).status_code == 403
    assert helper.post("/admin/auth/group/add/", form).status_code == 403
    assert role.permissions.count() == 0


def test_our_own_roles_are_shown_and_not_changed(chief: Client) -> None:
    """Every start makes them what the table says: a change here would be lost without a word."""
    role = Group.objects.get(name="Moderator")
    before = role.permissions.count()
    shown = chief.get(f"/admin/auth/group/{role.pk}/change/")
    assert shown.status_code == 200 and b'name="_save"' not in shown.content
    form = {"name": "Moderator", "permissions": []}
    assert chief.post(f"/admin/auth/group/{role.pk}/change/", form).status_code == 403
    many = {"action": "delete_selected", "_selected_action": [role.pk], "post": "yes"}
    chief.post("/admin/auth/group/", many)
    assert Group.objects.get(name="Moderator").permissions.count() == before

    own = Group.objects.create(name="Judges")
    form = {"name": "Jury", "permissions": []}
    assert chief.post(f"/admin/auth/group/{own.pk}/change/", form).status_code == 302


def test_only_superusers_delete(helper: Client, chief: Client) -> None:
    user = factories.person()
    assert helper.post(f"{LIST}{user.pk}/delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [user.pk], "post": "yes"}
    helper.post(LIST, chosen)
    assert User.objects.filter(pk=user.pk).exists()
    assert chief.post(f"{LIST}{user.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=user.pk).exists()


def test_who_is_deleted_is_counted_nowhere(chief: Client, dancer: ApiClient, other: ApiClient) -> None:
    submission = make.submission(make.challenge(), dancer.user, points=make.points_for(70))
    path = f"/api/submissions/{submission.pk}"
    for person in (dancer, other):
        assert person.post(f"{path}/like").status_code == 200
        assert person.post(f"{path}/comments", {"text": "Buy followers"}).status_code == 200
    start = {"style": "jazz", "sessionType": "freestyle", "isPublic": True, "sharedToFeed": True}
    session = other.post("/api/sessions/start", start).json()["sessionId"]
    other.post("/api/sessions/complete", {"sessionId": session, "durationMinutes": 5})
    assert dancer.get("/api/feed").json()["pagination"]["total"] == 1

    assert chief.post(f"{LIST}{other.user.pk}/delete/", {"post": "yes"}).status_code == 302

    assert not User.objects.filter(pk=other.user.pk).exists()
    shown = dancer.get(path).json()
    assert (shown["likesCount"], shown["likes"]) == (1, [dancer.user.pk])
    assert (shown["commentsCount"], len(shown["comments"])) == (1, 1)
    assert dancer.get(f"{path}/comments").json()["total"] == 1
    assert dancer.get("/api/feed").json()["pagination"]["total"] == 0


# --- The frame around -------------------------------------------------------------------------------------
def test_the_sidebar_shows_what_one_may_see(chief: Client, db: None) -> None:
    def links(browser: Client) -> set[str]:
        groups = browser.get("/admin/").context["sidebar_navigation"]
        return {str(item["link"]) for group in groups for item in group["items"]}

    assert {"/admin/", LIST, "/admin/auth/group/", "/admin/analysis/job/"} <= links(chief)
    newcomer = Client()
    newcomer.force_login(factories.person(is_staff=True))
    assert links(newcomer) == {"/admin/"}


def test_the_console_says_what_it_loads(chief: Client) -> None:
    policy = chief.get("/admin/")["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval';" in policy
    assert "frame-ancestors 'none'" in policy
