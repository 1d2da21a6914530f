"""Serializers for answers: declared as every serializer, many times quicker on long lists.

A serializer of DRF copies all its fields for every object and asks each of them to convert a value that is
right already. A `Shape` takes the values as they are: attributes by their source, methods, nested shapes.
From its declaration it writes, once, the function that one would write by hand: a dict of them all. Tests
hold every answer to the schema, which is made of the same declaration, so a value of another type is found
there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeAlias, TypeVar

from rest_framework import serializers
from rest_framework.request import Request

from idance.api.auth import caller
from idance.api.fields import TextOrNull

if TYPE_CHECKING:
    from accounts.models import User

T = TypeVar("T")
#: Takes an object, returns what it looks like on the wire.
_Represent: TypeAlias = Callable[[Any], dict[str, Any]]
_Field: TypeAlias = serializers.Field[Any, Any, Any, Any]


class Shape(serializers.Serializer[T]):
    """What an object looks like on the wire. For answers only; a request is read by a plain serializer."""

    def to_representation(self, instance: T) -> dict[str, Any]:
        return self.represent(instance)

    @property
    def represent(self) -> _Represent:
        """Takes an object or a mapping, returns what it looks like on the wire; made anew for each answer."""
        # Not remembered: it holds the shape, and what holds each other waits for the collector of cycles.
        written = _written(type(self))
        helpers: list[Any] = [getattr(self, name) for name in written.methods]
        helpers += [form.within(self.context).represent for form in written.parts]
        represent: _Represent = written.bind(*helpers)
        return represent

    @classmethod
    def of(cls, instance: T, request: Request | None = None, **context: Any) -> dict[str, Any]:
        """One object on the wire."""
        return cls.within({"request": request, **context}).to_representation(instance)

    @classmethod
    def all_of(cls, instances: Any, request: Request | None = None, **context: Any) -> list[dict[str, Any]]:
        """Each of these objects on the wire."""
        return list(map(cls.within({"request": request, **context}).represent, instances))

    @classmethod
    def within(cls, context: Mapping[str, Any]) -> Self:
        """A shape of one answer, without what DRF gives a serializer to read requests with."""
        shape = object.__new__(cls)
        shape._context = context
        return shape

    @cached_property
    def reader(self) -> User:
        """Who asked for the answer, in a view that nobody reaches who is not signed in."""
        return caller(self.context["request"])

    @property
    def context(self) -> Mapping[str, Any]:
        return self._context or super().context  # DRF walks up to the root each time it is asked


class _Written(NamedTuple):
    """A shape's function, still without what is of one answer: its methods and parts know the request."""

    bind: Callable[..., _Represent]
    methods: list[str]
    parts: list[type[Shape[Any]]]


@cache
def _written(form: type[Shape[Any]]) -> _Written:
    fields = {name: field for name, field in form().fields.items() if not field.write_only}
    methods = [
        str(one.method_name) for one in fields.values() if isinstance(one, serializers.SerializerMethodField)
    ]
    parts = [part for one in fields.values() if (part := _part_of(one))]
    helpers = [f"method{number}" for number in range(len(methods))]
    helpers += [f"part{number}" for number in range(len(parts))]
    calls = dict(zip([*methods, *parts], helpers, strict=True))
    by_key = ", ".join(f"{name!r}: {_value(one, '[{!r}]', calls)}" for name, one in fields.items())
    by_attribute = ", ".join(f"{name!r}: {_value(one, '.{}', calls)}" for name, one in fields.items())
    text = (
        f"def bind({', '.join(helpers)}):\n"
        f"    def represent(instance):\n"
        f"        if isinstance(instance, dict):\n"
        f"            return {{{by_key}}}\n"
        f"        return {{{by_attribute}}}\n"
        f"    return represent\n"
    )
    made: dict[str, Any] = {}
    exec(compile(text, f"<{form.__module__}.{form.__qualname__}>", "exec"), made)  # noqa: S102 - of names alone
    return _Written(made["bind"], methods, parts)


def _part_of(field: _Field) -> type[Shape[Any]] | None:
    """The shape that a field stands for, once or many times."""
    inner = field.child if isinstance(field, serializers.ListSerializer) else field
    if isinstance(inner, Shape):
        return type(inner)
    if isinstance(field, serializers.BaseSerializer):
        raise TypeError(f"{type(inner).__name__} is part of a Shape and must be one itself.")
    return None


def _value(field: _Field, look_up: str, calls: dict[Any, str]) -> str:
    """The expression of a field's value, read of an object or of a mapping as ``look_up`` says."""
    if isinstance(field, serializers.SerializerMethodField):
        return f"{calls[field.method_name]}(instance)"
    part = _part_of(field)
    if field.source == "*" and not part:
        raise TypeError(f"{field.field_name} is no part of a Shape, so it cannot stand for the whole object.")
    value = "instance" if field.source == "*" else f"instance{look_up.format(field.source)}"
    if not part:
        return f"{value} or None" if isinstance(field, TextOrNull) else value
    if isinstance(field, serializers.ListSerializer):
        return f"[*map({calls[part]}, {value})]"
    return f"None if (value := {value}) is None else {calls[part]}(value)"
