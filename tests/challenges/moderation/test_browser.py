"""Moderators at work, in a real browser."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Literal

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from challenges.models import Challenge, Duplicate, Moderation, Submission
from challenges.moderation.models import Decision, ItemState, QueueItem
from tests import factories
from tests.browser import DESKTOP, accessible, follow, log_in, needs_browser, shot, watched_page
from tests.challenges import make
from tests.challenges.moderation import make as people

pytestmark = [*needs_browser, pytest.mark.django_db(transaction=True)]
Dance = Callable[..., Submission]
#: Whether anything is drawn over the video.
LIT = """() => { const canvas = document.querySelector('.mod-skeleton'), { width, height } = canvas;
    return canvas.getContext('2d').getImageData(0, 0, width, height).data.some(one => one); }"""
QUEUE = "/admin/moderation/queueitem/"


@pytest.fixture
def ana() -> User:
    return people.moderator()


@pytest.fixture
def second(browser: Browser, live_server: Any) -> Iterator[Page]:
    """A second moderator's browser."""
    yield from watched_page(browser, live_server.url, viewport=DESKTOP)


@pytest.fixture
def late(browser: Browser, live_server: Any) -> Iterator[Page]:
    """A browser that may be refused something, of which Chromium complains in its log."""
    context = browser.new_context(base_url=live_server.url, viewport=DESKTOP)
    yield context.new_page()
    context.close()


def dancer(name: str) -> User:
    return factories.person(display_name=name)


def open_first(page: Page) -> None:
    page.goto(QUEUE)
    follow(page, page.locator("text=Start reviewing"))  # before its scripts have run, no key does anything
    expect(page.locator(".mod-item")).to_be_visible()


def showing(page: Page, submission: Submission) -> None:
    expect(page.locator(".mod-item")).to_have_attribute("data-id", submission.pk)


def in_theme(page: Page, theme: Literal["light", "dark"]) -> None:
    """As the system of whoever looks prefers it."""
    page.emulate_media(color_scheme=theme)
    page.reload()
    page.wait_for_function(
        "dark => document.documentElement.classList.contains('dark') === dark", arg=theme == "dark"
    )


def settled(found: Callable[[], bool]) -> None:
    """Wait for what the server does after the page has moved on."""
    until = time.monotonic() + 10
    while not found():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)


def test_a_moderator_clears_a_queue_of_ten_by_keyboard_alone(
    page: Page, ana: User, danced: Dance, capsys: pytest.CaptureFixture[str]
) -> None:
    challenge = make.challenge(title="Shuffle of the week")
    made = [danced(challenge, dancer(f"Dancer {number}")) for number in range(1, 11)]
    for number in (3, 7):
        people.report(made[number], details="This is my video.")
    log_in(page, ana.email, factories.PASSWORD)
    open_first(page)
    page.wait_for_load_state("networkidle")
    began = time.monotonic()
    order = [item.submission_id for item in QueueItem.objects.order_by("-urgency", "waiting_since", "id")]
    for number, submission_id in enumerate(order):
        expect(page.locator(".mod-item")).to_have_attribute("data-id", submission_id)
        if number == 3:
            page.keyboard.press("r")
            page.keyboard.press("2")
            page.keyboard.press("Enter")
        elif number == 6:
            page.keyboard.press("h")
        else:
            page.keyboard.press("a")
    expect(page.locator("[data-done]")).to_be_visible()
    took = time.monotonic() - began
    shot(page, "moderation-all-done")
    settled(lambda: not QueueItem.objects.filter(state=ItemState.OPEN).exists())
    assert Decision.objects.filter(action="approve", moderator=ana).count() == 8
    rejected = Submission.objects.get(pk=order[3])
    assert rejected.moderation_status == Moderation.REJECTED
    assert rejected.moderation_reason.startswith("This dance does not fit the challenge.")
    assert Submission.objects.get(pk=order[6]).moderation_status == Moderation.HELD
    Challenge.objects.get(pk=challenge.pk, scored_count=8)
    with capsys.disabled():
        print(f"\nA queue of ten, by keyboard: {took:.1f} s")  # noqa: T201
    assert took < 30


def test_undo_brings_the_dance_back(page: Page, ana: User, danced: Dance) -> None:
    first, second = (danced(make.challenge(), dancer(name)) for name in ("Mia", "Leo"))
    log_in(page, ana.email, factories.PASSWORD)
    open_first(page)
    showing(page, first)
    page.keyboard.press("x")
    page.fill("#ask textarea", "Not here.")
    page.click("#ask-go")
    showing(page, second)
    expect(page.locator(".mod-toast")).to_contain_text("Hidden: Mia")
    assert Submission.objects.get(pk=first.pk).moderation_status == Moderation.HIDDEN
    shot(page, "moderation-undo")
    page.keyboard.press("u")
    showing(page, first)
    expect(page.locator(".mod-toast")).to_contain_text("Undone")
    accessible(page, within=".mod-toasts")
    assert Submission.objects.get(pk=first.pk).is_visible
    assert QueueItem.objects.get(submission=first).state == ItemState.OPEN


def test_a_double_click_or_a_key_held_down_decides_about_one_dance_only(
    page: Page, ana: User, danced: Dance
) -> None:
    made = [danced(make.challenge(), dancer(name)) for name in ("Mia", "Leo", "Zoe")]
    log_in(page, ana.email, factories.PASSWORD)
    open_first(page)
    page.wait_for_load_state("networkidle")  # the next one is at hand, under the second click
    page.dblclick("[data-action=approve]")
    showing(page, made[1])
    settled(lambda: Decision.objects.exists())
    page.keyboard.down("a")
    showing(page, made[2])
    page.keyboard.down("a")  # again without its release in between, as a keyboard repeats it
    settled(lambda: Decision.objects.count() == 2)
    page.wait_for_timeout(500)
    showing(page, made[2])
    assert {one.subject_id for one in Decision.objects.all()} == {made[0].pk, made[1].pk}


def test_who_is_signed_out_is_told_and_decides_nothing(late: Page, ana: User, danced: Dance) -> None:
    first, second = (danced(make.challenge(), dancer(name)) for name in ("Mia", "Leo"))
    log_in(late, ana.email, factories.PASSWORD)
    open_first(late)
    late.wait_for_load_state("networkidle")
    late.context.clear_cookies(name="sessionid")
    late.keyboard.press("a")
    expect(late.locator(".mod-toast")).to_contain_text("You have been signed out.")
    showing(late, second)
    expect(late.locator("[data-claim]")).to_contain_text("You have been signed out.")
    late.get_by_role("button", name="Back to it").click()
    expect(late.locator("input[name=username]")).to_be_visible()
    assert not Decision.objects.exists() and QueueItem.objects.get(submission=first).state == ItemState.OPEN


def test_a_claim_keeps_a_second_moderator_out_until_it_ends(
    late: Page, second: Page, ana: User, danced: Dance
) -> None:
    one, other = (danced(make.challenge(), dancer(name)) for name in ("Mia", "Leo"))
    ben = people.moderator(display_name="Ben")
    log_in(late, ana.email, factories.PASSWORD)
    open_first(late)
    showing(late, one)
    settled(lambda: QueueItem.objects.get(submission=one).claimed_by == ana)
    log_in(second, ben.email, factories.PASSWORD)
    open_first(second)
    showing(second, other)
    second.goto(QUEUE)
    expect(second.locator("#result_list")).to_contain_text("Ana, until")
    second.goto(f"{QUEUE}review/{one.pk}/")
    expect(second.locator("[data-claim]")).to_contain_text("Ana is looking at this, until")
    expect(second.locator("[data-action=approve]")).to_be_disabled()
    shot(second, "moderation-claimed")
    second.keyboard.press("a")
    assert not Decision.objects.exists()
    QueueItem.objects.filter(submission=one).update(claimed_until=timezone.now() - timedelta(seconds=1))
    second.reload()
    expect(second.locator("[data-action=approve]")).to_be_enabled()
    settled(lambda: QueueItem.objects.get(submission=one).claimed_by == ben)
    # Ana has gone on without noticing: hers comes too late.
    late.keyboard.press("a")
    expect(late.locator(".mod-toast-wrong")).to_contain_text("Ben is looking at this")


def test_the_review_shows_all_there_is_to_know(page: Page, ana: User, danced: Dance) -> None:
    mia, leo = dancer("Mia"), dancer("Leo")
    challenge = make.challenge(title="Shuffle of the week")
    original = danced(challenge, mia)
    Submission.objects.filter(pk=original.pk).update(caption="My own steps")
    danced(make.challenge(title="Freestyle Friday"), leo)
    copy = danced(challenge, leo, caption="Look what I made up", tags=["shuffle", "home"])
    Duplicate.objects.create(
        submission=copy, original=original, same_dancer=False, mirrored=True, distance=0.01, offset=0, speed=1
    )
    people.report(copy, details="This is Mia's dance, mirrored!", reason="stolen")
    log_in(page, ana.email, factories.PASSWORD)
    page.goto(QUEUE)
    expect(page.locator("#result_list")).to_contain_text("Same video as another dancer's")
    shot(page, "moderation-queue-light")
    accessible(page, within="#main")
    in_theme(page, "dark")
    shot(page, "moderation-queue-dark")
    accessible(page, within="#main")
    follow(page, page.locator("text=Start reviewing"))
    showing(page, copy)
    for words in (
        "This is Mia's dance, mirrored!",
        "Look what I made up",
        "mirrored; shown as in this one",
        "Other dances",
    ):
        expect(page.locator(".mod-item")).to_contain_text(words)
    expect(page.locator("svg .tl-energy")).to_have_count(1)
    assert page.locator("svg [class^=tl-hit]").count() > 5
    assert page.locator("svg .tl-step").count() > 1
    page.wait_for_function("document.querySelector('.mod-stage video').currentTime > 0.4")
    page.keyboard.press(" ")
    page.wait_for_function("document.querySelector('.mod-stage video').paused")
    assert page.evaluate(LIT), "there is no skeleton"
    at = float(page.locator("[data-timeline]").get_attribute("aria-valuenow") or 0)
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"document.querySelector('[data-timeline]').ariaValueNow > {at + 0.8}")
    shot(page, "moderation-review-dark")
    accessible(page, within="#main")
    in_theme(page, "light")
    expect(page.locator("svg .tl-energy")).to_have_count(1)
    for summary in page.locator(".mod-scores summary").all():
        summary.click()
    shot(page, "moderation-review-light")
    accessible(page, within="#main")
    page.keyboard.press("r")
    shot(page, "moderation-reason")
    accessible(page, within="#ask")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    shot(page, "moderation-help")
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 820, "height": 1180})
    shot(page, "moderation-review-tablet")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than a tablet"


def test_bulk_actions_and_the_empty_queue(page: Page, ana: User, danced: Dance) -> None:
    made = [danced(make.challenge()) for _ in range(3)]
    log_in(page, ana.email, factories.PASSWORD)
    page.goto(QUEUE)
    page.check("#action-toggle")
    page.select_option("select[name=action]", label="Approve")
    follow(page, page.locator("button[name=index], button:has-text('Run')").first)
    expect(page.locator(".mod-empty")).to_contain_text("All done")
    expect(page.locator(".mod-undo")).to_contain_text("3 approved.")
    shot(page, "moderation-empty")
    accessible(page, within="#main")
    assert Decision.objects.filter(subject_id__in=[one.pk for one in made]).count() == 3
    follow(page, page.locator(".mod-undo button"))
    expect(page.locator("body")).to_contain_text("3 taken back.")
    page.check("#action-toggle")
    page.select_option("select[name=action]", label="Suspend…")
    follow(page, page.locator("button[name=index], button:has-text('Run')").first)
    expect(page.locator("body")).to_contain_text("3 dancers, 3 dances")
    shot(page, "moderation-suspend")
    accessible(page, within="#main")
    page.fill("#id_reason", "Three times spam.")
    follow(page, page.get_by_role("button", name="Suspend 3"))
    expect(page.locator(".mod-undo")).to_contain_text("3 suspended.")
    expect(page.locator(".mod-undo")).to_be_hidden(timeout=15_000)


def test_who_may_not_moderate_sees_nothing_of_it(page: Page) -> None:
    submission = make.submission(make.challenge(), points=make.POINTS)
    editor = people.moderator("challenges.change_challenge", display_name="Eve")
    log_in(page, editor.email, factories.PASSWORD)
    page.goto("/admin/")
    expect(page.locator("#nav-sidebar-inner")).not_to_contain_text("Moderation")
    for path in (QUEUE, f"{QUEUE}review/{submission.pk}/", f"{QUEUE}review/{submission.pk}/data/"):
        answer = page.request.get(path)
        assert answer.status == 403, path
    token = next(one["value"] for one in page.context.cookies() if one["name"] == "csrftoken")
    refused = page.request.post(
        f"{QUEUE}review/{submission.pk}/decide/", form={"action": "approve", "csrfmiddlewaretoken": token}
    )
    assert refused.status == 403
    assert not Decision.objects.exists()


def test_a_storage_that_fails_is_told(late: Page, ana: User, danced: Dance) -> None:
    made = danced(make.challenge(), dancer("Maya"))
    assert made.analysis is not None
    for key in (made.video.key, made.analysis.report_key):
        default_storage.delete(key)
    thrown: list[str] = []
    late.on("pageerror", lambda error: thrown.append(str(error)))
    log_in(late, ana.email, factories.PASSWORD)
    open_first(late)
    expect(late.get_by_text("The video cannot be loaded at the moment")).to_be_visible()
    expect(late.get_by_role("button", name="Hold")).to_be_enabled()
    accessible(late)
    assert thrown == []
