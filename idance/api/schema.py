"""The OpenAPI schema: what every operation shares is written once here."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers


class ErrorBody(serializers.Serializer[Any]):
    """Every error: one sentence for a person."""

    detail = serializers.CharField(help_text="One human sentence.")


class FieldError(serializers.Serializer[Any]):
    """One wrong field."""

    loc = serializers.ListField(child=serializers.CharField(), help_text='Where, as ["body", "email"].')
    msg = serializers.CharField()
    type = serializers.CharField(help_text="Stable code, as `missing`.")


class InvalidBody(ErrorBody):
    """A 422: the sentence, and each wrong field."""

    # Declared like this because `errors` is also a property of every serializer.
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {**super().get_fields(), "errors": FieldError(many=True)}


class ContractSchema(AutoSchema):
    """drf-spectacular's schema of a view, with the errors that every operation of the contract can answer."""
