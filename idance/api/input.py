"""Reading a request: a serializer for its body, one for its query; a wrong value is a 422 that names it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from idance.api.errors import InvalidInput


def read_body(request: Request, form: type[serializers.Serializer[Any]], **options: Any) -> dict[str, Any]:
    """The validated body."""
    return _validated(form(data=request.data, **options), "body")


def read_query(request: Request, form: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """The validated query parameters."""
    return _validated(form(data=request.query_params.dict()), "query")


def _validated(serializer: serializers.Serializer[Any], place: str) -> dict[str, Any]:
    if not serializer.is_valid():
        raise InvalidInput(serializer.errors, place)
    values: dict[str, Any] = serializer.validated_data
    return values
