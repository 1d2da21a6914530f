"""Small pieces of English."""

from __future__ import annotations


def amount(number: int, thing: str) -> str:
    """`1 minute`, `2 minutes`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
