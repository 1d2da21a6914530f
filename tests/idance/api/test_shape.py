"""What shapes make of objects and of mappings."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import RequestFactory
from rest_framework import serializers
from rest_framework.request import Request

from idance.api.fields import TextOrNull
from idance.api.shape import Shape


class Point(Shape[Any]):
    x = serializers.IntegerField()
    y = serializers.IntegerField(source="height")


class Line(Shape[Any]):
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {"_id": serializers.CharField(source="id"), **super().get_fields()}

    secret = serializers.CharField(write_only=True)
    owner = serializers.CharField(source="person.name")
    length = serializers.SerializerMethodField()
    begin = Point()
    end = Point(source="last", allow_null=True)
    bends = Point(many=True)
    whole = Point(source="*")
    note = TextOrNull()

    def get_length(self, line: Any) -> str:
        return f"{line.last.x if line.last else 0} {self.context['unit']}"


def point(x: int) -> Any:
    return SimpleNamespace(x=x, height=10 * x)


def line(**change: Any) -> Any:
    values: dict[str, Any] = {
        "id": "abc", "person": SimpleNamespace(name="Maya"), "begin": point(1), "last": point(2),
        "bends": [point(3), point(4)], "x": 5, "height": 50, "note": "fine",
    }  # fmt: skip
    return SimpleNamespace(**{**values, **change})


SHOWN = {
    "_id": "abc",
    "owner": "Maya",
    "length": "2 m",
    "begin": {"x": 1, "y": 10},
    "end": {"x": 2, "y": 20},
    "bends": [{"x": 3, "y": 30}, {"x": 4, "y": 40}],
    "whole": {"x": 5, "y": 50},
    "note": "fine",
}


def test_all_kinds_of_fields_in_the_order_of_their_declaration() -> None:
    shown = Line.of(line(), unit="m")
    assert list(shown.items()) == list(SHOWN.items())
    assert Line.all_of([line(), line(id="def")], unit="m") == [shown, {**shown, "_id": "def"}]


def test_it_is_what_the_serializer_would_have_made() -> None:
    class Plain(serializers.Serializer[Any]):
        x = serializers.IntegerField()
        y = serializers.IntegerField(source="height")
        note = TextOrNull()

    class Quick(Shape[Any]):
        x = serializers.IntegerField()
        y = serializers.IntegerField(source="height")
        note = TextOrNull()

    for one in (line(), line(note="", x=None)):
        assert Quick.of(one) == Plain(one).data


def test_a_part_that_there_is_not_is_null_and_so_is_an_empty_text() -> None:
    assert Line.of(line(last=None, note=""), unit="m") == {
        **SHOWN,
        "length": "0 m",
        "end": None,
        "note": None,
    }


def test_mappings_are_read_by_key_wherever_they_stand() -> None:
    assert Point.of({"x": 1, "height": 10}) == {"x": 1, "y": 10}
    assert Line.of(line(begin={"x": 7, "height": 70}), unit="m")["begin"] == {"x": 7, "y": 70}


def test_who_reads_the_answer() -> None:
    request = Request(RequestFactory().get("/"))
    request.user = person = SimpleNamespace(id="abc")
    assert Point.within({"request": request}).reader is person


def test_what_cannot_be_part_of_a_shape() -> None:
    class Other(serializers.Serializer[Any]):
        x = serializers.IntegerField()

    class Mixed(Shape[Any]):
        inner = Other()

    class Whole(Shape[Any]):
        inner = serializers.CharField(source="*")

    for form, message in ((Mixed, "Other is part of a Shape"), (Whole, "inner is no part of a Shape")):
        with pytest.raises(TypeError, match=message):
            form.of(line())
