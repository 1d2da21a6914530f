"""The console's first page and the jobs' pages, as people see them in a browser."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.core.cache import cache
from playwright.sync_api import Page, expect

from analysis.models import Analysis, Job, State
from breakdowns.models import Breakdown, Footage
from idance.files.models import StoredFile
from tests import factories
from tests.browser import PHONE, accessible, follow, log_in, needs_browser, shot
from tests.challenges import make
from tests.challenges.moderation.make import report
from tests.console import busy

pytestmark = [*needs_browser, pytest.mark.django_db(transaction=True)]
SCHEMES = ("light", "dark")


@pytest.fixture
def boss(page: Page) -> Page:
    """A tab in which an admin is logged in."""
    factories.admin(email="boss@example.com")
    log_in(page, "boss@example.com", factories.PASSWORD)
    return page


def look(page: Page, scheme: str) -> None:
    """Show the page as a device in light or dark mode asks for it."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.reload()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_empty_service(boss: Page, scheme: str) -> None:
    look(boss, scheme)
    expect(boss.get_by_text("Nothing has failed.")).to_be_visible()
    expect(boss.get_by_text("nothing is analysed until one starts")).to_be_visible()
    shot(boss, f"dashboard-empty-{scheme}")
    accessible(boss)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_busy_service(boss: Page, scheme: str) -> None:
    dancer = factories.person(email="dancer@example.com")
    busy.in_full_swing(dancer)
    make.submission(make.challenge(), points=make.POINTS)
    cache.clear()
    look(boss, scheme)
    expect(boss.get_by_role("link", name="Submitted today")).to_contain_text("1")
    expect(boss.get_by_role("link", name="Jobs failed")).to_contain_text("5")
    shot(boss, f"dashboard-busy-{scheme}")
    accessible(boss)
    follow(boss, boss.get_by_role("link", name="no_person"))
    expect(boss.locator("#result_list tbody tr")).to_have_count(3)
    shot(boss, f"jobs-failed-{scheme}")
    accessible(boss)


def test_on_a_phone(phone: Page) -> None:
    factories.admin(email="boss@example.com")
    busy.in_full_swing(factories.person())
    cache.clear()
    log_in(phone, "boss@example.com", factories.PASSWORD)
    phone.goto("/admin/")
    shot(phone, "dashboard-phone")
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_long_values_of_a_list_stay_in_their_card_on_a_phone(phone: Page) -> None:
    factories.admin(email="boss@example.com")
    dancer = factories.person(display_name="\N{ARABIC LETTER ALEF WITH MADDA ABOVE}" * 40)
    stored = make.video(dancer)
    StoredFile.objects.update(thumbnail_key="")  # there are no bytes behind it
    log_in(phone, "boss@example.com", factories.PASSWORD)
    phone.goto("/admin/files/storedfile/")
    shot(phone, "files-phone")
    cells = "[...document.querySelectorAll('#result_list :is(td, th)')]"
    cell = f"{cells}.find(one => one.textContent.includes('{stored.key.rpartition('/')[2]}'))"
    # What does not fit is cut there, since the card hides what leaves it.
    assert phone.evaluate(f"(cell => cell.scrollWidth - cell.clientWidth)({cell})") == 0
    assert phone.evaluate(f"(cell => cell.scrollHeight - cell.clientHeight)({cell})") == 0


def test_the_page_of_an_analysis_fits_a_phone(phone: Page) -> None:
    factories.admin(email="boss@example.com")
    danced = make.submission(make.challenge(), points=make.POINTS)
    measure = {"name": "capture", "value": 0.02, "unit": "torso lengths", "share": 0.9, "weight": 0.3}
    told = {"note": "Together they earn 79%.", "measures": [{**measure, "note": "Your weight stayed over."}]}
    Analysis.objects.filter(pk=danced.analysis_id).update(
        measures={"balance": told}, video_key="a/" + "b" * 90
    )
    log_in(phone, "boss@example.com", factories.PASSWORD)
    phone.goto(f"/admin/analysis/analysis/{danced.analysis_id}/change/")
    shot(phone, "analysis-phone")
    # Not the window's width, which a phone zooms out to whatever there is.
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    accessible(phone)


def test_no_list_scrolls_sideways(boss: Page) -> None:
    dancer = factories.person(display_name="Maximiliana Longsteps", email="maximiliana.longsteps@example.com")
    busy.in_full_swing(dancer)
    busy.job(dancer, state=State.PROCESSING, stage="encode", progress=0.5)
    danced = make.submission(
        make.challenge(title="Freestyle Friday, intermediate"), dancer, points=make.POINTS
    )
    footage = Footage.objects.create(key="youtube:dQw4w9WgXcQ", title="Learn the Charleston in one evening")
    Breakdown.objects.create(
        **{"owner": dancer, "footage": footage, "status": "failed", "error_code": "source_unavailable"},
        **{"mode": "manual", "target_difficulty": "intermediate", "description_source": "movement"},
    )
    report(danced, details="This is my cousin's video.")
    StoredFile.objects.update(thumbnail_key="")  # there are no bytes behind it
    for model, page in admin.site._registry.items():
        boss.goto(f"/admin/{model._meta.app_label}/{model._meta.model_name}/")
        shown = boss.locator("#result_list")
        if shown.count():
            over = shown.evaluate(
                "list => { const box = list.closest('.simplebar-content-wrapper') ?? list.parentElement;"
                " return box.scrollWidth - box.clientWidth; }"
            )
            assert over <= 0, f"{model._meta.label}: {page.list_display}"


def test_a_progress_bar_moves_and_stops(boss: Page) -> None:
    job = busy.in_full_swing(factories.person())
    boss.goto("/admin/analysis/job/?state__exact=processing")
    bar = boss.locator(f"[data-job={job.pk}]")
    expect(bar).to_contain_text("42% pose")
    Job.objects.filter(pk=job.pk).update(progress=0.9, stage="music")
    expect(bar).to_contain_text("90% music")
    assert bar.locator("progress").evaluate("bar => bar.value") == 0.9
    Job.objects.filter(pk=job.pk).update(progress=1.0, stage="", state=State.COMPLETED)
    expect(boss.locator("[data-job]")).to_have_count(0)
    expect(boss.get_by_text("100%")).to_be_visible()
    shot(boss, "jobs-progress")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_page_of_a_failed_job(boss: Page, scheme: str) -> None:
    busy.in_full_swing(factories.person(email="dancer@example.com"))
    failed = Job.objects.filter(error_code="internal_error").get()
    boss.goto(f"/admin/analysis/job/{failed.pk}/change/")
    look(boss, scheme)
    expect(boss.get_by_text("ZeroDivisionError")).to_be_visible()
    shot(boss, f"job-{scheme}")
    accessible(boss)


def test_all_failed_with_a_code_are_requeued(boss: Page) -> None:
    busy.in_full_swing(factories.person())
    boss.goto("/admin/analysis/job/")
    shot(boss, "jobs")
    accessible(boss)
    boss.get_by_text("Requeue failed").click()
    dialog = boss.locator("#dialog")
    expect(dialog).to_contain_text("Requeue all that failed with one code?")
    shot(boss, "jobs-requeue")
    dialog.locator("select").select_option("no_person")
    follow(boss, dialog.get_by_role("button", name="Requeue"))
    expect(boss.get_by_text("3 queued again that had failed with no_person.")).to_be_visible()
    shot(boss, "jobs-requeued")
    assert not Job.objects.filter(error_code="no_person").exists()
    assert Job.objects.filter(state=State.QUEUED).count() == 4 + 3
