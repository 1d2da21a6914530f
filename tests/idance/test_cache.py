"""Remembered numbers are nothing to fail for."""

from __future__ import annotations

import pytest

from idance.cache import SparedCache


def test_without_redis_nothing_is_remembered_and_nothing_fails(caplog: pytest.LogCaptureFixture) -> None:
    cache = SparedCache("redis://127.0.0.1:1/0", {})
    cache.set("a", 1)
    assert cache.get("a", 7) == 7
    assert cache.get("a") is None
    # Asked once: nobody waits in vain each time.
    assert len(caplog.records) == 1 and "Redis does not answer" in caplog.text
