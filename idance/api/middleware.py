"""What holds for every API path, whatever view answers it, and for every page."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from http import HTTPStatus
from typing import BinaryIO, cast

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.urls import Resolver404, resolve

_ROOTS = ("/api/", "/auth/", "/ai/", "/health")
_CHUNK = 256 * 1024


def is_api_path(path: str) -> bool:
    """Whether a path belongs to the REST API (and not to the console or a page)."""
    return path.startswith(_ROOTS)


class ApiMiddleware:
    """The same view with a trailing slash (no redirect that would drop a body), nothing stored by caches.

    Bodies of unannounced length (`Transfer-Encoding: chunked`) are read here, to the view's own limit:
    Django would take them for empty.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_api_path(request.path_info):
            return self._next(request)
        if request.path_info.endswith("/"):
            request.path_info = request.path_info[:-1]
            request.path = request.path[:-1]
        response = self._answer(request)
        if "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and "Allow" in response:
            allowed = [method for method in response["Allow"].split(", ") if method != "OPTIONS"]
            response["Allow"] = ", ".join(allowed)
        return response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        chunked = "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
        if not chunked or not request.META.get("wsgi.input_terminated"):
            return self._next(request)
        body = _read_chunked(cast(WSGIRequest, request), _body_limit(request.path_info))
        if body is None:
            return JsonResponse({"detail": "The request is too large."}, status=413)
        with body:
            return self._next(request)


def _body_limit(path: str) -> int:
    """The most bytes that the view behind a path takes."""
    try:
        view = getattr(resolve(path).func, "cls", None)
    except Resolver404:
        view = None
    return int(getattr(view, "max_body_bytes", settings.MAX_JSON_BYTES))


def _read_chunked(request: WSGIRequest, limit: int) -> BinaryIO | None:
    """Give the request a body of known length; None when it is over the limit."""
    source = request.environ["wsgi.input"]
    spooled = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - closed by whoever answers
        max_size=settings.MAX_JSON_BYTES, dir=settings.FILE_UPLOAD_TEMP_DIR
    )
    body = cast(BinaryIO, spooled)
    length = 0
    while chunk := source.read(min(_CHUNK, limit + 1 - length)):
        length += len(chunk)
        if length > limit:
            body.close()
            return None
        body.write(chunk)
    body.seek(0)
    request._stream = body
    request.META["CONTENT_LENGTH"] = str(length)
    return body
