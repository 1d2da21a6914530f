"""Every list of the console is quick at a million rows: few queries, no counting, search by index alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.options import ModelAdmin
from django.core.cache import cache
from django.db import connection
from django.db.models import Model
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from analysis.models import Analysis, Job
from challenges.models import Challenge, Submission
from idance.files.models import StoredFile
from idance.lib.ids import new_object_id
from tests import factories
from tests.challenges import make
from tests.console import busy

pytestmark = pytest.mark.django_db
PAGES = sorted(admin.site._registry.items(), key=lambda page: page[0]._meta.label)
#: Makes one more row of a model, of another owner than the others.
MAKERS: dict[type[Model], Callable[[], Any]] = {
    Analysis: lambda: make.submission(make.challenge(), points=make.POINTS),
    Challenge: make.challenge,
    Job: lambda: busy.job(factories.person()),
    StoredFile: lambda: make.video(factories.person()),
    Submission: lambda: make.submission(make.challenge(), points=make.POINTS),
}
#: Hundreds or thousands of rows at most, so they may be searched by the beginning of a title.
SMALL = {"auth.Group", "challenges.Challenge"}
#: Searched by the beginning of an address: PostgreSQL has an index for that, SQLite's LIKE uses none.
BEGINNINGS = {"accounts.User"}
#: A count is bounded when what it counts is cut off first.
UNBOUNDED = re.compile(r"COUNT\((?!.*FROM \(SELECT .* LIMIT \d+\))", re.IGNORECASE)


@pytest.fixture
def console() -> Client:
    client = Client()
    client.force_login(factories.admin())
    return client


def listed(console: Client, model: type[Model], query: str = "") -> list[str]:
    """The queries of one look at a list."""
    address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/{query}"
    with CaptureQueriesContext(connection) as captured:
        page = console.get(address)
    assert page.status_code == 200, address
    return [query["sql"] for query in captured]


def name_of(page: tuple[type[Model], ModelAdmin[Any]]) -> str:
    return page[0]._meta.label


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_list_takes_few_queries_however_long_it_is(
    console: Client, page: tuple[type[Model], ModelAdmin[Any]]
) -> None:
    model, _ = page
    maker = MAKERS.get(model)
    if maker is not None:
        maker()
    listed(console, model)  # what is remembered is remembered now
    few = listed(console, model)
    if maker is not None:
        for _ in range(5):
            maker()
    many = listed(console, model)
    # Three of them are of who asks: session, person, second factor.
    assert len(many) == len(few) <= 9, "\n".join(many)
    assert not [sql for sql in many if UNBOUNDED.search(sql)]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_filter_counts_or_reads_all_values(
    console: Client, page: tuple[type[Model], ModelAdmin[Any]]
) -> None:
    model, site_page = page
    request = RequestFactory().get("/")
    request.user = factories.admin()
    changes = site_page.get_changelist_instance(request)
    for spec in changes.get_filters(request)[0]:
        for choice in spec.choices(changes):
            queries = listed(console, model, str(choice.get("query_string", "")) or "?")
            bad = [sql for sql in queries if UNBOUNDED.search(sql) or "SELECT DISTINCT" in sql]
            assert not bad, f"{spec.title}: {bad}"
    assert not site_page.date_hierarchy
    assert site_page.show_facets is admin.ShowFacets.NEVER or not site_page.list_filter


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_is_searched_has_an_index(page: tuple[type[Model], ModelAdmin[Any]]) -> None:
    model, site_page = page
    if model._meta.label in SMALL:
        return
    for path in site_page.search_fields:
        owner: Any = model
        *steps, last = path.lstrip("=^").split("__")
        for step in steps:
            owner = owner._meta.get_field(step).related_model
        assert has_index(owner, last), f"{model._meta.label} is searched by {path}"


def has_index(model: type[Model], name: str) -> bool:
    """Whether rows are found by this field without reading all of them."""
    field: Any = model._meta.get_field(name)
    first = [tuple(index.fields)[:1] for index in model._meta.indexes]
    first += [tuple(getattr(rule, "fields", ()))[:1] for rule in model._meta.constraints]
    return bool(field.primary_key or field.unique or field.db_index or (name,) in first)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_search_reads_no_table_from_end_to_end(
    console: Client, page: tuple[type[Model], ModelAdmin[Any]]
) -> None:
    model, site_page = page
    unindexed = SMALL | (BEGINNINGS if connection.vendor == "sqlite" else set())
    if not site_page.search_fields or model._meta.label in unindexed:
        return
    factories.person(email="somebody@example.com")
    for term in (new_object_id(), "somebody@example.com"):
        with no_sequential_scans():
            for sql in listed(console, model, f"?q={term}"):
                if sql.startswith("SELECT") and model._meta.db_table in sql:
                    assert not scanned(sql), f"{sql}\n{scanned(sql)}"


class no_sequential_scans:  # noqa: N801 - reads like what it does
    """PostgreSQL reads small tables whole if it may; here it shall only where there is no other way."""

    def __enter__(self) -> None:
        self._set("off")

    def __exit__(self, *_: object) -> None:
        self._set("on")

    @staticmethod
    def _set(value: str) -> None:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"SET enable_seqscan = {value}")


def scanned(sql: str) -> list[str]:
    """Steps of the plan that read a whole table, or a whole index."""
    explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    with connection.cursor() as cursor:
        cursor.execute(explain + sql.replace("%", "%%"))
        steps = [str(row[-1]) for row in cursor.fetchall()]
    # What a bounded subquery found is no table.
    steps = [step for step in steps if step != "SCAN subquery"]
    return [step for step in steps if step.startswith("SCAN ") or "Seq Scan" in step]


# --- The first page ---------------------------------------------------------------------------------------
def looked_at(console: Client) -> tuple[str, list[str]]:
    """The first page, and the queries behind it."""
    with CaptureQueriesContext(connection) as captured:
        page = console.get("/admin/")
    assert page.status_code == 200
    return page.content.decode(), [query["sql"] for query in captured]


def test_the_first_page_counts_nothing_to_the_end(console: Client) -> None:
    busy.in_full_swing(factories.person())
    _, first = looked_at(console)
    _, again = looked_at(console)
    # Twelve numbers and lists, the session and the person; sums are remembered.
    assert len(again) <= 12, "\n".join(again)
    assert not [sql for sql in again if UNBOUNDED.search(sql) or "SUM(" in sql]
    assert len(first) > len(again)
    busy.job(factories.person(), state="queued")
    assert len(looked_at(console)[1]) == len(again)


@pytest.mark.parametrize(
    ("permission", "seen", "hidden"),
    [
        ("view_job", ["Jobs waiting", "Slowest jobs"], ["Submitted today", "Storage", "Workers alive"]),
        ("view_submission", ["Submitted today"], ["Jobs waiting", "Failures by code", "Storage"]),
        ("view_storedfile", ["Storage"], ["Jobs waiting", "Submitted today"]),
        ("view_worker", ["Workers alive"], ["Jobs waiting", "Submitted today", "submission</a>"]),
        (None, ["Nothing here is for you to see yet"], ["Jobs", "Submitted", "Storage", "Workers"]),
    ],
)
def test_everybody_sees_the_numbers_of_what_they_may_see(
    permission: str | None, seen: list[str], hidden: list[str]
) -> None:
    from django.contrib.auth.models import Permission

    busy.in_full_swing(factories.person())
    watcher = factories.person(is_staff=True)
    if permission:
        watcher.user_permissions.add(Permission.objects.get(codename=permission))
    client = Client()
    client.force_login(watcher)
    page = looked_at(client)[0].partition('id="dashboard"')[2]
    assert all(text in page for text in seen)
    assert not [text for text in hidden if text in page]


def test_every_number_leads_to_its_list(console: Client) -> None:
    busy.in_full_swing(factories.person())
    make.submission(make.challenge(), points=make.POINTS)
    cache.clear()
    page = looked_at(console)[0].partition('id="dashboard"')[2]
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/admin/[^"]+)"', page)}
    assert len(links) >= 15
    for link in links:
        assert console.get(link).status_code == 200, link
    failed = console.get("/admin/analysis/job/?state__exact=failed&ended=day&code=no_person")
    assert len(set(re.findall(r"job_[0-9a-f]{24}", failed.content.decode()))) == 3
