"""Pages and their queries."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory
from rest_framework.request import Request
from rest_framework.serializers import BooleanField, CharField, ChoiceField, Serializer

from accounts.models import User
from idance.api.errors import InvalidInput
from idance.api.input import read_query
from idance.api.pages import Page, PageQuery, SkipQuery, take_page, take_slice
from tests import factories


def asked(query: str, form: type[Serializer[Any]] = PageQuery) -> dict[str, Any]:
    return read_query(Request(RequestFactory().get(f"/?{query}")), form)


def test_defaults() -> None:
    assert asked("") == {"page": 1, "limit": 20}
    assert asked("", SkipQuery) == {"skip": 0, "limit": 20}


def test_who_changes_what_was_asked_changes_it_for_nobody_else() -> None:
    asked("page=3").clear()
    assert asked("page=3") == {"page": 3, "limit": 20}


@pytest.mark.parametrize(
    ("query", "form", "values"),
    [
        ("page=3&limit=100", PageQuery, {"page": 3, "limit": 100}),
        ("limit=1&unknown=x", PageQuery, {"page": 1, "limit": 1}),
        ("page=1&page=2", PageQuery, {"page": 2, "limit": 20}),
        ("skip=0&limit=100", SkipQuery, {"skip": 0, "limit": 100}),
    ],
)
def test_what_is_within_range(query: str, form: type[Serializer[Any]], values: dict[str, int]) -> None:
    assert asked(query, form) == values


class FilterQuery(PageQuery):
    kind = ChoiceField(choices=["solo", "duo"], required=False)
    place = CharField(required=False)
    active_only = BooleanField(default=True)


def test_an_empty_filter_is_no_filter() -> None:
    everything = {"page": 1, "limit": 20, "active_only": True}
    assert asked("kind=&place=&active_only=", FilterQuery) == everything
    assert asked("kind=duo&place=Mumbai", FilterQuery) == {**everything, "kind": "duo", "place": "Mumbai"}


@pytest.mark.parametrize("form", [PageQuery, SkipQuery])
@pytest.mark.parametrize(
    "value", ["0", "-1", "101", "1.5", "ten", "", "1e2", "%00", "9" * 30, "9" * 5000, "null", "NaN", "0x10"]
)
def test_a_limit_out_of_range_is_refused_by_name(form: type[Serializer[Any]], value: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        asked(f"limit={value}", form)
    assert refused.value.status_code == 422
    assert set(refused.value.detail) == {"limit"}
    assert refused.value.place == "query"


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("page=0", PageQuery),
        ("page=-5", PageQuery),
        ("page=x", PageQuery),
        (f"page={10**30}", PageQuery),
        ("skip=-1", SkipQuery),
        ("skip=1.0e3", SkipQuery),
        (f"skip={10**30}", SkipQuery),
    ],
)
def test_other_values_out_of_range_are_refused(query: str, form: type[Serializer[Any]]) -> None:
    with pytest.raises(InvalidInput):
        asked(query, form)


@pytest.fixture
def people(db: None) -> list[User]:
    return [factories.person() for _ in range(7)]


@pytest.mark.parametrize(
    ("page", "limit", "found", "has_more"),
    [
        (1, 3, [0, 1, 2], True),
        (2, 3, [3, 4, 5], True),
        (3, 3, [6], False),
        (4, 3, [], False),
        (1, 7, None, False),
    ]
    + [(10**7, 100, [], False)],
)
def test_pages_of_a_list(
    people: list[User], page: int, limit: int, found: list[int] | None, has_more: bool
) -> None:
    got = take_page(User.objects.order_by("id"), page=page, limit=limit)
    assert got.rows == (people if found is None else [people[index] for index in found])
    assert (got.total, got.page, got.limit, got.has_more) == (7, page, limit, has_more)


def test_a_slice_keeps_the_order_that_was_asked_for(people: list[User]) -> None:
    newest_first = User.objects.order_by("-id")
    assert take_slice(newest_first, 2, 3) == [people[4], people[3], people[2]]
    assert take_slice(newest_first, 4, 2) == [people[2], people[1]]  # ids first


def test_a_page_takes_the_same_few_queries_whatever_its_size(
    people: list[User], django_assert_num_queries: Any
) -> None:
    for limit in (1, 7):
        with django_assert_num_queries(2):
            take_page(User.objects.order_by("id"), page=1, limit=limit)
    for limit in (1, 3):
        with django_assert_num_queries(3):
            take_page(User.objects.order_by("id"), page=2, limit=limit)
    with django_assert_num_queries(1):
        take_page(User.objects.order_by("id"), page=1, limit=5, total=7)


def test_a_page_past_the_end_asks_for_the_total_alone(
    people: list[User], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        take_page(User.objects.order_by("id"), page=3, limit=5)


@pytest.mark.parametrize(
    ("total", "limit", "pages"), [(0, 20, 0), (1, 20, 1), (20, 20, 1), (21, 20, 2), (150, 20, 8)]
)
def test_how_many_pages_there_are(total: int, limit: int, pages: int) -> None:
    assert Page(rows=[], total=total, page=1, limit=limit).pages == pages
