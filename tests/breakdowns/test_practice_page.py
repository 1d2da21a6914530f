"""The page to practise with, in a browser: what a dancer presses, and what the video then does."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from breakdowns import services, sharing
from breakdowns.models import Breakdown
from tests.api_client import ApiClient
from tests.breakdowns import practice
from tests.browser import accessible, follow, needs_browser, shot
from tests.factories import PASSWORD

pytestmark = [*needs_browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def breakdown(dancer: ApiClient, clip: Path) -> Breakdown:
    assert dancer.user is not None
    return practice.finished(dancer.user, clip, share_nonce=sharing.new_nonce())


def sign_in(page: Page, email: str = "dancer@example.com") -> None:
    page.fill("input[name=username]", email)
    page.fill("input[name=password]", PASSWORD)
    follow(page, page.locator("button[type=submit]"))


def opened(page: Page, breakdown: Breakdown, *, fragment: str = "") -> None:
    """The page by its share link, ready to play."""
    page.goto(sharing.path_of(breakdown, shared=True) + fragment)
    ready(page)


def ready(page: Page) -> None:
    until(page, "v.readyState >= 3")


def video(page: Page, what: str) -> Any:
    return page.evaluate(f"document.getElementById('video').{what}")


def until(page: Page, condition: str) -> None:
    """Wait for a condition of the video `v`. Playwright's own way evaluates text, which the page forbids."""
    for _ in range(300):
        if page.evaluate(f"(() => {{ const v = document.getElementById('video'); return {condition}; }})()"):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never: {condition}")


def record_count_in(page: Page) -> Callable[[], list[tuple[str, bool]]]:
    """What is counted from now on, and whether the video rested then, however late we look."""
    page.evaluate(
        """() => {
            const count = document.getElementById("count"), v = document.getElementById("video");
            window.counted = [];
            new MutationObserver(() => count.textContent && counted.push([count.textContent, v.paused]))
                .observe(count, { childList: true });
        }"""
    )
    return lambda: [(count, rested) for count, rested in page.evaluate("window.counted")]


def at(page: Page, seconds: float) -> None:
    """Wait until the video rests where a step begins, or a frame later."""
    until(page, f"v.currentTime >= {seconds} && v.currentTime < {seconds} + 0.05")


def test_the_owner_signs_in_and_comes_to_the_page(page: Page, breakdown: Breakdown) -> None:
    page.goto(f"/breakdowns/{breakdown.pk}")
    expect(page.get_by_role("heading", name="Sign in to practise")).to_be_visible()
    accessible(page)
    shot(page, "practice-login")
    sign_in(page)
    page.wait_for_url(f"**/breakdowns/{breakdown.pk}")
    ready(page)
    expect(page.locator(".step")).to_have_count(3)
    accessible(page)
    shot(page, "practice-desktop")
    follow(page, page.get_by_role("button", name="Sign out"))
    expect(page.get_by_role("heading", name="Sign in to practise")).to_be_visible()


def test_steps_are_jumped_to_by_button_key_and_link(page: Page, breakdown: Breakdown) -> None:
    opened(page, breakdown, fragment="#step-2")
    at(page, 2)
    expect(page.locator("#step-2")).to_have_class(re.compile("now"))
    page.locator("#step-3 .jump").click()
    at(page, 4)
    assert page.url.endswith("#step-3")
    page.keyboard.press("1")
    at(page, 0)
    page.keyboard.press("ArrowRight")
    at(page, 2)
    page.keyboard.press("ArrowLeft")
    at(page, 0)


def test_a_jump_at_rest_shows_no_picture_of_the_step_before(
    page: Page, dancer: ApiClient, clip: Path
) -> None:
    assert dancer.user is not None
    # Fifteen pictures a second: the step begins between two of them.
    steps = [practice.step(1, 0, 2.05, "One"), practice.step(2, 2.05, 4, "Two")]
    nonce = sharing.new_nonce()
    opened(page, practice.finished(dancer.user, clip, share_nonce=nonce, steps=steps))
    shown = page.evaluate(
        """new Promise((tell) => {
            const v = document.getElementById("video");
            const look = (_, of) => of.mediaTime > 1 ? tell(of.mediaTime) : v.requestVideoFrameCallback(look);
            v.requestVideoFrameCallback(look);
            setTimeout(() => tell(null), 5000);
            document.querySelector("#step-2 .jump").click();
        })"""
    )
    assert 2.05 <= shown < 2.15


def test_the_owner_shares_it_by_a_button(page: Page, breakdown: Breakdown) -> None:
    Breakdown.objects.update(share_nonce="")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/breakdowns/{breakdown.pk}")
    sign_in(page)
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_role("status").first).to_contain_text("Link copied")
    breakdown.refresh_from_db()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.endswith(sharing.path_of(breakdown, shared=True))
    accessible(page)
    follow(page, page.get_by_role("button", name="Sign out"))
    page.goto(copied)
    ready(page)
    expect(page.get_by_role("button", name="Share")).to_have_count(0)
    expect(page.get_by_role("button", name="Stop sharing")).to_have_count(0)


def test_the_owner_takes_the_link_back_by_keyboard(page: Page, breakdown: Breakdown) -> None:
    shared = sharing.path_of(breakdown, shared=True)
    page.goto(f"/breakdowns/{breakdown.pk}")
    sign_in(page)
    stop = page.get_by_role("button", name="Stop sharing")
    expect(stop).to_be_visible()
    accessible(page)
    page.once("dialog", lambda dialog: dialog.dismiss())
    stop.press("Enter")
    expect(stop).to_be_visible()
    assert page.request.get(shared).status == 200
    page.once("dialog", lambda dialog: dialog.accept())
    stop.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("taken back")
    expect(stop).to_be_hidden()
    expect(page.get_by_role("button", name="Share")).to_be_focused()
    assert page.request.get(shared).status == 404


def test_who_shares_what_was_just_made_private_reads_why(
    browser: Browser, live_server: Any, breakdown: Breakdown
) -> None:
    # Not a watched tab: the browser itself tells its console of every 403.
    context = browser.new_context(base_url=live_server.url)
    page = context.new_page()
    page.goto(f"/breakdowns/{breakdown.pk}")
    sign_in(page)
    expect(page.get_by_role("button", name="Stop sharing")).to_be_visible()
    services.make_private(breakdown, "It shows a child.")
    page.get_by_role("button", name="Share", exact=True).click()
    told = page.get_by_role("status").first
    expect(told).to_have_text("A moderator made this breakdown private: It shows a child.")
    expect(page.get_by_role("button", name="Stop sharing")).to_be_hidden()
    context.close()


def test_a_step_is_looped(page: Page, breakdown: Breakdown) -> None:
    opened(page, breakdown, fragment="#step-2")
    page.keyboard.press("l")
    page.evaluate("document.getElementById('video').currentTime = 3.6")
    page.locator("#play").click()
    until(page, "!v.paused && v.currentTime < 3")
    assert video(page, "currentTime") >= 1.9
    page.keyboard.press("l")
    page.evaluate("document.getElementById('video').currentTime = 3.8")
    until(page, "v.currentTime > 4.1")


def test_speed_and_mirror(page: Page, breakdown: Breakdown) -> None:
    opened(page, breakdown)
    page.keyboard.press("-")
    assert video(page, "playbackRate") == 0.75
    page.get_by_role("button", name="¼×").click()
    assert video(page, "playbackRate") == 0.25
    page.keyboard.press("+")
    assert video(page, "playbackRate") == 0.5
    page.keyboard.press("m")
    expect(page.get_by_role("button", name="Mirror")).to_have_attribute("aria-pressed", "true")
    turned = page.evaluate("getComputedStyle(document.getElementById('video')).transform")
    assert turned.startswith("matrix(-1")


def test_the_outline_keeps_the_moment_and_the_speed(page: Page, breakdown: Breakdown) -> None:
    opened(page, breakdown, fragment="#step-3")
    at(page, 4)
    page.keyboard.press("-")
    page.keyboard.press("o")
    until(
        page,
        "v.src.includes('/outline.mp4') && v.readyState >= 3 && Math.abs(v.currentTime - 4.02) < 0.03",
    )
    assert video(page, "playbackRate") == 0.75
    page.keyboard.press("b")
    until(
        page,
        "v.src.includes('/outline_black.mp4') && v.readyState >= 3 && Math.abs(v.currentTime - 4.02) < 0.03",
    )
    page.keyboard.press("b")
    until(
        page,
        "v.src.includes('/video.mp4') && v.readyState >= 3 && Math.abs(v.currentTime - 4.02) < 0.03",
    )


def test_it_counts_in_on_the_beat_before_it_plays(page: Page, breakdown: Breakdown) -> None:
    opened(page, breakdown)
    page.keyboard.press("c")
    counted = record_count_in(page)
    started = timezone.now()
    page.keyboard.press(" ")
    until(page, "!v.paused")
    assert counted() == [(count, True) for count in "5678"]
    # Four beats at 120 BPM.
    assert 1.9 <= (timezone.now() - started).total_seconds() < 10
    page.keyboard.press(" ")
    until(page, "v.paused")


def test_the_count_in_leads_to_the_count_of_the_step(page: Page, breakdown: Breakdown) -> None:
    opened(page, breakdown, fragment="#step-2")
    at(page, 2)
    page.keyboard.press("c")
    counted = record_count_in(page)
    page.keyboard.press(" ")
    until(page, "!v.paused")
    assert [count for count, _ in counted()] == list("1234")


def test_links_to_the_media_are_renewed(page: Page, breakdown: Breakdown) -> None:
    opened(page, breakdown, fragment="#step-2")
    at(page, 2)
    # As a player meets it that asks for more after its link has expired: with what it cannot play.
    page.evaluate("document.getElementById('video').src = '/static/idance/icon.svg'")
    until(page, "v.src.includes('/video.mp4') && v.readyState >= 3")


def test_on_a_phone_the_video_stays_in_sight(phone: Page, breakdown: Breakdown) -> None:
    opened(phone, breakdown)
    accessible(phone)
    shot(phone, "practice-phone")
    phone.locator("#step-3").scroll_into_view_if_needed()
    box = phone.locator("#stage").bounding_box()
    assert box is not None and box["y"] >= -1
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    small = phone.evaluate(
        "[...document.querySelectorAll('.controls button, .jump')].filter(b => b.offsetHeight < 44).length"
    )
    assert small == 0


def test_other_people_find_nothing(page: Page, breakdown: Breakdown, other: ApiClient) -> None:
    page.goto("/login")
    sign_in(page, "other@example.com")
    page.wait_for_url(re.compile("/$"))
    answer = page.request.get(f"/breakdowns/{breakdown.pk}")
    assert answer.status == 404
    assert "There is no such breakdown" in answer.text() and "Salsa" not in answer.text()
