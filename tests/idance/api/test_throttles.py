"""Whose address it is."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.test import RequestFactory

from idance.api.throttles import address


def seen(remote: str, forwarded: str | None = None) -> str:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return address(RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers))


@pytest.mark.parametrize(
    ("remote", "who"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", ""),
        ("not an address", "not an address"),
    ],
)
def test_an_address_or_the_network_of_a_home(remote: str, who: str) -> None:
    assert seen(remote) == who


def test_nobody_is_believed_about_their_address(settings: LazySettings) -> None:
    settings.BEHIND_PROXY = False
    assert seen("192.0.2.1", "198.51.100.9") == "192.0.2.1"


@pytest.mark.parametrize(
    ("forwarded", "who"),
    [
        ("198.51.100.9", "198.51.100.9"),
        ("10.0.0.1, 198.51.100.9", "198.51.100.9"),
        ("<script>, 198.51.100.9", "198.51.100.9"),
        ("", "127.0.0.1"),
        ("198.51.100.9, ", "127.0.0.1"),
        ("x" * 500, "x" * 64),
    ],
)
def test_behind_our_proxy_the_last_entry_counts(settings: LazySettings, forwarded: str, who: str) -> None:
    settings.BEHIND_PROXY = True
    assert seen("127.0.0.1", forwarded) == who
