"""What every test stands on: a data folder of its own, empty limits, and the standing people.

`dancer` and `other` are two people with an account each, `admin` may do everything, and `outsider` has no
account at all. Each is an API client that checks every answer against the OpenAPI schema.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator

import pytest

# Before Django reads its settings: nothing of the developer's own configuration may reach a test.
if "django.conf" in sys.modules and sys.modules["django.conf"].settings.configured:
    raise pytest.UsageError("Settings were read before tests/conftest.py; unset DJANGO_SETTINGS_MODULE.")
_DATA_DIR = tempfile.mkdtemp(prefix="idance-test-")
os.environ["IDANCE_DATA_DIR"] = _DATA_DIR
os.environ["PYTHON_DOTENV_DISABLED"] = "1"
os.environ["DJANGO_SETTINGS_MODULE"] = "idance.settings"
for _name in (
    *("S3_BUCKET", "OPENAI_API_KEY", "IDANCE_URL", "DEBUG", "SECRET_KEY", "BEHIND_PROXY"),
    *("STAFF_TWO_FACTOR", "EMAIL_HOST"),
):
    os.environ.pop(_name, None)

from tests.api_client import ApiClient  # noqa: E402
from tests.races import on_postgresql  # noqa: E402, F401

#: One browser for all: a second one in the same process cannot be.
pytest_plugins = ["tests.browser"]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Processes that run tests side by side make a data folder each, as this one did."""
    del os.environ["DJANGO_SETTINGS_MODULE"], os.environ["IDANCE_DATA_DIR"]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as there are cores: tests of servers and workers wait more than they reckon."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + (cores + 1) // 2


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Side by side, modules with many slow tests come first: the quick ones fill what is left at the end."""
    if hasattr(config, "workerinput"):
        slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
        items.sort(key=lambda item: -slow[item.path])


def pytest_unconfigure() -> None:
    shutil.rmtree(_DATA_DIR, ignore_errors=True)


@pytest.fixture(autouse=True, scope="session")
def _quick_passwords() -> Iterator[None]:
    from django.test import override_settings

    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True)
def _no_limits_used() -> None:
    from django.core.cache import cache

    from idance.api import throttles

    cache.clear()
    throttles.windows.cache_clear()


@pytest.fixture
def dancer(db: None) -> ApiClient:
    """Somebody with an account, whose things a test is about."""
    from tests import factories

    return ApiClient(factories.person(email="dancer@example.com", display_name="Dancer"))


@pytest.fixture
def other(db: None) -> ApiClient:
    """Somebody else with an account."""
    from tests import factories

    return ApiClient(factories.person(email="other@example.com", display_name="Other"))


@pytest.fixture
def admin(db: None) -> ApiClient:
    """Somebody who may do everything."""
    from tests import factories

    return ApiClient(factories.admin(email="admin@example.com", display_name="Admin"))


@pytest.fixture
def outsider(db: None) -> ApiClient:
    """Somebody without an account."""
    return ApiClient()
