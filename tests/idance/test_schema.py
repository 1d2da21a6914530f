"""The OpenAPI schema is complete, and making it says nothing."""

from __future__ import annotations

from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema

from tests.api_client import openapi


def test_schema_generation_has_no_warning_and_no_error() -> None:
    openapi.cache_clear()
    schema = openapi()
    said = [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache]  # type: ignore[no-untyped-call]
    assert said == []
    assert schema["openapi"].startswith("3.1")
    validate_schema(schema)
