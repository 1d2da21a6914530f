"""What OpenAI may cost in a day, counted in the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured

from breakdowns import spending
from breakdowns.spending import DailySpend, SpendingDay, openai_settings

pytestmark = pytest.mark.django_db


def test_a_day_grants_what_it_has_and_no_more() -> None:
    assert DailySpend(1000).reserve(600)
    assert not DailySpend(1000).reserve(600)
    assert DailySpend(1000).reserve(400)
    assert SpendingDay.objects.get().tokens == 1000


def test_what_was_not_used_is_given_back() -> None:
    spend = DailySpend(1000)
    assert spend.reserve(600)
    spend.settle(600, 50)
    assert SpendingDay.objects.get().tokens == 50
    assert DailySpend(1000).reserve(950)


def test_more_than_was_reserved_counts_too() -> None:
    spend = DailySpend(1000)
    spend.reserve(100)
    spend.settle(100, 1200)
    assert not DailySpend(1000).reserve(1)


def test_each_day_has_its_own_account(monkeypatch) -> None:
    today = datetime(2026, 1, 1, 23, 59, tzinfo=UTC)
    monkeypatch.setattr(spending.timezone, "now", lambda: today)
    spend = DailySpend(1000)
    assert spend.reserve(1000)
    monkeypatch.setattr(spending.timezone, "now", lambda: today + timedelta(minutes=2))
    assert DailySpend(1000).reserve(1000)
    spend.settle(1000, 10)  # belongs to the day on which it was set aside
    assert [row.tokens for row in SpendingDay.objects.order_by("day")] == [10, 1000]


def test_the_settings_of_the_server(settings, tmp_path) -> None:
    settings.OPENAI_API_KEY = ""
    assert openai_settings() is None
    prompt = tmp_path / "prompt.txt"
    prompt.write_text("Write like a sailor.\n")
    settings.OPENAI_API_KEY, settings.OPENAI_PROMPT_FILE = "sk-x", str(prompt)
    found = openai_settings()
    assert found is not None
    assert (found.api_key, found.prompt, found.images) == ("sk-x", "Write like a sailor.", False)
    settings.OPENAI_PROMPT_FILE = str(tmp_path / "none.txt")
    with pytest.raises(ImproperlyConfigured):
        openai_settings()
