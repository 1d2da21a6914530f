"""Every error leaves as `{"detail": "<one sentence>"}`; a 422 adds `errors` that name the fields."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from http import HTTPStatus
from math import ceil
from typing import Any, Final

from django.core.exceptions import DisallowedHost, PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.template.loader import render_to_string
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from idance.api.middleware import is_api_path
from idance.away import away
from idance.lib.problems import Invalid, Problem, TooOften

log = logging.getLogger(__name__)

#: What people read while something that the service stands on does not answer, and when to ask again.
UNAVAILABLE = "The service is not available at the moment. Please try again in a moment."
UNAVAILABLE_SECONDS = 5

#: DRF's code of a wrong field -> the `type` the app sees.
_TYPES = {"required": "missing"}


class InvalidInput(exceptions.ValidationError):
    """A serializer's complaint about one part of the request: body, query or header."""

    status_code = 422

    def __init__(self, detail: Any, place: str = "body") -> None:
        super().__init__(detail)
        self.place = place


def handle(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: the one place where an exception becomes a response."""
    if isinstance(exc, Problem):
        answer = _of_problem(exc)
    elif isinstance(exc, RequestDataTooBig):
        answer = Response({"detail": "The request is too large."}, status=413)
    elif isinstance(exc, UnreadablePostError):
        answer = Response({"detail": "The request did not arrive completely."}, status=400)
    elif isinstance(exc, Http404):
        answer = _of_exception(exceptions.NotFound())
    elif isinstance(exc, PermissionDenied):
        answer = _of_exception(exceptions.PermissionDenied())
    elif isinstance(exc, exceptions.APIException):
        answer = _of_exception(exc)
    elif missing := away(exc):
        # One line for each request: there will be many of them.
        log.error("%s: %s", missing, " ".join(str(exc).split()))
        answer = Response({"detail": UNAVAILABLE}, 503, headers={"Retry-After": str(UNAVAILABLE_SECONDS)})
    else:
        return None  # Django logs it with its trace and answers 500 through `server_error` below.
    set_rollback()
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        answer["WWW-Authenticate"] = "Bearer"
    return answer


def _of_problem(problem: Problem) -> Response:
    body: dict[str, Any] = {"detail": problem.sentence}
    if isinstance(problem, Invalid):
        body["errors"] = problem.errors
    headers = {"Retry-After": retry_after(problem.wait)} if isinstance(problem, TooOften) else {}
    return Response(body, status=problem.status, headers=headers)


def _of_exception(exc: exceptions.APIException) -> Response:
    headers = {}
    if isinstance(exc, exceptions.Throttled):
        headers["Retry-After"] = retry_after(getattr(exc, "wait", None) or 1)
    if isinstance(exc, exceptions.ValidationError):
        errors = list(_field_errors(exc.detail, [getattr(exc, "place", "body")]))
        return Response({"detail": _summary(errors), "errors": errors}, status=422, headers=headers)
    return Response({"detail": _sentence(exc)}, status=exc.status_code, headers=headers)


def retry_after(seconds: float) -> str:
    """The value of `Retry-After`: whole seconds, never too few."""
    return str(max(1, ceil(seconds)))


def _sentence(exc: exceptions.APIException) -> str:
    if isinstance(exc, exceptions.Throttled):
        return "Too many requests. Please wait a moment and try again."
    if isinstance(exc, exceptions.NotAuthenticated):
        return "Please sign in: this needs a valid access token."
    if isinstance(exc, exceptions.AuthenticationFailed):
        return "The access token is not valid or has expired. Please sign in again."
    if isinstance(exc, exceptions.NotFound):
        return "Not found."
    if isinstance(exc, exceptions.UnsupportedMediaType):
        return "This content type is not taken here; the documentation names those that are."
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


# --- What Django answers itself, outside of any API view --------------------------------------------------
#: What a person may do about it.
_HINTS: Final[dict[int, str]] = {
    HTTPStatus.FORBIDDEN: "An admin gives you the role that it takes, or you sign in as somebody else.",
    HTTPStatus.NOT_FOUND: "It was moved or deleted, or its address is mistyped.",
}


def _answer(request: HttpRequest, status: HTTPStatus, sentence: str) -> HttpResponse:
    """A page for people in the console or with a browser elsewhere; the API and all else speak JSON."""
    path = request.path_info
    console = path.startswith("/admin/")
    browsing = not is_api_path(path) and "text/html" in request.headers.get("Accept", "")
    if not console and not browsing:
        return JsonResponse({"detail": sentence}, status=status)
    back = "/admin/" if console else "/"
    # Without the request: what it knows may need what has just failed.
    page = render_to_string("error.html", {"sentence": sentence, "hint": _HINTS.get(status), "back": back})
    return HttpResponse(page, status=status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 for a path that no view answers."""
    return _answer(request, HTTPStatus.NOT_FOUND, "Not found.")


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 when something does not answer: the trace is in the log, never in the answer."""
    if away(sys.exc_info()[1]):
        response = _answer(request, HTTPStatus.SERVICE_UNAVAILABLE, UNAVAILABLE)
        response["Retry-After"] = str(UNAVAILABLE_SECONDS)
        return response
    sentence = "Something went wrong on our side. Please try again."
    return _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, sentence)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 raised by Django itself."""
    sentence = "The request could not be understood."
    if isinstance(exception, DisallowedHost):
        sentence = "This server is not called by that name. Its operator adds names to ALLOWED_HOSTS."
    return _answer(request, HTTPStatus.BAD_REQUEST, sentence)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 raised by Django itself."""
    return _answer(request, HTTPStatus.FORBIDDEN, "You are not allowed to do this.")
