"""Sites with real processes for the tests of jobs."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.analysis.site import Site, environment_of, migrate

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/7")


@pytest.fixture
def make_site(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Makes a site from environment variables; ended after the test."""
    made: list[Site] = []

    def make(**environment: str) -> Site:
        made.append(Site(tmp_path, **environment))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    """A site on SQLite, with its queue in the database."""
    return make_site()


@pytest.fixture
def another_machine() -> Iterator[Callable[[Site], Site]]:
    """Makes a second machine of a site: the same database and queue, but another disk."""
    made: list[Site] = []

    def make(site: Site) -> Site:
        made.append(Site.on_another_machine(site))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a PostgreSQL database with empty tables, of which others are copied."""
    with _database() as name:
        migrate(environment_of(tmp_path_factory.mktemp("migrated"), DATABASE_URL=_address(name)))
        yield name


@pytest.fixture
def postgres(migrated: str) -> Iterator[str]:
    """The address of a PostgreSQL database with empty tables, dropped after the test."""
    with _database(f"TEMPLATE {migrated}") as name:
        yield _address(name)


@pytest.fixture
def redis() -> str:
    """The address of a Redis database."""
    module = pytest.importorskip("redis")
    try:
        module.from_url(REDIS).ping()
    except module.ConnectionError as error:
        _absent(f"Redis: {error}")
    return REDIS


@contextmanager
def _database(options: str = "") -> Iterator[str]:
    """A PostgreSQL database that is there for so long; its name."""
    psycopg = pytest.importorskip("psycopg")
    try:
        server = psycopg.connect(POSTGRES, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        _absent(f"PostgreSQL: {error}")
    name = f"idance_jobs_{secrets.token_hex(4)}"
    with server:
        server.execute(f"CREATE DATABASE {name} {options}")
    yield name
    with psycopg.connect(POSTGRES, autocommit=True) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _address(name: str) -> str:
    return POSTGRES.rsplit("/", 1)[0] + f"/{name}"


def _absent(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)
