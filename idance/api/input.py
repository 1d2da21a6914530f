"""Reading a request: a serializer for its body, one for its query; a wrong value is a 422 that names it."""

from __future__ import annotations

from functools import cache
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from idance.api.errors import InvalidInput


def read_body(request: Request, form: type[serializers.Serializer[Any]], **options: Any) -> dict[str, Any]:
    """The validated body."""
    serializer = form(data=request.data, **options)
    if not serializer.is_valid():
        raise InvalidInput(serializer.errors, "body")
    values: dict[str, Any] = serializer.validated_data
    return values


def read_query(request: Request, form: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """The validated query parameters."""
    try:
        values: dict[str, Any] = _query_form(form).run_validation(request.query_params.dict())
    except serializers.ValidationError as error:
        raise InvalidInput(error.detail, "query") from None
    return values


@cache
def _query_form(form: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """One for all requests: validating changes nothing in it, and making one copies each of its fields."""
    return form()
