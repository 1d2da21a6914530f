"""Makes the pictures and the JSON of docs/ again, from the bundled clip and with everything real:

IDANCE_SCREENSHOTS=docs/pictures pytest tests/breakdowns/test_practice_pictures.py
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from breakdowns import services, sharing
from breakdowns.models import Breakdown
from tests.api_client import ApiClient
from tests.breakdowns.make import PATH, ask, upload, work
from tests.browser import needs_browser

FOLDER = os.environ.get("IDANCE_SCREENSHOTS", "")
CLIP = Path(__file__).resolve().parents[2] / "demo" / "jesse_dance_front.mp4"
#: Bytes that a picture of the docs may have.
MOST = 150_000

pytestmark = [
    *needs_browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not FOLDER, reason="IDANCE_SCREENSHOTS names no folder for them."),
]


@pytest.fixture
def breakdown(dancer: ApiClient) -> Breakdown:
    """The bundled clip, uploaded, watched and drawn."""
    ask(dancer, upload(dancer, CLIP), target_difficulty="beginner")
    work()
    made = Breakdown.objects.select_related("footage").get()
    assert made.success, made.error_message
    services.share(made, {"link": True})
    made.refresh_from_db()
    return made


def picture(page: Page, breakdown: Breakdown, name: str) -> None:
    """The page at its second step, with the outline."""
    page.goto(sharing.path_of(breakdown, shared=True))
    page.keyboard.press("o")
    expect(page.get_by_role("button", name="Outline")).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(1000)
    page.keyboard.press("2")
    page.keyboard.press(" ")
    page.wait_for_timeout(1000)
    page.keyboard.press(" ")
    page.wait_for_timeout(500)
    page.evaluate("scrollTo(0, 0)")
    target = Path(FOLDER) / f"{name}.jpg"
    page.screenshot(path=target, type="jpeg", quality=70)
    assert 20_000 < target.stat().st_size < MOST


def test_the_pictures_and_the_json_of_the_docs(
    page: Page, phone: Page, breakdown: Breakdown, dancer: ApiClient
) -> None:
    Path(FOLDER).mkdir(parents=True, exist_ok=True)
    picture(page, breakdown, "practice-desktop")
    picture(phone, breakdown, "practice-phone")
    answer: dict[str, Any] = dancer.get(f"{PATH}/{breakdown.pk}").json()
    told = {"breakdown": answer, "seconds_of_each_stage": breakdown.timings}
    (Path(FOLDER) / "breakdown.json").write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
