"""Debian's Chromium for tests of pages people see. Its fixtures are there for every test.

`page` is a tab on the live server that fails its test when the page logs an error, throws, or asks another
host for anything. `follow(page, link)` clicks on what leads to another page. `accessible(page)` fails on what
axe-core finds serious. `shot(page, "queue")` keeps a picture in the folder that IDANCE_SCREENSHOTS names, and
does nothing without it.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
#: The marks of a test that uses `page`.
needs_browser = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="There is no Chromium here: apt install chromium."),
]
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--autoplay-policy=no-user-gesture-required",
)
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
#: What axe-core calls these is mended; what is less is for people to judge.
GRAVE = ("serious", "critical")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests."""
    # Playwright's loop runs in this thread; Django would take every query for one made inside of it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield started
        started.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(browser: Browser, live_server: Any) -> Iterator[Page]:
    """A tab of its own, at desktop size; `page.goto("/admin/")` is enough."""
    yield from watched_page(browser, live_server.url, viewport=DESKTOP)


@pytest.fixture
def phone(browser: Browser, live_server: Any) -> Iterator[Page]:
    """The same at the size of a phone, with touch."""
    yield from watched_page(browser, live_server.url, viewport=PHONE, has_touch=True, is_mobile=True)


def watched_page(browser: Browser, url: str, **options: Any) -> Iterator[Page]:
    """A tab that collects what goes wrong in it and fails at the end."""
    context = browser.new_context(base_url=url, **options)
    context.set_default_timeout(15_000)
    wrong: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            wrong.append(f"console: {message.text}")

    def see(address: str) -> None:
        if urlsplit(address).scheme in ("http", "https") and not address.startswith(url):
            wrong.append(f"asked another host: {address}")

    tab = context.new_page()
    tab.on("console", hear)
    tab.on("pageerror", lambda error: wrong.append(f"thrown: {error}"))
    tab.on("request", lambda request: see(request.url))
    yield tab
    context.close()
    assert not wrong, "\n".join(wrong)


def follow(page: Page, link: Locator) -> None:
    """Click on it and wait until the page it leads to has loaded, scripts and all: a click returns before."""
    with page.expect_navigation():
        link.click()


def log_in(page: Page, email: str, password: str) -> None:
    """Through the console's own form."""
    page.goto("/admin/login/")
    page.fill("input[name=username]", email)
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")
    page.wait_for_url(re.compile(r"/admin/(?!login)"))


def accessible(page: Page, *, within: str | None = None) -> None:
    """Fail on what axe-core finds serious or critical on the page."""
    found = Axe().run(page, context=within).response["violations"]
    grave = [
        f"{one['id']} ({one['impact']}): {one['help']}\n"
        + "\n".join(f"  {node['html'][:160]}" for node in one["nodes"][:3])
        for one in found
        if one["impact"] in GRAVE
    ]
    assert not grave, "\n".join(grave)


def shot(page: Page, name: str) -> None:
    """Keep a picture of the page where IDANCE_SCREENSHOTS says."""
    folder = os.environ.get("IDANCE_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.evaluate("scrollTo(0, 0)")  # or what sticks to the window is drawn further down
        page.screenshot(path=Path(folder) / f"{name}.jpg", type="jpeg", quality=70, full_page=True)
