"""Every error leaves as `{"detail": "<one sentence>"}`; a 422 adds `errors` that name the fields."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from math import ceil
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import connection
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from idance.lib.problems import Invalid, Problem

log = logging.getLogger(__name__)

#: DRF's code of a wrong field -> the `type` the app sees.
_TYPES = {"required": "missing", "null": "missing", "blank": "missing"}


class InvalidInput(exceptions.ValidationError):
    """A serializer's complaint about one part of the request: body, query or path."""

    status_code = 422

    def __init__(self, detail: Any, place: str = "body") -> None:
        super().__init__(detail)
        self.place = place


def handle(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: the one place where an exception becomes a response."""
    if isinstance(exc, Problem):
        body: dict[str, Any] = {"detail": exc.sentence}
        if isinstance(exc, Invalid):
            body["errors"] = exc.errors
        set_rollback()
        return Response(body, status=exc.status)
    if isinstance(exc, RequestDataTooBig):
        return Response({"detail": "The request is too large."}, status=413)
    if isinstance(exc, Http404):
        exc = exceptions.NotFound()
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    if not isinstance(exc, exceptions.APIException):
        return None  # Django logs it with its trace and answers 500 through `server_error` below.
    set_rollback()
    headers = {}
    if getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = exc.auth_header  # type: ignore[attr-defined]
    if isinstance(exc, exceptions.Throttled):
        wait: float = getattr(exc, "wait", None) or 1
        headers["Retry-After"] = str(max(1, ceil(wait)))
    if isinstance(exc, exceptions.ValidationError):
        errors = list(_field_errors(exc.detail, [getattr(exc, "place", "body")]))
        return Response({"detail": _summary(errors), "errors": errors}, status=422, headers=headers)
    return Response({"detail": _sentence(exc)}, status=exc.status_code, headers=headers)


def _sentence(exc: exceptions.APIException) -> str:
    if isinstance(exc, exceptions.ParseError):
        return "The request body is not valid JSON." if "JSON" in str(exc.detail) else str(exc.detail)
    if isinstance(exc, exceptions.Throttled):
        return "Too many requests. Please wait a moment and try again."
    if isinstance(exc, exceptions.NotAuthenticated):
        return "Please sign in: this needs a valid access token."
    if isinstance(exc, exceptions.AuthenticationFailed):
        return "The access token is not valid or has expired. Please sign in again."
    detail = exc.detail
    return str(detail.get("detail", "The request failed.")) if isinstance(detail, dict) else str(detail)


def _field_errors(detail: Any, loc: list[str]) -> Iterator[dict[str, Any]]:
    """Flatten DRF's nested complaints into `{loc, msg, type}` rows."""
    if isinstance(detail, dict):
        for field, inner in detail.items():
            yield from _field_errors(inner, loc if field == "non_field_errors" else [*loc, str(field)])
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from _field_errors(inner, [*loc, str(index)] if nested else loc)
    else:
        code = getattr(detail, "code", "invalid")
        yield {"loc": loc, "msg": str(detail), "type": _TYPES.get(code, code)}


def _summary(errors: list[dict[str, Any]]) -> str:
    if not errors:
        return "The request is not valid."
    first = errors[0]
    field = ".".join(first["loc"][1:])
    return f"{field}: {first['msg']}" if field else first["msg"]


def not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """404 for a path that no view answers."""
    return JsonResponse({"detail": "Not found."}, status=404)


def server_error(request: HttpRequest) -> JsonResponse:
    """500: the trace is in the log, never in the answer."""
    if connection.in_atomic_block:
        connection.set_rollback(True)
    return JsonResponse({"detail": "Something went wrong on our side. Please try again."}, status=500)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """400 raised by Django itself, such as an unknown Host header."""
    return JsonResponse({"detail": "The request could not be understood."}, status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """403 raised by Django itself."""
    return JsonResponse({"detail": "You are not allowed to do this."}, status=403)
