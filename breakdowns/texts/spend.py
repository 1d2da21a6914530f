"""What OpenAI may cost: asked for before each request, settled after it, in tokens.

Tokens are what is billed and what the answer reports; prices change and differ by model.
"""

from __future__ import annotations

from typing import Protocol


class Spend(Protocol):
    """Who keeps the account of a day. ``breakdowns.spending.DailySpend`` does it in the database."""

    def reserve(self, tokens: int) -> bool:
        """Set so many tokens aside; False when the day has not got them left."""
        ...

    def settle(self, reserved: int, used: int) -> None:
        """Replace what was set aside by what was used."""
        ...


class Unwatched:
    """No account of the day: only the cap of a breakdown counts."""

    def reserve(self, tokens: int) -> bool:
        """Always granted."""
        return True

    def settle(self, reserved: int, used: int) -> None:
        """Nothing to keep."""
