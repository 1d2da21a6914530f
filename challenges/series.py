"""A challenge that is danced again and again: "every Friday at 18:00, 8 times"."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from django.db import transaction

from challenges import services
from challenges.models import Challenge, ChallengeState

#: When one starts and ends.
Times = tuple[datetime, datetime]

#: Days between two starts -> what people call it.
STEPS: Final = {1: "every day", 7: "every week", 14: "every two weeks", 28: "every four weeks"}
MOST: Final = 52


def times(like: Challenge, *, first: datetime, days: int, count: int, zone: tzinfo) -> list[Times]:
    """When each starts and ends: at the same time on the clock, whatever the clock does in between.

    Parameters
    ----------
    like : what is repeated; each lasts as long on the clock.
    first : the first start.
    days : between two starts.
    zone : whose clock.
    """
    begins, ends = (_on_clock(moment, zone) for moment in (like.start_time, like.end_time))
    start = _on_clock(first, zone)
    found: list[Times] = []
    for number in range(count):
        local = start + timedelta(days=days * number)
        opens, closes = _moment(local, zone), _moment(local + (ends - begins), zone)
        # The clock may jump over so short a challenge.
        found.append((opens, closes if closes > opens else opens + (like.end_time - like.start_time)))
    return found


def schedule(like: Challenge, moments: list[Times], *, publish: bool) -> list[Challenge]:
    """Make them all, or none."""
    state = ChallengeState.PUBLISHED if publish else ChallengeState.DRAFT
    with transaction.atomic():
        return [
            services.duplicate(like, start_time=start, end_time=end, state=state) for start, end in moments
        ]


def _on_clock(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def _moment(local: datetime, zone: tzinfo) -> datetime:
    """In UTC; a time that the clock jumps over is as much later."""
    return local.replace(tzinfo=zone).astimezone(UTC)
