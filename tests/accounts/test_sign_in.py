"""The second factor of staff, the forgotten password, and one's own page."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import two_factor
from accounts.models import User
from idance.checks import mails_reach_people
from tests import factories
from tests.api_client import ApiClient
from tests.challenges import make

pytestmark = pytest.mark.django_db
HOME, CODE, SET_UP, ACCOUNT = "/admin/", "/admin/two-factor/", "/admin/two-factor/set-up/", "/admin/account/"


@pytest.fixture
def boss() -> User:
    return factories.admin(email="boss@example.com")


def signed_in(person: User) -> Client:
    """With the password alone."""
    client = Client()
    client.post("/admin/login/", {"username": person.email, "password": factories.PASSWORD})
    assert client.session["_auth_user_id"] == person.pk
    return client


def code_of(device: TOTPDevice, *, later: int = 0) -> str:
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    totp.time = time.time() + later * device.step
    return f"{totp.token():06}"


def with_phone(person: User) -> TOTPDevice:
    device: TOTPDevice = TOTPDevice.objects.create(user=person, name="phone")
    return device


def test_without_a_phone_the_password_is_enough(boss: User) -> None:
    client = signed_in(boss)
    assert client.get(HOME).status_code == 200
    assert b"Set it up" in client.get(ACCOUNT).content


def test_who_need_not_set_it_up_can_leave(boss: User, settings: Any) -> None:
    settings.STAFF_TWO_FACTOR = "optional"
    assert f'href="{ACCOUNT}">Not now' in signed_in(boss).get(SET_UP).content.decode()


def test_required_leads_to_the_set_up_first(boss: User, settings: Any) -> None:
    settings.STAFF_TWO_FACTOR = "required"
    client = signed_in(boss)
    for path in (HOME, ACCOUNT, "/admin/challenges/challenge/", "/admin/password_change/"):
        answer = client.get(path)
        assert answer.status_code == 302 and answer["Location"].startswith(f"{SET_UP}?next=")
    assert b"<svg" in client.get(SET_UP).content and b"Not now" not in client.get(SET_UP).content
    device = TOTPDevice.objects.get()
    assert not device.confirmed
    assert b"not right" in client.post(SET_UP, {"code": "000000"}).content
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    shown = client.post(SET_UP, {"code": code_of(device)}).content.decode()
    codes = re.findall(r"<code>(\w+)</code>", shown)
    assert len(codes) == 10
    assert client.get(HOME).status_code == 200
    # Who signs in anew is asked for a code, and cannot set up another phone instead.
    client = signed_in(boss)
    assert client.get(HOME)["Location"].startswith(CODE)
    assert client.get(SET_UP)["Location"] == CODE
    assert client.post(SET_UP, {"code": "1"})["Location"] == CODE
    assert client.post(CODE, {"code": codes[0].upper()})["Location"] == HOME
    assert client.get(HOME).status_code == 200


def test_a_code_is_taken_once(boss: User) -> None:
    code = code_of(with_phone(boss))
    client = signed_in(boss)
    answer = client.post(f"{CODE}?next=/admin/accounts/user/", {"code": code})
    assert answer["Location"] == "/admin/accounts/user/"
    replayed = signed_in(boss)
    assert b"used already" in replayed.post(CODE, {"code": code}).content
    assert replayed.get(HOME).status_code == 302


def test_a_backup_code_is_taken_once(boss: User) -> None:
    with_phone(boss)
    codes = two_factor.new_backup_codes(boss)
    assert signed_in(boss).post(CODE, {"code": codes[0]}).status_code == 302
    assert b"used already" in signed_in(boss).post(CODE, {"code": codes[0]}).content
    assert StaticToken.objects.count() == 9


def test_who_guesses_waits(boss: User) -> None:
    device = with_phone(boss)
    client = signed_in(boss)
    for _ in range(3):
        client.post(CODE, {"code": "000000"})
        TOTPDevice.objects.update(throttling_failure_timestamp=timezone.now() - timedelta(hours=1))
    client.post(CODE, {"code": "000000"})
    # The right one as well, for a while.
    answer = client.post(CODE, {"code": code_of(device)})
    assert b"Too many wrong codes: try again in" in answer.content
    TOTPDevice.objects.update(throttling_failure_timestamp=timezone.now() - timedelta(hours=1))
    assert client.post(CODE, {"code": code_of(device)}).status_code == 302


def test_off_asks_for_nothing(boss: User, settings: Any) -> None:
    settings.STAFF_TWO_FACTOR = "off"
    with_phone(boss)
    assert signed_in(boss).get(HOME).status_code == 200


def test_the_api_asks_for_no_code(boss: User, outsider: ApiClient) -> None:
    with_phone(boss)
    given = {"email": boss.email, "password": factories.PASSWORD}
    assert outsider.post("/auth/login", given).status_code == 200


def test_nobody_is_led_to_a_foreign_site(boss: User) -> None:
    code = code_of(with_phone(boss))
    answer = signed_in(boss).post(f"{CODE}?next=https://evil.example/", {"code": code})
    assert answer["Location"] == HOME


def test_one_switches_it_off_and_makes_new_codes(boss: User, settings: Any) -> None:
    client = signed_in(boss)
    device = with_phone(boss)
    client.post(CODE, {"code": code_of(device)})
    old = two_factor.new_backup_codes(boss)
    for code in ("", "nonsense"):
        assert client.post(ACCOUNT, {"do": "codes", "code": code}).status_code == 200
    _no_waiting()
    assert StaticToken.objects.filter(token__in=old).count() == 10
    shown = client.post(ACCOUNT, {"do": "codes", "code": old[0]}).content.decode()
    assert not any(code in shown for code in old)
    assert not StaticToken.objects.filter(token__in=old).exists()
    first, second, *_ = StaticToken.objects.values_list("token", flat=True)
    settings.STAFF_TWO_FACTOR = "required"
    client.post(ACCOUNT, {"do": "off", "code": first})
    assert TOTPDevice.objects.exists()
    settings.STAFF_TWO_FACTOR = "optional"
    client.post(ACCOUNT, {"do": "off"})
    client.post(ACCOUNT, {"do": "off", "code": "nonsense"})
    assert TOTPDevice.objects.exists()
    _no_waiting()
    client.post(ACCOUNT, {"do": "off", "code": second})
    assert not TOTPDevice.objects.exists() and not StaticDevice.objects.exists()


def test_another_phone_needs_a_code(boss: User) -> None:
    client = signed_in(boss)
    phone = with_phone(boss)
    codes = two_factor.new_backup_codes(boss)
    client.post(CODE, {"code": codes[0]})
    assert client.get(SET_UP)["Location"] == ACCOUNT
    client.post(ACCOUNT, {"do": "another", "code": codes[1]})
    assert client.get(SET_UP).status_code == 200
    code = code_of(TOTPDevice.objects.get(user=boss, confirmed=False))
    # As apps show it.
    client.post(SET_UP, {"code": f"{code[:3]} {code[3:]}"})
    assert TOTPDevice.objects.get(user=boss).pk != phone.pk
    assert client.get(SET_UP)["Location"] == ACCOUNT
    assert client.get(HOME).status_code == 200


def test_who_came_in_by_a_backup_code_stays_in_with_new_ones(boss: User) -> None:
    with_phone(boss)
    codes = two_factor.new_backup_codes(boss)
    client = signed_in(boss)
    client.post(CODE, {"code": codes[0]})
    client.post(ACCOUNT, {"do": "codes", "code": codes[1]})
    assert client.get(HOME).status_code == 200


@pytest.mark.parametrize(
    "path", [HOME, ACCOUNT, "/admin/accounts/user/", "/admin/password_change/", "/admin/x/"]
)
def test_a_session_begun_elsewhere_is_no_way_around(boss: User, path: str) -> None:
    client = Client()
    client.force_login(boss)
    assert client.get(HOME).status_code == 200
    device = with_phone(boss)
    assert client.get(path)["Location"].startswith(CODE)
    assert client.post(ACCOUNT, {"do": "off", "code": code_of(device)})["Location"].startswith(CODE)
    assert client.get(SET_UP)["Location"] == CODE
    assert TOTPDevice.objects.get() == device


def test_a_code_belongs_to_one_person(boss: User) -> None:
    with_phone(boss)
    stranger = factories.admin(email="stranger@example.com")
    codes = two_factor.new_backup_codes(stranger)
    client = signed_in(boss)
    client.post(CODE, {"code": code_of(with_phone(stranger))})
    client.post(CODE, {"code": codes[0]})
    assert client.get(HOME)["Location"].startswith(CODE)


@pytest.mark.parametrize("code", ["", "      ", "abc", "١٢٣٤٥٦", "-00001", "1" * 21])
def test_nonsense_is_refused(boss: User, code: str) -> None:
    with_phone(boss)
    client = signed_in(boss)
    assert client.post(CODE, {"code": code}).status_code == 200
    assert client.get(HOME).status_code == 302


def _no_waiting() -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    for kind in (TOTPDevice, StaticDevice):
        kind.objects.update(throttling_failure_timestamp=long_ago)


def test_a_superuser_resets_it_and_that_is_logged(boss: User) -> None:
    lost = factories.person(email="lost@example.com", is_staff=True)
    with_phone(lost)
    page = f"/admin/accounts/user/{lost.pk}"
    helper = factories.person(is_staff=True)
    helper.groups.add(*_groups("Admin"))
    assert signed_in(helper).post(f"{page}/two-factor/").status_code == 403
    client = signed_in(boss)
    assert f"{page}/two-factor/" in client.get(f"{page}/change/").content.decode()
    assert "lost@example.com" in client.get(f"{page}/two-factor/").content.decode()
    assert TOTPDevice.objects.exists()
    assert client.post(f"{page}/two-factor/")["Location"] == f"{page}/change/"
    assert not TOTPDevice.objects.exists()
    assert f"{page}/two-factor/" not in client.get(f"{page}/change/").content.decode()
    entry = LogEntry.objects.get(object_id=lost.pk)
    assert entry.user_id == boss.pk and "was reset" in entry.get_change_message()


def _groups(*names: str) -> Any:
    from django.contrib.auth.models import Group

    return Group.objects.filter(name__in=names)


def test_nobody_reads_the_secrets_of_devices(boss: User) -> None:
    device = with_phone(boss)
    client = signed_in(boss)
    client.post(CODE, {"code": code_of(device)})
    assert client.get("/admin/otp_totp/totpdevice/").status_code == 404


@pytest.fixture(autouse=True)
def _mails_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mail is sent beside the answer; here the answer waits for it."""
    monkeypatch.setattr("accounts.forms.Thread.start", lambda thread: thread.run())


def test_a_forgotten_password(boss: User) -> None:
    client = Client()
    assert b"password_reset" in client.get("/admin/login/").content
    client.post("/admin/password_reset/", {"email": "BOSS@example.com"})
    (sent,) = mail.outbox
    assert sent.to == ["boss@example.com"]
    link = re.search(r"http://testserver(/\S+)", str(sent.body))
    assert link is not None
    form = client.get(link[1])["Location"]
    weak = client.post(form, {"new_password1": "12345", "new_password2": "12345"})
    assert b"too short" in weak.content
    new = {"new_password1": "pas-de-bourree", "new_password2": "pas-de-bourree"}
    assert client.post(form, new).status_code == 302
    boss.refresh_from_db()
    assert boss.check_password("pas-de-bourree")
    assert b"does not work any more" in Client().get(link[1], follow=True).content


def test_a_forgotten_password_does_not_pass_the_second_factor(boss: User) -> None:
    with_phone(boss)
    client = Client()
    client.post("/admin/password_reset/", {"email": boss.email})
    link = re.search(r"http://testserver(/\S+)", str(mail.outbox[0].body))
    assert link is not None
    client.post(
        client.get(link[1])["Location"],
        {"new_password1": "pas-de-bourree", "new_password2": "pas-de-bourree"},
    )
    client.post("/admin/login/", {"username": boss.email, "password": "pas-de-bourree"})
    assert client.get(HOME)["Location"].startswith(CODE)


def test_only_staff_are_sent_mail_and_the_answer_is_the_same(boss: User, settings: Any) -> None:
    factories.person(email="dancer@example.com")
    settings.LIMIT_FAILED_LOGINS = 3
    answers = [
        Client().post("/admin/password_reset/", {"email": email})
        for email in ("dancer@example.com", "nobody@example.com", boss.email, boss.email)
    ]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 200]
    assert len({answer["Location"] for answer in answers[:3]}) == 1
    assert [sent.to for sent in mail.outbox] == [[boss.email]]


def test_the_link_leads_to_the_operators_own_address(boss: User, settings: Any) -> None:
    settings.PUBLIC_URL, settings.PUBLIC_URL_GIVEN, settings.HTTPS = "https://d.example", True, True
    Client().post("/admin/password_reset/", {"email": boss.email})
    assert "https://d.example/admin/password_reset/" in mail.outbox[0].body


def test_without_a_mail_server_a_check_says_so(settings: Any) -> None:
    assert [found.id for found in mails_reach_people(None)] == ["idance.I011"]
    settings.EMAIL_HOST = "mail.example.com"
    assert mails_reach_people(None) == []


def test_times_are_shown_and_taken_in_ones_own_zone(boss: User) -> None:
    client = signed_in(boss)
    assert b"Select a valid choice" in client.post(ACCOUNT, {"time_zone": "Moon/Base"}).content
    assert client.post(ACCOUNT, {"time_zone": "Asia/Tokyo"}).status_code == 302
    challenge = make.challenge()
    page = client.get(f"/admin/challenges/challenge/{challenge.pk}/change/").content.decode()
    tokyo = challenge.start_time + timedelta(hours=9)
    assert "In your time zone, Asia/Tokyo." in page and f'value="{tokyo:%H:%M:%S}"' in page
    assert timezone.get_current_timezone_name() == "UTC"
