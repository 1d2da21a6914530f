"""What holds for every API path, whatever view answers it, and for every page."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from typing import BinaryIO, cast

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.http.request import RawPostDataException
from django.urls import Resolver404, resolve
from gunicorn.http.errors import ParseException
from rest_framework.response import Response

_ROOTS = ("/api/", "/auth/", "/ai/", "/health")
_CHUNK = 256 * 1024
#: The most that is read of a body that nobody wants any more, in bytes and seconds, and in what pieces.
_REST = 16 * 1024 * 1024
_REST_SECONDS = 10.0
_REST_CHUNK = 16 * 1024


def is_api_path(path: str) -> bool:
    """Whether a path belongs to the REST API (and not to the console or a page)."""
    return path.startswith(_ROOTS)


#: What our pages may load: our own files, and styles written in the page.
_PAGES = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "style-src": "'self' 'unsafe-inline'",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
#: The console shows pictures and videos from wherever the storage and people keep them; Alpine.js, on which
#: its looks stand, evaluates the expressions in the page.
_CONSOLE = {
    **_PAGES,
    "script-src": "'self' 'unsafe-eval'",
    "img-src": "'self' data: blob: https: http:",
    "media-src": "'self' blob: https: http:",
}


class PageMiddleware:
    """Says what a page may load (Content-Security-Policy), so that injected markup could do nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._next(request)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            policy = _CONSOLE if request.path_info.startswith("/admin/") else _PAGES
            text = "; ".join(f"{what} {sources}" for what, sources in policy.items())
            response.headers.setdefault("Content-Security-Policy", text)
        return response


class ApiMiddleware:
    """The same view with a trailing slash (no redirect that would drop a body), nothing stored by caches.

    Bodies of unannounced length (`Transfer-Encoding: chunked`) are read here, to the view's own limit:
    Django would take them for empty.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_api_path(request.path_info) and request.path_info != "/":
            return self._next(request)
        if request.path_info.endswith("/") and request.path_info != "/":
            request.path_info = request.path_info[:-1]
            request.path = request.path[:-1]
        response = self._answer(request)
        # It is written. DRF ties what it was made of into a cycle, where only the collector would find it.
        if isinstance(response, Response):
            response.data = None
        if "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        if "Allow" in response:
            allowed = [method for method in response["Allow"].split(", ") if method != "OPTIONS"]
            response["Allow"] = ", ".join(allowed)
        return response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        chunked = "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
        if chunked and request.META.get("wsgi.input_terminated"):
            try:
                body = _read_chunked(cast(WSGIRequest, request), _body_limit(request.path_info))
            except (OSError, ParseException):
                return JsonResponse({"detail": "The request did not arrive completely."}, status=400)
            if body is not None:
                with body:
                    return self._next(request)
            response: HttpResponseBase = JsonResponse({"detail": "The request is too large."}, status=413)
        else:
            response = self._next(request)
        if response.status_code >= 400:
            _read_rest(request)
        return response


def _read_rest(request: HttpRequest) -> None:
    """Let a client that is still sending finish, within reason: many read no answer before."""
    until = time.monotonic() + _REST_SECONDS
    try:
        for _ in range(_REST // _REST_CHUNK):
            if not request.read(_REST_CHUNK) or time.monotonic() > until:
                break
    except (OSError, RawPostDataException):
        pass  # the client has gone, or all of it was read


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
            request._stream = source
            return None
        body.write(chunk)
    body.seek(0)
    request._stream = body
    request.META["CONTENT_LENGTH"] = str(length)
    return body
