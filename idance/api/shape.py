"""Serializers for answers: declared as every serializer, many times quicker on long lists.

A serializer of DRF copies all its fields for every object and asks each of them to convert a value that is
right already. A `Shape` reads its declaration once and then takes the values as they are: attributes by
their source, methods, nested shapes. Tests hold every answer to the schema, which is made of the same
declaration, so a value of another type is found there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple, TypeAlias, TypeVar

from rest_framework import serializers
from rest_framework.request import Request

T = TypeVar("T")
#: Takes an object, returns a value of it.
_Value: TypeAlias = Callable[[Any], Any]
#: Takes the shape (for its context), returns what reads the value on the wire of each object.
_Bind: TypeAlias = Callable[["Shape[Any]"], _Value]


class Shape(serializers.Serializer[T]):
    """What an object looks like on the wire. For answers only; a request is read by a plain serializer."""

    def to_representation(self, instance: T) -> dict[str, Any]:
        plan = _plan(type(self))
        values = plan.keys(instance) if isinstance(instance, dict) else plan.attributes(instance)
        shown = dict.fromkeys(plan.names)  # in the order of the declaration
        shown.update(zip(plan.plain, values, strict=True))
        for name, read in self._readers:
            shown[name] = read(instance)
        return shown

    @cached_property
    def _readers(self) -> list[tuple[str, _Value]]:
        """Reads what is more than a plain value; looked up once, not for each object."""
        return [(name, bind(self)) for name, bind in _plan(type(self)).others]

    @classmethod
    def of(cls, instance: T, request: Request | None = None, **context: Any) -> dict[str, Any]:
        """One object on the wire."""
        return cls(context={"request": request, **context}).to_representation(instance)

    @classmethod
    def all_of(cls, instances: Any, request: Request | None = None, **context: Any) -> list[dict[str, Any]]:
        """Each of these objects on the wire."""
        shape = cls(context={"request": request, **context})
        return [shape.to_representation(instance) for instance in instances]

    @property
    def context(self) -> Mapping[str, Any]:
        return self._context or super().context  # DRF walks up to the root each time it is asked

    def part(self, form: type[Shape[Any]]) -> Shape[Any]:
        """Another shape with the context of this one; the same for all objects."""
        parts = self.__dict__.setdefault("_parts", {})
        if form not in parts:
            parts[form] = form(context=self.context)
        part: Shape[Any] = parts[form]
        return part


class _Plan(NamedTuple):
    """How a shape is read: plain values all at once, which is where lists spend their time, then the rest."""

    names: list[str]
    plain: list[str]
    attributes: Callable[[Any], Sequence[Any]]
    keys: Callable[[Any], Sequence[Any]]
    others: list[tuple[str, _Bind]]


@cache
def _plan(form: type[Shape[Any]]) -> _Plan:
    fields = {name: field for name, field in form().fields.items() if not field.write_only}
    others = [(name, bind) for name, field in fields.items() if (bind := _reader(field))]
    plain = [name for name in fields if name not in dict(others)]
    sources = [str(fields[name].source) for name in plain]
    return _Plan(list(fields), plain, _values(attrgetter, sources), _values(itemgetter, sources), others)


def _values(getter: Callable[..., _Value], sources: list[str]) -> Callable[[Any], Sequence[Any]]:
    """Reads these values of an object; of one alone a getter would give the bare value."""
    if len(sources) > 1:
        return getter(*sources)
    each = [getter(source) for source in sources]
    return lambda instance: [read(instance) for read in each]


def _reader(field: serializers.Field[Any, Any, Any, Any]) -> _Bind | None:
    """Reads what is more than a plain value; None for those."""
    if isinstance(field, serializers.SerializerMethodField):
        return _method(str(field.method_name))
    if isinstance(field, serializers.ListSerializer) and isinstance(field.child, Shape):
        return _parts(type(field.child), _source(field))
    if isinstance(field, Shape):
        return _part(type(field), _source(field))
    if isinstance(field, serializers.BaseSerializer):
        raise TypeError(f"{type(field).__name__} is part of a Shape and must be one itself.")
    if field.source == "*":
        raise TypeError(f"{field.field_name} is no part of a Shape, so it cannot stand for the whole object.")
    return None


def _source(field: serializers.Field[Any, Any, Any, Any]) -> _Value | None:
    """Reads what the field stands for: an attribute or a key of a mapping; None for the object itself."""
    if field.source == "*":
        return None
    attribute, key = attrgetter(str(field.source)), str(field.source)
    return lambda instance: instance[key] if isinstance(instance, dict) else attribute(instance)


def _method(name: str) -> _Bind:
    return attrgetter(name)


def _part(form: type[Shape[Any]], value: _Value | None) -> _Bind:
    def bind(shape: Shape[Any]) -> _Value:
        represent = shape.part(form).to_representation
        if value is None:
            return represent

        def read(instance: Any) -> Any:
            inner = value(instance)
            return None if inner is None else represent(inner)

        return read

    return bind


def _parts(form: type[Shape[Any]], value: _Value | None) -> _Bind:
    def bind(shape: Shape[Any]) -> _Value:
        represent = shape.part(form).to_representation
        return lambda instance: [represent(inner) for inner in (value(instance) if value else instance)]

    return bind
