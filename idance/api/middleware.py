"""What holds for every API path: a trailing slash changes nothing, and private answers are not stored."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase

_ROOTS = ("/api/", "/auth/", "/ai/", "/health")


def is_api_path(path: str) -> bool:
    """Whether a path belongs to the REST API (and not to the console or a page)."""
    return path.startswith(_ROOTS)


class ApiMiddleware:
    """Strips one trailing slash before routing (no redirect that would drop a body) and forbids caching."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_api_path(request.path_info):
            return self._next(request)
        if request.path_info.endswith("/"):
            request.path_info = request.path_info[:-1]
        response = self._next(request)
        if isinstance(response, HttpResponse):
            response.headers.setdefault("Cache-Control", "no-store")
        return response
