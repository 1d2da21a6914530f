"""The first admin: made once, from the environment or with a password of our own."""

from __future__ import annotations

import pytest

from accounts.models import User
from idance.first_admin import CannotBeMade, make_first_admin, passed_over_email

pytestmark = pytest.mark.django_db
GOOD = "correct horse battery"


@pytest.fixture(autouse=True)
def no_admin_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_EMAIL", "")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "")


def test_without_an_environment_the_password_is_made_up_and_works() -> None:
    admin = make_first_admin()
    assert admin is not None and admin.generated_password is not None
    user = User.objects.get(email=admin.email)
    assert user.check_password(admin.generated_password)
    assert user.is_staff and user.is_superuser
    assert len(admin.generated_password) >= 16


def test_two_starts_make_one_admin() -> None:
    assert make_first_admin() is not None
    assert make_first_admin() is None
    assert User.objects.count() == 1


def test_the_environment_names_the_admin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_EMAIL", "Boss@Example.com")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", GOOD)
    admin = make_first_admin()
    assert admin is not None and admin.generated_password is None
    assert User.objects.get(email="boss@example.com").check_password(GOOD)


def test_a_dancer_with_the_address_becomes_the_admin_with_the_new_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    User.objects.create_user("boss@example.com", "what somebody else knew")
    monkeypatch.setenv("DJANGO_SUPERUSER_EMAIL", "boss@example.com")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", GOOD)
    assert make_first_admin() is not None
    user = User.objects.get()
    assert user.is_superuser and user.check_password(GOOD)


@pytest.mark.parametrize(
    ("email", "password", "complaint"),
    [
        ("boss@example.com", "12345678", "This password is too common. This password is entirely numeric."),
        ("not an address", GOOD, "Enter a valid email address."),
    ],
)
def test_what_will_not_do_is_refused_and_nobody_is_made(
    monkeypatch: pytest.MonkeyPatch, email: str, password: str, complaint: str
) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_EMAIL", email)
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", password)
    with pytest.raises(CannotBeMade) as error:
        make_first_admin()
    assert str(error.value).endswith(complaint)
    assert not User.objects.exists()


def test_who_names_another_admin_than_there_is_hears_that_none_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert passed_over_email() == ""
    monkeypatch.setenv("DJANGO_SUPERUSER_EMAIL", " Boss@Example.com ")
    make_first_admin()
    assert passed_over_email() == ""
    monkeypatch.setenv("DJANGO_SUPERUSER_EMAIL", "other@example.com")
    assert make_first_admin() is None
    assert passed_over_email() == "other@example.com"
