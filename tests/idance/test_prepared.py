"""A prepared query gives what the queryset gives, and writes its SQL once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from django.db import connection
from django.db.models import Count, Model, QuerySet
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from challenges.models import Challenge, ChallengeLabel, Submission
from idance import prepared
from idance.prepared import Prepared, PreparedList
from tests import factories
from tests.challenges import make
from tests.races import together

pytestmark = pytest.mark.django_db
Make = Callable[..., QuerySet[Any, Any]]


@pytest.fixture
def people() -> list[User]:
    return [factories.person(display_name=f"Person {number}", points=number % 3) for number in range(9)]


def counted(made: list[dict[str, Any]], query: Make) -> Make:
    """The same, and what it was made of."""

    def make_and_count(**values: Any) -> QuerySet[Any, Any]:
        made.append(values)
        return query(**values)

    return make_and_count


def read_of(row: Model) -> dict[str, Any]:
    """What was read of a row."""
    return {name: value for name, value in vars(row).items() if name != "_state"}


class Labelled(NamedTuple):
    """A row of several tables."""

    id: str
    name: str
    of: tuple[str, datetime]  # the challenge's title and start


def labelled(values: tuple[Any, ...]) -> Labelled:
    return Labelled(*values[:2], values[2:])


def test_each_call_has_its_own_values(people: list[User]) -> None:
    made: list[dict[str, Any]] = []
    by_id = Prepared(counted(made, lambda person: User.objects.filter(pk=person)))
    for person in people:
        assert by_id(person=person.pk) == [person]
    assert by_id(person="0" * 24) == []
    assert len(made) == 1


def test_objects_are_what_the_queryset_gives() -> None:
    challenge = make.challenge(title="One", tags=("a",))
    make.challenge(title="Two", tags=("b",))

    def query(title: Any) -> QuerySet[Challenge]:
        return Challenge.objects.filter(title=title).defer("description")

    found, wanted = Prepared(query)(title="One"), list(query("One"))
    assert found == wanted == [challenge]
    assert [read_of(row) for row in found] == [read_of(row) for row in wanted]
    assert found[0].description == challenge.description


def test_rows_are_made_of_the_columns_of_several_tables() -> None:
    one, two = make.challenge(title="One", tags=("a",)), make.challenge(title="Two", tags=("b",))
    columns = ("id", "name", "challenge__title", "challenge__start_time")
    tags = Prepared(
        lambda kind: ChallengeLabel.objects.filter(kind=kind).order_by("name").values_list(*columns), labelled
    )
    first, second = (challenge.labels.get(kind="tag") for challenge in (one, two))
    assert tags(kind="tag") == [
        Labelled(first.pk, "a", ("One", one.start_time)),
        Labelled(second.pk, "b", ("Two", two.start_time)),
    ]


def test_columns_alone(people: list[User]) -> None:
    rows = User.objects.order_by("id")
    plain = Prepared(lambda points: rows.filter(points=points).values_list("pk", "is_active", "created_at"))
    flat = Prepared(lambda points: rows.filter(points=points).values_list("display_name", flat=True))
    found = [(people[number].pk, True, people[number].created_at) for number in (1, 4, 7)]
    assert plain(points=1) == found
    assert plain.first(points=1) == found[0]
    assert flat(points=2) == ["Person 2", "Person 5", "Person 8"]
    assert flat.first(points=2) == "Person 2"
    assert flat.first(points=7) is None


def test_values_have_the_form_of_their_fields() -> None:
    submission = make.submission(make.challenge(), factories.person(), tags=["a", "b"])
    tags = Prepared(lambda pk: Submission.objects.filter(pk=pk).values_list("tags", "is_public", "score"))
    assert repr(tags(pk=submission.pk)) == "[(['a', 'b'], True, None)]"


def test_times_and_what_is_left_out() -> None:
    first, second = make.challenge(), make.challenge()
    Challenge.objects.filter(pk=second.pk).update(start_time=first.start_time + timedelta(minutes=1))
    made: list[dict[str, Any]] = []
    early = Prepared(counted(made, lambda **wanted: Challenge.objects.filter(**wanted).order_by("id")))
    assert early(start_time__lte=first.start_time) == [first]
    assert early(start_time__lte=first.start_time + timedelta(minutes=1)) == [first, second]
    assert early(start_time__lte=None) == [first, second]
    assert [set(values) for values in made] == [{"start_time__lte"}, set()]


def test_lists_of_any_length(people: list[User]) -> None:
    made: list[dict[str, Any]] = []
    among = Prepared(counted(made, lambda ids: User.objects.filter(pk__in=ids).order_by("id")))
    for count in (3, 1, 9, 3, 4, 2, 5, 7, 8):
        assert among(ids=[one.pk for one in people[-count:]]) == people[-count:]
    assert sorted(len(values["ids"]) for values in made) == [1, 2, 4, 8, 16]
    with CaptureQueriesContext(connection) as queries:
        assert among(ids=[]) == []
    assert not queries.captured_queries


@pytest.mark.parametrize("start", [0, 1, 3, 6, 8, 40])
def test_slices_near_and_far(people: list[User], start: int) -> None:
    def query(least: Any) -> QuerySet[User]:
        return User.objects.filter(points__gte=least).order_by("-points", "id")

    listed = PreparedList(query, show=lambda rows: rows.only("display_name"))
    assert listed.slice(start, 3, 9, least=0) == list(query(0)[start : start + 3])
    assert listed.slice(start, 3, 6, least=1) == list(query(1)[start : start + 3])


@pytest.mark.parametrize("start", [0, 2, 3])
def test_pages_and_how_many_rows_there_are(people: list[User], start: int) -> None:
    listed = PreparedList(
        lambda points: User.objects.filter(points=points).order_by("-id"), show=lambda rows: rows
    )
    wanted = [people[number] for number in (7, 4, 1)]
    assert listed.page(start, 2, points=1) == (wanted[start : start + 2], 3)
    assert listed.page(start, 2, points=7) == ([], 0)


@pytest.mark.parametrize(("start", "skipped"), [(2, " OFFSET 2"), (3, " OFFSET 1"), (4, "LIMIT 2")])
def test_far_slices_find_the_keys_over_an_index_alone_and_from_the_nearer_end(
    people: list[User], start: int, skipped: str
) -> None:
    make.challenge(tags=("a", "b", "c", "d", "e", "f"))
    listed = PreparedList(
        lambda kind: ChallengeLabel.objects.filter(kind=kind).order_by("id"),
        show=lambda rows: rows.values_list("id", "name", "challenge__title", "challenge__start_time"),
        row=labelled,
    )
    with CaptureQueriesContext(connection) as queries:
        assert [one.name for one in listed.slice(start, 2, 6, kind="tag")] == [*"abcdef"[start : start + 2]]
    keys, rows = (query["sql"] for query in queries.captured_queries)
    assert "JOIN" not in keys
    assert keys.endswith(skipped)
    assert "JOIN" in rows


def test_a_value_that_must_be_given_cannot_be_left_out() -> None:
    activities = Prepared(lambda user, **wanted: User.objects.filter(pk=user, **wanted))
    with pytest.raises(TypeError, match="user"):
        activities(user=None, points=1)


@pytest.mark.parametrize(
    "make_other",
    [
        lambda points: User.objects.filter(points=points)[:2],
        lambda points: User.objects.filter(points=points).values("pk"),
        lambda points: User.objects.filter(points=points).values_list("pk", named=True),
        lambda points: User.objects.filter(points=points).annotate(Count("submissions")),
        lambda points: ChallengeLabel.objects.filter(name=points).select_related("challenge"),
        lambda points: User.objects.filter(points=points).prefetch_related("groups"),
    ],
)
def test_other_querysets_are_refused(make_other: Make) -> None:
    with pytest.raises(TypeError, match="a values_list, or objects of one model"):
        Prepared(make_other)(points=1)


def test_what_takes_no_placeholder_is_refused(people: list[User]) -> None:
    labels = Prepared(lambda challenges: ChallengeLabel.objects.filter(challenge__in=challenges))
    with pytest.raises(TypeError, match="no placeholders"):
        labels(challenges=["0" * 24])


def test_other_databases_get_a_plain_queryset(people: list[User], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "_VENDORS", ())
    made: list[dict[str, Any]] = []
    query = Prepared(counted(made, lambda points: User.objects.filter(points=points).order_by("id")))
    assert query(points=1) == [people[1], people[4], people[7]]
    assert query.slice(1, 1, points=1) == [people[4]]
    assert made == [{"points": 1}, {"points": 1}]
    lengths = Prepared(lambda points: User.objects.filter(points=points).values_list("display_name"), len)
    assert lengths(points=1) == [1, 1, 1]


@pytest.mark.django_db(transaction=True)
def test_threads_read_over_their_own_connections(people: list[User]) -> None:
    by_id = Prepared(lambda person: User.objects.filter(pk=person))
    found = together([lambda person=person: by_id.first(person=person.pk) for person in people])  # type: ignore[misc]
    assert found == people
