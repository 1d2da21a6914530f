"""An editor makes, schedules and publishes a challenge, kept from mistakes; staff sign in in two steps."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from PIL import Image
from playwright.sync_api import Page, expect

from challenges.models import Challenge, ChallengeState
from tests import factories
from tests.accounts.test_sign_in import code_of
from tests.browser import accessible, follow, log_in, needs_browser, shot
from tests.challenges import make

pytestmark = [*needs_browser, pytest.mark.django_db(transaction=True)]
SCHEMES = ("light", "dark")
EDITOR = "editor@example.com"


@pytest.fixture
def editor(page: Page) -> Page:
    """A tab in which a challenge editor from Berlin is logged in."""
    person = factories.person(email=EDITOR, is_staff=True, time_zone="Europe/Berlin")
    person.groups.add(Group.objects.get(name="Challenge editor"))
    log_in(page, EDITOR, factories.PASSWORD)
    return page


def looked_at(page: Page, name: str) -> None:
    """In light and dark: a picture of it, and nothing serious to find."""
    for scheme in SCHEMES:
        # Not by the device's wish, which is read anew with the page: what was typed would be lost.
        page.evaluate(f"document.documentElement.classList.toggle('dark', {str(scheme == 'dark').lower()})")
        page.wait_for_timeout(300)
        shot(page, f"{name}-{scheme}")
        accessible(page)
    page.evaluate("document.documentElement.classList.remove('dark')")


def test_an_editor_makes_schedules_and_publishes_a_challenge(editor: Page) -> None:
    start = timezone.now() + timedelta(days=3)
    editor.goto("/admin/challenges/challenge/add/")
    editor.fill("#id_title", "Salsa Saturday")
    editor.select_option("#id_type", "freestyle")
    editor.select_option("#id_difficulty", "beginner")
    editor.get_by_label("latin").check()
    editor.fill("#id_tags", "salsa, couple, wrong")
    editor.get_by_role("button", name="Remove wrong").click()
    expect(editor.get_by_text("In your time zone, Europe/Berlin.").first).to_be_visible()
    for name, moment in (("start_time", start), ("end_time", start - timedelta(days=1))):
        editor.fill(f"#id_{name}_0", f"{moment:%Y-%m-%d}")
        editor.fill(f"#id_{name}_1", "18:00")
    editor.fill("#id_balance", "35")
    expect(editor.locator(".criteria-sum")).to_have_text("10 too many.")
    follow(editor, editor.get_by_role("button", name="Save", exact=True))
    expect(editor.get_by_text("The challenge must end after it starts.")).to_be_visible()
    expect(editor.get_by_text("They are 110, 10 too many.")).to_be_visible()
    looked_at(editor, "challenge-mistakes")
    editor.fill("#id_end_time_0", f"{start + timedelta(days=92):%Y-%m-%d}")
    expect(editor.locator(".time-warning")).to_have_text("It lasts more than 90 days.")
    editor.fill("#id_end_time_0", f"{start + timedelta(days=2):%Y-%m-%d}")
    expect(editor.locator(".time-warning")).to_be_hidden()
    editor.fill("#id_balance", "25")
    expect(editor.locator(".criteria-sum")).to_have_text("Together 100.")
    picture = io.BytesIO()
    Image.new("RGB", (320, 180), "teal").save(picture, "PNG")
    chosen = {"name": "salsa.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    editor.set_input_files("input[name=thumbnail_file]", files=[chosen])  # type: ignore[list-item]
    expect(editor.get_by_alt_text("What you chose")).to_be_visible()
    follow(editor, editor.get_by_role("button", name="Save", exact=True))
    expect(editor.get_by_text("It is a draft")).to_be_visible()
    assert Challenge.objects.get().state == ChallengeState.DRAFT
    looked_at(editor, "challenge-draft")
    follow(editor, editor.get_by_role("button", name="Save and publish"))
    expect(editor.get_by_text("Salsa Saturday is published.")).to_be_visible()
    made = Challenge.objects.get()
    assert made.phase == "scheduled" and [label.name for label in made.labels.all()][1:] == [
        "salsa",
        "couple",
    ]

    editor.goto(f"/admin/challenges/challenge/{made.pk}/repeat/")
    editor.fill("#id_count", "4")
    follow(editor, editor.get_by_role("button", name="Show the dates"))
    expect(editor.locator(".series li")).to_have_count(4)
    looked_at(editor, "challenge-repeat")
    follow(editor, editor.get_by_role("button", name="Make 4"))
    expect(editor.get_by_text("4 challenges like Salsa Saturday are made.")).to_be_visible()
    assert Challenge.objects.filter(state=ChallengeState.DRAFT).count() == 4
    looked_at(editor, "challenge-list")


def test_the_numbers_of_a_challenge(editor: Page) -> None:
    challenge = make.challenge()
    for rhythm in (2, 25, 24, 12):
        make.submission(challenge, points={**make.POINTS, "rhythm": rhythm})
    editor.goto(f"/admin/challenges/challenge/{challenge.pk}/change/")
    expect(editor.get_by_role("img", name="Dancers by score")).to_be_visible()
    looked_at(editor, "challenge-numbers")


def test_signing_in_with_a_second_factor(page: Page) -> None:
    person = factories.admin(email="boss@example.com")
    page.goto("/admin/login/")
    looked_at(page, "login")
    follow(page, page.get_by_role("link", name="Forgotten"))
    looked_at(page, "forgotten")
    log_in(page, "boss@example.com", factories.PASSWORD)
    page.goto("/admin/account/")
    looked_at(page, "account")
    follow(page, page.get_by_role("link", name="Set it up"))
    looked_at(page, "two-factor-set-up")
    page.locator("#id_code").fill(code_of(TOTPDevice.objects.get(user=person)))
    follow(page, page.get_by_role("button", name="Go on"))
    expect(page.locator(".codes li")).to_have_count(10)
    backup = page.locator(".codes li").first.inner_text()
    looked_at(page, "backup-codes")
    page.context.clear_cookies()
    log_in(page, "boss@example.com", factories.PASSWORD)
    expect(page.get_by_text("One more step")).to_be_visible()
    looked_at(page, "two-factor")
    page.locator("#id_code").fill(backup)
    follow(page, page.get_by_role("button", name="Go on"))
    assert page.url.endswith("/admin/")
    page.goto("/admin/account/")
    page.locator("#id_code").fill("nonsense")
    follow(page, page.get_by_role("button", name="Switch it off"))
    expect(page.get_by_text("This code is not right")).to_be_visible()
    looked_at(page, "account-with-phone")
    page.goto(f"/admin/accounts/user/{person.pk}/change/")
    follow(page, page.get_by_role("link", name="Reset two-factor sign-in"))
    looked_at(page, "two-factor-reset")
