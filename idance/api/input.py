"""Reading a request: a serializer for its body, one for its query; a wrong value is a 422 that names it.

Many apps write what they leave out: null in a body, nothing behind the `=` in a query. Both are read as not
given.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request

from idance.api.errors import InvalidInput


def read_body(request: Request, form: type[serializers.Serializer[Any]], **options: Any) -> dict[str, Any]:
    """The validated body."""
    if not isinstance(request.data, Mapping):
        sentence = ErrorDetail("Please send a JSON object.", code="invalid")
        raise InvalidInput({"non_field_errors": [sentence]}, "body")
    serializer = form(data=request.data, **options)
    serializer.initial_data = given(request.data, serializer)
    if not serializer.is_valid():
        raise InvalidInput(serializer.errors, "body")
    values: dict[str, Any] = serializer.validated_data
    return values


def read_query(request: Request, form: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """The validated query parameters."""
    try:
        return dict(_validated(form, tuple(request.query_params.items())))
    except serializers.ValidationError as error:
        raise InvalidInput(error.detail, "query") from None


@lru_cache(maxsize=1000)
def _validated(form: type[serializers.Serializer[Any]], query: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Remembered, since a list is asked for in few ways, and often. No error is."""
    fields = _query_form(form)
    values: dict[str, Any] = fields.run_validation(_filled(dict(query), fields))
    return values


@cache
def _query_form(form: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """One for all requests: validating changes nothing in it, and making one copies each of its fields."""
    return form()


def given(data: Any, form: serializers.Serializer[Any]) -> Any:
    """A JSON body without the nulls that say no more than "not given"."""
    if type(data) is not dict:
        return data
    kept = {}
    for name, value in data.items():
        field = form.fields.get(name)
        optional = field is not None and (form.partial or not field.required) and not field.allow_null
        if value is None and optional:
            continue
        kept[name] = given(value, field) if isinstance(field, serializers.Serializer) else value
    return kept


def _filled(query: dict[str, str], form: serializers.Serializer[Any]) -> dict[str, str]:
    """A query without its empty filters. An empty number is none, and stays to be refused."""
    numbers = {name for name, field in form.fields.items() if isinstance(field, serializers.IntegerField)}
    return {name: value for name, value in query.items() if value or name in numbers}
