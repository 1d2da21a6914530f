"""OpenAI on this server: its settings, and what it cost each day, in a row per day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from breakdowns.models import SpendingDay
from breakdowns.texts.openai_texts import OpenAiSettings


class DailySpend:
    """The account that ``texts.rewrite`` asks before each request and settles after it.

    Two workers never grant more than the day has: tokens are reserved by one conditional UPDATE.
    """

    def __init__(self, most: int | None = None) -> None:
        self.most = settings.OPENAI_TOKENS_PER_DAY if most is None else most
        self.day = timezone.now().date()

    def reserve(self, tokens: int) -> bool:
        """Set so many tokens aside; False when the day has not got them left."""
        self.day = timezone.now().date()
        _open(self.day)
        room = SpendingDay.objects.filter(pk=self.day, tokens__lte=self.most - tokens)
        return room.update(tokens=F("tokens") + tokens) == 1

    def settle(self, reserved: int, used: int) -> None:
        """Replace what was set aside by what was used, on the day on which it was set aside."""
        SpendingDay.objects.filter(pk=self.day).update(tokens=F("tokens") + (used - reserved))


def _open(day: date) -> None:
    """The row of a day, made by whoever comes first."""
    if SpendingDay.objects.filter(pk=day).exists():
        return
    try:
        with transaction.atomic():
            SpendingDay(day=day).save(force_insert=True)
    except IntegrityError:
        pass  # somebody else was first


def openai_settings() -> OpenAiSettings | None:
    """How to ask OpenAI; None without a key."""
    if not settings.OPENAI_API_KEY:
        return None
    return OpenAiSettings(
        api_key=settings.OPENAI_API_KEY,
        model=settings.OPENAI_MODEL,
        base_url=settings.OPENAI_BASE_URL,
        timeout=settings.OPENAI_TIMEOUT,
        patience=settings.OPENAI_PATIENCE,
        retries=settings.OPENAI_RETRIES,
        most_tokens=settings.OPENAI_TOKENS_PER_BREAKDOWN,
        images=settings.OPENAI_IMAGES,
        prompt=_prompt(settings.OPENAI_PROMPT_FILE),
    )


def _prompt(file: str) -> str:
    """Instructions of the operator's own; empty for ours."""
    if not file:
        return ""
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"OPENAI_PROMPT_FILE cannot be read: {file}.") from error
