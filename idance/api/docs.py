"""The schema of the API, made once, and the pages that show it."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView


@cache
def schema() -> dict[str, Any]:
    """The whole schema; making it takes a good part of a second."""
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


_rendered: dict[type[BaseRenderer], tuple[bytes, str]] = {}


def rendered(renderer: type[BaseRenderer]) -> tuple[bytes, str]:
    """The schema as text, and its tag for caches."""
    if renderer not in _rendered:
        text = renderer().render(schema())
        text = text.encode() if isinstance(text, str) else text
        _rendered[renderer] = text, f'"{hashlib.sha256(text).hexdigest()[:32]}"'
    return _rendered[renderer]


class SchemaView(APIView):
    """The OpenAPI 3.1 schema: JSON, or YAML with `?format=yaml` or by the `Accept` header."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()
    renderer_classes = (
        OpenApiJsonRenderer2,
        OpenApiJsonRenderer,
        OpenApiYamlRenderer2,
        OpenApiYamlRenderer,
    )

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        """Get the schema."""
        text, tag = rendered(type(request.accepted_renderer))
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        response = HttpResponse(text, content_type=request.accepted_renderer.media_type, headers=headers)
        # Proxies that compress make the tag a weak one.
        return get_conditional_response(request._request, etag=tag, response=response) or response


class DocsView(SpectacularSwaggerSplitView):
    """Swagger UI: try the API out."""


class RedocView(SpectacularRedocView):
    """ReDoc: read about the API."""
